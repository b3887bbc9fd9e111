use super::float;

/// How many units each arm of one weighting has, and the share that each should have.
#[derive(Debug)]
pub(in crate::scoreboard) struct Counted<'a> {
    pub(in crate::scoreboard) seen: &'a [u64],
    pub(in crate::scoreboard) shares: Vec<f64>,
}

/// The chance of such counts if each unit fell to an arm by its share, at any of the moments that anybody looks at
/// (sample-ratio mismatch).
///
/// It is the sequential test of Lindon and Malek, "Anytime-Valid Inference for Multinomial Count Data", `NeurIPS` 2022: the
/// Bayes factor of shares that lie around the right ones (a Dirichlet distribution) against the right ones is a martingale
/// if all is well, so that it ever gets to `1 / p` has a chance of `p` at most. The factors of several weightings are
/// multiplied. Of a sample that was halved, each half is a test of its own; the chance is shared among them by
/// `1 / ((k + 1)(k + 2))` for the one after `k` halvings, which in all is 1.
pub(in crate::scoreboard) fn mismatch(all: &[Counted<'_>], halvings: u32) -> f64 {
    let factor: f64 = all.iter().map(log_bayes_factor).sum();
    let halvings = f64::from(halvings);
    let tests = (halvings + 1.0) * (halvings + 2.0);
    (tests * (-factor).exp()).min(1.0)
}

/// How close around the right ones the other shares lie, as a number of units seen before. Shares that are 3 in 100 off are
/// found soonest with a few hundred; cruder ones are found anyway.
const PRIOR: f64 = 200.0;

fn log_bayes_factor(counted: &Counted<'_>) -> f64 {
    // What has no share can't be seen, and has a small one should it be seen.
    let arms = counted.seen.iter().zip(&counted.shares);
    let arms = arms.map(|(seen, share)| (*seen, share.max(1e-6)));
    let of_arm = |(seen, share): (u64, f64)| rising(PRIOR * share, seen) - float(seen) * share.ln();
    let all: u64 = counted.seen.iter().sum();
    arms.map(of_arm).sum::<f64>() - rising(PRIOR, all)
}

/// The logarithm of `from · (from + 1) · …`, with so many factors.
fn rising(from: f64, factors: u64) -> f64 {
    (0..factors).map(|step| (from + float(step)).ln()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted<'a>(seen: &'a [u64], shares: &[f64]) -> Counted<'a> {
        Counted {
            seen,
            shares: shares.to_vec(),
        }
    }

    fn chance(seen: &[u64], shares: &[f64]) -> f64 {
        mismatch(&[counted(seen, shares)], 0)
    }

    #[test]
    fn right_shares_are_no_mismatch() {
        assert!(chance(&[5000, 5000], &[0.5, 0.5]) > 0.99);
        assert!(chance(&[9003, 997], &[0.9, 0.1]) > 0.99);
        assert!(chance(&[], &[]) > 0.99);
        assert!(chance(&[0, 0, 0], &[0.2, 0.3, 0.5]) > 0.99);
    }

    #[test]
    fn wrong_shares_are_one() {
        assert!(chance(&[4700, 5300], &[0.5, 0.5]) < 0.001);
        assert!(chance(&[60, 140], &[0.5, 0.5]) < 0.001);
        assert!(chance(&[9300, 700], &[0.9, 0.1]) < 0.001);
    }

    #[test]
    fn an_arm_without_a_share_gets_nothing() {
        assert!(chance(&[990, 10], &[1.0, 0.0]) < 0.001);
    }

    #[test]
    fn what_other_weights_have_shown_counts_too() {
        let once = || counted(&[2600, 2900], &[0.5, 0.5]);
        let again = counted(&[600, 1000], &[0.45, 0.55]);
        assert!(mismatch(&[once(), again], 0) < mismatch(&[once()], 0));
    }
}
