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
    payload::{Format, Part, stamp},
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
        let behaviour = &self.prepared.behaviour;
        let (stamped, bytes) = (behaviour.stamped, behaviour.event_bytes);
        let stream = &self.prepared.rendered(self.format).stream;
        let texts = behaviour.events.unwrap_or_default();
        let Some((part, event)) = stream.event(self.written, texts) else {
            return Poll::Ready(None);
        };
        if part == Part::Closing && behaviour.held {
            return Poll::Pending;
        }
        let event = event.clone();
        let milliseconds = match part {
            Part::Text => behaviour.pace_ms,
            Part::Opening | Part::FirstText | Part::Closing => 0,
        };
        ready!(self.pause(context, milliseconds));
        self.pause = Pause::Flush;
        self.written += 1;
        Poll::Ready(Some(match part {
            Part::FirstText | Part::Text if stamped => {
                self.format.delta(&stamp(clock::now(), bytes))
            }
            _ => event,
        }))
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
