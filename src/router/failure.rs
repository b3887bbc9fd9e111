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

pub(super) fn describe(error: &BoxError) -> ir::Error {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&**error);
    while let Some(error) = cause {
        if let Some(said) = error.downcast_ref::<ir::Error>() {
            return said.clone();
        }
        if let Some(error) = error.downcast_ref::<Error>() {
            return of_downstream(error);
        }
        if let Some(known) = of_middleware(error) {
            return known;
        }
        cause = error.source();
    }
    ir::Error::new(
        ErrorKind::Internal,
        "The gateway failed to handle the request.",
    )
    .with_code("gateway_error")
}

fn of_downstream(error: &Error) -> ir::Error {
    let (kind, code) = match () {
        () if error.is_not_selected() => (ErrorKind::NotFound, "not_found"),
        () if error.is_timeout() => (ErrorKind::GatewayTimeout, "upstream_timeout"),
        () if error.is_connect() => (ErrorKind::BadGateway, "upstream_connect_error"),
        () => (ErrorKind::BadGateway, "upstream_error"),
    };
    let message = match kind {
        ErrorKind::NotFound => "There is nothing at this path.".to_owned(),
        _ => sentence(&error.to_string()),
    };
    ir::Error::new(kind, message).with_code(code)
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

fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters
        .next()
        .map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), characters.as_str())
}
