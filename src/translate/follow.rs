use crate::{
    context::{End, Progress},
    format::{StreamDecoder, StreamEnd},
    ir::{Event, Sink},
    sse::Item,
};

/// Most bytes that wait behind a head until content comes. What an answer repeats of its request stands before it, and
/// that may be long.
pub(super) const HELD: usize = 64 << 10;

/// Follows a stream for whoever has made the attempt, if anybody wants to know.
#[derive(Debug, Clone)]
pub(super) struct Follow(Option<Progress>);

impl Follow {
    /// Looks for content from now on.
    pub(super) fn new(progress: Option<&Progress>) -> Self {
        if let Some(progress) = progress {
            progress.await_content();
        }
        Self(progress.cloned())
    }

    /// Whether anybody wants to know.
    pub(super) fn is_wanted(&self) -> bool {
        self.0.is_some()
    }

    /// Whether content is looked for, and has not come.
    pub(super) fn awaits_content(&self) -> bool {
        self.0.as_ref().is_some_and(Progress::awaits_content)
    }

    /// Whether the head must go, whatever has come.
    pub(super) fn is_committed(&self) -> bool {
        self.0.as_ref().is_some_and(Progress::is_committed)
    }

    /// Whether the head waits for what comes next.
    pub(super) fn holds(&self) -> bool {
        self.awaits_content() && !self.is_committed()
    }

    /// Looks no more: what comes is not to be read, or not piece by piece.
    pub(super) fn leave(&self) {
        if let Some(progress) = &self.0 {
            progress.content();
        }
    }

    /// Decodes an item. What it says goes to `sink`.
    pub(super) fn item(
        &self,
        decoder: &mut dyn StreamDecoder,
        item: Item<'_>,
        sink: &mut dyn Sink,
    ) {
        let Some(progress) = &self.0 else {
            return decoder.item(item, sink);
        };
        let (mut lives, mut says) = (item == Item::Comment, false);
        decoder.item(item, &mut |event: Event<'_>| {
            let pings = matches!(event, Event::Ping);
            lives |= pings;
            says |= !pings;
            note(progress, &event);
            sink.event(event);
        });
        // An event that its decoder makes nothing of is more than a sign of life.
        if says || !lives {
            progress.event();
        }
    }

    /// Decodes the end.
    pub(super) fn finish(
        &self,
        decoder: &mut dyn StreamDecoder,
        end: StreamEnd,
        sink: &mut dyn Sink,
    ) {
        let Some(progress) = &self.0 else {
            return decoder.finish(end, sink);
        };
        decoder.finish(end, &mut |event: Event<'_>| {
            note(progress, &event);
            sink.event(event);
        });
    }
}

fn note(progress: &Progress, event: &Event<'_>) {
    if is_content(event) && !progress.has_content() {
        progress.content();
    }
    match event {
        Event::End => progress.ended(End::Complete),
        Event::Error(_) => progress.ended(End::Failed),
        _ => {}
    }
}

/// Whether an event says something of the answer itself, rather than that there will be one.
fn is_content(event: &Event<'_>) -> bool {
    match event {
        Event::BlockStart { .. }
        | Event::Delta { .. }
        | Event::BlockStop { .. }
        | Event::Stop { .. }
        | Event::End => true,
        Event::Start { .. }
        | Event::ServiceTier(_)
        | Event::Usage(_)
        | Event::Ping
        | Event::Error(_) => false,
    }
}
