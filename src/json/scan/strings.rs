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
    backslashes: u64,
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
            backslashes: 0,
            carry: 0,
        }
    }

    /// What is behind the string whose first character is at `at`. `None` if it has no end, or holds what no string may.
    /// To be asked of one after the other.
    #[inline]
    pub(super) fn end(&mut self, at: usize) -> Option<usize> {
        let block = at / Block::LENGTH;
        let from_here = u64::MAX << (at % Block::LENGTH);
        // Most strings are short, and end in the block where they begin, which is known from the one before.
        if block + 1 == self.known && self.quotes & from_here != 0 {
            return self.end_in(block, from_here);
        }
        self.end_further_on(block, from_here)
    }

    /// The same; `None` also if it has escapes.
    #[inline]
    pub(super) fn plain_end(&mut self, at: usize) -> Option<usize> {
        let end = self.end(at)?;
        let is_plain = if at / Block::LENGTH + 1 == self.known {
            let before = (self.backslashes >> (at % Block::LENGTH)).trailing_zeros();
            before as usize >= end - at
        } else {
            !self.text.get(at..end)?.contains(&b'\\')
        };
        is_plain.then_some(end)
    }

    #[inline(never)]
    fn end_further_on(&mut self, mut block: usize, mut from_here: u64) -> Option<usize> {
        loop {
            if block + 1 != self.known {
                self.look(block)?;
            }
            if self.quotes & from_here != 0 {
                return self.end_in(block, from_here);
            }
            if self.controls & from_here != 0 {
                return None;
            }
            block += 1;
            from_here = u64::MAX;
            // Where one block is plain text, so is the next, most times.
            if self.backslashes | self.controls == 0 {
                block = self.plain_until(block)?;
            }
        }
    }

    /// Passes over plain blocks from this one on, which is behind a plain one and in a string: to one that must be looked at.
    #[inline(never)]
    fn plain_until(&mut self, block: usize) -> Option<usize> {
        let rest = self.text.get(block * Block::LENGTH..)?;
        let (blocks, _) = rest.as_chunks();
        let is_plain = |bytes: &&[u8; Block::LENGTH]| Block::new(bytes).is_plain();
        let next = block + blocks.iter().take_while(is_plain).count();
        self.known = next;
        Some(next)
    }

    /// In the block that is known, and has a quote there.
    fn end_in(&self, block: usize, from_here: u64) -> Option<usize> {
        let quotes = self.quotes & from_here;
        let before_quote = !quotes & quotes.wrapping_sub(1);
        let is_free = self.controls & from_here & before_quote == 0;
        is_free.then(|| block * Block::LENGTH + quotes.trailing_zeros() as usize + 1)
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
        let (quotes, backslashes) = (looked_at.equal(b'"'), looked_at.equal(b'\\'));
        self.quotes = quotes;
        self.backslashes = backslashes;
        self.controls = 0;
        if looked_at.has_below(b' ') {
            self.controls = looked_at.below(b' ');
        }
        if backslashes | self.carry != 0 {
            let escaped = self.escaped(backslashes);
            let short = quotes | backslashes | looked_at.either(b'n', b't');
            self.see_escapes(escaped & !short, bytes, start)?;
            self.quotes &= !escaped;
        }
        Some(())
    }

    /// Which bytes of a block are escaped.
    fn escaped(&mut self, backslashes: u64) -> u64 {
        const ODD: u64 = 0xAAAA_AAAA_AAAA_AAAA;
        // Of backslashes in a row, each other one is escaped. In the difference, what is behind an even one stands out
        // by one parity of its place, and what is behind an odd one by the other.
        let not_escaped = backslashes & !self.carry;
        let escape_or_escaped = (not_escaped << 1 | ODD).wrapping_sub(not_escaped) ^ ODD;
        let escaped = escape_or_escaped ^ (backslashes | self.carry);
        self.carry = (escape_or_escaped & backslashes) >> 63;
        escaped
    }

    /// Sees that what is escaped may be. These are most times none: the common ones are known without a look at each.
    fn see_escapes(&self, mut rest: u64, bytes: &[u8; Block::LENGTH], start: usize) -> Option<()> {
        while rest != 0 {
            let at = rest.trailing_zeros() as usize;
            if !matches!(bytes.get(at)?, b'/' | b'b' | b'f' | b'r') {
                self.see_code_unit(start + at)?;
            }
            rest &= rest - 1;
        }
        Some(())
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

fn padded_with_blanks(rest: &[u8]) -> [u8; Block::LENGTH] {
    let mut padded = [b' '; Block::LENGTH];
    if let Some(there) = padded.get_mut(..rest.len()) {
        there.copy_from_slice(rest);
    }
    padded
}
