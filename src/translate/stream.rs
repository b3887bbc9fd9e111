use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame};

use crate::{
    Body, BoxError,
    context::Progress,
    format::{ApiFormat, StreamDecoder, StreamEncoder, StreamEnd},
    ir::{BlockKind, Error, Event, Exchange, Fold, Losses, Sink},
    json::Text,
};

use super::{
    elements::Items,
    follow::{Follow, HELD, holds},
    plan::Plan,
    response::trace,
    watch::broken,
};

/// A provider's stream on its way to becoming the caller's.
#[derive(Debug)]
pub(super) struct EventStream<K> {
    body: Body,
    items: Items,
    decoder: Box<dyn StreamDecoder>,
    follow: Follow,
    sink: K,
    /// How many more bytes may come.
    left: usize,
    ended: bool,
}

impl<K: Sink> EventStream<K> {
    pub(super) fn new(
        (items, body): (Items, Body),
        decoder: Box<dyn StreamDecoder>,
        follow: Follow,
        sink: K,
    ) -> Self {
        Self {
            body,
            items,
            decoder,
            follow,
            sink,
            left: usize::MAX,
            ended: false,
        }
    }

    /// Takes at most so many bytes; more is an error.
    pub(super) fn body_limit(mut self, bytes: usize) -> Self {
        self.left = bytes;
        self
    }

    pub(super) fn sink(&mut self) -> &mut K {
        &mut self.sink
    }

    /// Reads one frame of the provider's body and decodes what is complete in it. `None` when there is no more.
    pub(super) fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Option<()>> {
        if self.ended {
            return Poll::Ready(None);
        }
        match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    self.data(&data);
                }
            }
            Some(Err(error)) => self.end(StreamEnd::Failed(broken(&error))),
            None => {
                if let Some(item) = self.items.finish() {
                    self.follow.item(&mut *self.decoder, item, &mut self.sink);
                }
                self.end(StreamEnd::Clean);
            }
        }
        Poll::Ready(Some(()))
    }

    fn data(&mut self, data: &[u8]) {
        let Some(left) = self.left.checked_sub(data.len()) else {
            let error = Error::undecodable("it is larger than it may be");
            return self.end(StreamEnd::Failed(error));
        };
        self.left = left;
        let read = self.items.each(data, |item| {
            self.follow.item(&mut *self.decoder, item, &mut self.sink);
        });
        if let Err(too_long) = read {
            self.end(StreamEnd::Failed(Error::undecodable(too_long)));
        }
    }

    /// Ends the stream, and lets go of the provider's connection.
    fn end(&mut self, end: StreamEnd) {
        self.follow.finish(&mut *self.decoder, end, &mut self.sink);
        self.body = Body::empty();
        self.ended = true;
    }
}

impl EventStream<Relay> {
    /// Reads on until the head can go. Resolves to the error, if one has come in its place.
    pub(super) fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        while self.sink.waits() && ready!(self.poll_step(cx)).is_some() {}
        Poll::Ready(self.sink.speak())
    }
}

/// Writes events in the caller's format, under the tool names that the caller gave.
///
/// Until the head has gone, an error is still answered as one.
#[derive(Debug)]
pub(super) struct Relay {
    encoder: Box<dyn StreamEncoder>,
    exchange: Arc<Exchange>,
    out: BytesMut,
    stage: Stage,
    hold: Hold,
    /// Caller and provider.
    pair: (ApiFormat, ApiFormat),
    /// What the caller's format can't say of the answer.
    losses: Losses,
}

#[derive(Debug)]
enum Stage {
    /// Nothing that the head could go with.
    Silent,
    /// An error came instead.
    Failed(Error),
    Speaking,
    /// All was said; the provider's body is about to end.
    Complete,
    /// The last word was an error; whatever the provider still sends is of no use.
    Broken,
}

/// What the head waits for.
#[derive(Debug)]
enum Hold {
    /// Anything that is said, or so many signs of life; so many have come.
    Event(u8),
    /// Content, or somebody's word that it must go.
    Content(Progress),
}

/// Signs of life after which the head is sent though nothing was said yet: a caller must not wait for it for ever.
/// Providers give one every ten to fifteen seconds, so these are some minutes.
const PATIENCE: u8 = 32;

/// Most bytes that are read behind the last word, in bytes. They are waited for because only a body that was read to
/// its end leaves an HTTP/1 connection fit for the next request.
const TAIL: usize = 64 << 10;

/// Most blocks of a stream that are noted as lost.
const NOTED: usize = 64;

impl Relay {
    pub(super) fn new(plan: &Plan, exchange: Arc<Exchange>, out: BytesMut) -> Self {
        let encoder = plan.decoder.stream_encoder(Arc::clone(&exchange));
        Self {
            encoder,
            exchange,
            out,
            stage: Stage::Silent,
            hold: Hold::Event(0),
            pair: (plan.client, plan.provider),
            losses: Losses::default(),
        }
    }

