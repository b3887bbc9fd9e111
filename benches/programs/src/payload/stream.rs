//! The events of a stream, in their order.

use bytes::Bytes;

/// Rendered once, written often.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    pub opening: Vec<Bytes>,
    /// As many as are told apart. A stream of more begins again with the first.
    pub deltas: Vec<Bytes>,
    pub closing: Vec<Bytes>,
}

/// Where in its stream an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Opening,
    FirstText,
    Text,
    Closing,
}

impl Stream {
    /// The event after so many others, of a stream with so many texts.
    #[must_use]
    pub fn event(&self, before: usize, texts: usize) -> Option<(Part, &Bytes)> {
        if let Some(event) = self.opening.get(before) {
            return Some((Part::Opening, event));
        }
        let text = before - self.opening.len();
        let (part, event) = match text.checked_sub(texts) {
            Some(closing) => (Part::Closing, self.closing.get(closing)),
            None if text == 0 => (Part::FirstText, self.deltas.first()),
            None => (Part::Text, self.deltas.get(text % self.deltas.len().max(1))),
        };
        event.map(|event| (part, event))
    }

    /// All events of a stream with so many texts.
    pub fn events(&self, texts: usize) -> impl Iterator<Item = &Bytes> {
        let events = (0..).map_while(move |before| self.event(before, texts));
        events.map(|(_, event)| event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_stream_begins_again_with_its_first_text() {
        let of = |text: &'static str| vec![Bytes::from_static(text.as_bytes())];
        let stream = Stream {
            opening: of("<"),
            deltas: [of("a"), of("b")].concat(),
            closing: of(">"),
        };
        let events: Vec<_> = stream.events(3).flatten().copied().collect();
        assert_eq!(events, b"<aba>");
        assert_eq!(stream.event(5, 3), None);
    }
}
