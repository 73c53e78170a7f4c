//! The boundaries of shards, found by counting.

use super::created::CreatedAt;
use super::range::{Range, is_bounded};
use xurrent_runtime::connection::{ConnectionField, Counted, Filtered};
use xurrent_runtime::{BatchQuery, BatchStream, ConnectionQuery, Page, Result};

/// The largest number of requests that find the boundaries of shards.
pub const MAX_PLANNING_REQUESTS: usize = 7;

/// The counts in a request.
const COUNTS: usize = 20;

/// The queries that a plan is made with.
pub(super) struct Planning<F: ConnectionField> {
    /// All records.
    pub(super) query: ConnectionQuery<F, CreatedAt>,
    /// The same, the oldest or the newest first.
    pub(super) oldest: ConnectionQuery<F, CreatedAt>,
    pub(super) newest: ConnectionQuery<F, CreatedAt>,
    /// The largest number of shards.
    pub(super) shards: usize,
    /// The records of a page.
    pub(super) page_size: usize,
}

impl<F: Filtered + Counted> Planning<F> {
    /// The ranges of the shards. Together they have every record once.
    pub(super) async fn plan(self) -> Result<Vec<Range>> {
        let Self { query, oldest, newest, shards, page_size } = self;
        let client = query.client().clone();
        let is_bounded = is_bounded(&query)?;
        let first = |query: ConnectionQuery<F, CreatedAt>| match is_bounded {
            true => query.page_size(1),
            false => Range::Dated.of(query).page_size(1),
        };
        let counted = |range: Range| range.of(query.clone()).counted();
        let ends = (counted(Range::All), first(oldest), first(newest));
        let (total, undated, oldest, newest) = if is_bounded {
            let (total, oldest, newest) = BatchQuery::new(&client, ends).send().await?;
            (total?, 0, oldest?, newest?)
        } else {
            let calls = (ends.0, ends.1, ends.2, counted(Range::Undated));
            let (total, oldest, newest, undated) = BatchQuery::new(&client, calls).send().await?;
            (total?, undated?, oldest?, newest?)
        };
        let second = |page: Page<CreatedAt>| page.nodes.first()?.0.map(|time| time.as_second());
        let shards = shards.min(usize::try_from(total).unwrap_or(0).div_ceil(page_size.max(1)));
        let (Some(oldest), Some(newest), 2..) = (second(oldest), second(newest), shards) else {
            return Ok(ranges(&[], undated > 0));
        };
        let mut boundaries = Boundaries::new(total - undated, shards, oldest, newest);
        for _ in 1..MAX_PLANNING_REQUESTS {
            let seconds = boundaries.candidates();
            if seconds.is_empty() {
                break;
            }
            let counts = seconds.iter().map(|second| counted(Range::Between(None, Some(*second))));
            let mut counts = BatchStream::new(&client, counts.collect::<Vec<_>>());
            while let Some((index, count)) = counts.next().await {
                boundaries.insert(seconds[index], count?);
            }
        }
        Ok(ranges(&boundaries.seconds(), undated > 0))
    }
}

impl<F: ConnectionField> Clone for Planning<F> {
    fn clone(&self) -> Self {
        let [query, oldest, newest] = [&self.query, &self.oldest, &self.newest].map(Clone::clone);
        Self { query, oldest, newest, ..*self }
    }
}

/// The ranges between boundaries.
fn ranges(boundaries: &[i64], has_undated: bool) -> Vec<Range> {
    match (boundaries.is_empty(), has_undated) {
        (true, false) => return vec![Range::All],
        // New records would come before those without a time.
        (true, true) => return vec![Range::Dated, Range::Undated],
        (false, _) => {}
    }
    let bounds = || boundaries.iter().copied().map(Some);
    let from = std::iter::once(None).chain(bounds());
    let until = bounds().chain(std::iter::once(None));
    let between = from.zip(until).map(|(from, until)| Range::Between(from, until));
    between.chain(has_undated.then_some(Range::Undated)).collect()
}

/// Boundaries that divide records into shards of about the same size.
struct Boundaries {
    /// Seconds, and the number of records before each, in order.
    points: Vec<(i64, i64)>,
    /// The numbers of records before the boundaries.
    targets: Vec<i64>,
    /// How far from a target a boundary may be.
    tolerance: i64,
}

impl Boundaries {
    fn new(records: i64, shards: usize, oldest: i64, newest: i64) -> Self {
        let shards = i64::try_from(shards).unwrap_or(i64::MAX).max(1);
        let targets =
            (1..shards).map(|number| records / shards * number + records % shards * number / shards);
        let points = vec![(oldest, 0), (newest.max(oldest) + 1, records)];
        Self { points, targets: targets.collect(), tolerance: records / shards / 10 }
    }

    /// The nearest point to a target.
    fn nearest(&self, target: i64) -> Option<(i64, i64)> {
        self.points.iter().copied().min_by_key(|(_, count)| (count - target).abs())
    }

