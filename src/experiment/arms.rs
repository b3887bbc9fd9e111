use std::{fmt, ops::RangeInclusive, sync::Arc};

use super::{
    Share,
    hash::{Domain, Fields},
};

/// The arms of an experiment with their weights. A key's arm is drawn by weighted rendezvous: each arm gets a number from
/// the hash of it and the key, and the best one wins.
///
/// So a key keeps its arm for as long as the weights stay, on every replica and after a restart; and where the weight of one
/// arm changes, keys move to that arm or away from it, but never between two others.
#[derive(Debug, Clone, PartialEq)]
pub struct Arms {
    experiment: Arc<str>,
    shares: Arc<[Share]>,
    /// As they were given: shares would all change with one weight, and their last bit might cost a key its arm.
    weights: Box<[f64]>,
}

impl Arms {
    /// Weights that are not zero: far enough from where doubles end.
    const WEIGHTS: RangeInclusive<f64> = 1e-9..=1e9;

    /// The arms of `experiment`, of which the first is control, each with its weight. Weights are relative: 1 and 3 are the
    /// same as 25 and 75.
    ///
    /// # Errors
    ///
    /// If there are no arms, or two of the same id; if a weight is neither 0 nor from 1e-9 to 1e9; if all are 0.
    pub fn new(
        experiment: impl Into<Arc<str>>,
        arms: impl IntoIterator<Item = (Arc<str>, f64)>,
    ) -> Result<Self, InvalidArms> {
        let (arms, weights): (Vec<Arc<str>>, Vec<f64>) = arms.into_iter().unzip();
        for (at, (arm, weight)) in arms.iter().zip(&weights).enumerate() {
            if arms.iter().take(at).any(|other| other == arm) {
                return Err(InvalidArms::Twice(arm.clone()));
            }
            if *weight != 0.0 && !Self::WEIGHTS.contains(weight) {
                return Err(InvalidArms::Weight(arm.clone(), *weight));
            }
        }
        let sum: f64 = weights.iter().sum();
        if arms.is_empty() {
            return Err(InvalidArms::Empty);
        }
        if sum <= 0.0 {
            return Err(InvalidArms::NoWeight);
        }
        let shares = arms.into_iter().zip(&weights);
        Ok(Self {
            experiment: experiment.into(),
            shares: shares
                .map(|(arm, weight)| Share::new(arm, weight / sum))
                .collect(),
            weights: weights.into(),
        })
    }

    /// The experiment's name.
    pub fn experiment(&self) -> &Arc<str> {
        &self.experiment
    }

    /// The arms, each with its part of the sum of all weights. The first is control.
    pub fn shares(&self) -> &Arc<[Share]> {
        &self.shares
    }

    /// Which of the arms a key gets. An arm of weight 0 gets none.
    pub fn draw(&self, key: &[u8]) -> Option<usize> {
        self.draw_among(key, |_| true)
    }

    /// Which of the arms a key gets, if only the `allowed` ones could serve it: its own arm if that is among them, else the
    /// next best one. `None` if all of these have weight 0.
    pub fn draw_among(&self, key: &[u8], allowed: impl Fn(usize) -> bool) -> Option<usize> {
        let arms = self.shares.iter().zip(&self.weights).enumerate();
        let mut best = None;
        for (index, (share, weight)) in arms {
            if *weight == 0.0 || !allowed(index) {
                continue;
            }
            let score = self.fraction(&share.arm, key).ln() / weight;
            if best.is_none_or(|(_, highest)| score > highest) {
                best = Some((index, score));
            }
        }
        best.map(|(index, _)| index)
    }

    fn fraction(&self, arm: &str, key: &[u8]) -> f64 {
        Fields::new(Domain::Arm)
            .with(self.experiment.as_bytes())
            .with(arm.as_bytes())
            .with(key)
            .fraction()
    }
}

/// Why arms are none of an experiment.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum InvalidArms {
    /// There are none.
    Empty,
    /// Two have this id.
    Twice(Arc<str>),
    /// The weight of this one.
    Weight(Arc<str>, f64),
    /// All weights are 0.
    NoWeight,
}

impl fmt::Display for InvalidArms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("an experiment has at least one arm"),
            Self::Twice(arm) => write!(f, "two arms are named {arm:?}"),
            Self::Weight(arm, weight) => write!(
                f,
                "the weight of the arm {arm:?} is {weight}: it is 0, or from 1e-9 to 1e9"
            ),
            Self::NoWeight => f.write_str("all weights are 0, so no arm gets anything"),
        }
    }
}

impl std::error::Error for InvalidArms {}
