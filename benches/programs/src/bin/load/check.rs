//! Whether an answer is right and whole. One that is not would be a fast one.

use memchr::memmem::{self, Finder};
use tower_llm_gateway_benches::{
    behaviour::Behaviour,
    clock,
    payload::{self, END, Format},
    server::BoxError,
};

/// Longer answers are counted, not kept.
const KEPT: u64 = 64 * 1024 * 1024;

/// What must come.
pub(crate) enum Expected {
    /// These bytes.
    Bytes(Vec<u8>),
    /// These texts in this order, and this end.
    Texts(Vec<Finder<'static>>, &'static str),
    /// So many stamps, and this end.
    Stamps(usize, &'static str),
    /// Too much to keep: so many bytes, if they pass as they are, so many events at least, and this end.
    Long(Option<u64>, usize, &'static str),
}

impl Expected {
    pub(crate) fn new(behaviour: &Behaviour, translated: bool) -> Self {
        match behaviour.events {
            Some(events) if behaviour.stamped => Self::Stamps(events, END),
            Some(events) => Self::stream(events, behaviour.event_bytes, translated),
            None => Self::whole(behaviour.answer_bytes, translated),
        }
    }

    pub(crate) fn nothing() -> Self {
        Self::Bytes(Vec::new())
    }

    fn stream(events: usize, bytes: usize, translated: bool) -> Self {
        let texts = payload::event_texts(events, bytes);
        let stream = Format::OpenAi.stream(&texts);
        let length = stream.events(events).map(|event| event.len() as u64).sum();
        if length > KEPT {
            Self::Long((!translated).then_some(length), events, END)
        } else if translated {
            let texts = texts.iter().cycle().take(events);
            Self::Texts(texts.map(|text| finder(text)).collect(), END)
        } else {
            Self::Bytes(stream.events(events).flatten().copied().collect())
        }
    }

    fn whole(bytes: usize, translated: bool) -> Self {
        let pieces = payload::answer(Format::OpenAi, bytes);
        let length = pieces.iter().map(|piece| piece.len() as u64).sum();
        if length > KEPT {
            Self::Long((!translated).then_some(length), 0, "}")
        } else if translated {
            Self::Texts(vec![finder(&payload::answer_text(bytes))], "}")
        } else {
            Self::Bytes(pieces.concat())
        }
    }
}

fn finder(text: &str) -> Finder<'static> {
    Finder::new(&payload::escaped(text)).into_owned()
}

/// What has come.
pub(crate) struct Answer<'a> {
    expected: &'a Expected,
    /// All of it, or of a long one its end.
    kept: Vec<u8>,
    length: u64,
    blank_lines: usize,
    stamps: Stamps,
}

#[derive(Default)]
struct Stamps {
    looked_at: usize,
    delays: Vec<u64>,
}

impl<'a> Answer<'a> {
    pub(crate) fn new(expected: &'a Expected) -> Self {
        Self {
            expected,
            kept: Vec::new(),
            length: 0,
            blank_lines: 0,
            stamps: Stamps::default(),
        }
    }

    /// Returns whether what a reader waits for has begun: the first text where texts are stamped, else the first byte.
    pub(crate) fn push(&mut self, data: &[u8]) -> bool {
        match self.expected {
            Expected::Bytes(_) | Expected::Texts(..) => self.kept.extend_from_slice(data),
            Expected::Stamps(..) => {
                self.kept.extend_from_slice(data);
                self.stamps.read(&self.kept);
            }
            Expected::Long(..) => self.count(data),
        }
        !matches!(self.expected, Expected::Stamps(..)) || !self.stamps.delays.is_empty()
    }

    fn count(&mut self, data: &[u8]) {
        self.length += data.len() as u64;
        self.blank_lines += memmem::find_iter(data, "\n\n").count();
        if self.kept.ends_with(b"\n") && data.starts_with(b"\n") {
            self.blank_lines += 1;
        }
        let end = data.len().saturating_sub(END.len());
        self.kept.extend(data.iter().skip(end));
        self.kept.drain(..self.kept.len().saturating_sub(END.len()));
    }

