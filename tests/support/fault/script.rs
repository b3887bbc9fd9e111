//! What an upstream does for one request.

use std::time::Duration;

use bytes::Bytes;

use super::{gate::Gate, records::Left};

/// What is done for one request: a head, and steps one after another.
///
/// `status` and `header` speak of the head, which goes out with the first step that needs it; what
/// stands before that step happens before the head. An end without [`finish`](Self::finish) or a
/// cut is a proper one.
#[derive(Clone, Debug)]
#[must_use]
pub struct Script {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) reading: Reading,
    pub(super) steps: Vec<Step>,
}

/// How the request's body is read.
#[derive(Clone, Debug)]
pub(super) enum Reading {
    /// All of it, then the steps begin.
    First,
    /// While the steps are taken.
    Beside,
    /// So many bytes per interval, then the steps begin.
    Slowly(usize, Duration),
    /// From when the gate opens; the steps do not wait for it.
    From(Gate),
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    Delay(Duration),
    Wait(Gate),
    Stall,
    HalfHead,
    Head,
    Data(Bytes),
    /// So many times, with a pause before each but the first.
    Repeat(Bytes, usize, Duration),
    Raw(Bytes),
    Garbage(Bytes),
    Finish(Vec<(String, String)>),
    GoAway,
    Cut(Cut),
}

/// How we leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Closes the connection. If bytes of the request are still unread, the kernel makes it a reset.
    Fin,
    /// Resets the connection.
    Rst,
    /// HTTP/2: resets the stream with this code. HTTP/1 resets the connection.
    H2Reset(u32),
}

/// Why an exchange is over before its script.
pub(super) enum End {
    Left(Left),
    Cut(Cut),
}

impl From<Left> for End {
    fn from(left: Left) -> Self {
        Self::Left(left)
    }
}

