use serde::{Deserialize, Serialize};

use crate::experiment::Unit;

use super::statistics::{Clusters, float};

/// Into so many buckets units are put.
const BUCKETS: usize = 256;

/// The bucket of a unit: always the same.
pub(super) fn bucket(unit: Unit) -> u8 {
    let [first, ..] = mixed(unit).to_le_bytes();
    first
}

/// The number of a unit with its bits mixed, should a host have numbered its units one after the other (Steele, Lea, Flood,
/// "Fast Splittable Pseudorandom Number Generators", 2014: the end of `SplitMix64`).
pub(super) const fn mixed(unit: Unit) -> u64 {
    let mut z = unit.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// How many values there were, and their sum, for the units of each bucket. All requests of one unit are in one bucket, so
/// what varies from bucket to bucket tells how sure a mean is, though requests of one unit are alike.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Vec<Filled>", into = "Vec<Filled>")]
pub(super) struct Buckets(Box<[Sum]>);

/// A bucket that is not empty.
type Filled = (u8, u64, f64);

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    n: u64,
    x: f64,
}

impl Buckets {
    /// Counts in a value.
    pub(super) fn add(&mut self, bucket: u8, value: f64) {
        self.change(bucket, 1, value);
    }

    /// Puts a value in the place of another.
    pub(super) fn replace(&mut self, bucket: u8, old: f64, new: f64) {
        self.change(bucket, 0, new - old);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (sum, more) in self.0.iter_mut().zip(&other.0) {
            sum.n = sum.n.saturating_add(more.n);
            sum.x += more.x;
        }
    }

    /// How many values there were.
    pub(super) fn count(&self) -> u64 {
        self.0.iter().map(|sum| sum.n).sum()
    }

    /// Their sum.
    pub(super) fn sum(&self) -> f64 {
        self.0.iter().map(|sum| sum.x).sum()
    }

    /// Their mean, if there were any.
    pub(super) fn mean(&self) -> Option<f64> {
        let count = self.count();
        (count > 0).then(|| self.sum() / float(count))
    }

    /// What is to be known of them for an estimate.
    pub(super) fn clusters(&self) -> Clusters {
        let mut clusters = Clusters::default();
        for sum in &self.0 {
            clusters.add(float(sum.n), sum.x);
        }
        clusters
    }

    fn change(&mut self, bucket: u8, n: u64, x: f64) {
        if let Some(sum) = self.0.get_mut(usize::from(bucket)) {
            sum.n = sum.n.saturating_add(n);
            sum.x += x;
        }
    }
}

impl Default for Buckets {
    fn default() -> Self {
        Self(vec![Sum::default(); BUCKETS].into())
    }
}

impl From<Vec<Filled>> for Buckets {
    fn from(filled: Vec<Filled>) -> Self {
        let mut buckets = Self::default();
        for (bucket, n, x) in filled {
            buckets.change(bucket, n, x);
        }
        buckets
    }
}

impl From<Buckets> for Vec<Filled> {
    fn from(Buckets(buckets): Buckets) -> Self {
        (0..=u8::MAX)
            .zip(buckets)
            .filter(|(_, sum)| sum.n > 0)
            .map(|(bucket, sum)| (bucket, sum.n, sum.x))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_units_spread_evenly() {
        let mut buckets = Buckets::default();
        for unit in 0..25_600 {
            buckets.add(bucket(Unit(unit)), 1.0);
        }
        assert!(buckets.0.iter().all(|sum| (50..150).contains(&sum.n)));
    }

    #[test]
    fn a_value_is_replaced_in_the_sum_and_not_in_the_count() {
        let mut buckets = Buckets::default();
        buckets.add(7, 1.0);
        buckets.replace(7, 1.0, 0.25);
        assert_eq!((buckets.count(), buckets.mean()), (1, Some(0.25)));
    }

    #[test]
    fn json_has_what_is_not_empty() {
        let mut buckets = Buckets::default();
        buckets.add(7, 0.5);
        let json = serde_json::to_string(&buckets).unwrap();
        assert_eq!(json, "[[7,1,0.5]]");
        let again: Buckets = serde_json::from_str(&json).unwrap();
        assert_eq!((again.count(), again.sum()), (1, 0.5));
    }
}
