//! What the items of a stream have in common that each bring a piece of text.

use crate::{
    format::object::object,
    json::{self, Kind, Raw, Text},
};

/// Most bytes that items are known by: what is longer costs more to keep than it saves.
const LONGEST: usize = 1024;

object! {
    /// The members of an item.
    struct Members<'a> {}
}

/// Where something begins in the data of an item, and where it ends.
pub(super) type Place = (usize, usize);

/// An item with a hole where its text was, and smaller ones where what nobody reads was. What fits it says the same as
/// that item, but for the text.
#[derive(Debug, Default)]
pub(super) struct Stencil {
    name: Option<Vec<u8>>,
    /// What is around the holes, in one piece.
    fixed: Vec<u8>,
    /// Where it is broken, in order.
    holes: Vec<(usize, Hole)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hole {
    Text,
    /// A string without escapes.
    Word,
    /// A number without a sign and a fraction.
    Number,
    Spaces,
}

impl Stencil {
    /// Of an item that says nothing but the text at this place. The values of the members that are named are not read.
    pub(super) fn of(
        name: Option<&[u8]>,
        data: &[u8],
        text: Place,
        unread: &[&str],
    ) -> Option<Self> {
        if data.len() - (text.1 - text.0) > LONGEST {
            return None;
        }
        let mut spans = vec![(Hole::Text, text)];
        let members: Members<'_> = json::read_bytes(data).ok()?;
        for member in &members.extra {
            let hole = Hole::of(member.value).filter(|_| unread.contains(&&*member.key));
            spans.extend(hole.zip(place(data, member.value)));
        }
        let end = data.trim_ascii_end().len().checked_sub(1)?;
        let spaces = data
            .get(..end)?
            .iter()
            .rev()
            .take_while(|byte| **byte == b' ');
        spans.push((Hole::Spaces, (end - spaces.count(), end)));
        spans.sort_unstable_by_key(|(_, place)| *place);
        let mut stencil = Self {
            name: name.map(<[u8]>::to_vec),
            ..Self::default()
        };
        let mut begin = 0;
        for (hole, (start, end)) in spans {
            stencil.fixed.extend_from_slice(data.get(begin..start)?);
            stencil.holes.push((stencil.fixed.len(), hole));
            begin = end;
        }
        stencil.fixed.extend_from_slice(data.get(begin..)?);
        Some(stencil)
    }

    /// The text of an item that fits.
    pub(super) fn text<'d>(&self, name: Option<&[u8]>, data: &'d [u8]) -> Option<Text<'d>> {
        if name != self.name.as_deref() {
            return None;
        }
        let (mut text, mut rest, mut begin) = (None, data, 0);
        for (end, hole) in &self.holes {
            rest = rest.strip_prefix(self.fixed.get(begin..*end)?)?;
            begin = *end;
            rest = match hole {
                Hole::Text => {
                    let (found, rest) = json::leading_text(rest)?;
                    text = Some(found);
                    rest
                }
                Hole::Word => behind_word(rest)?,
                Hole::Number => behind_number(rest)?,
                Hole::Spaces => behind(rest, |byte| byte == b' ').1,
            };
        }
        text.filter(|_| self.fixed.get(begin..) == Some(rest))
    }
}

impl Hole {
    /// For a value like this.
    fn of(value: Raw<'_>) -> Option<Self> {
        let bytes = value.get().as_bytes();
        match value.kind() {
            Kind::String => behind_word(bytes)?.is_empty().then_some(Self::Word),
            Kind::Number => behind_number(bytes)?.is_empty().then_some(Self::Number),
            _ => None,
        }
    }
}

/// Where a value stands in the data that it was read from; `None` if it was read from something else.
pub(super) fn place(data: &[u8], value: Raw<'_>) -> Option<Place> {
    let start = value
        .get()
        .as_ptr()
        .addr()
        .checked_sub(data.as_ptr().addr())?;
    let end = start.checked_add(value.get().len())?;
    (data.get(start..end)? == value.get().as_bytes()).then_some((start, end))
}

/// How many bytes like this there are, and what follows them.
fn behind(bytes: &[u8], is_meant: impl Fn(u8) -> bool) -> (usize, &[u8]) {
    let count = bytes.iter().take_while(|byte| is_meant(**byte)).count();
    (count, bytes.get(count..).unwrap_or_default())
}

fn behind_word(bytes: &[u8]) -> Option<&[u8]> {
    let inner = bytes.strip_prefix(b"\"")?;
    let (_, rest) = behind(inner, |byte| byte.is_ascii_alphanumeric());
    rest.strip_prefix(b"\"")
}

fn behind_number(bytes: &[u8]) -> Option<&[u8]> {
    let (count, rest) = behind(bytes, |byte| byte.is_ascii_digit());
    let is_number = count == 1 || count > 1 && bytes.first() != Some(&b'0');
    is_number.then_some(rest)
}
