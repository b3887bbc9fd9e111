use http::Extensions;

use crate::ir::{StopReason, Usage};

/// What one answer has come to, as far as it has come. It is in the attempt's [`Progress`](super::Progress).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Tally {
    /// Tokens, as the provider counts them.
    pub usage: Usage,
    /// Why the answer ended; of several, the first one.
    pub stop: Option<StopReason>,
    /// Whether a whole answer had no content.
    pub is_empty: Option<bool>,
    /// The [class](crate::ir::Error::class) of the error that has ended it.
    pub error: Option<&'static str>,
}

/// Request extension: somebody in front wants to know what the answer comes to. Who makes attempts tells those that
/// read it.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct WantsTally;

impl WantsTally {
    /// Says it of a request.
    pub fn say(extensions: &mut Extensions) {
        extensions.insert(Self);
    }

    /// Whether somebody has said it.
    pub fn is_said(extensions: &Extensions) -> bool {
        extensions.get::<Self>().is_some()
    }
}
