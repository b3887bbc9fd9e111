use std::ops::Range;

use crate::json::{Kind, Raw, Text};

use super::strings::Strings;

/// Most members of an object whose names are compared with one another.
const FEW: usize = 16;

/// A walk through a JSON text that looks at every byte and keeps nothing. Each step is `None` if there is no way on.
#[derive(Clone)]
pub(crate) struct Walk<'a> {
    text: &'a str,
    strings: Strings<'a>,
    at: usize,
}

impl<'a> Walk<'a> {
    pub(in crate::json) fn new(text: &'a str) -> Self {
        Self {
            text,
            strings: Strings::new(text.as_bytes()),
            at: 0,
        }
    }

    /// Walks through a text that is one value, which `read` must pass.
    pub(crate) fn through<T>(
        text: &'a str,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        let mut walk = Self::new(text);
        let value = read(&mut walk)?;
        walk.ahead().is_none().then_some(value)
    }

    /// Walks through an object. `each` is shown the name of each member as it is spelled, and must pass its value. `None`
    /// if a name has escapes: it may be any other.
    pub(crate) fn object(
        &mut self,
        mut each: impl FnMut(&mut Self, &'a str) -> Option<()>,
    ) -> Option<()> {
        if self.token()? != b'{' {
            return None;
        }
        let mut next = self.token()?;
        while next != b'}' {
            let name = self.text.get(self.plain_string(next)?)?;
            self.colon()?;
            each(self, name)?;
            next = match self.token()? {
                b',' => self.token().filter(|next| *next == b'"')?,
                b'}' => b'}',
                _ => return None,
            };
        }
        Some(())
    }

    /// Walks through an array. `each` must pass the next element.
    pub(crate) fn array(&mut self, mut each: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        if self.token()? != b'[' {
            return None;
        }
        if self.ahead()? == b']' {
            self.at += 1;
            return Some(());
        }
        loop {
            each(self)?;
            match self.token()? {
                b',' => {}
                b']' => return Some(()),
                _ => return None,
            }
        }
    }

    /// The same, of an object with few members that all have names of their own. `None` of any other.
    pub(crate) fn distinct(
        &mut self,
        mut each: impl FnMut(&mut Self, &'a str) -> Option<()>,
    ) -> Option<()> {
        let (mut names, mut count) = ([""; FEW], 0);
        self.object(|walk, name| {
            let (before, free) = names.split_at_mut_checked(count)?;
            if before.contains(&name) {
                return None;
            }
            *free.first_mut()? = name;
            count += 1;
            each(walk, name)
        })
    }

    /// What `read` reads, or if it is `null` what stands for nothing.
    pub(crate) fn or_default<T: Default>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        if self.ahead()? == b'n' {
            return self.pass().map(|()| T::default());
        }
        read(self)
    }

    /// A string or `null`, into its place.
    pub(crate) fn text(&mut self, place: &mut Option<Text<'a>>) -> Option<()> {
        let raw = self.raw()?;
        *place = raw.text();
        (place.is_some() || raw.kind() == Kind::Null).then_some(())
    }

    /// Passes over `null`.
    pub(crate) fn null(&mut self) -> Option<()> {
        (self.raw()?.kind() == Kind::Null).then_some(())
    }

    /// Passes over a value.
    pub(crate) fn pass(&mut self) -> Option<()> {
        self.value().map(drop)
    }

    /// A value as it stands.
    pub(crate) fn raw(&mut self) -> Option<Raw<'a>> {
        let value = self.value()?;
        self.text.get(value).map(Raw::from_literal)
    }

    /// Where it is.
    pub(in crate::json) fn at(&self) -> usize {
        self.at
    }

    /// The next byte that is not white space, which stays the next.
    pub(crate) fn ahead(&mut self) -> Option<u8> {
        self.blank();
        self.peek()
    }

    /// The next byte that is not white space.
    #[inline]
    pub(in crate::json) fn token(&mut self) -> Option<u8> {
        loop {
            let byte = self.step()?;
            if !is_blank(byte) {
                return Some(byte);
            }
        }
    }

