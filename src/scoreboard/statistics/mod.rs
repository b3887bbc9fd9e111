//! The statistics of the scoreboard: pure functions of sums.

mod difference;
mod mean;
mod sequence;
mod shares;
#[cfg(test)]
mod simulations;

pub(super) use difference::difference;
pub(super) use mean::{Clusters, Mean};
pub(super) use shares::{Counted, mismatch};

/// A count as a number to calculate with.
#[expect(
    clippy::cast_precision_loss,
    reason = "exact up to 2^53, and close enough beyond"
)]
pub(super) const fn float(count: u64) -> f64 {
    count as f64
}
