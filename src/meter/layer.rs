use std::{fmt, sync::Arc};

use tower_layer::Layer;

use super::{Meter, Recorder, TracingRecorder};

/// Applies [`Meter`].
#[derive(Clone)]
pub struct MeterLayer {
    recorders: Arc<[Arc<dyn Recorder>]>,
}

impl MeterLayer {
    /// Gives each summary to this recorder. [`MeterLayer::default`] gives them to [`TracingRecorder`].
    pub fn new(recorder: impl Recorder) -> Self {
        Self {
            recorders: [Arc::new(recorder) as Arc<dyn Recorder>].into(),
        }
    }

    /// Gives each summary to this recorder too.
    #[must_use]
    pub fn and(self, recorder: impl Recorder) -> Self {
        let others = self.recorders.iter().cloned();
        let recorder = Arc::new(recorder) as Arc<dyn Recorder>;
        Self {
            recorders: others.chain([recorder]).collect(),
        }
    }
}

impl Default for MeterLayer {
    fn default() -> Self {
        Self::new(TracingRecorder)
    }
}

impl<S> Layer<S> for MeterLayer {
    type Service = Meter<S>;

    fn layer(&self, inner: S) -> Meter<S> {
        Meter::new(inner, Arc::clone(&self.recorders))
    }
}

impl fmt::Debug for MeterLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MeterLayer").finish_non_exhaustive()
    }
}
