use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tower::retry::budget::{Budget, TpsBudget};

/// How much further tries at each downstream may add to the requests to it.
///
/// One budget per downstream and share: what fails at one leaves the others' untouched, rules with different shares
/// don't undo each other's, and a new share counts from the next request on.
#[derive(Default)]
pub(super) struct Budgets(Mutex<HashMap<Arc<str>, Vec<Share>>>);

/// The budget for one share.
struct Share {
    bits: u32,
    budget: TpsBudget,
}

/// More downstreams, and shares of one of them, than anybody configures. Who makes them up as requests come in starts anew
/// then.
const MOST: usize = 4096;
const MOST_SHARES: usize = 64;

/// What requests are counted over, and how many further tries are free in each second of it.
const WINDOW: Duration = Duration::from_secs(10);
const FREE: u32 = 1;

impl Budgets {
    /// Counts a request to the downstream.
    pub(super) fn deposit(&self, downstream: &Arc<str>, share: f32) {
        self.with(downstream, share, Budget::deposit);
    }

    /// Whether the downstream may be tried once more.
    pub(super) fn withdraw(&self, downstream: &Arc<str>, share: f32) -> bool {
        self.with(downstream, share, Budget::withdraw)
    }

    /// Uses the budget for tries at a downstream beyond the first: this share of the requests to it.
    fn with<T>(&self, downstream: &Arc<str>, share: f32, act: impl Fn(&TpsBudget) -> T) -> T {
        let share = sound(share);
        let bits = share.to_bits();
        // It guards no data that a panic could have left half done.
        let mut budgets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let shares = budgets.get(downstream).into_iter().flatten();
        if let Some(known) = { shares }.find(|known| known.bits == bits) {
            return act(&known.budget);
        }
        if budgets.len() >= MOST && !budgets.contains_key(downstream) {
            budgets.clear();
        }
        let shares = budgets.entry(Arc::clone(downstream)).or_default();
        if shares.len() >= MOST_SHARES {
            shares.clear();
        }
        let budget = TpsBudget::new(WINDOW, FREE, share);
        let done = act(&budget);
        shares.push(Share { bits, budget });
        done
    }
}

/// A share that tower takes. It counts in whole parts: 0.3 is a third, all above a half is one for one.
fn sound(share: f32) -> f32 {
    // Below it, counters overflow; it is as good as none.
    const LEAST: f32 = 1e-6;
    match share {
        share if share.is_nan() || share < LEAST => 0.0,
        share => share.min(1000.0),
    }
}

impl fmt::Debug for Budgets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budgets").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> Arc<str> {
        name.into()
    }

    fn drain(budgets: &Budgets, downstream: &str, share: f32) -> usize {
        let downstream = id(downstream);
        (0..100_000)
            .take_while(|_| budgets.withdraw(&downstream, share))
            .count()
    }

    #[tokio::test(start_paused = true)]
    async fn further_tries_are_a_share_of_the_requests_and_one_each_second() {
        for (share, expected) in [(0.0, 10), (0.2, 30), (0.5, 60), (1.0, 110)] {
            let budgets = Budgets::default();
            for _ in 0..100 {
                budgets.deposit(&id("a"), share);
            }
            assert_eq!(drain(&budgets, "a", share), expected, "{share}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn situation_65_an_empty_budget_leaves_the_others_full() {
        let budgets = Budgets::default();
        assert_eq!(drain(&budgets, "a", 0.2), 10);
        assert_eq!(drain(&budgets, "b", 0.2), 10);
        assert_eq!(drain(&budgets, "a", 0.2), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_share_that_changes_counts_from_then_on() {
        let budgets = Budgets::default();
        for share in [0.2, 0.5] {
            for _ in 0..10 {
                budgets.deposit(&id("a"), share);
            }
        }
        assert_eq!(drain(&budgets, "a", 0.2), 12);
        assert_eq!(drain(&budgets, "a", 0.5), 15);
        assert_eq!(drain(&budgets, "a", 0.2), 0, "the old one is not new again");
    }

    #[tokio::test(start_paused = true)]
    async fn no_share_is_too_odd() {
        for share in [f32::NAN, -1.0, f32::INFINITY, f32::MIN_POSITIVE, 1e30] {
            let budgets = Budgets::default();
            budgets.deposit(&id("a"), share);
            assert!(drain(&budgets, "a", share) >= 10);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn made_up_downstreams_take_no_room_for_ever() {
        let budgets = Budgets::default();
        for number in 0..3 * MOST {
            budgets.deposit(&id(&number.to_string()), 0.2);
        }
        assert!(budgets.0.lock().unwrap().len() <= MOST);
    }

    #[tokio::test(start_paused = true)]
    async fn made_up_shares_take_no_room_for_ever() {
        let budgets = Budgets::default();
        let mut share = 0.1_f32;
        for _ in 0..3 * MOST_SHARES {
            budgets.deposit(&id("a"), share);
            share = share.next_up();
        }
        assert!(budgets.0.lock().unwrap()["a"].len() <= MOST_SHARES);
    }
}
