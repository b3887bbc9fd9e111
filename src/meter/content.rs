use std::time::Duration;

// As in `measure`.
#[cfg(not(feature = "client"))]
use std::time::Instant;
#[cfg(feature = "client")]
use tokio::time::Instant;

use crate::{
    context::{End, Progress},
    target::Prices,
};

use super::{Summary, gaps::Gaps};

/// How the content of one answer comes along.
#[derive(Debug)]
pub(super) struct Content {
    progress: Progress,
    /// Whether it is a stream: of a whole answer no piece comes before the others.
    is_stream: bool,
    /// How many pieces have gone to the host.
    gone: u64,
    first: Option<Duration>,
    last: Option<Instant>,
    gaps: Gaps,
}

impl Content {
    pub(super) fn new(progress: Progress, is_stream: bool) -> Self {
        Self {
            progress,
            is_stream,
            gone: 0,
            first: None,
            last: None,
            gaps: Gaps::default(),
        }
    }

    /// Looks whether there was a piece in what has just gone to the host, of a request that began then.
    pub(super) fn frame(&mut self, began: Instant) {
        let come = self.progress.pieces();
        if !self.is_stream || come == self.gone {
            return;
        }
        self.gone = come;
        let now = Instant::now();
        match self.last.replace(now) {
            Some(last) => self.gaps.note(now.duration_since(last)),
            None => self.first = Some(now.duration_since(began)),
        }
    }

    pub(super) fn end(&self) -> End {
        self.progress.end()
    }

    /// Copies it into a summary.
    pub(super) fn tell(&self, summary: &mut Summary) {
        let tally = self.progress.tally();
        summary.first_content = self.first;
        summary.gap_p50 = self.gaps.quantile(0.5);
        summary.gap_p99 = self.gaps.quantile(0.99);
        summary.usage = tally.usage;
        summary.finish_reason = tally.stop;
        summary.is_empty = tally.is_empty;
        if let Some(error) = tally.error {
            summary.error = Some(error.into());
        }
    }

    /// What it has cost by these prices. Before its last words providers count only what they have said so far.
    pub(super) fn cost(&self, prices: Option<&Prices>) -> Option<f64> {
        let tally = self.progress.tally();
        let is_told = tally.stop.is_some() || tally.is_empty.is_some();
        prices.filter(|_| is_told)?.cost(&tally.usage)
    }
}
