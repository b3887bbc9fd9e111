use bytes::{Buf, BytesMut};
use memchr::memchr2;

use crate::{
    json::{self, Raw},
    sse::{EventTooLong, Item, Parser},
};

/// What a stream is cut into: events, or the elements of one JSON array.
#[derive(Debug)]
pub(super) enum Items {
    Events(Parser),
    Elements(Elements),
}

impl Items {
    pub(super) fn events(limit: usize) -> Self {
        Self::Events(Parser::new(limit))
    }

    pub(super) fn elements(limit: usize) -> Self {
        Self::Elements(Elements::new(limit))
    }

    /// Whether they are those of an array.
    pub(super) fn is_array(&self) -> bool {
        matches!(self, Self::Elements(_))
    }

    /// Takes more bytes, and gives each item that they complete.
    pub(super) fn each(
        &mut self,
        mut bytes: &[u8],
        mut give: impl FnMut(Item<'_>),
    ) -> Result<(), EventTooLong> {
        if let Self::Events(parser) = self {
            while let Some((item, rest)) = parser.at_once(bytes) {
                give(item);
                bytes = rest;
            }
            if bytes.is_empty() {
                return Ok(());
            }
        }
        self.push(bytes);
        while let Some(item) = self.next()? {
            give(item);
        }
        Ok(())
    }

    /// Takes more bytes. Call [`next`](Self::next) until it has none left before pushing more.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        match self {
            Self::Events(parser) => parser.push(bytes),
            Self::Elements(elements) => elements.push(bytes),
        }
    }

    /// The next item, if it is complete.
    pub(super) fn next(&mut self) -> Result<Option<Item<'_>>, EventTooLong> {
        match self {
            Self::Events(parser) => parser.next(),
            Self::Elements(elements) => elements.next(),
        }
    }

    /// The item that the end of the stream completes. Half an event is none: the stream was cut, and decoders know what
    /// that means.
    pub(super) fn finish(&mut self) -> Option<Item<'_>> {
        match self {
            Self::Events(parser) => parser.finish().filter(is_whole),
            Self::Elements(_) => None,
        }
    }

    /// Whether this can't be cut: an array was to come, and it is something else.
    pub(super) fn is_foreign(&self) -> bool {
        matches!(self, Self::Elements(elements) if elements.place == Place::Elsewhere)
    }

    /// What has to stand in front of another item; `None` within an item, or where none can follow.
    pub(super) fn gap(&self) -> Option<&'static [u8]> {
        match self {
            Self::Events(parser) => parser.is_between_events().then_some(b""),
            Self::Elements(elements) => elements.gap(),
        }
    }
}

/// Whether the data of an event is all there.
fn is_whole(item: &Item<'_>) -> bool {
    match item {
        Item::Event { data, .. } => {
            data.starts_with(b"[DONE]") || json::read_bytes::<Raw<'_>>(data).is_ok()
        }
        _ => true,
    }
}

/// Takes a JSON array apart into its elements, however its bytes are cut. Holds at most one element.
///
/// Only brackets and strings are looked at; whether an element is JSON is for its reader to see.
#[derive(Debug)]
pub(super) struct Elements {
    buffer: BytesMut,
    /// Bytes in front of `buffer` that the last element borrowed.
    done: usize,
    /// How far `buffer` was read.
    read: usize,
    /// How deep within an element.
    depth: usize,
    place: Place,
    /// Since the last comma there was an element.
    behind_element: bool,
    limit: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In front of the array.
    Before,
    /// Between two elements, where nothing but blanks and commas is to be expected.
    Between,
    /// Within an element that begins with a bracket.
    Within,
    /// Within a string of such an element.
    String,
    /// Behind a backslash in there.
    Escape,
    /// Within an element that is something else.
    Scalar,
    /// Behind the array.
    Behind,
    /// In something that is no array.
    Elsewhere,
}

impl Elements {
    fn new(limit: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            done: 0,
            read: 0,
            depth: 0,
            place: Place::Before,
            behind_element: false,
            limit,
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        self.release();
        if !matches!(self.place, Place::Behind | Place::Elsewhere) {
            self.buffer.extend_from_slice(bytes);
        }
    }

