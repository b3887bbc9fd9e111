//! Places in a text: in bytes, as this API counts, and in characters, as the neutral form does.

/// How far apart the places are whose number of characters is known. In between they are counted.
const STEP: usize = 256;

/// Most bytes of a stream's text that are remembered for places in it; no answer is as long.
pub(super) const REMEMBERED: usize = 16 << 20;

/// A text whose places can be looked up without counting from its start each time.
#[derive(Debug)]
pub(super) struct Offsets<'t> {
    text: &'t str,
    /// How many characters begin before each multiple of [`STEP`].
    characters: Vec<usize>,
}

impl<'t> Offsets<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let mut characters = vec![0];
        let mut before = 0;
        for block in text.as_bytes().chunks_exact(STEP) {
            before += starts(block);
            characters.push(before);
        }
        Self { text, characters }
    }

    pub(super) fn text(&self) -> &'t str {
        self.text
    }

    /// The number of characters before a byte that begins one.
    pub(super) fn character(&self, byte: usize) -> Option<u64> {
        if !self.text.is_char_boundary(byte) {
            return None;
        }
        let block = byte / STEP;
        let rest = self.text.as_bytes().get(block * STEP..byte)?;
        let characters = self.characters.get(block)? + starts(rest);
        u64::try_from(characters).ok()
    }

    /// Where a character begins; the one behind the last begins at the end.
    pub(super) fn byte(&self, character: u64) -> Option<usize> {
        let character = usize::try_from(character).ok()?;
        let block = self
            .characters
            .partition_point(|before| *before <= character)
            .checked_sub(1)?;
        let mut left = character - self.characters.get(block)?;
        let from = block * STEP;
        for (at, byte) in self.text.as_bytes().get(from..)?.iter().enumerate() {
            if !is_start(*byte) {
                continue;
            }
            if left == 0 {
                return Some(from + at);
            }
            left -= 1;
        }
        (left == 0).then_some(self.text.len())
    }
}

fn starts(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| is_start(**byte)).count()
}

/// Whether a byte of UTF-8 begins a character.
fn is_start(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_agree_with_counting() {
        for text in ["", "abc", "é", &"aé😀".repeat(300), &"x".repeat(STEP)] {
            let offsets = Offsets::new(text);
            let ends = std::iter::once(text.len());
            let bytes = text.char_indices().map(|(byte, _)| byte).chain(ends);
            for (character, byte) in bytes.enumerate() {
                assert_eq!(offsets.character(byte), Some(character as u64));
                assert_eq!(offsets.byte(character as u64), Some(byte));
            }
        }
    }

    #[test]
    fn what_is_no_place_has_no_number() {
        let offsets = Offsets::new("aé");
        assert_eq!(offsets.character(2), None);
        assert_eq!(offsets.character(4), None);
        assert_eq!(offsets.byte(3), None);
        assert_eq!(offsets.byte(u64::MAX), None);
    }
}
