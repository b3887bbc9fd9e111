//! Units that fall to arms by their shares, or not quite, looked at after each.

use super::*;

/// Of all runs, the part in which the alarm was given at some moment, though or because the second arm gets this part.
fn alarms(shares: [f64; 2], truly: f64, units: u32) -> f64 {
    part_of_runs(|mut chance| {
        let (mut seen, mut factor) = ([0_u64; 2], 0.0);
        (0..units).any(|_| {
            let arm = usize::from(chance.is_below(truly));
            factor += step(seen, shares, arm);
            seen[arm] += 1;
            2.0 * (-factor).exp() < 0.001
        })
    })
}

/// What one more unit of an arm adds to the logarithm of the Bayes factor. To sum anew at each look would take too long.
fn step(seen: [u64; 2], shares: [f64; 2], arm: usize) -> f64 {
    let of_arm = 200.0 * shares[arm] + float(seen[arm]);
    let of_all = 200.0 + float(seen.iter().sum());
    (of_arm / of_all / shares[arm]).ln()
}

#[test]
fn steps_add_up_to_what_is_summed_anew() {
    let (mut chance, mut seen, mut factor) = (Chance::new(0), [0; 2], 0.0);
    for _ in 0..1000 {
        let arm = usize::from(chance.is_below(0.2));
        factor += step(seen, [0.9, 0.1], arm);
        seen[arm] += 1;
    }
    let shares = vec![0.9, 0.1];
    let anew = mismatch(
        &[Counted {
            seen: &seen,
            shares,
        }],
        0,
    );
    assert!((anew.ln() - (2.0_f64.ln() - factor)).abs() < 1e-6);
}

#[test]
fn right_shares_give_no_alarm() {
    for share in [0.5, 0.1] {
        let found = alarms([1.0 - share, share], share, 10_000);
        println!("right shares {share}: {found}");
        assert!(found <= 0.001, "{share}: {found}");
    }
}

#[test]
fn three_percentage_points_too_many_are_noticed_within_10_000_units() {
    let found = alarms([0.5, 0.5], 0.53, 10_000);
    println!("47/53: {found}");
    assert!(found >= 0.9, "{found}");
}

#[test]
fn an_arm_that_loses_a_third_is_noticed_within_1_000_units() {
    let found = alarms([0.5, 0.5], 0.4, 1000);
    println!("60/40: {found}");
    assert!(found >= 0.95, "{found}");
}
