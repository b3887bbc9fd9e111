//! A logarithmic axis, shared by all arms.

use super::super::Distribution;

/// From where to where, as decimal logarithms.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    low: f64,
    high: f64,
}

/// The room that a label needs on a narrow axis, of 100.
const LABEL: f64 = 16.0;

/// How far from either end a label is at least, of 100, or it would reach beyond.
const EDGE: f64 = 4.0;

/// The shortest axis: so that there are round values on it.
const SHORTEST: f64 = 0.4;

impl Axis {
    /// One that all of these fit on; `None` if there is nothing to show.
    pub(super) fn around<'a>(all: impl Iterator<Item = &'a Distribution>) -> Option<Self> {
        let bins = all.flat_map(|one| &one.bins).filter(|bin| bin.count > 0);
        let ends = bins.flat_map(|bin| [bin.from, bin.to]);
        let ends = ends.filter(|end| *end > 0.0 && end.is_finite());
        let (low, high) = ends.fold((f64::INFINITY, 0.0_f64), |(low, high), end| {
            (low.min(end), high.max(end))
        });
        (low < high).then(|| {
            let (low, high) = (low.log10(), high.log10());
            let room = ((SHORTEST - (high - low)) / 2.0).max((high - low) * 0.03);
            Self {
                low: low - room,
                high: high + room,
            }
        })
    }

    /// Where a value is, from 0 to 100; what lies outside is at the end.
    pub(super) fn place(self, value: f64) -> f64 {
        let part = (value.max(f64::MIN_POSITIVE).log10() - self.low) / (self.high - self.low);
        part.clamp(0.0, 1.0) * 100.0
    }

    /// Round values along it, as many as stand apart.
    pub(super) fn ticks(self) -> Vec<f64> {
        let steps: [&[f64]; 3] = [
            &[1.0, 1.5, 2.0, 3.0, 5.0, 7.0],
            &[1.0, 2.0, 5.0],
            &[1.0, 3.0],
        ];
        let fine = steps.into_iter().map(|steps| self.within(steps));
        let decades = self.within(&[1.0]);
        let every = |step| decades.iter().copied().step_by(step).collect::<Vec<f64>>();
        let coarse = (1..=decades.len()).map(every);
        let mut choices = fine.chain(coarse);
        let apart = choices.find(|ticks| ticks.len() > 1 && self.are_apart(ticks));
        apart.unwrap_or_default()
    }

    /// All of these times powers of ten that are on it.
    fn within(self, steps: &[f64]) -> Vec<f64> {
        let decades = (-9..=9).map(|power| 10_f64.powi(power));
        let all = decades.flat_map(|decade| steps.iter().map(move |step| step * decade));
        all.filter(|tick| (EDGE..=100.0 - EDGE).contains(&self.place(*tick)))
            .collect()
    }

    fn are_apart(self, ticks: &[f64]) -> bool {
        let places: Vec<f64> = ticks.iter().map(|tick| self.place(*tick)).collect();
        let gaps = places.iter().zip(places.iter().skip(1));
        gaps.map(|(one, next)| next - one).all(|gap| gap >= LABEL)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::super::Bin, *};

    fn axis(from: f64, to: f64) -> Axis {
        let bins = vec![Bin { from, to, count: 1 }];
        Axis::around(
            [Distribution {
                bins,
                ..Distribution::default()
            }]
            .iter(),
        )
        .unwrap()
    }

    #[test]
    fn a_factor_has_the_same_length_everywhere() {
        let axis = axis(0.01, 100.0);
        let places = [0.01, 0.1, 1.0, 10.0, 100.0].map(|value| axis.place(value));
        for pair in places.windows(2) {
            assert!((pair[1] - pair[0] - (places[1] - places[0])).abs() < 1e-9);
        }
        assert!((axis.place(1.0) - 50.0).abs() < 1e-9);
    }

    #[test]
    fn what_lies_outside_is_at_the_end() {
        let axis = axis(0.01, 100.0);
        assert!(axis.place(0.0) < 1e-9 && axis.place(-1.0) < 1e-9);
        assert!(axis.place(1e9) > 100.0 - 1e-9);
    }

    #[test]
    fn there_are_two_to_six_round_ticks_whatever_the_range() {
        for decades in 1..60 {
            for begin in 0..20 {
                let from = 1e-6 * 10_f64.powf(f64::from(begin) / 7.0);
                let axis = axis(from, from * 10_f64.powf(f64::from(decades) / 10.0));
                let ticks = axis.ticks();
                assert!((2..=6).contains(&ticks.len()), "{axis:?}: {ticks:?}");
                assert!(axis.are_apart(&ticks), "{axis:?}: {ticks:?}");
            }
        }
    }

    #[test]
    fn nothing_has_no_axis() {
        assert!(Axis::around([Distribution::default()].iter()).is_none());
    }
}
