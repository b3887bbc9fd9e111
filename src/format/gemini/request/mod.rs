//! Requests: read for callers, written for providers.

use bytes::BytesMut;

use crate::{
    format::Dialect,
    ir::{Error, Exchange, Request},
};

pub(super) fn decode<'a>(body: &'a [u8], exchange: &mut Exchange) -> Result<Request<'a>, Error> {
    let _ = (body, exchange);
    Err(Error::undecodable("not yet"))
}

pub(super) fn encode(
    request: &Request<'_>,
    dialect: &Dialect,
    exchange: &mut Exchange,
    out: &mut BytesMut,
) -> Result<(), Error> {
    let _ = (request, dialect, exchange, out);
    Err(Error::undecodable("not yet"))
}