impl Script {
    /// A 200 without headers.
    pub fn new() -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            reading: Reading::First,
            steps: Vec::new(),
        }
    }

    /// A 200 with a stream of events, of which there are none yet.
    pub fn stream() -> Self {
        Self::new().header("content-type", "text/event-stream; charset=utf-8")
    }

    /// A 200 with this JSON.
    pub fn json(text: impl Into<Bytes>) -> Self {
        Self::new()
            .header("content-type", "application/json")
            .body(text)
    }

    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Adds a header; a second one of a name does not replace the first. With `content-length` or
    /// `transfer-encoding` the body is sent as it is, whatever they say.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Waits so long.
    pub fn delay(self, time: Duration) -> Self {
        self.step(Step::Delay(time))
    }

    /// Waits until a test opens the gate.
    pub fn wait(self, gate: &Gate) -> Self {
        self.step(Step::Wait(gate.clone()))
    }

    /// Never goes on.
    pub fn stall(self) -> Self {
        self.step(Step::Stall)
    }

    /// Sends the first half of the head. HTTP/2 has no halves and sends none.
    pub fn half_head(self) -> Self {
        self.step(Step::HalfHead)
    }

    /// Sends the head now, not with the first bytes of the body.
    pub fn head(self) -> Self {
        self.step(Step::Head)
    }

    /// The whole body, with its length announced unless a header does it.
    pub fn body(self, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let framed = self.is_framed();
        let this = self.step(Step::Data(bytes.clone()));
        if framed {
            return this;
        }
        this.header("content-length", &bytes.len().to_string())
    }

    /// A part of the body, flushed.
    pub fn chunk(self, bytes: impl Into<Bytes>) -> Self {
        self.step(Step::Data(bytes.into()))
    }

    /// Parts of the body, each flushed.
    pub fn chunks<I>(self, parts: I) -> Self
    where
        I: IntoIterator<Item: Into<Bytes>>,
    {
        parts.into_iter().fold(self, Self::chunk)
    }

    /// The same part so many times, one per interval. A zero interval is none; `usize::MAX` is
    /// without end.
    pub fn chunk_every(self, bytes: impl Into<Bytes>, interval: Duration, times: usize) -> Self {
        self.step(Step::Repeat(bytes.into(), times, interval))
    }

    /// HTTP/1: these bytes as they are, outside of all framing, such as `HTTP/1.1 100 Continue`.
    pub fn raw(self, bytes: impl Into<Bytes>) -> Self {
        self.step(Step::Raw(bytes.into()))
    }

    /// HTTP/1: these bytes as they are, in place of a head.
    pub fn garbage(self, bytes: impl Into<Bytes>) -> Self {
        self.step(Step::Garbage(bytes.into()))
    }

    /// Ends the body; what follows happens on the idle connection, until the next request comes.
    pub fn finish(self) -> Self {
        self.step(Step::Finish(Vec::new()))
    }

    /// Ends the body with trailers.
    pub fn trailers(self, trailers: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        self.step(Step::Finish(trailers.iter().map(owned).collect()))
    }

    /// Leaves.
    pub fn cut(self, cut: Cut) -> Self {
        self.step(Step::Cut(cut))
    }

    /// Ends the body and closes the connection after so long without a request, announcing neither.
    pub fn close_idle_after(self, time: Duration) -> Self {
        self.finish().delay(time).cut(Cut::Fin)
    }

    /// Ends the body and closes the connection, as announced by `connection: close`.
    pub fn close(self) -> Self {
        self.header("connection", "close").finish().cut(Cut::Fin)
    }

    /// HTTP/2: sends GOAWAY; requests that run go on.
    pub fn goaway(self) -> Self {
        self.step(Step::GoAway)
    }

    /// Reads the request's body while the steps are taken, not before them.
    pub fn early(self) -> Self {
        self.reading(Reading::Beside)
    }

    /// Reads so many bytes of the request's body per interval; the steps come when all is read.
    pub fn slow_read(self, bytes: usize, interval: Duration) -> Self {
        self.reading(Reading::Slowly(bytes, interval))
    }

    /// Reads nothing of the request's body (but what came with the head) before the gate opens.
    ///
    /// The steps do not wait for the gate: [`stall`](Self::stall) if there is to be no answer. Until
    /// it opens, a peer who leaves is not noticed, as its bytes are before its FIN.
    pub fn read_from(self, gate: &Gate) -> Self {
        self.reading(Reading::From(gate.clone()))
    }

    /// Never reads the request's body, and never answers.
    pub fn never_read(self) -> Self {
        self.reading(Reading::From(Gate::new())).stall()
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    fn reading(mut self, reading: Reading) -> Self {
        self.reading = reading;
        self
    }

    /// Whether a header says how long the body is.
    pub(super) fn is_framed(&self) -> bool {
        let framing = ["content-length", "transfer-encoding"];
        let mut names = self.headers.iter().map(|(name, _)| name);
        names.any(|name| framing.iter().any(|it| name.eq_ignore_ascii_case(it)))
    }

    /// Whether the steps begin when the request's body has come.
    pub(super) fn waits_for_body(&self) -> bool {
        matches!(self.reading, Reading::First | Reading::Slowly(..))
    }

    /// Whether a body may follow the head, even if it never does.
    pub(super) fn has_body(&self) -> bool {
        let begins = |step: &Step| match step {
            Step::HalfHead | Step::Head | Step::Data(_) | Step::Repeat(..) => true,
            Step::Finish(trailers) => !trailers.is_empty(),
            _ => false,
        };
        self.steps.iter().any(begins)
    }

    /// The steps of the answer, and those on the idle connection after it. The first end with an end.
    pub(super) fn divided(mut self) -> (Vec<Step>, Vec<Step>) {
        let end = |step: &Step| matches!(step, Step::Finish(_));
        if !self.steps.iter().any(end) {
            self.steps.push(Step::Finish(Vec::new()));
        }
        let first = self.steps.iter().position(end).map_or(0, |at| at + 1);
        let idle = self.steps.split_off(first);
        (self.steps, idle)
    }
}

impl Default for Script {
    fn default() -> Self {
        Self::new()
    }
}
