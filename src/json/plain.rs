//! What in a string needs no escape.

/// How many bytes at the beginning stand for themselves in a string: no quotes, backslashes and control characters.
pub(super) fn plain(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks();
    for (index, word) in words.iter().enumerate() {
        let plain = plain_in(*word);
        if plain < 8 {
            return index * 8 + plain;
        }
    }
    let is_plain = |byte: &&u8| **byte >= 0x20 && !matches!(byte, b'"' | b'\\');
    words.len() * 8 + rest.iter().take_while(is_plain).count()
}

/// The same for one word.
///
/// What is subtracted sets the highest bit of each byte that is less than that. A quote with one bit flipped comes right
/// behind the control characters, a backslash with its bits flipped is zero. Bytes behind such a one may be wrong, and
/// those that had the bit from the start don't count.
const fn plain_in(word: [u8; 8]) -> usize {
    const EACH: u64 = u64::MAX / 0xFF;
    let word = u64::from_le_bytes(word);
    let quotes_and_controls = (word ^ (EACH * 0x02)).wrapping_sub(EACH * 0x21);
    let backslashes = (word ^ (EACH * 0x5C)).wrapping_sub(EACH);
    let found = (quotes_and_controls | backslashes) & !word & (EACH * 0x80);
    found.trailing_zeros() as usize / 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_itself_ends_at_the_first_byte_that_does_not() {
        let special = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
        for length in 0..20 {
            for at in 0..length {
                for byte in 0..=u8::MAX {
                    let mut bytes = vec![b'!'; length];
                    bytes[at] = byte;
                    let expected = if special(&byte) { at } else { length };
                    assert_eq!(plain(&bytes), expected, "{byte:#x} at {at} of {length}");
                }
            }
        }
    }
}
