use crate::{
    context::{End, Progress},
    format::{StreamDecoder, StreamEnd},
    ir::{Error, Event, Gist, Sink},
    sse::Item,
};

use super::{empty::Worth, tally};

/// Most bytes that wait behind a head until content comes. What an answer repeats of its request stands before it, and
/// that may be long.
pub(super) const HELD: usize = 64 << 10;

/// Follows a stream for whoever has made the attempt, if anybody wants to know.
#[derive(Debug)]
pub(super) struct Follow(Option<Account>);

#[derive(Debug)]
struct Account {
    progress: Progress,
    /// If somebody wants to know whether there is any content.
    worth: Option<Worth>,
    seeks_empty: bool,
    tallies: bool,
}

impl Follow {
    /// Looks for content from now on.
    pub(super) fn new(progress: Option<&Progress>) -> Self {
        Self(progress.map(|progress| {
            progress.await_content();
            let (seeks_empty, tallies) = (progress.seeks_empty(), progress.seeks_tally());
            Account {
                progress: progress.clone(),
                worth: (seeks_empty || tallies).then(Worth::default),
                seeks_empty,
                tallies,
            }
        }))
    }

    /// Who wants to know.
    pub(super) fn progress(&self) -> Option<&Progress> {
        self.0.as_ref().map(|account| &account.progress)
    }

    /// Whether content is looked for, and has not come.
    pub(super) fn awaits_content(&self) -> bool {
        self.progress().is_some_and(Progress::awaits_content)
    }

    /// Whether the head must go, whatever has come.
    pub(super) fn is_committed(&self) -> bool {
        self.progress().is_some_and(Progress::is_committed)
    }

    /// Whether the head waits for what comes next.
    pub(super) fn holds(&self) -> bool {
        self.progress().is_some_and(holds)
    }

    /// Looks no more: what comes is not to be read, or not piece by piece.
    pub(super) fn leave(&self) {
        if let Some(progress) = self.progress() {
            progress.content();
        }
    }

    /// Tells with which error it has ended, where no event does.
    pub(super) fn failed(&self, error: &Error) {
        if let Some(progress) = self.progress() {
            tally::failed(progress, error);
        }
    }

    /// Decodes an item. What it says goes to `sink`.
    pub(super) fn item(
        &mut self,
        decoder: &mut dyn StreamDecoder,
        item: Item<'_>,
        sink: &mut impl Sink,
    ) {
        let Some(account) = &mut self.0 else {
            return decoder.item(item, sink);
        };
        let (mut lives, mut says) = (item == Item::Comment, false);
        decoder.item(item, &mut |event: Event<'_>| {
            let pings = matches!(event, Event::Ping);
            lives |= pings;
            says |= !pings;
            account.note(&event);
            sink.event(event);
        });
        // An event that its decoder makes nothing of is more than a sign of life.
        if says || !lives {
            account.progress.event();
        }
    }

    /// Decodes the end.
    pub(super) fn finish(
        &mut self,
        decoder: &mut dyn StreamDecoder,
        end: StreamEnd,
        sink: &mut dyn Sink,
    ) {
        let Some(account) = &mut self.0 else {
            return decoder.finish(end, sink);
        };
        decoder.finish(end, &mut |event: Event<'_>| {
            account.note(&event);
            sink.event(event);
        });
    }
}

impl Account {
    fn note(&mut self, event: &Event<'_>) {
        if let Some(worth) = &mut self.worth {
            worth.note(event);
        }
        let is_nothing = self.worth.as_ref().is_some_and(Worth::is_nothing);
        if self.tallies {
            tally::note(&self.progress, event, is_nothing);
        }
        let is_content = match &self.worth {
            Some(worth) if self.seeks_empty => worth.is_visible(),
            _ => is_content(event),
        };
        if is_content && !self.progress.has_content() {
            self.progress.content();
        }
        match event {
            Event::End if is_nothing && self.seeks_empty => self.progress.ended(End::Empty),
            Event::End => self.progress.ended(End::Complete),
            Event::Error(_) => self.progress.ended(End::Failed),
            _ => {}
        }
    }
}

/// Whether a head waits for content.
pub(super) fn holds(progress: &Progress) -> bool {
    progress.awaits_content() && !progress.is_committed() && progress.end() == End::Open
}

/// How an answer has ended that came whole. What it comes to is in the tally with this, if that is wanted.
pub(super) fn end_of(progress: &Progress, gist: &Gist) -> End {
    if progress.seeks_tally() {
        tally::whole(progress, gist);
    }
    if gist.is_empty && progress.seeks_empty() {
        End::Empty
    } else {
        End::Complete
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
