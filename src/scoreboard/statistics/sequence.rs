/// Half the width of an interval around a mean of `n` observations, in standard errors of it, so that with probability
/// `1 − alpha` the truth is in all intervals at once that anybody ever looks at.
///
/// It is the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit
/// theory and asymptotic confidence sequences", Annals of Statistics 52 (2024), arXiv:2103.06476, theorem 2.2: Robbins'
/// mixture of normal distributions, for means of whatever has a variance. It is about 1.5 times as wide as the interval that
/// is valid for one look; that is the price of looking at any time and stopping when one likes.
pub(super) fn half_width(n: f64, alpha: f64) -> f64 {
    let time = n * rho_squared(alpha) + 1.0;
    (2.0 * time / (time - 1.0) * (time.sqrt() / alpha).ln()).sqrt()
}

/// For how many observations the interval is to be narrowest, compared with what is possible; elsewhere it is valid too. For a
/// difference it is the half of the harmonic mean of what two arms have: here 2,000 each. Where less were seen, it is so much
/// wider that means of few and skewed observations, which are not yet normally distributed, are safe in it.
const TUNED_FOR: f64 = 1000.0;

/// ρ² of that number, as the article says it at its equation 10.
fn rho_squared(alpha: f64) -> f64 {
    let twice = -2.0 * alpha.ln();
    (twice + (twice + 1.0).ln()) / TUNED_FOR
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_wider_than_the_interval_for_one_look_by_half() {
        assert!((half_width(1000.0, 0.05) - 3.03).abs() < 0.01);
        assert!((half_width(50.0, 0.05) - 4.72).abs() < 0.01);
        assert!((half_width(1e6, 0.05) - 3.87).abs() < 0.01);
    }

    #[test]
    fn the_whole_interval_shrinks_as_observations_come() {
        let width = |n: f64| half_width(n, 0.05) / n.sqrt();
        for n in [50.0, 500.0, 5e3, 5e4, 5e5] {
            assert!(width(n * 1.01) < width(n));
        }
    }

    #[test]
    fn a_stricter_level_is_wider() {
        assert!(half_width(1000.0, 0.025) > half_width(1000.0, 0.05));
    }
}
