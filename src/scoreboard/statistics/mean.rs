/// What an estimate needs to know of observations that come in clusters: sums over the clusters of how many observations
/// each has (n) and of their sum (x).
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::scoreboard) struct Clusters {
    /// Clusters that have any.
    pub(super) some: f64,
    /// Σ n.
    pub(super) n: f64,
    /// Σ x.
    pub(super) x: f64,
    /// Σ n².
    pub(super) nn: f64,
    /// Σ n·x.
    pub(super) nx: f64,
    /// Σ x².
    pub(super) xx: f64,
}

/// A mean, and how sure it is.
#[derive(Debug, Clone, Copy)]
pub(in crate::scoreboard) struct Mean {
    /// The mean of all observations.
    pub(in crate::scoreboard) value: f64,
    /// The variance of that mean.
    pub(super) variance: f64,
    /// Of so many observations.
    pub(in crate::scoreboard) n: f64,
    /// As many clusters of equal size would say as much.
    pub(in crate::scoreboard) clusters: f64,
}

impl Clusters {
    /// Counts in a cluster of `n` observations, the sum of which is `x`.
    pub(in crate::scoreboard) fn add(&mut self, n: f64, x: f64) {
        if n > 0.0 {
            self.some += 1.0;
        }
        self.n += n;
        self.x += x;
        self.nn += n * n;
        self.nx += n * x;
        self.xx += x * x;
    }

    /// The mean of all observations, as the ratio of two sums over the clusters. Its variance is the linearised one
    /// (Cochran, "Sampling Techniques", 3rd ed. 1977, §6.3; Deng, Knoblich, Lu, "Applying the Delta Method in Metric
    /// Analytics", KDD 2018, §3), which holds however alike the observations of one cluster are.
    ///
    /// `None` with less than two clusters, which say nothing of how they vary.
    pub(in crate::scoreboard) fn mean(&self) -> Option<Mean> {
        if self.some < 2.0 {
            return None;
        }
        let value = self.x / self.n;
        // Σ (x − value·n)², what each cluster has too much or too little.
        let residuals = self.xx - 2.0 * value * self.nx + value * value * self.nn;
        let correction = self.some / (self.some - 1.0);
        Some(Mean {
            value,
            variance: (correction * residuals / (self.n * self.n)).max(0.0),
            n: self.n,
            clusters: self.n * self.n / self.nn,
        })
    }
}

impl Mean {
    /// The same for observations from 0 to 1. Where all that were seen are alike, as a hundred requests without an error, the
    /// next ones need not be. So one more is taken to lie at the other end, which is what Agresti and Caffo do ("Simple and
    /// Effective Confidence Intervals for Proportions", The American Statistician 54, 2000), but in the variance only.
    #[must_use]
    pub(in crate::scoreboard) fn of_fractions(mut self) -> Self {
        self.variance += 1.0 / (self.n * self.n);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_observations_have_the_variance_of_textbooks() {
        let mut clusters = Clusters::default();
        for x in [1.0, 2.0, 3.0, 6.0] {
            clusters.add(1.0, x);
        }
        let mean = clusters.mean().unwrap();
        assert!((mean.value - 3.0).abs() < 1e-12);
        assert!((mean.variance - 14.0 / 3.0 / 4.0).abs() < 1e-12);
        assert!((mean.clusters - 4.0).abs() < 1e-12);
    }

    #[test]
    fn the_same_observation_a_hundred_times_says_no_more_than_once() {
        let variance = |times: f64| {
            let mut clusters = Clusters::default();
            for x in [1.0, 2.0, 3.0, 6.0] {
                clusters.add(times, times * x);
            }
            clusters.mean().unwrap().variance
        };
        assert!((variance(100.0) - variance(1.0)).abs() < 1e-12);
    }

    #[test]
    fn one_heavy_cluster_counts_as_few() {
        let mut clusters = Clusters::default();
        clusters.add(1000.0, 0.0);
        for _ in 0..100 {
            clusters.add(1.0, 0.0);
        }
        assert!(clusters.mean().unwrap().clusters < 1.3);
    }

    #[test]
    fn one_cluster_says_nothing_of_how_they_vary() {
        let mut clusters = Clusters::default();
        assert!(clusters.mean().is_none());
        clusters.add(5.0, 5.0);
        assert!(clusters.mean().is_none());
    }

    #[test]
    fn requests_without_an_error_do_not_prove_that_there_are_none() {
        let mut clusters = Clusters::default();
        for _ in 0..100 {
            clusters.add(1.0, 0.0);
        }
        let mean = clusters.mean().unwrap();
        assert!(mean.variance.abs() < 1e-12);
        assert!((mean.of_fractions().variance - 1e-4).abs() < 1e-12);
    }
}
