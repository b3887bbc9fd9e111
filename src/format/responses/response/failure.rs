//! Why an answer failed, in the words that an answer has for it.

use crate::{
    format::responses::ID,
    ir::{Error, ErrorKind},
};

const SERVER: &str = "server_error";
const RATE_LIMIT: &str = "rate_limit_exceeded";
const PROMPT: &str = "invalid_prompt";

/// The code of a failed answer. Clients know only some, so that no other API's is ever said.
pub(in crate::format::responses) fn code(error: &Error) -> &str {
    let own = error.native_to(ID).and(error.code.as_deref());
    own.unwrap_or(match error.kind {
        ErrorKind::RateLimited | ErrorKind::Billing => RATE_LIMIT,
        ErrorKind::BadRequest
        | ErrorKind::ContextTooLong
        | ErrorKind::TooLarge
        | ErrorKind::Unprocessable => PROMPT,
        _ => SERVER,
    })
}
