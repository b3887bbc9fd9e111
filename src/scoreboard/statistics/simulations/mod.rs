//! The statistics, tried out on thousands of experiments whose truth is known. What is asserted is what the docs promise;
//! what was found, when these were written, stands beside it.

mod alike;
mod coverage;
mod shares;

use super::*;

/// As often each experiment is run.
const RUNS: u32 = 2000;

/// Of all runs, the part of which this is so.
fn part_of_runs(is_so: impl Fn(Chance) -> bool) -> f64 {
    let so = (0..RUNS).filter(|run| is_so(Chance::new(*run)));
    float(so.count() as u64) / f64::from(RUNS)
}

/// Numbers that look like chance, and are the same each time (`SplitMix64`).
struct Chance(u64);

impl Chance {
    fn new(run: u32) -> Self {
        Self(0x00c0_ffee + 0x0001_0000_0001 * u64::from(run))
    }

    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Between 0 and 1.
    fn uniform(&mut self) -> f64 {
        (float(self.number() >> 11) + 0.5) / float(1 << 53)
    }

    fn is_below(&mut self, part: f64) -> bool {
        self.uniform() < part
    }

    /// Normally distributed (Box, Muller 1958).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Lognormally distributed around 1, as times of models are: the greatest of a thousand is 20 times the median if
    /// `sigma` is 1.
    fn lognormal(&mut self, sigma: f64) -> f64 {
        (sigma * self.normal()).exp()
    }

    fn bucket(&mut self) -> usize {
        (self.number() % 256) as usize
    }
}

/// The observations of one arm as they come in. What [`Clusters`] sums is kept, or each look would have to sum anew.
struct Observed {
    buckets: [(f64, f64); 256],
    clusters: Clusters,
}

impl Observed {
    fn new() -> Self {
        Self {
            buckets: [(0.0, 0.0); 256],
            clusters: Clusters::default(),
        }
    }

    fn push(&mut self, bucket: usize, value: f64) {
        let (n, x) = self.buckets[bucket];
        let sums = &mut self.clusters;
        sums.some += if n == 0.0 { 1.0 } else { 0.0 };
        sums.n += 1.0;
        sums.x += value;
        sums.nn += 2.0 * n + 1.0;
        sums.nx += n * value + x + value;
        sums.xx += 2.0 * x * value + value * value;
        self.buckets[bucket] = (n + 1.0, x + value);
    }
}

#[test]
fn sums_that_are_kept_are_those_that_are_summed_anew() {
    let (mut chance, mut kept) = (Chance::new(0), Observed::new());
    for _ in 0..1000 {
        kept.push(chance.bucket(), chance.normal());
    }
    let mut anew = Clusters::default();
    for (n, x) in kept.buckets {
        anew.add(n, x);
    }
    let [kept, anew] = [kept.clusters, anew].map(|sums| sums.mean().unwrap());
    assert!((kept.value - anew.value).abs() < 1e-12);
    assert!((kept.variance - anew.variance).abs() < 1e-12);
    assert!((kept.clusters - anew.clusters).abs() < 1e-9);
}