    /// The delays of stamped events.
    pub(crate) fn check(self) -> Result<Vec<u64>, BoxError> {
        let (is_right, end) = match self.expected {
            Expected::Bytes(bytes) => (self.kept == *bytes, ""),
            Expected::Texts(texts, end) => (are_in_order(texts, &self.kept), *end),
            Expected::Stamps(events, end) => (self.stamps.delays.len() == *events, *end),
            Expected::Long(length, events, end) => (
                length.is_none_or(|length| self.length == length) && self.blank_lines >= *events,
                *end,
            ),
        };
        if is_right && self.kept.ends_with(end.as_bytes()) {
            return Ok(self.stamps.delays);
        }
        let shown = self.kept.len().saturating_sub(400);
        let shown = String::from_utf8_lossy(self.kept.get(shown..).unwrap_or_default());
        Err(format!("not the whole answer, which ends: {shown}").into())
    }
}

impl Stamps {
    fn read(&mut self, kept: &[u8]) {
        let now = clock::now();
        let (times, next) = payload::stamps(kept, self.looked_at);
        self.looked_at = next;
        let delays = times.into_iter().map(|time| now.saturating_sub(time));
        self.delays
            .extend(delays.filter_map(|delay| u64::try_from(delay).ok()));
    }
}

fn are_in_order(texts: &[Finder<'static>], bytes: &[u8]) -> bool {
    let mut rest = bytes;
    texts.iter().all(|text| {
        let found = text.find(rest);
        let after = found.map_or(rest.len(), |found| found + text.needle().len());
        rest = rest.get(after..).unwrap_or_default();
        found.is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(behaviour: &Behaviour, format: Format) -> Vec<u8> {
        let events = behaviour.events.unwrap();
        let texts = payload::event_texts(events, behaviour.event_bytes);
        let stream = format.stream(&texts);
        stream.events(events).flatten().copied().collect()
    }

    fn is_taken(expected: &Expected, bytes: &[u8]) -> bool {
        let mut answer = Answer::new(expected);
        for chunk in bytes.chunks(7) {
            answer.push(chunk);
        }
        answer.check().is_ok()
    }

    #[test]
    fn a_stream_that_lacks_an_event_is_not_taken() {
        let behaviour = Behaviour {
            events: Some(20),
            ..Behaviour::default()
        };
        let bytes = stream(&behaviour, Format::OpenAi);
        let event = memmem::rfind(&bytes, b"data: {\"id\"").unwrap();
        for translated in [false, true] {
            let expected = Expected::new(&behaviour, translated);
            assert!(is_taken(&expected, &bytes));
            assert!(!is_taken(&expected, &bytes[..event]));
            assert!(!is_taken(&expected, &bytes[400..]));
        }
    }

    #[test]
    fn a_long_stream_is_taken_by_its_length_and_its_end() {
        let bytes = b"data: 1\n\ndata: 2\n\ndata: [DONE]\n\n";
        let whole = Expected::Long(Some(bytes.len() as u64), 3, END);
        assert!(is_taken(&whole, bytes));
        assert!(!is_taken(&whole, &bytes[1..]));
        assert!(!is_taken(&whole, &bytes[..bytes.len() - 1]));
        assert!(!is_taken(&Expected::Long(None, 4, END), bytes));
    }

    #[test]
    fn every_stamp_must_come() {
        let text = payload::stamp(clock::now(), 40);
        let stream = format!("data: {text}\n\ndata: {text}\n\n{END}");
        assert!(is_taken(&Expected::Stamps(2, END), stream.as_bytes()));
        assert!(!is_taken(&Expected::Stamps(3, END), stream.as_bytes()));
    }
}
