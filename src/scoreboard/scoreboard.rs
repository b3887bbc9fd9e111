use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use crate::{
    experiment::Assignment,
    meter::{Recorder, Summary},
};

use super::{
    FeedbackError, Report, Snapshot,
    buckets::bucket,
    experiment::Experiment,
    experiments::Experiments,
    recent::{Place, Recent},
};

/// Counts what became of requests, by experiment and arm. Cheap to clone; clones are one scoreboard.
///
/// It is a [`Recorder`], which counts the requests that an experiment has drawn an arm for, and no shadow copies. A
/// request counts for the arm that it was assigned to, even if a fallback has answered it.
#[derive(Debug, Clone)]
pub struct Scoreboard(Arc<Board>);

#[derive(Debug)]
struct Board {
    /// In seconds since 1970.
    since: Mutex<f64>,
    experiments: Mutex<Experiments>,
    recent: Mutex<Recent>,
}

impl Scoreboard {
    /// One that has counted nothing yet.
    pub fn new() -> Self {
        Self(Arc::new(Board {
            since: Mutex::new(now()),
            experiments: Mutex::default(),
            recent: Mutex::default(),
        }))
    }

    /// How the arms do.
    pub fn report(&self) -> Report {
        self.snapshot().report()
    }

    /// Says how good the answer to a request was, from 0 (bad) to 1 (good): what a user's thumb says, or a judge. The id is
    /// the [`Summary`]'s, and its request must have ended. A second score of a request takes the place of the first.
    ///
    /// The last 50,000 counted requests are remembered for it at least.
    ///
    /// # Errors
    ///
    /// If no such request was counted of late, or the score is none.
    pub fn feedback(&self, request: &str, score: f64) -> Result<(), FeedbackError> {
        if !(0.0..=1.0).contains(&score) {
            return Err(FeedbackError::InvalidScore);
        }
        let mut recent = lock(&self.0.recent);
        let place = recent.get_mut(request);
        let place = place.ok_or(FeedbackError::UnknownRequest)?;
        // It may have made room for others.
        let experiment = place.experiment.upgrade();
        let experiment = experiment.ok_or(FeedbackError::UnknownRequest)?;
        let before = place.score.replace(score);
        if let Some(arm) = lock(&experiment).arm(&place.arm) {
            arm.score(place.bucket, before, score);
        }
        Ok(())
    }

    /// All that was counted, to keep or to add to another's.
    pub fn snapshot(&self) -> Snapshot {
        let experiments = lock(&self.0.experiments).all();
        let copies = experiments.iter().map(|it| lock(it).clone());
        let copies = copies.collect();
        Snapshot::new(*lock(&self.0.since), now(), copies)
    }

    /// Counts in what another scoreboard has counted, or this one before a restart. What is counted in twice counts
    /// twice.
    pub fn absorb(&self, snapshot: &Snapshot) {
        let mut since = lock(&self.0.since);
        *since = since.min(snapshot.since());
        drop(since);
        for experiment in snapshot.experiments() {
            let own = self.experiment(&experiment.id);
            lock(&own).merge(experiment, false);
        }
    }

    fn experiment(&self, id: &Arc<str>) -> Arc<Mutex<Experiment>> {
        lock(&self.0.experiments).of(id)
    }

    fn remember(
        &self,
        request: &str,
        assignment: &Assignment,
        experiment: &Arc<Mutex<Experiment>>,
    ) {
        let place = Place {
            experiment: Arc::downgrade(experiment),
            arm: Arc::clone(&assignment.arm),
            bucket: bucket(assignment.unit),
            score: None,
        };
        lock(&self.0.recent).insert(request, place);
    }
}

impl Default for Scoreboard {
    fn default() -> Self {
        Self::new()
    }
}

impl Recorder for Scoreboard {
    fn record(&self, summary: &Summary) {
        let Some(assignment) = summary.arm.as_ref().filter(|_| !summary.is_shadow) else {
            return;
        };
        let experiment = self.experiment(&assignment.experiment);
        let is_counted = lock(&experiment).record(assignment, summary);
        if is_counted {
            self.remember(&summary.id, assignment, &experiment);
        }
    }
}

/// What a panic may have left half done is a count that lacks one.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn now() -> f64 {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since_1970.map_or(0.0, |time| time.as_secs_f64())
}
