use std::ops::Range;

use super::strings::Strings;

/// A walk through a JSON text that looks at every byte and keeps nothing. Each step is `None` if there is no way on.
#[derive(Clone)]
pub(in crate::json) struct Walk<'a> {
    text: &'a [u8],
    strings: Strings<'a>,
    at: usize,
}

impl<'a> Walk<'a> {
    pub(in crate::json) fn new(text: &'a str) -> Self {
        Self {
            text: text.as_bytes(),
            strings: Strings::new(text.as_bytes()),
            at: 0,
        }
    }

    /// Where it is.
    pub(in crate::json) fn at(&self) -> usize {
        self.at
    }

    /// The next byte that is not white space, which stays the next.
    pub(in crate::json) fn ahead(&mut self) -> Option<u8> {
        self.blank();
        self.peek()
    }

    /// The next byte that is not white space.
    pub(in crate::json) fn token(&mut self) -> Option<u8> {
        self.blank();
        self.step()
    }

    /// A colon.
    pub(super) fn colon(&mut self) -> Option<()> {
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
        (self.text.get(self.at..end)? == rest).then(|| self.at = end)
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
        self.skip(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t'));
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
        self.text.get(self.at).copied()
    }
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
