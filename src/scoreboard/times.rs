use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::{Bin, Distribution, statistics::float};

/// The longest time that is told from longer ones, in microseconds: an hour.
const LONGEST: u64 = 3_600_000_000;

/// How times are distributed: a histogram of two significant digits ([HdrHistogram](https://hdrhistogram.org)), from 1 µs to
/// an hour. What is read from it is less than 1 % above what was.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Vec<(u64, u64)>", into = "Vec<(u64, u64)>")]
pub(super) struct Times(Histogram<u32>);

impl Times {
    pub(super) fn record(&mut self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.0.saturating_record(micros.max(1));
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (time, count) in other.recorded() {
            self.add(time, count);
        }
    }

    /// All of it; `mean` is known better to who has the sums.
    pub(super) fn distribution(&self, mean: Option<f64>, scale: Option<&Scale>) -> Distribution {
        let some = |micros: u64| (!self.0.is_empty()).then(|| seconds(micros));
        Distribution {
            count: self.0.len(),
            mean,
            p50: some(self.0.value_at_quantile(0.5)),
            p90: some(self.0.value_at_quantile(0.9)),
            p99: some(self.0.value_at_quantile(0.99)),
            min: some(self.0.min()),
            max: some(self.0.max()),
            bins: scale.map_or_else(Vec::new, |scale| scale.bins(self)),
        }
    }

    /// Each time that there was, as the histogram knows it, and how often.
    fn recorded(&self) -> impl Iterator<Item = (u64, u64)> {
        let recorded = self.0.iter_recorded();
        recorded.map(|step| (step.value_iterated_to(), u64::from(step.count_at_value())))
    }

    fn add(&mut self, micros: u64, count: u64) {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.0.saturating_record_n(micros, count);
    }
}

impl Default for Times {
    fn default() -> Self {
        let histogram = Histogram::new_with_bounds(1, LONGEST, 2);
        Self(histogram.expect("the bounds are constant, and in order"))
    }
}

impl From<Vec<(u64, u64)>> for Times {
    fn from(recorded: Vec<(u64, u64)>) -> Self {
        let mut times = Self::default();
        for (time, count) in recorded {
            times.add(time, count);
        }
        times
    }
}

impl From<Times> for Vec<(u64, u64)> {
    fn from(times: Times) -> Self {
        times.recorded().collect()
    }
}

fn seconds(micros: u64) -> f64 {
    float(micros) / 1e6
}

/// Bars of equal width on a logarithmic scale, from the least to the greatest of all arms, so that their plots can be laid
/// on each other.
#[derive(Debug)]
pub(super) struct Scale {
    /// In seconds.
    from: f64,
    /// How many times the beginning of a bar its end is.
    ratio: f64,
    bars: u16,
}

/// Most bars of a plot.
const MOST_BARS: f64 = 60.0;

/// The narrowest bar: two steps of the histogram, or there were gaps where there are none.
const NARROWEST: f64 = 1.02;

impl Scale {
    /// A scale for all of these; `None` if there is none of anything.
    pub(super) fn of<'a>(all: impl Iterator<Item = &'a Times> + Clone) -> Option<Self> {
        let some = all.map(|times| &times.0).filter(|times| !times.is_empty());
        let from = some
            .clone()
            .map(|times| seconds(times.min()))
            .reduce(f64::min)?;
        let end = |times: &Histogram<u32>| seconds(times.next_non_equivalent(times.max()));
        let to = some.map(end).reduce(f64::max)?;
        let width = (to / from).ln();
        let bars = (width / NARROWEST.ln()).clamp(1.0, MOST_BARS).floor();
        Some(Self {
            from,
            ratio: (width / bars).exp(),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "from 1 to 60"
            )]
            bars: bars as u16,
        })
    }

    fn bins(&self, times: &Times) -> Vec<Bin> {
        let edge = |bar: u16| self.from * self.ratio.powi(bar.into());
        let bin = |bar| Bin {
            from: edge(bar),
            to: edge(bar + 1),
            count: 0,
        };
        let mut bins: Vec<Bin> = (0..self.bars).map(bin).collect();
        let last = bins.len().saturating_sub(1);
        for (time, count) in times.recorded() {
            let time = seconds(times.0.median_equivalent(time));
            let at = bins.partition_point(|bin| bin.to <= time).min(last);
            if let Some(bin) = bins.get_mut(at) {
                bin.count += count;
            }
        }
        bins
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(micros: impl IntoIterator<Item = u64>) -> Times {
        let mut times = Times::default();
        for micros in micros {
            times.record(Duration::from_micros(micros));
        }
        times
    }

    #[test]
    fn what_is_read_is_less_than_one_percent_above_what_was() {
        let mut time: u64 = 1;
        while time < LONGEST {
            let one = times([time]).distribution(None, None);
            let (was, read) = (seconds(time), one.p50.unwrap());
            assert!(was <= read && read < was * 1.01, "{was} {read}");
            time += 1 + time / 97;
        }
    }

    #[test]
    fn quantiles_of_many_are_those_of_a_sorted_list() {
        let mut all: Vec<u64> = (1..10_000).map(|n| n * n % 7919 * 1000 + 1).collect();
        let found = times(all.iter().copied()).distribution(None, None);
        all.sort_unstable();
        for (quantile, found) in [(50, found.p50), (90, found.p90), (99, found.p99)] {
            let was = seconds(all[all.len() * quantile / 100]);
            let read = found.unwrap();
            assert!((read / was - 1.0).abs() < 0.01, "{quantile}: {was} {read}");
        }
    }

    #[test]
    fn nothing_and_a_day_are_times_too() {
        let found = times([0, 86_400_000_000]).distribution(None, None);
        assert_eq!((found.count, found.min), (2, Some(1e-6)));
        assert!(found.max.unwrap() >= 3600.0);
    }

    #[test]
    fn bars_of_all_arms_have_the_same_edges_and_hold_everything() {
        let arms = [times(1000..2000), times((1..50).map(|n| n * 100_000))];
        let scale = Scale::of(arms.iter()).unwrap();
        let [one, other] = arms.map(|arm| arm.distribution(None, Some(&scale)).bins);
        assert!(one.len() <= 60);
        assert_eq!(one.iter().map(|bin| bin.count).sum::<u64>(), 1000);
        assert_eq!(other.iter().map(|bin| bin.count).sum::<u64>(), 49);
        let edges = |bins: &[Bin]| {
            bins.iter()
                .map(|bin| (bin.from, bin.to))
                .collect::<Vec<_>>()
        };
        assert_eq!(edges(&one), edges(&other));
    }

    #[test]
    fn equal_times_have_one_bar() {
        let times = times([5000, 5000]);
        let scale = Scale::of([&times].into_iter()).unwrap();
        assert_eq!(times.distribution(None, Some(&scale)).bins.len(), 1);
        assert!(Scale::of([&Times::default()].into_iter()).is_none());
    }

    #[test]
    fn json_and_back_is_the_same() {
        let once = times((1..500).map(|n| n * 12_345));
        let json = serde_json::to_string(&once).unwrap();
        let again: Times = serde_json::from_str(&json).unwrap();
        assert_eq!(again.0, once.0);
    }
}
