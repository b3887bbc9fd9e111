//! Items of a stream that are alike.
//!
//! Of twenty items nineteen bring a piece of text, and differ in nothing else. They are read without a parser: what
//! looks like the last one, but for its text, says what that said, but for its text.

use std::fmt;

use crate::{
    format::{StreamDecoder, StreamEnd},
    ir::{Delta, Event, Sink},
    json::Text,
    sse::Item,
};

use super::stencil::{Place, Stencil, place};

/// After so many items that were like none before or behind them, none is expected any more.
const PATIENCE: u8 = 8;

/// A decoder whose items may be alike.
pub(crate) trait Repeats: StreamDecoder {
    /// Members of an item that are not read, whatever they are.
    const UNREAD: &'static [&'static str];

    /// Takes note of more text of a block, which comes in an item like the last one. `false` if such an item may say
    /// something else now.
    fn goes_on(&mut self, block: usize, text: &Text<'_>) -> bool;
}

/// Decodes a stream, and reads without a parser what is like the item before.
pub(crate) struct Alike<D> {
    decoder: D,
    last: Option<Known>,
    /// How many items were kept in vain, one after the other.
    vain: u8,
}

/// An item that said text, and nothing else.
struct Known {
    stencil: Stencil,
    said: Said,
}

/// What is known of text that was said.
#[derive(Clone, Copy)]
struct Said {
    block: usize,
    in_arguments: bool,
}

impl<D: Default> Default for Alike<D> {
    fn default() -> Self {
        Self {
            decoder: D::default(),
            last: None,
            vain: 0,
        }
    }
}

impl<D: fmt::Debug> fmt::Debug for Alike<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.decoder.fmt(f)
    }
}

impl<D: Repeats> StreamDecoder for Alike<D> {
    fn item(&mut self, item: Item<'_>, sink: &mut dyn Sink) {
        let Item::Event { name, data } = item else {
            return self.decoder.item(item, sink);
        };
        if let Some((said, text)) = self.like_the_last(name, data) {
            self.vain = 0;
            return sink.event(said.once_more(text));
        }
        self.last = None;
        if self.vain == PATIENCE {
            return self.decoder.item(item, sink);
        }
        let mut spy = Spy {
            sink,
            data,
            told: Told::Nothing,
        };
        self.decoder.item(item, &mut spy);
        if let Told::Text(said, place) = spy.told {
            let stencil = Stencil::of(name, data, place, D::UNREAD);
            self.last = stencil.map(|stencil| Known { stencil, said });
            self.vain += 1;
        }
    }

    fn finish(&mut self, end: StreamEnd, sink: &mut dyn Sink) {
        self.last = None;
        self.decoder.finish(end, sink);
    }
}

impl<D: Repeats> Alike<D> {
    fn like_the_last<'d>(
        &mut self,
        name: Option<&[u8]>,
        data: &'d [u8],
    ) -> Option<(Said, Text<'d>)> {
        let Known { stencil, said } = self.last.as_ref()?;
        let text = stencil.text(name, data).filter(|text| !text.is_empty())?;
        let goes_on = self.decoder.goes_on(said.block, &text);
        goes_on.then_some((*said, text))
    }
}

impl Said {
    /// The same of another text.
    fn once_more(self, text: Text<'_>) -> Event<'_> {
        let delta = if self.in_arguments {
            Delta::Arguments(text)
        } else {
            Delta::Text(text)
        };
        Event::Delta {
            block: self.block,
            delta,
        }
    }
}

/// Passes on what a decoder makes of an item, and notes what it is.
struct Spy<'s> {
    sink: &'s mut dyn Sink,
    data: &'s [u8],
    told: Told,
}

enum Told {
    Nothing,
    /// Text that stands there in the item, and nothing else.
    Text(Said, Place),
    More,
}

impl Spy<'_> {
    fn text(&self, event: &Event<'_>) -> Option<Told> {
        let Event::Delta { block, delta } = event else {
            return None;
        };
        let (text, in_arguments) = match delta {
            Delta::Text(text) => (text, false),
            Delta::Arguments(text) => (text, true),
            _ => return None,
        };
        let said = Said {
            block: *block,
            in_arguments,
        };
        Some(Told::Text(said, place(self.data, text.raw()?)?))
    }
}

impl Sink for Spy<'_> {
    fn event(&mut self, event: Event<'_>) {
        self.told = match self.told {
            Told::Nothing => self.text(&event).unwrap_or(Told::More),
            Told::Text(..) | Told::More => Told::More,
        };
        self.sink.event(event);
    }
}
