//! 64 bytes at a look.

use wide::u8x32;

/// 64 bytes, as two halves. What is told of them is a number whose lowest bit is about the first byte.
pub(super) struct Block(u8x32, u8x32);

impl Block {
    /// How many bytes there are.
    pub(super) const LENGTH: usize = 64;

    pub(super) fn new(bytes: &[u8; Self::LENGTH]) -> Self {
        let half = |half: &[u8; 32]| u8x32::new(*half);
        let [first, second] = bytes.as_chunks().0 else {
            unreachable!("64 is twice 32");
        };
        Self(half(first), half(second))
    }

    /// Whether it may all be in a string, with no quote and no backslash.
    pub(super) fn is_plain(&self) -> bool {
        let is = |half: u8x32, byte| half.simd_eq(u8x32::splat(byte));
        let is_special = |half| is(half, b'"') | is(half, b'\\');
        let specials = is_special(self.0) | is_special(self.1);
        let controls = self.0.min(self.1).simd_lt(u8x32::splat(b' '));
        !(specials | controls).any()
    }

    /// Whether some byte is less than this one.
    pub(super) fn has_below(&self, byte: u8) -> bool {
        let least = self.0.min(self.1);
        least.simd_lt(u8x32::splat(byte)).any()
    }

    /// Which bytes are this one.
    pub(super) fn equal(&self, byte: u8) -> u64 {
        bits([self.0, self.1].map(|half| half.simd_eq(u8x32::splat(byte))))
    }

    /// Which bytes are one of these two.
    pub(super) fn either(&self, one: u8, other: u8) -> u64 {
        let is = |half: u8x32, byte| half.simd_eq(u8x32::splat(byte));
        bits([self.0, self.1].map(|half| is(half, one) | is(half, other)))
    }

    /// Which bytes are less than this one.
    pub(super) fn below(&self, byte: u8) -> u64 {
        bits([self.0, self.1].map(|half| half.simd_lt(u8x32::splat(byte))))
    }
}

fn bits([first, second]: [u8x32; 2]) -> u64 {
    u64::from(first.to_bitmask()) | u64::from(second.to_bitmask()) << 32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(bytes: &[u8; 64], is: impl Fn(u8) -> bool) -> u64 {
        let all = bytes.iter().rev();
        all.fold(0, |bits, byte| bits << 1 | u64::from(is(*byte)))
    }

    #[test]
    fn each_bit_is_about_its_byte() {
        for start in 0..=u8::MAX {
            let mut byte = start;
            let bytes = [(); 64].map(|()| {
                byte = byte.wrapping_mul(37).wrapping_add(11);
                byte
            });
            let block = Block::new(&bytes);
            assert_eq!(block.equal(b'"'), told(&bytes, |byte| byte == b'"'));
            let is_n_or_t = |byte| matches!(byte, b'n' | b't');
            assert_eq!(block.either(b'n', b't'), told(&bytes, is_n_or_t));
            assert_eq!(block.below(b' '), told(&bytes, |byte| byte < b' '));
        }
    }
}
