//! Characters that a stream cuts in half.
//!
//! JSON escapes what is beyond the first 65,536 characters as two halves, and providers that count in such units cut
//! between them. A half alone is no character: whoever gathers the pieces could not put it together again.

use std::{collections::BTreeMap, fmt};

use crate::{
    format::{StreamDecoder, StreamEnd},
    ir::{Delta, Event, Sink},
    json::{self, Text},
    sse::Item,
};

use super::alike::Repeats;

/// Decodes a stream, and keeps the first half of a character back until the other comes.
pub(crate) struct Whole<D> {
    decoder: D,
    halves: Halves,
}

/// What each block waits for the other half of.
type Halves = BTreeMap<usize, Half>;

/// The escape of a first half.
#[derive(Debug)]
struct Half {
    escape: String,
    in_arguments: bool,
}

/// Takes the events of the decoder.
struct Joining<'j> {
    halves: &'j mut Halves,
    sink: &'j mut dyn Sink,
}

impl<D: Default> Default for Whole<D> {
    fn default() -> Self {
        Self {
            decoder: D::default(),
            halves: Halves::new(),
        }
    }
}

impl<D: fmt::Debug> fmt::Debug for Whole<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.decoder.fmt(f)
    }
}

impl<D: StreamDecoder> StreamDecoder for Whole<D> {
    fn item(&mut self, item: Item<'_>, sink: &mut dyn Sink) {
        let halves = &mut self.halves;
        self.decoder.item(item, &mut Joining { halves, sink });
    }

    fn finish(&mut self, end: StreamEnd, sink: &mut dyn Sink) {
        let halves = &mut self.halves;
        self.decoder.finish(end, &mut Joining { halves, sink });
    }
}

impl<D: Repeats> Repeats for Whole<D> {
    const UNREAD: &'static [&'static str] = D::UNREAD;

    fn goes_on(&mut self, block: usize, text: &Text<'_>) -> bool {
        self.halves.is_empty() && self.decoder.goes_on(block, text)
    }
}

impl Sink for Joining<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Delta {
                block,
                delta: Delta::Text(text),
            } => self.piece(block, &text, false),
            Event::Delta {
                block,
                delta: Delta::Arguments(text),
            } => self.piece(block, &text, true),
            Event::BlockStop { block } => {
                self.give_up(block);
                self.sink.event(event);
            }
            event => self.sink.event(event),
        }
    }
}

impl Joining<'_> {
    fn piece(&mut self, block: usize, text: &Text<'_>, in_arguments: bool) {
        let begun = self.halves.remove(&block);
        let Some(inner) = text.raw().and_then(|raw| inner(raw.get())) else {
            self.give(block, begun);
            return self.sink.event(delta(block, text.clone(), in_arguments));
        };
        let said = inner.len() - half(inner).map_or(0, str::len);
        let (said, half) = inner.split_at_checked(said).unwrap_or((inner, ""));
        if begun.is_none() && half.is_empty() {
            return self.sink.event(delta(block, text.clone(), in_arguments));
        }
        let escape = begun.map(|half| half.escape).unwrap_or_default();
        self.say(block, &format!("\"{escape}{said}\""), in_arguments);
        if !half.is_empty() {
            let escape = half.to_owned();
            self.halves.insert(
                block,
                Half {
                    escape,
                    in_arguments,
                },
            );
        }
    }

    /// Passes a half on of which the other never came.
    fn give_up(&mut self, block: usize) {
        let half = self.halves.remove(&block);
        self.give(block, half);
    }

    fn give(&mut self, block: usize, half: Option<Half>) {
        if let Some(half) = half {
            self.say(block, &format!("\"{}\"", half.escape), half.in_arguments);
        }
    }

    fn say(&mut self, block: usize, literal: &str, in_arguments: bool) {
        let text: Text<'_> = json::read(literal).unwrap_or_default();
        if !text.is_empty() {
            self.sink.event(delta(block, text, in_arguments));
        }
    }
}

fn delta(block: usize, text: Text<'_>, in_arguments: bool) -> Event<'_> {
    let delta = if in_arguments {
        Delta::Arguments(text)
    } else {
        Delta::Text(text)
    };
    Event::Delta { block, delta }
}

/// What stands between the quotes.
fn inner(literal: &str) -> Option<&str> {
    literal.get(1..literal.len().checked_sub(1)?)
}

/// The escape of a first half that is the end of a string: a `\u` of its own, and a unit from D800 to DBFF.
fn half(inner: &str) -> Option<&str> {
    let start = inner.len().checked_sub(6)?;
    let (before, escape) = inner.split_at_checked(start)?;
    let digits = escape.strip_prefix("\\u")?;
    let backslashes = before.bytes().rev().take_while(|&byte| byte == b'\\');
    let is_first = matches!(u32::from_str_radix(digits, 16), Ok(0xD800..=0xDBFF));
    (is_first && backslashes.count() % 2 == 0).then_some(escape)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Passes text on as the pieces of block 0, and ends it with the stream.
    #[derive(Debug, Default)]
    struct Echo;

    impl StreamDecoder for Echo {
        fn item(&mut self, item: Item<'_>, sink: &mut dyn Sink) {
            if let Item::Event { data, .. } = item {
                let text = json::read_bytes(data).unwrap();
                sink.event(delta(0, text, true));
            }
        }

        fn finish(&mut self, _: StreamEnd, sink: &mut dyn Sink) {
            sink.event(Event::BlockStop { block: 0 });
        }
    }

    fn passed(pieces: &[&str]) -> Vec<String> {
        let mut decoder = Whole::<Echo>::default();
        let mut got = Vec::new();
        let mut sink = |event: Event<'_>| {
            if let Event::Delta {
                delta: Delta::Arguments(text),
                ..
            } = event
            {
                got.push(text.decode().into_owned());
            }
        };
        for piece in pieces {
            let data = piece.as_bytes();
            decoder.item(Item::Event { name: None, data }, &mut sink);
        }
        decoder.finish(StreamEnd::Clean, &mut sink);
        got
    }

    #[test]
    fn a_character_that_is_cut_in_half_is_put_together() {
        assert_eq!(
            passed(&[r#""a\ud83d""#, r#""\ude00b\uD83D""#, r#""\uDE00""#]),
            ["a", "😀b", "😀"]
        );
    }

    #[test]
    fn a_half_that_stays_alone_is_told_as_such() {
        assert_eq!(passed(&[r#""\ud83d""#, r#""b""#]), ["\u{fffd}b"]);
        assert_eq!(passed(&[r#""a\ud83d""#]), ["a", "\u{fffd}"]);
    }

    #[test]
    fn what_only_looks_like_a_half_is_passed_on() {
        for piece in [
            r#""a\\ud83d""#,
            r#""\ude00""#,
            r#""\u00e9""#,
            r#""""#,
            r#""\ud83d\ude00""#,
            r#""é😀""#,
        ] {
            let text: Text<'_> = json::read(piece).unwrap();
            assert_eq!(passed(&[piece]), [text.decode()], "{piece}");
        }
    }
}
