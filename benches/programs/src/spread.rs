//! The middle and the end of a set of times.

use serde::Serialize;

/// Percentiles, in microseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Spread {
    pub p50: f64,
    pub p99: f64,
}

impl Spread {
    /// `None` where nothing was timed.
    #[must_use]
    pub fn of(mut nanoseconds: Vec<u64>) -> Option<Self> {
        nanoseconds.sort_unstable();
        Some(Self {
            p50: at(&nanoseconds, 50)?,
            p99: at(&nanoseconds, 99)?,
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "no time here needs 53 bits")]
fn at(sorted: &[u64], percent: usize) -> Option<f64> {
    let rank = (sorted.len() * percent / 100).min(sorted.len().checked_sub(1)?);
    sorted.get(rank).map(|time| *time as f64 / 1000.0)
}
