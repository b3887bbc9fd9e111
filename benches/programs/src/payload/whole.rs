//! Answers that are no streams, short and very long.

use bytes::Bytes;

use super::{Format, openai, text::text};

/// Longer answers are written in pieces, the same one again and again.
const LONG: usize = 16 * 1024 * 1024;
const PIECE: usize = 64 * 1024;
/// Where the pieces go.
const GAP: &str = "GAP";

/// The text of a whole answer that has about so many bytes.
#[must_use]
pub fn answer_text(bytes: usize) -> String {
    text(9, bytes.saturating_sub(openai::FRAME))
}

/// An answer of about so many bytes, as it is written.
#[must_use]
pub fn answer(format: Format, bytes: usize) -> Vec<Bytes> {
    if bytes <= LONG {
        return vec![format.answer(&answer_text(bytes))];
    }
    let frame = format.answer(GAP);
    let gap = memchr::memmem::find(&frame, GAP.as_bytes()).unwrap_or_default();
    let piece = Bytes::from(vec![b'x'; PIECE]);
    let mut pieces = vec![frame.slice(..gap)];
    pieces.extend(std::iter::repeat_n(piece, bytes / PIECE));
    pieces.push(frame.slice(gap + GAP.len()..));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_very_long_answer_is_one_piece_of_json() {
        let pieces = answer(Format::Anthropic, LONG + 1).concat();
        assert!(serde_json::from_slice::<serde_json::Value>(&pieces).is_ok());
        assert!(pieces.len() > LONG - PIECE);
    }
}