    fn next(&mut self) -> Result<Option<Item<'_>>, EventTooLong> {
        self.release();
        while let Some(byte) = self.buffer.get(self.read).copied() {
            if self.step(byte) {
                self.behind_element = true;
                self.done = self.read;
                let data = self.buffer.get(..self.read).unwrap_or_default();
                if data.len() > self.limit {
                    return Err(EventTooLong { limit: self.limit });
                }
                return Ok(Some(Item::Event { name: None, data }));
            }
        }
        if self.buffer.len() > self.limit {
            return Err(EventTooLong { limit: self.limit });
        }
        Ok(None)
    }

    fn gap(&self) -> Option<&'static [u8]> {
        let is_between = self.place == Place::Between && self.buffer.len() == self.done;
        let separator: &[u8] = if self.behind_element { b"," } else { b"" };
        is_between.then_some(separator)
    }

    /// Drops what the last element borrowed.
    fn release(&mut self) {
        self.buffer.advance(self.done);
        self.read -= self.done;
        self.done = 0;
    }

    /// Reads at least one byte; tells whether an element ends in front of the next.
    fn step(&mut self, byte: u8) -> bool {
        match self.place {
            Place::Before => {
                match byte {
                    b'[' => self.place = Place::Between,
                    byte if byte.is_ascii_whitespace() => {}
                    _ => self.place = Place::Elsewhere,
                }
                self.skip();
            }
            Place::Between => self.between(byte),
            Place::Within => return self.within(byte),
            Place::String => self.string(),
            Place::Escape => {
                self.place = Place::String;
                self.read += 1;
            }
            Place::Scalar if matches!(byte, b',' | b']') => {
                self.place = Place::Between;
                return true;
            }
            Place::Scalar => self.read += 1,
            Place::Behind | Place::Elsewhere => self.skip(),
        }
        false
    }

    fn between(&mut self, byte: u8) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => self.skip(),
            b',' => {
                self.behind_element = false;
                self.skip();
            }
            b']' => {
                self.place = Place::Behind;
                self.skip();
            }
            b'{' | b'[' => self.place = Place::Within,
            _ => self.place = Place::Scalar,
        }
    }

    fn within(&mut self, byte: u8) -> bool {
        self.read += 1;
        match byte {
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth -= 1,
            b'"' => self.place = Place::String,
            _ => {}
        }
        let ends = self.depth == 0;
        if ends {
            self.place = Place::Between;
        }
        ends
    }

    fn string(&mut self) {
        let rest = self.buffer.get(self.read..).unwrap_or_default();
        let Some(end) = memchr2(b'"', b'\\', rest) else {
            self.read = self.buffer.len();
            return;
        };
        self.place = match rest.get(end) {
            Some(b'"') => Place::Within,
            _ => Place::Escape,
        };
        self.read += end + 1;
    }

    /// Leaves out the byte that was looked at; nothing stands in front of it.
    fn skip(&mut self) {
        self.buffer.advance(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(pieces: &[&[u8]], limit: usize) -> Result<Vec<String>, EventTooLong> {
        let mut items = Items::elements(limit);
        let mut found = Vec::new();
        for piece in pieces {
            items.push(piece);
            while let Some(Item::Event { data, .. }) = items.next()? {
                found.push(String::from_utf8(data.to_vec()).unwrap());
            }
        }
        assert_eq!(items.finish(), None);
        Ok(found)
    }

    const ARRAY: &str =
        " [ {\"a\":\"]}\\\"{[,\\\\\"} ,\r\n[1,[2]],\"x,y\" , 7,null,{}] [{\"behind\":1}]";

    #[test]
    fn an_array_comes_apart_wherever_it_is_cut() {
        let whole = elements(&[ARRAY.as_bytes()], 100).unwrap();
        let (_, rest) = ARRAY.split_once("[ ").unwrap();
        let (first, _) = rest.split_once(" ,").unwrap();
        assert_eq!(whole.first().map(String::as_str), Some(first));
        assert_eq!(
            whole.get(1..).unwrap(),
            ["[1,[2]]", "\"x", "y\" ", "7", "null", "{}"]
        );
        let bytes: Vec<&[u8]> = ARRAY.as_bytes().chunks(1).collect();
        assert_eq!(elements(&bytes, 100).unwrap(), whole);
        for at in 0..ARRAY.len() {
            let (before, behind) = ARRAY.as_bytes().split_at(at);
            assert_eq!(elements(&[before, behind], 100).unwrap(), whole, "{at}");
        }
    }

    #[test]
    fn an_element_is_there_before_what_follows() {
        assert_eq!(elements(&[b"[{\"a\":1}"], 100).unwrap(), ["{\"a\":1}"]);
    }

    #[test]
    fn an_element_has_a_limit_and_an_array_has_none() {
        let long = format!("[{{\"a\":\"{}", "x".repeat(20));
        assert!(elements(&[long.as_bytes()], 20).is_err());
        let closed = format!("{long}\"}}]");
        assert!(elements(&[closed.as_bytes()], 20).is_err());
        let many = format!("[{}1]", "{},".repeat(50));
        assert_eq!(elements(&[many.as_bytes()], 20).unwrap().len(), 51);
    }

    #[test]
    fn between_two_elements_there_is_room_for_another() {
        let gap = |text: &[u8]| {
            let mut items = Items::elements(100);
            items.push(text);
            while let Ok(Some(_)) = items.next() {}
            items.gap()
        };
        for text in [&b"[{}"[..], b"[{} ", b"[1,{}\n"] {
            assert_eq!(gap(text), Some(&b","[..]));
        }
        for text in [&b"["[..], b"[{},\n"] {
            assert_eq!(gap(text), Some(&b""[..]));
        }
        for text in [&b""[..], b"[{", b"[{}]", b"[{},\"x", b"{\"a\":[{}"] {
            assert_eq!(gap(text), None);
        }
    }
}
