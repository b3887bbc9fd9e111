use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering},
};

use http::Extensions;

use super::Tally;

/// How far one attempt has come: request extension, shared by the layers that work on it.
///
/// Each of them knows a part. The outer ones know how long the caller can be kept waiting for the head; a translation
/// knows when a stream has said something, and how it ended; the bottom has the clock, and says when it asks the
/// provider. Who puts one into a request gets the head of a stream only with its first content, or an error in its
/// place.
///
/// Clones share it. It is for one attempt only: the next one needs its own.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Cell>);

#[derive(Debug, Default)]
struct Cell {
    asked: AtomicBool,
    committed: AtomicBool,
    seeks_empty: AtomicBool,
    seeks_tally: AtomicBool,
    content: AtomicU8,
    events: AtomicU64,
    pieces: AtomicU64,
    end: AtomicU8,
    tally: Mutex<Tally>,
}

/// Values of `content`.
const UNWATCHED: u8 = 0;
const AWAITED: u8 = 1;
const SEEN: u8 = 2;

/// How an answer ended, as far as whoever reads its content can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// It has not ended, or nobody looks.
    Open,
    /// As its format says that it should.
    Complete,
    /// Complete, without any content.
    Empty,
    /// With an error, whether the provider's or one that was put behind what had come.
    Failed,
}

impl Progress {
    /// Nothing has come yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// That of the request, if somebody wants to know.
    pub fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }

    /// Says that the provider is asked now. What comes without that was made on the way, and says nothing of it.
    pub fn ask(&self) {
        self.0.asked.store(true, Ordering::Relaxed);
    }

    /// Whether the provider was asked.
    pub fn is_asked(&self) -> bool {
        self.0.asked.load(Ordering::Relaxed)
    }

    /// Says that the head must go to the caller now, whatever follows. Poll what holds it again after this.
    pub fn commit(&self) {
        self.0.committed.store(true, Ordering::Relaxed);
    }

    /// Whether the head must go.
    pub fn is_committed(&self) -> bool {
        self.0.committed.load(Ordering::Relaxed)
    }

    /// Says that somebody wants to know of an answer without content, even of one that comes whole.
    pub fn seek_empty(&self) {
        self.0.seeks_empty.store(true, Ordering::Relaxed);
    }

    /// Whether somebody wants to know.
    pub fn seeks_empty(&self) -> bool {
        self.0.seeks_empty.load(Ordering::Relaxed)
    }

    /// Says that somebody wants to know what the answer comes to: its [pieces](Self::pieces) and its
    /// [`tally`](Self::tally).
    pub fn seek_tally(&self) {
        self.0.seeks_tally.store(true, Ordering::Relaxed);
    }

    /// Whether somebody wants to know.
    pub fn seeks_tally(&self) -> bool {
        self.0.seeks_tally.load(Ordering::Relaxed)
    }

    /// Says that the content of a stream is looked for.
    pub fn await_content(&self) {
        // Content that was seen stays so.
        let content = &self.0.content;
        let _ = content.compare_exchange(UNWATCHED, AWAITED, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Whether the content of a stream is looked for and has not come.
    pub fn awaits_content(&self) -> bool {
        self.0.content.load(Ordering::Relaxed) == AWAITED
    }

    /// Says that content has come.
    pub fn content(&self) {
        self.0.content.store(SEEN, Ordering::Relaxed);
    }

    /// Whether content has come.
    pub fn has_content(&self) -> bool {
        self.0.content.load(Ordering::Relaxed) == SEEN
    }

    /// Counts an event of a stream that is more than a keep-alive.
    pub fn event(&self) {
        self.0.events.fetch_add(1, Ordering::Relaxed);
    }

    /// How many there were.
    pub fn events(&self) -> u64 {
        self.0.events.load(Ordering::Relaxed)
    }

    /// Counts a piece of what the model says: of its text, its thoughts, a tool's arguments.
    pub fn piece(&self) {
        self.0.pieces.fetch_add(1, Ordering::Relaxed);
    }

    /// How many there were, if somebody [wants to know](Self::seek_tally).
    pub fn pieces(&self) -> u64 {
        self.0.pieces.load(Ordering::Relaxed)
    }

    /// Changes the tally.
    pub fn tell(&self, tell: impl FnOnce(&mut Tally)) {
        tell(&mut self.lock());
    }

    /// What the answer has come to, if somebody [wants to know](Self::seek_tally).
    pub fn tally(&self) -> Tally {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Tally> {
        // It guards no data that a panic could have left half done.
        self.0.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says how the answer ended. The first word counts.
    pub fn ended(&self, end: End) {
        let end = end as u8;
        let open = End::Open as u8;
        let _ = self
            .0
            .end
            .compare_exchange(open, end, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// How the answer ended.
    pub fn end(&self) -> End {
        let end = self.0.end.load(Ordering::Relaxed);
        let known = [End::Complete, End::Empty, End::Failed].into_iter();
        known
            .into_iter()
            .find(|known| *known as u8 == end)
            .unwrap_or(End::Open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_that_was_seen_is_not_awaited_again() {
        let progress = Progress::new();
        assert!(!progress.awaits_content());
        progress.await_content();
        assert!(progress.awaits_content() && !progress.has_content());
        progress.content();
        progress.await_content();
        assert!(!progress.awaits_content() && progress.has_content());
    }

    #[test]
    fn an_answer_ends_once() {
        let progress = Progress::new();
        assert_eq!(progress.end(), End::Open);
        for end in [End::Failed, End::Complete, End::Empty] {
            let progress = Progress::new();
            progress.ended(end);
            progress.ended(End::Complete);
            assert_eq!(progress.end(), end);
        }
    }
}
