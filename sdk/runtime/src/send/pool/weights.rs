//! The score of a token.

use crate::error::{Error, Result};
use crate::limits::Budget;

/// Weights that are meant to be 1 together may miss it by what floats miss.
const TOLERANCE: f64 = 1e-6;

/// How much requests and cost points count when a token is chosen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weights {
    pub(crate) requests: f64,
    pub(crate) cost: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Self { requests: 0.6, cost: 0.4 }
    }
}

impl Weights {
    /// These weights for requests and cost, or the default.
    pub(crate) fn new(weights: Option<(f64, f64)>) -> Result<Self> {
        let Some((requests, cost)) = weights else { return Ok(Self::default()) };
        let in_range = [requests, cost].iter().all(|weight| (0.0..=1.0).contains(weight));
        if in_range && (requests + cost - 1.0).abs() <= TOLERANCE {
            return Ok(Self { requests, cost });
        }
        Err(Error::configuration(format!(
            "pool weights are from 0 to 1 each and 1 together, not {requests} and {cost}"
        )))
    }

    /// From 0, when nothing is left, to 1.
    pub(crate) fn score(self, budget: &Budget) -> f64 {
        self.requests * budget.requests.share() + self.cost * budget.cost.share()
    }
}
