//! Paired measurements: both sides in turns, so that disturbances affect both.

use crate::error::Error;

/// The results of both sides, taken in pairs.
#[derive(Debug, Clone)]
pub(crate) struct Pairs(Vec<(f64, f64)>);

impl Pairs {
    /// Measures `count` pairs. The side that goes first changes with every pair.
    pub(crate) fn measure(
        count: usize,
        step: impl Fn(usize, usize),
        mut ours: impl FnMut() -> Result<f64, Error>,
        mut peer: impl FnMut() -> Result<f64, Error>,
    ) -> Result<Self, Error> {
        let count = count.max(1);
        let mut pairs = Vec::with_capacity(count);
        for pair in 0..count {
            step(pair + 1, count);
            if pair % 2 == 0 {
                let first = ours()?;
                pairs.push((first, peer()?));
            } else {
                let first = peer()?;
                pairs.push((ours()?, first));
            }
        }
        Ok(Self(pairs))
    }

    /// One pair of exact values.
    pub(crate) fn exact(ours: f64, peer: f64) -> Self {
        Self(vec![(ours, peer)])
    }

    /// The median of the SDK's values.
    pub(crate) fn ours(&self) -> f64 {
        median(self.0.iter().map(|pair| pair.0))
    }

    /// The median of the peer's values.
    pub(crate) fn peer(&self) -> f64 {
        median(self.0.iter().map(|pair| pair.1))
    }

    /// The median of the ratios, pair by pair.
    pub(crate) fn ratio(&self) -> f64 {
        median(self.ratios())
    }

    /// Number of pairs.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The smallest and the largest ratio.
    pub(crate) fn range(&self) -> (f64, f64) {
        let low = self.ratios().fold(f64::INFINITY, f64::min);
        (low, self.ratios().fold(f64::NEG_INFINITY, f64::max))
    }

    fn ratios(&self) -> impl Iterator<Item = f64> {
        self.0.iter().map(|(ours, peer)| ours / peer)
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
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
        assert_eq!((pairs.ours(), pairs.peer(), pairs.ratio()), (1.0, 4.0, 0.25));
        Ok(())
    }

    #[test]
    fn the_ratio_is_the_median_of_ratios() {
        let pairs = Pairs(vec![(1.0, 10.0), (2.0, 4.0), (9.0, 10.0)]);
        assert_eq!(pairs.ratio(), 0.5);
        assert_eq!(pairs.range(), (0.1, 0.9));
        assert_eq!(median([1.0, 2.0, 4.0, 3.0].into_iter()), 2.5);
    }
}
