//! Scripts that say what providers say.

use std::io::Write as _;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};

use super::{Format, Seen, script::Script};

impl Script {
    /// A whole answer of text.
    pub fn answer(format: Format) -> Self {
        Self::json(format.whole())
    }

    /// The same answer as a stream, from start to end.
    pub fn stream_of(format: Format) -> Self {
        Self::stream().chunks(format.events())
    }

    /// The first events of that stream, with content and without an end: something must follow.
    pub fn stream_start(format: Format) -> Self {
        Self::stream().chunks(format.open_events())
    }

    /// What this request asks for: a whole answer or a stream.
    pub fn reply(format: Format, request: &Seen) -> Self {
        if request.wants_stream() {
            Self::stream_of(format)
        } else {
            Self::answer(format)
        }
    }

    /// An error answer. Headers such as `retry-after` are to be added.
    pub fn error(format: Format, status: u16) -> Self {
        Self::json(format.error(status)).status(status)
    }

    /// A stream whose first event is an error.
    pub fn error_event(format: Format) -> Self {
        Self::stream().chunk(format.error_event())
    }

    /// The whole body, in gzip, and declared so.
    pub fn gzip(self, bytes: &[u8]) -> Self {
        self.header("content-encoding", "gzip").body(gzip(bytes))
    }
}

/// These bytes in gzip.
pub fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("a vector takes all").into()
}
