use std::{fmt, sync::Arc};

use tower_layer::Layer;

use super::{Meter, Recorder, Summary, TracingRecorder};

/// Applies [`Meter`].
#[derive(Clone)]
pub struct MeterLayer {
    recorder: Arc<dyn Recorder>,
}

impl MeterLayer {
    /// Gives each summary to this recorder. [`MeterLayer::default`] gives them to [`TracingRecorder`].
    pub fn new(recorder: impl Recorder) -> Self {
        Self {
            recorder: Arc::new(recorder),
        }
    }

    /// Gives each summary to this recorder too, and to it first.
    #[must_use]
    pub fn and(self, recorder: impl Recorder) -> Self {
        let others = self.recorder;
        Self::new(move |summary: &Summary| {
            recorder.record(summary);
            others.record(summary);
        })
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
        Meter::new(inner, Arc::clone(&self.recorder))
    }
}

impl fmt::Debug for MeterLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MeterLayer").finish_non_exhaustive()
    }
}
