use std::{borrow::Cow, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    experiment::{AssignedBy, Assignment, Share},
    meter::Summary,
};

use super::{arm::Arm, buckets::bucket, units::Units};

/// Most arms of an experiment that are counted.
const MOST_ARMS: usize = 16;

/// What is counted of one experiment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Experiment {
    pub(super) id: Arc<str>,
    /// The arms and their weights as they were last; the first one is control.
    pub(super) shares: Arc<[Share]>,
    pub(super) arms: Vec<Arm>,
    pub(super) excluded: u64,
    pub(super) units: Units,
}

impl Experiment {
    pub(super) fn new(id: Arc<str>) -> Self {
        Self {
            id,
            shares: Arc::new([]),
            arms: Vec::new(),
            excluded: 0,
            units: Units::default(),
        }
    }

    /// Counts in what became of a request that was drawn; any other is only said to be there. True if it was counted in.
    pub(super) fn record(&mut self, assignment: &Assignment, summary: &Summary) -> bool {
        self.shares = Arc::clone(&assignment.arms);
        let is_drawn = assignment.by.is_drawn();
        let arm = is_drawn.then(|| self.arm_or_new(&assignment.arm)).flatten();
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