    /// The seconds to count records before, or none when the boundaries are good enough.
    fn candidates(&self) -> Vec<i64> {
        let is_near = |target: i64| {
            self.nearest(target).is_some_and(|(_, count)| (count - target).abs() <= self.tolerance)
        };
        let bracket = |target: &i64| {
            let end = self.points.partition_point(|(_, count)| count < target);
            let (from, until) = (self.points.get(end.checked_sub(1)?)?.0, self.points.get(end)?.0);
            (until - from > 1).then_some((from, until))
        };
        let unknown = self.targets.iter().filter(|target| !is_near(**target));
        let mut brackets: Vec<_> = unknown.filter_map(bracket).collect();
        brackets.dedup();
        brackets.truncate(COUNTS);
        let per_bracket = i64::try_from(COUNTS / brackets.len().max(1)).unwrap_or(1);
        let divide = |(from, until): (i64, i64)| {
            let step = move |number| from + (until - from) * number / (per_bracket + 1);
            (1..=per_bracket).map(step).filter(move |second| *second > from)
        };
        let mut seconds: Vec<_> = brackets.into_iter().flat_map(divide).collect();
        seconds.dedup();
        seconds
    }

    fn insert(&mut self, second: i64, count: i64) {
        let index = self.points.partition_point(|(known, _)| *known < second);
        self.points.insert(index, (second, count));
        // Records that are created or deleted meanwhile change earlier counts.
        let mut least = 0;
        for (_, count) in &mut self.points {
            least = least.max(*count);
            *count = least;
        }
    }

    /// The boundaries, without those that only an empty shard would have.
    fn seconds(&self) -> Vec<i64> {
        let (mut before, mut seconds) = (0, Vec::new());
        let total = self.points.last().map_or(0, |(_, count)| *count);
        for (second, count) in self.targets.iter().filter_map(|target| self.nearest(*target)) {
            if count > before && count < total {
                seconds.push(second);
                before = count;
            }
        }
        seconds
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use xurrent_runtime::jiff::Timestamp;

    /// The sizes of the shards of records with these creation times, and the requests for counts.
    fn divide(shards: usize, created: &[i64]) -> (Vec<usize>, usize) {
        let ends = (created.iter().min().copied().unwrap(), created.iter().max().copied().unwrap());
        let mut boundaries = Boundaries::new(created.len() as i64, shards, ends.0, ends.1);
        let mut requests = 0;
        for _ in 1..MAX_PLANNING_REQUESTS {
            let seconds = boundaries.candidates();
            assert!(seconds.len() <= COUNTS && seconds.is_sorted());
            if seconds.is_empty() {
                break;
            }
            requests += 1;
            for second in seconds {
                boundaries.insert(second, created.iter().filter(|at| **at < second).count() as i64);
            }
        }
        let ranges = ranges(&boundaries.seconds(), false);
        let time = |second| Timestamp::from_second(second).ok();
        let count = |range: &Range| created.iter().filter(|at| range.contains(time(**at))).count();
        let sizes: Vec<_> = ranges.iter().map(count).collect();
        assert_eq!(sizes.iter().sum::<usize>(), created.len());
        (sizes, requests)
    }

    const YEAR: i64 = 365 * 86_400;

    #[test]
    fn shards_of_records_that_come_evenly_are_of_one_size() {
        let created: Vec<_> = (0..10_000).map(|number| number * 5 * YEAR / 10_000).collect();
        let (sizes, requests) = divide(8, &created);
        assert!(sizes.len() == 8 && sizes.iter().all(|size| (1_000..=1_500).contains(size)), "{sizes:?}");
        assert!(requests <= 2, "{requests}");
    }

    #[test]
    fn an_import_within_minutes_is_divided() {
        let old = (0..1_000).map(|number| number * 5 * YEAR / 1_000);
        let created: Vec<_> = old.chain((0..9_000).map(|number| 2 * YEAR + number / 15)).collect();
        let (sizes, requests) = divide(8, &created);
        assert!(sizes.len() == 8 && *sizes.iter().max().unwrap() <= 1_600, "{sizes:?}");
        assert!(requests < MAX_PLANNING_REQUESTS);
    }

    #[test]
    fn records_of_one_second_are_not_divided() {
        assert_eq!(divide(8, &[7; 500]), (vec![500], 0));
        let (sizes, _) = divide(8, &[&[YEAR; 500][..], &[0, 3 * YEAR]].concat());
        assert!(sizes.contains(&500), "{sizes:?}");
    }

    #[test]
    fn more_shards_than_records_are_fewer_shards() {
        let (sizes, _) = divide(64, &[0, YEAR, 2 * YEAR]);
        assert_eq!(sizes, [1, 1, 1]);
        assert_eq!(divide(8, &[5]), (vec![1], 0));
    }
}
