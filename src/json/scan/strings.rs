use super::block::Block;

/// Finds where the strings of a JSON text end, and sees that what is in them may be.
///
/// It looks at blocks of 64 bytes, each once: what a string holds costs the same however it is split by escapes.
#[derive(Clone)]
pub(super) struct Strings<'a> {
    text: &'a [u8],
    /// How many blocks there are up to the one that is known, and with it.
    known: usize,
    /// Its quotes that no backslash escapes.
    quotes: u64,
    /// What may not be in a string.
    controls: u64,
    /// The lowest bit: whether the first byte of the next block is escaped.
    carry: u64,
}

impl<'a> Strings<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            known: 0,
            quotes: 0,
            controls: 0,
            carry: 0,
        }
    }

    /// What is behind the string whose first character is at `at`. `None` if it has no end, or holds what no string may.
    /// To be asked of one after the other.
    pub(super) fn end(&mut self, at: usize) -> Option<usize> {
        let mut block = at / Block::LENGTH;
        let mut from_here = u64::MAX << (at % Block::LENGTH);
        loop {
            if block + 1 != self.known {
                self.look(block)?;
            }
            let quotes = self.quotes & from_here;
            let before_quote = !quotes & quotes.wrapping_sub(1);
            if self.controls & from_here & before_quote != 0 {
                return None;
            }
            if quotes != 0 {
                return Some(block * Block::LENGTH + quotes.trailing_zeros() as usize + 1);
            }
            block += 1;
            from_here = u64::MAX;
        }
    }

    /// Looks at a block: the next one, or one that is further on behind no string.
    fn look(&mut self, block: usize) -> Option<()> {
        let start = block * Block::LENGTH;
        let rest = self.text.get(start..)?;
        let padded;
        let bytes = match rest.first_chunk() {
            Some(bytes) => bytes,
            None if rest.is_empty() => return None,
            None => {
                padded = padded_with_blanks(rest);
                &padded
            }
        };
        if block != self.known {
            self.carry = 0;
        }
        self.known = block + 1;
        let looked_at = Block::new(bytes);
        let backslashes = looked_at.equal(b'\\');
        let escaped = if backslashes | self.carry == 0 {
            0
        } else {
            self.escaped(backslashes, bytes, start)?
        };
        self.quotes = looked_at.equal(b'"') & !escaped;
        self.controls = looked_at.below(b' ');
        Some(())
    }

    /// Which bytes of a block are escaped. `None` if one is that can't be.
    fn escaped(
        &mut self,
        backslashes: u64,
        bytes: &[u8; Block::LENGTH],
        start: usize,
    ) -> Option<u64> {
        const ODD: u64 = 0xAAAA_AAAA_AAAA_AAAA;
        // Of backslashes in a row, each other one is escaped. In the difference, what is behind an even one stands out
        // by one parity of its place, and what is behind an odd one by the other.
        let not_escaped = backslashes & !self.carry;
        let escape_or_escaped = (not_escaped << 1 | ODD).wrapping_sub(not_escaped) ^ ODD;
        let escaped = escape_or_escaped ^ (backslashes | self.carry);
        self.carry = (escape_or_escaped & backslashes) >> 63;

        let mut rest = escaped;
        while rest != 0 {
            let mut long = 0;
            // A processor guesses wrong when a loop ends, most times; so four at once, be they there or not.
            for _ in 0..4 {
                let lowest = rest & rest.wrapping_neg();
                let byte = bytes.get((lowest | 1 << 63).trailing_zeros() as usize)?;
                long |= lowest & NOT_SHORT.get(usize::from(*byte))?;
                rest ^= lowest;
            }
            while long != 0 {
                self.see_code_unit(start + long.trailing_zeros() as usize)?;
                long &= long - 1;
            }
        }
        Some(escaped)
    }

    /// Sees that at `at` is a `u` with four digits.
    #[cold]
    fn see_code_unit(&self, at: usize) -> Option<()> {
        let [b'u', digits @ ..] = self.text.get(at..at + 5)? else {
            return None;
        };
        digits.iter().all(u8::is_ascii_hexdigit).then_some(())
    }
}

/// All bits for each byte but those that make an escape of two.
#[expect(clippy::indexing_slicing, reason = "there is a place for each byte")]
const NOT_SHORT: [u64; 256] = {
    let mut masks = [u64::MAX; 256];
    let mut rest: &[u8] = b"\"\\/bfnrt";
    while let [byte, behind @ ..] = rest {
        masks[*byte as usize] = 0;
        rest = behind;
    }
    masks
};

fn padded_with_blanks(rest: &[u8]) -> [u8; Block::LENGTH] {
    let mut padded = [b' '; Block::LENGTH];
    for (to, from) in padded.iter_mut().zip(rest) {
        *to = *from;
    }
    padded
}
