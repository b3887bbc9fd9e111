//! Arms that differ: how often is the difference in the interval of 95 %, at one moment?

use super::*;

/// Of all runs, the part whose interval holds `truth`, after so many requests of each arm.
fn coverage(
    requests: [usize; 2],
    truth: f64,
    value: impl Fn(&mut Chance, usize) -> f64,
    of: impl Fn(Mean) -> Mean,
) -> f64 {
    part_of_runs(|mut chance| {
        let [control, challenger] = [0, 1].map(|arm| {
            let mut observed = Observed::new();
            for _ in 0..requests[arm] {
                observed.push(chance.bucket(), value(&mut chance, arm));
            }
            of(observed.clusters.mean().unwrap())
        });
        let found = difference(&control, &challenger, 0.05);
        found.low <= truth && truth <= found.high
    })
}

#[test]
fn the_truth_is_in_the_interval_for_times() {
    // The mean of a lognormal is exp(sigma² / 2) times its median.
    let truth = 0.2 * 0.5_f64.exp();
    for requests in [[100, 100], [1000, 1000], [900, 100], [100, 900]] {
        let slower = |chance: &mut Chance, arm| chance.lognormal(1.0) * [1.0, 1.2][arm];
        let found = coverage(requests, truth, slower, |mean| mean);
        println!("times {requests:?}: {found}");
        assert!(found >= 0.95, "{requests:?}: {found}");
    }
}

#[test]
fn the_truth_is_in_the_interval_for_errors() {
    for requests in [[100, 100], [1000, 1000], [900, 100], [100, 900]] {
        for parts in [[0.01, 0.03], [0.2, 0.15], [0.0, 0.01]] {
            let errors =
                |chance: &mut Chance, arm: usize| f64::from(u8::from(chance.is_below(parts[arm])));
            let truth = parts[1] - parts[0];
            let found = coverage(requests, truth, errors, Mean::of_fractions);
            println!("errors {requests:?} {parts:?}: {found}");
            assert!(found >= 0.95, "{requests:?} {parts:?}: {found}");
        }
    }
}
