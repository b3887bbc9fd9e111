//! Who takes part in an experiment at all.

use std::{fmt, sync::Arc};

use super::hash::{Domain, Fields};

/// Whether an experiment covers a key, if it covers this part of all: from 0, none, to 1, all. Whom it covers at 5 % it
/// also covers at 20 %.
pub fn covers(experiment: &str, coverage: f64, key: &[u8]) -> bool {
    let fields = Fields::new(Domain::Coverage).with(experiment.as_bytes());
    fields.with(key).fraction() < coverage
}

/// Experiments of which no key takes part in more than one.
///
/// They lie side by side in their order, each as wide as its share, and what they leave of the whole is nobody's. So a new
/// one at the end takes keys from nobody else, and so does a larger share for the last one; a change further up moves all
/// that lie behind it. To let an experiment grow, give it the share that it will need, and raise its
/// [coverage](covers).
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    id: Arc<str>,
    /// The members, each with where it ends.
    members: Box<[(Arc<str>, f64)]>,
}

impl Layer {
    /// What sums of shares such as 0.1 may lack or exceed for being doubles.
    const TOLERANCE: f64 = 1e-9;

    /// The layer `id`, with its experiments and the part of all keys that each may have, from 0 to 1.
    ///
    /// # Errors
    ///
    /// If an experiment is there twice; if a share is not from 0 to 1, or all of them are more than 1.
    pub fn new(
        id: impl Into<Arc<str>>,
        members: impl IntoIterator<Item = (Arc<str>, f64)>,
    ) -> Result<Self, InvalidLayer> {
        let mut placed: Vec<(Arc<str>, f64)> = Vec::new();
        let mut end = 0.0;
        for (member, share) in members {
            if placed.iter().any(|(other, _)| *other == member) {
                return Err(InvalidLayer::Twice(member));
            }
            if !(0.0..=1.0).contains(&share) {
                return Err(InvalidLayer::Share(member, share));
            }
            end += share;
            placed.push((member, end));
        }
        if end > 1.0 + Self::TOLERANCE {
            return Err(InvalidLayer::Overfull(end));
        }
        Ok(Self {
            id: id.into(),
            members: placed.into(),
        })
    }

    /// Its name.
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// The experiment that a key belongs to; `None` if it is nobody's.
    pub fn member(&self, key: &[u8]) -> Option<&Arc<str>> {
        let place = Fields::new(Domain::Layer)
            .with(self.id.as_bytes())
            .with(key)
            .fraction();
        let member = self.members.iter().find(|(_, end)| place < *end);
        member.map(|(member, _)| member)
    }
}

/// Why experiments are no layer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum InvalidLayer {
    /// This one is there twice.
    Twice(Arc<str>),
    /// The share of this one.
    Share(Arc<str>, f64),
    /// What all shares come to.
    Overfull(f64),
}

impl fmt::Display for InvalidLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Twice(member) => write!(f, "{member:?} is in the layer twice"),
            Self::Share(member, share) => {
                write!(f, "the share of {member:?} is {share}: it is from 0 to 1")
            }
            Self::Overfull(sum) => write!(f, "the shares come to {sum}: there is no more than 1"),
        }
    }
}

impl std::error::Error for InvalidLayer {}

/// A part of all keys that takes part in no experiment, to tell what all of them together have changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Holdout(f64);

impl Holdout {
    /// This part of all keys, from 0 to 1.
    ///
    /// # Errors
    ///
    /// If it is not from 0 to 1.
    pub fn new(share: f64) -> Result<Self, InvalidHoldout> {
        let is_share = (0.0..=1.0).contains(&share);
        is_share.then_some(Self(share)).ok_or(InvalidHoldout(share))
    }

    /// Whether a key is one of them.
    pub fn holds(&self, key: &[u8]) -> bool {
        Fields::new(Domain::Holdout).with(key).fraction() < self.0
    }
}

/// A number that is no part of all keys.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InvalidHoldout(f64);

impl fmt::Display for InvalidHoldout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the holdout is {}: it is from 0 to 1", self.0)
    }
}

impl std::error::Error for InvalidHoldout {}
