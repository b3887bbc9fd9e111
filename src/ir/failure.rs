use std::{error::Error as StdError, iter};

use crate::policy::Phase;

use super::{Error, ErrorKind};

impl Error {
    /// What is said of a request that failed on its way, or in mid-answer.
    pub(crate) fn of_failure(error: &crate::Error) -> Self {
        let source = error.source().filter(|_| error.is_request_broken());
        if let Some(said) = source.and_then(|source| source.downcast_ref::<Self>()) {
            return said.clone();
        }
        let (kind, code) = match () {
            () if error.is_not_selected() => {
                let message = "There is nothing at this path.";
                return Self::new(ErrorKind::NotFound, message).with_code("not_found");
            }
            () if error.is_plugin() => {
                // Its name is the host's.
                return Self::new(ErrorKind::Internal, "A plugin failed.")
                    .with_code("plugin_error");
            }
            () if error.is_shutting_down() => (ErrorKind::Overloaded, "shutting_down"),
            () if error.is_request_stalled() => (ErrorKind::RequestTimeout, "request_timeout"),
            () if error.is_connect() && !error.is_timeout() => {
                (ErrorKind::BadGateway, "upstream_connect_error")
            }
            () if error.is_handler() => (ErrorKind::BadGateway, "handler_error"),
            () if error.is_no_handler() => (ErrorKind::BadGateway, "no_handler"),
            () => error
                .timeout()
                .map_or((ErrorKind::BadGateway, "upstream_error"), |phase| {
                    (timed_out(phase), code(phase))
                }),
        };
        Self::new(kind, sentence(&error.to_string())).with_code(code)
    }

    /// The part of the exchange that took too long, if that is what this says.
    #[cfg_attr(not(feature = "client"), allow(dead_code))]
    pub(crate) fn timeout(&self) -> Option<Phase> {
        let said = self.code.as_deref()?;
        Phase::ALL.into_iter().find(|phase| code(*phase) == said)
    }

    /// The first of an error and its causes that says what went wrong in words for a caller.
    pub(crate) fn found_in(error: &(dyn StdError + 'static)) -> Option<Self> {
        iter::successors(Some(error), |&error| error.source()).find_map(|error| {
            if let Some(said) = error.downcast_ref::<Self>() {
                return Some(said.clone());
            }
            let error: &crate::Error = error.downcast_ref()?;
            let said = error.of_host().and_then(Self::found_in);
            Some(said.unwrap_or_else(|| Self::of_failure(error)))
        })
    }
}

fn timed_out(phase: Phase) -> ErrorKind {
    match phase {
        Phase::PoolWait => ErrorKind::Overloaded,
        _ => ErrorKind::GatewayTimeout,
    }
}

const fn code(phase: Phase) -> &'static str {
    match phase {
        Phase::Connect => "connect_timeout",
        Phase::PoolWait => "pool_timeout",
        Phase::RequestWrite => "request_write_timeout",
        Phase::FirstByte => "first_byte_timeout",
        Phase::FirstEvent => "first_event_timeout",
        Phase::Idle => "idle_timeout",
        Phase::Attempt => "attempt_timeout",
        Phase::Total => "total_timeout",
    }
}

fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters
        .next()
        .map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), characters.as_str())
}
