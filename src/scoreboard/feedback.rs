use std::{error, fmt};

/// Why a score was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FeedbackError {
    /// No request of this id was counted of late: it has not ended yet, had no part in an experiment, or is too long ago.
    UnknownRequest,
    /// A score is a number from 0 to 1.
    InvalidScore,
}

impl fmt::Display for FeedbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownRequest => "no request of this id was counted of late",
            Self::InvalidScore => "a score is a number from 0 to 1",
        })
    }
}

impl error::Error for FeedbackError {}
