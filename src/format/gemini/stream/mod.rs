//! Streamed answers: read for callers, written for providers.

use std::sync::Arc;

use bytes::BytesMut;

use crate::{
    format::{StreamDecoder, StreamEncoder, StreamEnd},
    ir::{Event, Exchange, Sink},
    sse::Item,
};

#[derive(Debug, Default)]
pub(super) struct Decoder;

impl StreamDecoder for Decoder {
    fn item(&mut self, _item: Item<'_>, _sink: &mut dyn Sink) {}
    fn finish(&mut self, _end: StreamEnd, _sink: &mut dyn Sink) {}
}

#[derive(Debug)]
pub(super) struct Encoder(Arc<Exchange>);

impl Encoder {
    pub(super) fn new(exchange: Arc<Exchange>) -> Self {
        Self(exchange)
    }
}

impl StreamEncoder for Encoder {
    fn event(&mut self, _event: &Event<'_>, _out: &mut BytesMut) {}
}
