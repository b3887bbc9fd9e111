use std::{
    any::Any,
    sync::{Arc, OnceLock},
};

use http::Extensions;

use crate::format::ApiFormat;

/// Request extension: what is known of a request so far, for who waits in front of the router and may have to say so
/// before there is a response, or without one.
///
/// A layer in front begins one and keeps it; the router writes. Clones share what is written.
#[derive(Debug, Clone, Default)]
pub struct Trail(Arc<Notes>);

#[derive(Debug, Default)]
struct Notes {
    format: OnceLock<ApiFormat>,
    model: OnceLock<Arc<str>>,
    /// What only the router knows.
    decided: OnceLock<Decided>,
}

type Decided = Box<dyn Any + Send + Sync>;

impl Trail {
    /// Puts a new one into a request, in place of any that came with it: that is of another router.
    pub fn begin(extensions: &mut Extensions) -> Self {
        let trail = Self::default();
        extensions.insert(trail.clone());
        trail
    }

    /// That of the request, if somebody wants to know.
    pub fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }

    /// The format that the caller speaks, once the request is known to be one for a model or about models.
    pub fn format(&self) -> Option<ApiFormat> {
        self.0.format.get().copied()
    }

    /// The model that the caller asked for, once it has been read: the first 256 characters as they came.
    pub fn model(&self) -> Option<&Arc<str>> {
        self.0.model.get()
    }

    pub(crate) fn decided(&self) -> Option<&Decided> {
        self.0.decided.get()
    }

    // What is written stays.

    pub(crate) fn speaks(&self, format: ApiFormat) {
        let _ = self.0.format.set(format);
    }

    pub(crate) fn asks_for(&self, model: &Arc<str>) {
        let _ = self.0.model.set(shown(model));
    }

    pub(crate) fn decide(&self, decided: Decided) {
        let _ = self.0.decided.set(decided);
    }
}

/// As much of a name as is noted.
fn shown(model: &Arc<str>) -> Arc<str> {
    const LONGEST: usize = 256;
    if model.len() <= LONGEST {
        return Arc::clone(model);
    }
    let longest = model.char_indices().nth(LONGEST);
    let shown = longest.and_then(|(end, _)| model.get(..end));
    shown.map_or_else(|| Arc::clone(model), Arc::from)
}
