//! Whole answers: read for callers, written for providers.

use bytes::BytesMut;

use crate::ir::{Error, Exchange, Response};

pub(super) fn decode(body: &[u8]) -> Result<Response<'_>, Error> {
    let _ = body;
    Err(Error::undecodable("not yet"))
}

pub(super) fn encode(
    response: &Response<'_>,
    exchange: &mut Exchange,
    out: &mut BytesMut,
) -> Result<(), Error> {
    let _ = (response, exchange, out);
    Err(Error::undecodable("not yet"))
}
