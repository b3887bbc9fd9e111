use std::{ops::Deref, sync::Arc};

use http::Extensions;

use super::Decision;

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

impl Deref for Served {
    type Target = Decision;

    fn deref(&self) -> &Decision {
        &self.0
    }
}