    /// Waits with the head as whoever follows the stream wants it.
    pub(super) fn held_for(mut self, follow: &Follow) -> Self {
        if let Some(progress) = follow.progress() {
            self.hold = Hold::Content(progress.clone());
        }
        self
    }

    /// Notes a block that the caller's format can't say. The head is gone, so that only the log hears of it.
    fn note(&mut self, event: &Event<'_>) {
        match event {
            Event::BlockStart { block, kind, .. }
                if self.pair.0 != self.pair.1
                    && !self.encoder.can_say(kind)
                    && self.losses.iter().len() < NOTED =>
            {
                let path = format!("blocks[{block}]");
                // Never refused: these are not the losses of a strict request.
                let _ = self.losses.dropped(path, "the target has no such block");
            }
            Event::End | Event::Error(_) if !self.losses.is_empty() => {
                trace(self.pair.0, self.pair.1, &self.losses);
            }
            _ => {}
        }
    }

    /// What was written since the last time.
    pub(super) fn take(&mut self) -> BytesMut {
        self.out.split()
    }

    /// Whether the head waits for what comes next.
    fn waits(&self) -> bool {
        let holds = match &self.hold {
            Hold::Event(_) => true,
            Hold::Content(progress) => holds(progress) && self.out.len() < HELD,
        };
        holds && matches!(self.stage, Stage::Silent)
    }

    /// The head goes: what comes next is said in the stream. Or else the error goes that came before.
    fn speak(&mut self) -> Result<(), Error> {
        match &self.stage {
            Stage::Failed(error) => return Err(error.clone()),
            Stage::Silent => self.stage = Stage::Speaking,
            Stage::Speaking | Stage::Complete | Stage::Broken => {}
        }
        Ok(())
    }
}

impl Hold {
    /// Whether the head waits on behind this event.
    fn outlasts(&mut self, event: &Event<'_>) -> bool {
        match (self, event) {
            (Self::Event(signs), Event::Ping) => {
                *signs += 1;
                *signs < PATIENCE
            }
            // Nothing that a caller hears; it may come before the answer begins.
            (Self::Event(_), event) => matches!(event, Event::ServiceTier(_)),
            (Self::Content(progress), _) => progress.awaits_content(),
        }
    }
}

impl Sink for Relay {
    fn event(&mut self, mut event: Event<'_>) {
        self.stage = match (&self.stage, &event) {
            (Stage::Failed(_) | Stage::Complete | Stage::Broken, _) => return,
            (Stage::Silent, Event::Error(error)) => Stage::Failed(error.clone()),
            (_, Event::Error(_)) => Stage::Broken,
            (_, Event::End) => Stage::Complete,
            (Stage::Silent, event) if self.hold.outlasts(event) => Stage::Silent,
            _ => Stage::Speaking,
        };
        match (&self.stage, &event) {
            // Of no use behind the head that it comes before.
            (Stage::Failed(_), _) | (Stage::Silent, Event::Ping) => return,
            _ => {}
        }
        complete(&self.exchange, &mut event);
        self.note(&event);
        self.encoder.event(&event, &mut self.out);
    }
}

/// Gathers events into a whole answer, under the tool names that the caller gave.
#[derive(Debug)]
pub(super) struct Gather {
    pub(super) fold: Fold,
    pub(super) exchange: Arc<Exchange>,
}

impl Sink for Gather {
    fn event(&mut self, mut event: Event<'_>) {
        complete(&self.exchange, &mut event);
        self.fold.event(event);
    }
}

/// Says what the provider left out or knows by another name.
fn complete(exchange: &Exchange, event: &mut Event<'_>) {
    if let Event::Start { model, .. } = event
        && model.is_empty()
    {
        *model = Text::from(exchange.model.clone());
    }
    if exchange.tool_names.is_empty() {
        return;
    }
    if let Event::BlockStart {
        kind: BlockKind::ToolCall { name, .. },
        ..
    } = event
        && let Some(original) = exchange.tool_names.original(&name.decode())
    {
        *name = Text::from(original.to_owned());
    }
}

/// What the provider sent in one piece is sent on in one piece, at once.
impl HttpBody for EventStream<Relay> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            if !self.sink.out.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(self.sink.take().freeze()))));
            }
            match self.sink.stage {
                Stage::Broken => return Poll::Ready(None),
                Stage::Complete => self.left = self.left.min(TAIL),
                _ => {}
            }
            if ready!(self.poll_step(cx)).is_none() {
                return Poll::Ready(None);
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.sink.out.is_empty() && (self.ended || matches!(self.sink.stage, Stage::Broken))
    }
}
