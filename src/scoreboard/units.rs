use std::{collections::HashMap, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::experiment::{Share, Unit};

use super::buckets::mixed;

/// Most units that are known by their numbers: 280 KiB.
const MOST: usize = 14_000;

/// Most weightings that are told apart. With one more, the sample begins anew.
const MOST_WEIGHTINGS: usize = 64;

/// Which arm each unit got, and by what weights: of all units, or of those whose hash begins with so many zeros that they
/// are few enough. So each is counted once, however many requests it has, and those that are known are a fair sample.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Units {
    /// The zeros that the hash of each begins with.
    zeros: u32,
    seen: HashMap<u64, Place>,
    weightings: Vec<Arc<[Share]>>,
}

/// Which arm of which weighting.
type Place = (u8, u8);

impl Units {
    /// Notes the arm of a unit when it is seen first.
    pub(super) fn record(&mut self, unit: Unit, arm: &str, shares: &Arc<[Share]>) {
        let hash = mixed(unit);
        if hash.leading_zeros() < self.zeros || self.seen.contains_key(&hash) {
            return;
        }
        let arm = shares.iter().position(|share| &*share.arm == arm);
        let Some(arm) = arm.and_then(|arm| u8::try_from(arm).ok()) else {
            return;
        };
        if self.weighting(shares).is_none() && self.weightings.len() >= MOST_WEIGHTINGS {
            self.weightings.clear();
            self.seen.clear();
        }
        self.insert(hash, arm, shares);
        self.shrink();
    }

    /// Takes over what another sample of the same experiment has, so that it is a sample of both.
    pub(super) fn merge(&mut self, other: &Self) {
        self.zeros = self.zeros.max(other.zeros);
        for (hash, (arm, weighting)) in &other.seen {
            let shares = other.weightings.get(usize::from(*weighting));
            if let (Some(shares), false) = (shares, self.seen.contains_key(hash)) {
                self.insert(*hash, *arm, shares);
            }
        }
        self.seen
            .retain(|hash, _| hash.leading_zeros() >= self.zeros);
        self.shrink();
    }

    /// How often it was made smaller.
    pub(super) const fn halvings(&self) -> u32 {
        self.zeros
    }

    /// By weighting, how many units each arm has.
    pub(super) fn counts(&self) -> Vec<(&[Share], Vec<u64>)> {
        let empty = |shares: &Arc<[Share]>| vec![0; shares.len()];
        let mut counts: Vec<Vec<u64>> = self.weightings.iter().map(empty).collect();
        for (arm, weighting) in self.seen.values() {
            let count = counts.get_mut(usize::from(*weighting));
            if let Some(count) = count.and_then(|arms| arms.get_mut(usize::from(*arm))) {
                *count += 1;
            }
        }
        let shares = self.weightings.iter().map(|shares| &**shares);
        shares.zip(counts).collect()
    }

    fn weighting(&self, shares: &[Share]) -> Option<u8> {
        let found = self.weightings.iter().position(|known| **known == *shares);
        found.and_then(|at| u8::try_from(at).ok())
    }

    /// Inserts a unit, unless its weighting is one too many.
    fn insert(&mut self, hash: u64, arm: u8, shares: &Arc<[Share]>) {
        let mut weighting = self.weighting(shares);
        if weighting.is_none() && self.weightings.len() < MOST_WEIGHTINGS {
            self.weightings.push(Arc::clone(shares));
            weighting = self.weighting(shares);
        }
        if let Some(weighting) = weighting {
            self.seen.insert(hash, (arm, weighting));
        }
    }

    /// Forgets a half as long as there are too many.
    fn shrink(&mut self) {
        while self.seen.len() > MOST {
            self.zeros += 1;
            self.seen
                .retain(|hash, _| hash.leading_zeros() >= self.zeros);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(control: f64) -> Arc<[Share]> {
        [Share::new("a", control), Share::new("b", 1.0 - control)].into()
    }

    fn record(units: &mut Units, numbers: impl IntoIterator<Item = u64>) {
        for number in numbers {
            let arm = if number % 2 == 0 { "a" } else { "b" };
            units.record(Unit(number), arm, &shares(0.5));
        }
    }

    #[test]
    fn a_unit_counts_once() {
        let mut units = Units::default();
        record(&mut units, [1, 1, 1, 2]);
        assert_eq!(units.counts(), [(&*shares(0.5), vec![1, 1])]);
    }

    #[test]
    fn each_unit_counts_by_the_weights_that_it_was_drawn_with() {
        let mut units = Units::default();
        units.record(Unit(1), "a", &shares(0.9));
        units.record(Unit(2), "b", &shares(0.5));
        units.record(Unit(1), "b", &shares(0.5));
        let expected = [(&*shares(0.9), vec![1, 0]), (&*shares(0.5), vec![0, 1])];
        assert_eq!(units.counts(), expected);
    }

    #[test]
    fn more_than_a_bounded_number_is_a_fair_sample() {
        let mut units = Units::default();
        record(&mut units, 0..200_000);
        assert!(units.seen.len() <= MOST && units.seen.len() > MOST / 3);
        let counts = units.counts();
        let [a, b] = counts[0].1[..] else { panic!() };
        assert!(a.abs_diff(b) < 500, "{a} {b}");
    }

    #[test]
    fn samples_of_two_replicas_are_one_sample_of_all() {
        let (mut all, mut one, mut other) = <(Units, Units, Units)>::default();
        record(&mut all, 0..50_000);
        record(&mut one, 0..30_000);
        record(&mut other, 20_000..50_000);
        one.merge(&other);
        assert_eq!((one.zeros, &one.seen), (all.zeros, &all.seen));
    }

    #[test]
    fn ever_new_weights_take_no_room_for_ever() {
        let mut units = Units::default();
        for number in 0..1000_u32 {
            let weights = shares(1.0 / f64::from(number + 2));
            units.record(Unit(number.into()), "a", &weights);
        }
        assert!(units.weightings.len() <= MOST_WEIGHTINGS);
    }
}
