use std::iter;

use http::Response;

use super::Served;
use crate::{
    Body, BoxError, Error,
    format::ApiFormat,
    ir::{self, ErrorKind},
};

/// Says an error of the stack in the caller's format. The one place where an `Err` becomes a response.
pub(super) fn answer(
    format: Option<ApiFormat>,
    served: Option<&Served>,
    error: &BoxError,
) -> Response<Body> {
    let cause = &**error as &dyn std::error::Error;
    if let Some(served) = served {
        let downstream = &**served.selected().target().id();
        tracing::warn!(downstream, error = cause, "request failed");
    } else {
        // Of no model: a path that nobody serves, most likely.
        tracing::debug!(error = cause, "request failed");
    }
    // Nobody's format in particular; this one is the most widely understood.
    format
        .unwrap_or(ApiFormat::OPENAI)
        .error_response(&describe(error))
}

/// Whether a request came to the bottom that nobody had routed.
pub(super) fn is_nobody(error: &BoxError) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&**error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<Error>() {
            return error.is_not_selected();
        }
        cause = error.source();
    }
    false
}

pub(super) fn describe(error: &BoxError) -> ir::Error {
    known(&**error).unwrap_or_else(|| {
        ir::Error::new(
            ErrorKind::Internal,
            "The gateway failed to handle the request.",
        )
        .with_code("gateway_error")
    })
}

/// What the first error says that we know, of this one and its causes.
fn known(error: &(dyn std::error::Error + 'static)) -> Option<ir::Error> {
    iter::successors(Some(error), |&error| error.source()).find_map(|error| {
        if let Some(said) = error.downcast_ref::<ir::Error>() {
            return Some(said.clone());
        }
        let Some(error) = error.downcast_ref::<Error>() else {
            return of_middleware(error);
        };
        let said = error.of_host().and_then(known);
        Some(said.unwrap_or_else(|| ir::Error::of_failure(error)))
    })
}

/// Errors of tower's own layers, which a host may have put below.
fn of_middleware(error: &(dyn std::error::Error + 'static)) -> Option<ir::Error> {
    #[cfg(feature = "client")]
    if error.is::<tower::timeout::error::Elapsed>() {
        let message = "The request took longer than it may.";
        return Some(ir::Error::new(ErrorKind::GatewayTimeout, message).with_code("timeout"));
    }
    if error.is::<tower::load_shed::error::Overloaded>() {
        let message = "The gateway is overloaded.";
        return Some(ir::Error::new(ErrorKind::Overloaded, message).with_code("overloaded"));
    }
    None
}
