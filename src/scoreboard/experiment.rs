use std::{borrow::Cow, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    experiment::{AssignedBy, Assignment, Share},
    meter::Summary,
};

use super::{arm::Arm, buckets::bucket, units::Units};

/// Most arms of an experiment that are counted.
const MOST_ARMS: usize = 16;

/// After so many requests that not all arms could serve, those that can are all that there are.
const PATIENCE: u32 = 100;

/// What is counted of one experiment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Experiment {
    pub(super) id: Arc<str>,
    /// The arms and their weights as they were last; the first one is control.
    pub(super) shares: Arc<[Share]>,
    /// Of the last requests, all of which fewer arms could serve than these, how many there were.
    #[serde(skip)]
    narrower: u32,
    pub(super) arms: Vec<Arm>,
    pub(super) excluded: u64,
    pub(super) units: Units,
}

impl Experiment {
    pub(super) fn new(id: Arc<str>) -> Self {
        Self {
            id,
            shares: Arc::new([]),
            narrower: 0,
            arms: Vec::new(),
            excluded: 0,
            units: Units::default(),
        }
    }

    /// Counts in what became of a request that was drawn; any other is only said to be there. True if it was counted in.
    pub(super) fn record(&mut self, assignment: &Assignment, summary: &Summary) -> bool {
        self.tell_shares(&assignment.arms);
        let is_comparable = assignment.by.is_drawn() && has_choice(assignment);
        let arm = is_comparable
            .then(|| self.arm_or_new(&assignment.arm))
            .flatten();
        let Some(arm) = arm else {
            self.excluded += 1;
            return false;
        };
        arm.record(bucket(assignment.unit), summary);
        // Who is in a tool loop was drawn before, maybe by other weights.
        if assignment.by != AssignedBy::Loop {
            let Assignment {
                unit, arm, arms, ..
            } = assignment;
            self.units.record(*unit, arm, arms);
        }
        true
    }

    /// An arm by its id.
    pub(super) fn arm(&mut self, id: &str) -> Option<&mut Arm> {
        self.arms.iter_mut().find(|arm| &*arm.id == id)
    }

    /// Counts in what another scoreboard has counted of the same experiment.
    pub(super) fn merge(&mut self, other: &Self, is_later: bool) {
        if self.shares.is_empty() || is_later && !other.shares.is_empty() {
            self.shares = Arc::clone(&other.shares);
        }
        self.excluded = self.excluded.saturating_add(other.excluded);
        for arm in &other.arms {
            match self.arm_or_new(&arm.id) {
                Some(known) => known.merge(arm, is_later),
                None => self.excluded = self.excluded.saturating_add(arm.requests),
            }
        }
        self.units.merge(&other.units);
    }

    /// The arms that have a weight in their order, counted or not, then those that had one before.
    pub(super) fn arms_in_order(&self) -> Vec<Cow<'_, Arm>> {
        let counted = |id: &Arc<str>| self.arms.iter().find(|arm| arm.id == *id);
        let is_gone = |arm: &&Arm| self.shares.iter().all(|share| share.arm != arm.id);
        let now = self.shares.iter().map(|share| {
            let arm = counted(&share.arm).map(Cow::Borrowed);
            arm.unwrap_or_else(|| Cow::Owned(Arm::new(Arc::clone(&share.arm))))
        });
        let before = self.arms.iter().filter(is_gone).map(Cow::Borrowed);
        now.chain(before).collect()
    }

    /// Takes over the weights. A request that not all arms can serve has weights of its own, which say nothing of the others';
    /// but when there are only such, an arm was taken out.
    fn tell_shares(&mut self, shares: &Arc<[Share]>) {
        let is_narrower = shares.len() == self.shares.len()
            && shares
                .iter()
                .zip(&*self.shares)
                .all(|(new, old)| new.arm == old.arm)
            && choices(shares) < choices(&self.shares);
        if is_narrower && self.narrower < PATIENCE {
            self.narrower += 1;
        } else {
            self.narrower = 0;
            self.shares = Arc::clone(shares);
        }
    }

    /// An arm by its id. A new one takes the place of one that there is no more; `None` if there is no such place.
    fn arm_or_new(&mut self, id: &Arc<str>) -> Option<&mut Arm> {
        let known = self.arms.iter().position(|arm| arm.id == *id);
        let at = known.or_else(|| self.begin(id))?;
        self.arms.get_mut(at)
    }

    fn begin(&mut self, id: &Arc<str>) -> Option<usize> {
        let arm = Arm::new(Arc::clone(id));
        if self.arms.len() < MOST_ARMS {
            self.arms.push(arm);
            return Some(self.arms.len() - 1);
        }
        let is_gone = |arm: &Arm| self.shares.iter().all(|share| share.arm != arm.id);
        let at = self.arms.iter().position(is_gone)?;
        self.arms.remove(at);
        self.arms.push(arm);
        Some(self.arms.len() - 1)
    }
}

/// Whether a request could have got another arm. One that only this arm can serve is like none of the others'.
fn has_choice(assignment: &Assignment) -> bool {
    assignment.arms.len() == 1 || choices(&assignment.arms) > 1
}

/// How many arms get anything.
fn choices(shares: &[Share]) -> usize {
    shares.iter().filter(|share| share.share > 0.0).count()
}
