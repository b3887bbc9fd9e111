//! What codecs have in common and no format owns.

pub(super) mod alike;
pub(super) mod data_uri;
pub(super) mod freeform;
pub(super) mod halves;
pub(super) mod lane;
pub(super) mod logprobs;
pub(super) mod media;
pub(super) mod mold;
pub(super) mod names;
pub(super) mod parameters;
pub(super) mod path;
pub(crate) mod percent;
pub(super) mod progress;
pub(super) mod schema;
pub(super) mod seals;
mod stencil;
pub(super) mod web_search;
