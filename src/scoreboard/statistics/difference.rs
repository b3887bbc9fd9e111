use crate::scoreboard::Interval;

use super::{Mean, sequence::half_width};

/// What a mean has more than control's, in an interval that is valid at every moment at once, with probability
/// `1 − alpha`.
///
/// Two arms that have `n` and `m` observations say as much about their difference as `n·m / (n + m)` do about a mean; so the
/// time of the [confidence sequence](half_width) goes, and goes on evenly when the arms' shares change.
pub(in crate::scoreboard) fn difference(control: &Mean, challenger: &Mean, alpha: f64) -> Interval {
    let estimate = challenger.value - control.value;
    let error = (control.variance + challenger.variance).sqrt();
    let n = control.n * challenger.n / (control.n + challenger.n);
    let width = student(half_width(n, alpha), freedom(control, challenger));
    // Equal means of equal numbers may differ in their last digits.
    let rounding = 1e-9 * control.value.abs().max(challenger.value.abs());
    let half = (width * error).max(rounding);
    Interval {
        estimate,
        low: estimate - half,
        high: estimate + half,
    }
}

/// How many degrees of freedom the standard error has (Welch, "The generalization of 'Student's' problem when several
/// different population variances are involved", Biometrika 34, 1947). A variance over few clusters is known badly.
fn freedom(a: &Mean, b: &Mean) -> f64 {
    let part = |mean: &Mean| mean.variance * mean.variance / (mean.clusters - 1.0).max(1.0);
    let sum = a.variance + b.variance;
    let parts = part(a) + part(b);
    if parts > 0.0 { sum * sum / parts } else { 1.0 }
}

/// As many standard errors as lie as far out in Student's distribution as `z` does in the normal one (Wallace, "Bounds on
/// Normal Approximations to Student's and the Chi-Square Distributions", Annals of Mathematical Statistics 30, 1959).
fn student(z: f64, freedom: f64) -> f64 {
    let z = z * (8.0 * freedom + 3.0) / (8.0 * freedom + 1.0);
    (freedom * (z * z / freedom).exp_m1()).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(value: f64, variance: f64) -> Mean {
        Mean {
            value,
            variance,
            n: 1000.0,
            clusters: 200.0,
        }
    }

    #[test]
    fn few_clusters_make_an_interval_wider() {
        // The quantiles of 0.975, and of 0.9995.
        assert!((student(1.960, 10.0) - 2.228).abs() < 0.01);
        assert!((student(1.960, 30.0) - 2.042).abs() < 0.005);
        assert!((student(3.291, 30.0) - 3.646).abs() < 0.02);
        assert!((student(3.291, 1e6) - 3.291).abs() < 0.001);
    }

    #[test]
    fn what_is_known_well_of_both_is_known_of_the_difference() {
        let found = difference(&mean(1.0, 1e-4), &mean(1.5, 1e-4), 0.05);
        assert!((found.estimate - 0.5).abs() < 1e-12);
        assert!(found.low > 0.45 && found.high < 0.55);
    }

    #[test]
    fn rounding_is_no_difference() {
        let found = difference(&mean(0.3, 0.0), &mean(0.1 + 0.2, 0.0), 0.05);
        assert!(found.low < 0.0 && found.high > 0.0);
    }
}
