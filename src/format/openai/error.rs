use bytes::BytesMut;
use http::StatusCode;

use crate::{ir, json};

pub(super) fn decode(status: StatusCode, body: &[u8]) -> ir::Error {
    ir::Error::new(
        ir::ErrorKind::of_status(status),
        String::from_utf8_lossy(body),
    )
    .with_status(status)
}

pub(super) fn encode(error: &ir::Error, out: &mut BytesMut) -> StatusCode {
    json::object(out, |o| {
        o.object("error", |o| o.field("message", &error.message))
    });
    error.status.unwrap_or(StatusCode::BAD_REQUEST)
}
