//! Paired measurements: both sides in turns, so that disturbances affect both.

use crate::error::Error;
use serde::Serialize;

/// Results of both sides, taken in pairs.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Pairs {
    /// The median of the SDK's values.
    pub(crate) ours: f64,
    /// The median of the peer's values.
    pub(crate) peer: f64,
    /// The median of the ratios, pair by pair.
    pub(crate) ratio: f64,
    /// The smallest and the largest ratio.
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) pairs: usize,
}

impl Pairs {
    /// Measures `count` pairs. The side that goes first changes with every pair.
    pub(crate) fn measure(
        count: usize,
        step: impl Fn(usize, usize),
        mut ours: impl FnMut() -> Result<f64, Error>,
        mut peer: impl FnMut() -> Result<f64, Error>,
    ) -> Result<Self, Error> {
        let rounds = rounds(count, step, |side| if side == 0 { ours() } else { peer() })?;
        Ok(Self::of(rounds.into_iter().map(|[ours, peer]| (ours, peer))))
    }

    /// One pair of exact values.
    pub(crate) fn exact(ours: f64, peer: f64) -> Self {
        Self::of([(ours, peer)])
    }

    /// Values of ours and of the peer, measured in turns.
    pub(crate) fn of(pairs: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let pairs: Vec<_> = pairs.into_iter().collect();
        let ratios = || pairs.iter().map(|(ours, peer)| ours / peer);
        Self {
            ours: median(pairs.iter().map(|pair| pair.0)),
            peer: median(pairs.iter().map(|pair| pair.1)),
            ratio: median(ratios()),
            min: ratios().fold(f64::INFINITY, f64::min),
            max: ratios().fold(f64::NEG_INFINITY, f64::max),
            pairs: pairs.len(),
        }
    }
}

/// Measures several sides in rounds. The side that goes first changes with every round.
pub(crate) fn rounds<T, const SIDES: usize>(
    count: usize,
    step: impl Fn(usize, usize),
    mut measure: impl FnMut(usize) -> Result<T, Error>,
) -> Result<Vec<[T; SIDES]>, Error> {
    let count = count.max(1);
    let round = |round| {
        step(round + 1, count);
        let turns = (0..SIDES).map(|turn| measure((round + turn) % SIDES));
        let mut values: Vec<T> = turns.collect::<Result<_, _>>()?;
        values.rotate_right(round % SIDES);
        values.try_into().map_err(|_| "a round has no value of a side".into())
    };
    (0..count).map(round).collect()
}

pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.get(middle) {
        None => f64::NAN,
        Some(upper) if values.len() % 2 == 1 => *upper,
        Some(upper) => (values[middle - 1] + upper) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn the_first_side_alternates() -> Result<(), Error> {
        let order = RefCell::new(String::new());
        let side = |name: char, value: f64| {
            order.borrow_mut().push(name);
            Ok(value)
        };
        let pairs = Pairs::measure(3, |_, _| {}, || side('o', 1.0), || side('p', 4.0))?;
        assert_eq!(*order.borrow(), "oppoop");
        assert_eq!((pairs.ours, pairs.peer, pairs.ratio), (1.0, 4.0, 0.25));
        Ok(())
    }

    #[test]
    fn a_round_has_a_value_of_each_side_in_its_place() -> Result<(), Error> {
        let mut order = Vec::new();
        let measured = rounds(
            4,
            |_, _| {},
            |side| {
                order.push(side);
                Ok(10 * side)
            },
        )?;
        assert_eq!(order, [0, 1, 2, 1, 2, 0, 2, 0, 1, 0, 1, 2]);
        assert_eq!(measured, vec![[0, 10, 20]; 4]);
        Ok(())
    }

    #[test]
    fn the_ratio_is_the_median_of_ratios() {
        let pairs = Pairs::of([(1.0, 10.0), (2.0, 4.0), (9.0, 10.0)]);
        assert_eq!(pairs.ratio, 0.5);
        assert_eq!((pairs.min, pairs.max), (0.1, 0.9));
        assert_eq!(median([1.0, 2.0, 4.0, 3.0].into_iter()), 2.5);
    }
}
