//! Whether the fragments of a JSON value are complete.

/// Follows a JSON object or array that comes in fragments, each spelled as a JSON string literal. Looks at structure
/// only, and copies nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Progress {
    depth: u32,
    in_string: bool,
    escaped: bool,
    begun: bool,
}

impl Progress {
    /// Whether a whole value was seen.
    pub(crate) const fn is_complete(self) -> bool {
        self.begun && self.depth == 0
    }

    /// Takes a fragment: a string literal with its quotes.
    pub(crate) fn feed(&mut self, literal: &[u8]) {
        let inner = literal
            .get(1..literal.len().saturating_sub(1))
            .unwrap_or_default();
        let mut bytes = inner.iter().copied();
        while let Some(byte) = bytes.next() {
            let character = match byte {
                b'\\' => match bytes.next() {
                    Some(b'u') => unicode(&mut bytes),
                    // Of the other escapes only these two mean anything in JSON.
                    Some(escape @ (b'"' | b'\\')) => escape,
                    _ => b' ',
                },
                byte => byte,
            };
            self.character(character);
        }
    }

    fn character(&mut self, character: u8) {
        if self.in_string {
            self.in_string = self.escaped || character != b'"';
            self.escaped = !self.escaped && character == b'\\';
            return;
        }
        match character {
            b'"' => self.in_string = true,
            b'{' | b'[' => {
                self.depth += 1;
                self.begun = true;
            }
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }
}

/// The character of an escape, if it is ASCII; what else it may be has no meaning in the structure of JSON.
fn unicode(bytes: &mut impl Iterator<Item = u8>) -> u8 {
    let digits = bytes.take(4).map(|digit| char::from(digit).to_digit(16));
    let code = digits.fold(0, |code, digit| code * 16 + digit.unwrap_or(0));
    u8::try_from(code).unwrap_or(b'x')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_complete_when_its_brackets_are_closed() {
        for (fragments, expected) in [
            (&[r#""{\"a\":""#, r#""[1,2]}""#][..], true),
            (&[r#""{\"a\":""#], false),
            (&[r#""{\"a\":\"}""#], false),
            (&[r#""{\"a\":\"\\\"}""#, r#""\"}""#], true),
            (&[r#""\u007b\u0022}\u0022""#, r#""\u007d""#], true),
            (&[r#""""#], false),
            (&[r#""{}""#], true),
        ] {
            let mut progress = Progress::default();
            for fragment in fragments {
                progress.feed(fragment.as_bytes());
            }
            assert_eq!(progress.is_complete(), expected, "{fragments:?}");
        }
    }
}
