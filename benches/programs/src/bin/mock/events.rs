//! The events of a stream, each written alone.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::{Sleep, sleep};
use tower_llm_gateway_benches::{
    clock,
    payload::{Format, stamp},
};

use crate::prepared::Prepared;

pub(crate) struct Events {
    format: Format,
    prepared: Arc<Prepared>,
    written: usize,
    pause: Pause,
}

/// What is between two events.
enum Pause {
    /// What came before has still to be written, which happens once the body has nothing more.
    Flush,
    Sleep(Pin<Box<Sleep>>),
    Over,
}

/// What comes next.
enum Next {
    Framing(Bytes),
    Text(Bytes),
    Held,
    End,
}

impl Events {
    pub(crate) fn new(format: Format, prepared: Arc<Prepared>) -> Self {
        Self {
            format,
            prepared,
            written: 0,
            pause: Pause::Flush,
        }
    }

    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let next = self.next();
        let event = match next {
            Next::Held => return Poll::Pending,
            Next::End => return Poll::Ready(None),
            Next::Framing(event) => {
                ready!(self.pause(context, 0));
                event
            }
            Next::Text(event) => {
                let behaviour = &self.prepared.behaviour;
                let (pace, stamped, bytes) =
                    (behaviour.pace_ms, behaviour.stamped, behaviour.event_bytes);
                ready!(self.pause(context, pace));
                if stamped {
                    self.format.delta(&stamp(clock::now(), bytes))
                } else {
                    event
                }
            }
        };
        self.pause = Pause::Flush;
        self.written += 1;
        Poll::Ready(Some(event))
    }

    fn next(&self) -> Next {
        let behaviour = &self.prepared.behaviour;
        let stream = &self.prepared.rendered(self.format).stream;
        let (opening, texts) = (stream.opening.len(), behaviour.events.unwrap_or_default());
        if let Some(event) = stream.opening.get(self.written) {
            return Next::Framing(event.clone());
        }
        let text = self.written - opening;
        if text < texts {
            let event = stream.deltas.get(text % stream.deltas.len().max(1));
            return event.cloned().map_or(Next::End, Next::Text);
        }
        if behaviour.held {
            return Next::Held;
        }
        let event = stream.closing.get(text - texts);
        event.cloned().map_or(Next::End, Next::Framing)
    }

    fn pause(&mut self, context: &mut Context<'_>, milliseconds: u64) -> Poll<()> {
        loop {
            match &mut self.pause {
                Pause::Over => return Poll::Ready(()),
                Pause::Sleep(asleep) => {
                    ready!(asleep.as_mut().poll(context));
                    self.pause = Pause::Over;
                }
                Pause::Flush if milliseconds > 0 => {
                    let pause = Duration::from_millis(milliseconds);
                    self.pause = Pause::Sleep(Box::pin(sleep(pause)));
                }
                Pause::Flush => {
                    self.pause = Pause::Over;
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
            }
        }
    }
}
