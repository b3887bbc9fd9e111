//! Fields of other formats that the API has no word for.

use crate::{
    ir::{Error, Losses, Request},
    json::Number,
};

const NO_SUCH_FIELD: &str = "the target has no such field";

/// Refuses what must not be left out, and reports what is.
pub(super) fn unsayable(request: &Request<'_>, losses: &mut Losses) -> Result<(), Error> {
    let names = &request.names;
    if request.choices.is_some_and(|choices| choices > 1) {
        return Err(Error::unsupported(names.choices));
    }
    if request.logprobs == Some(true) {
        return Err(Error::unsupported(names.logprobs));
    }
    if request.top_logprobs.is_some_and(|count| count > 0) {
        return Err(Error::unsupported(names.top_logprobs));
    }
    let is_set =
        |penalty: Option<Number<'_>>| penalty.is_some_and(|penalty| penalty.as_f64() != 0.0);
    let sampling = &request.sampling;
    for (name, lost) in [
        (names.frequency_penalty, is_set(sampling.frequency_penalty)),
        (names.presence_penalty, is_set(sampling.presence_penalty)),
        (names.seed, sampling.seed.is_some()),
        (names.verbosity, request.verbosity.is_some()),
        (
            names.metadata,
            request.metadata.is_some_and(|map| !map.is_empty()),
        ),
        (names.store, request.store == Some(true)),
    ] {
        if lost {
            losses.dropped(name, NO_SUCH_FIELD)?;
        }
    }
    losses.extra("", &request.shared)?;
    losses.extra("", &request.extra)
}
