use std::{ops::Deref, sync::Arc};

use http::Extensions;

use super::{Decision, Trail};

/// Response extension: the decision that this is the answer to, for the host's logs.
#[derive(Debug, Clone)]
pub struct Served(Arc<Decision>);

impl Served {
    pub(super) fn new(decision: Decision) -> Self {
        Self(Arc::new(decision))
    }

    /// The decision, if the request was routed here.
    pub fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }
}

impl Trail {
    /// The decision, once there is one.
    pub fn served(&self) -> Option<&Served> {
        self.decided()?.downcast_ref()
    }

    pub(super) fn goes(&self, served: &Served) {
        self.decide(Box::new(served.clone()));
    }
}

impl Deref for Served {
    type Target = Decision;

    fn deref(&self) -> &Decision {
        &self.0
    }
}
