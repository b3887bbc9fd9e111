use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Report, experiment::Experiment, figures};

/// All that a scoreboard has counted, at one moment. As JSON it can be kept over a restart, or sent to where the
/// replicas' are [merged](Self::merge).
///
/// ```
/// use tower_llm_gateway::scoreboard::{Scoreboard, Snapshot};
///
/// # fn main() -> Result<(), serde_json::Error> {
/// let replicas = [Scoreboard::new(), Scoreboard::new()];
/// let mut all = Snapshot::default();
/// for replica in &replicas {
///     let json = serde_json::to_string(&replica.snapshot())?;
///     all.merge(&serde_json::from_str(&json)?);
/// }
/// let report = all.report();
/// # Ok(())
/// # }
/// ```
///
/// JSON of another [`VERSION`](Self::VERSION) is not read.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Snapshot {
    version: Version,
    since: Option<f64>,
    at: f64,
    experiments: Vec<Experiment>,
}

impl Snapshot {
    /// The version of the JSON.
    pub const VERSION: u32 = 1;

    pub(super) fn new(since: f64, at: f64, mut experiments: Vec<Experiment>) -> Self {
        experiments.sort_by(|one, other| one.id.cmp(&other.id));
        Self {
            version: Version,
            since: Some(since),
            at,
            experiments,
        }
    }

    /// Adds what another scoreboard has counted. Counts are added exactly, and quantiles are those that one scoreboard would
    /// have; a unit that two have seen counts once in the shares of the arms. The weights are those of the later one.
    pub fn merge(&mut self, other: &Self) {
        let is_later = other.at > self.at;
        self.at = self.at.max(other.at);
        let since = [self.since, other.since].into_iter().flatten();
        self.since = since.reduce(f64::min);
        for experiment in &other.experiments {
            let known = self
                .experiments
                .binary_search_by(|it| it.id.cmp(&experiment.id));
            match known.map(|at| self.experiments.get_mut(at)) {
                Ok(Some(known)) => known.merge(experiment, is_later),
                Ok(None) => {}
                Err(place) => self.experiments.insert(place, experiment.clone()),
            }
        }
    }

    /// How the arms do, by what is counted here.
    pub fn report(&self) -> Report {
        Report {
            since: self.since.unwrap_or(self.at),
            at: self.at,
            level: figures::LEVEL,
            experiments: self.experiments.iter().map(figures::experiment).collect(),
        }
    }

    /// In seconds since 1970.
    pub(super) fn since(&self) -> f64 {
        self.since.unwrap_or(f64::INFINITY)
    }

    pub(super) fn experiments(&self) -> &[Experiment] {
        &self.experiments
    }
}

/// The number that says how to read the rest.
#[derive(Debug, Clone, Copy, Default)]
struct Version;

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Snapshot::VERSION.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            Snapshot::VERSION => Ok(Self),
            other => {
                let problem = format!(
                    "this is a snapshot of version {other}, not of {}",
                    Snapshot::VERSION
                );
                Err(de::Error::custom(problem))
            }
        }
    }
}