    /// A colon.
    fn colon(&mut self) -> Option<()> {
        (self.token()? == b':').then_some(())
    }

    /// A string whose first token was `quote`: where its characters are.
    pub(in crate::json) fn string(&mut self, quote: u8) -> Option<Range<usize>> {
        if quote != b'"' {
            return None;
        }
        let start = self.at;
        self.at = self.strings.end(start)?;
        Some(start..self.at - 1)
    }

    /// The same of one without escapes, else `None`.
    pub(in crate::json) fn plain_string(&mut self, quote: u8) -> Option<Range<usize>> {
        if quote != b'"' {
            return None;
        }
        let start = self.at;
        self.at = self.strings.plain_end(start)?;
        Some(start..self.at - 1)
    }

    /// A value: where it is.
    pub(in crate::json) fn value(&mut self) -> Option<Range<usize>> {
        self.blank();
        let start = self.at;
        let mut open = Open::default();
        loop {
            let first = self.token()?;
            if self.begins(first, &mut open)? && self.ends(&mut open)? {
                return Some(start..self.at);
            }
        }
    }

    /// Begins a value. Whether that was all of it: of an object or array with something in it, it was not.
    fn begins(&mut self, first: u8, open: &mut Open) -> Option<bool> {
        match first {
            b'"' => self.string(first).map(drop)?,
            b'{' => match self.token()? {
                b'}' => {}
                quote => {
                    open.push(true)?;
                    self.string(quote)?;
                    self.colon()?;
                    return Some(false);
                }
            },
            b'[' => {
                self.blank();
                if self.peek()? != b']' {
                    open.push(false)?;
                    return Some(false);
                }
                self.at += 1;
            }
            b't' => self.word(b"rue")?,
            b'f' => self.word(b"alse")?,
            b'n' => self.word(b"ull")?,
            _ => self.number(first)?,
        }
        Some(true)
    }

    /// Ends what ends behind a value. Whether that was all: else another value is next.
    fn ends(&mut self, open: &mut Open) -> Option<bool> {
        while let Some(is_object) = open.last() {
            match (self.token()?, is_object) {
                (b',', false) => return Some(false),
                (b',', true) => {
                    let quote = self.token()?;
                    self.string(quote)?;
                    self.colon()?;
                    return Some(false);
                }
                (b']', false) | (b'}', true) => open.pop(),
                _ => return None,
            }
        }
        Some(true)
    }

    fn word(&mut self, rest: &[u8]) -> Option<()> {
        let end = self.at + rest.len();
        (self.text.as_bytes().get(self.at..end)? == rest).then(|| self.at = end)
    }

    fn number(&mut self, first: u8) -> Option<()> {
        let first = if first == b'-' { self.step()? } else { first };
        match first {
            b'0' => {}
            b'1'..=b'9' => self.skip(|byte| byte.is_ascii_digit()),
            _ => return None,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    /// At least one digit.
    fn digits(&mut self) -> Option<()> {
        let is_digit = self.step()?.is_ascii_digit();
        self.skip(|byte| byte.is_ascii_digit());
        is_digit.then_some(())
    }

    fn blank(&mut self) {
        self.skip(is_blank);
    }

    fn skip(&mut self, is_skipped: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&is_skipped) {
            self.at += 1;
        }
    }

    fn step(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// The objects and arrays around a place: a bit each, the lowest is the innermost's, and set if that is an object.
#[derive(Default)]
struct Open {
    are_objects: u128,
    depth: u32,
}

impl Open {
    fn push(&mut self, is_object: bool) -> Option<()> {
        if self.depth == u128::BITS {
            return None;
        }
        self.depth += 1;
        self.are_objects = self.are_objects << 1 | u128::from(is_object);
        Some(())
    }

    fn pop(&mut self) {
        self.depth -= 1;
        self.are_objects >>= 1;
    }

    /// Whether the innermost is an object; `None` if nothing is open.
    fn last(&self) -> Option<bool> {
        (self.depth > 0).then_some(self.are_objects & 1 == 1)
    }
}
