//! Requests, as they come.

use std::time::Duration;

use bytes::BytesMut;
use tokio::{
    io::{AsyncReadExt as _, ReadHalf},
    time::sleep,
};

use super::{
    super::{
        records::{Left, Records},
        script::Reading,
        wire::{Stream, Wire},
    },
    request::{Head, Rest},
};

/// Most bytes of one read.
const BLOCK: usize = 64 * 1024;

pub(super) struct Reader<S: Stream> {
    stream: ReadHalf<Wire<S>>,
    buffer: BytesMut,
    records: Records,
    /// The request whose body is read, or was the last.
    request: usize,
    rest: Rest,
    pub(super) reading: Reading,
}

impl<S: Stream> Reader<S> {
    pub(super) fn new(stream: ReadHalf<Wire<S>>, records: Records) -> Self {
        Self {
            stream,
            buffer: BytesMut::new(),
            records,
            request: 0,
            rest: Rest::Nothing,
            reading: Reading::First,
        }
    }

    /// Goes on with the body of this request.
    pub(super) fn start(&mut self, request: usize, body: Rest) {
        (self.request, self.rest, self.reading) = (request, body, Reading::First);
        self.take();
    }

    /// The next head, after what is left of the body before it.
    pub(super) async fn next(&mut self) -> Result<Head, Left> {
        self.body().await?;
        loop {
            if let Some(head) = Head::take(&mut self.buffer) {
                return Ok(head);
            }
            self.fill(BLOCK).await?;
        }
    }

    /// Reads the body to its end.
    pub(super) async fn body(&mut self) -> Result<(), Left> {
        if self.rest == Rest::Nothing {
            return Ok(());
        }
        let (block, pause) = match self.reading {
            Reading::Slowly(bytes, interval) => (bytes, interval),
            Reading::First | Reading::Beside | Reading::From(_) => (BLOCK, Duration::ZERO),
        };
        if let Reading::From(gate) = &self.reading {
            gate.pass().await;
        }
        while self.rest != Rest::Nothing {
            if !pause.is_zero() {
                sleep(pause).await;
            }
            self.fill(block).await?;
            self.take();
        }
        Ok(())
    }

    /// Reads the body, then for as long as the peer is there.
    pub(super) async fn watch(&mut self) -> Left {
        if let Err(left) = self.body().await {
            return left;
        }
        loop {
            if let Err(left) = self.fill(BLOCK).await {
                return left;
            }
        }
    }

    /// Takes what has come of the body.
    fn take(&mut self) {
        let part = self.rest.take(&mut self.buffer);
        self.records.update(self.request, |seen| {
            seen.body.extend_from_slice(&part);
            seen.body_complete = self.rest == Rest::Nothing;
        });
    }

    async fn fill(&mut self, most: usize) -> Result<(), Left> {
        self.buffer.reserve(most);
        let mut stream = (&mut self.stream).take(most as u64);
        match stream.read_buf(&mut self.buffer).await {
            Ok(0) => Err(Left::Fin),
            Ok(_) => Ok(()),
            Err(_) => Err(Left::Rst),
        }
    }
}
