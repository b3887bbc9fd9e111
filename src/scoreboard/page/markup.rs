//! What every part of the page needs to write HTML.

use std::fmt::{self, Write as _};

/// Text that may hold anything: it is shown, and never read as markup, in an element or in a quoted attribute.
pub(super) struct Text<'a>(pub(super) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                // Shown, so that a name can't turn the line around it.
                control if control.is_control() || is_directional(control) => {
                    f.write_char(char::REPLACEMENT_CHARACTER)?;
                }
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

fn is_directional(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The name of an arm, marked with its colour.
pub(super) struct Arm<'a> {
    pub(super) place: usize,
    pub(super) id: &'a str,
}

impl fmt::Display for Arm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (class, id) = (colour(self.place), Text(self.id));
        write!(f, "<b class=\"arm {class}\">{id}</b>")
    }
}

/// The class of an arm's colour: control has one of its own, the others take turns.
pub(super) fn colour(place: usize) -> &'static str {
    const CHALLENGERS: [&str; 5] = ["a1", "a2", "a3", "a4", "a5"];
    let turn = place.checked_sub(1).map(|place| place % CHALLENGERS.len());
    turn.and_then(|turn| CHALLENGERS.get(turn)).unwrap_or(&"a0")
}

/// Names for the elements of one experiment, by its place on the page.
#[derive(Debug, Clone)]
pub(super) struct Identifiers(usize);

impl Identifiers {
    pub(super) const fn new(place: usize) -> Self {
        Self(place)
    }

    pub(super) fn section(&self) -> String {
        format!("experiment-{}", self.0 + 1)
    }

    pub(super) fn of(&self, part: &str) -> String {
        format!("experiment-{}-{part}", self.0 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_read_as_markup() {
        let text = Text("<script>\"a\" & 'b'\u{202e}\u{0}</script>").to_string();
        assert_eq!(
            text,
            "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;\u{fffd}\u{fffd}&lt;/script&gt;"
        );
    }

    #[test]
    fn arms_beyond_the_last_colour_begin_again_with_the_first_challenger() {
        assert_eq!([0, 1, 5, 6].map(colour), ["a0", "a1", "a5", "a1"]);
    }
}
