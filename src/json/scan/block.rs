//! 64 bytes at a look.

use wide::u8x64;

/// 64 bytes. What is told of them is a number whose lowest bit is about the first byte.
pub(super) struct Block(u8x64);

impl Block {
    /// How many bytes there are.
    pub(super) const LENGTH: usize = 64;

    pub(super) fn new(bytes: &[u8; Self::LENGTH]) -> Self {
        Self(u8x64::new(*bytes))
    }

    /// Which bytes are this one.
    pub(super) fn equal(&self, byte: u8) -> u64 {
        self.0.simd_eq(u8x64::splat(byte)).to_bitmask()
    }

    /// Which bytes are less than this one.
    pub(super) fn below(&self, byte: u8) -> u64 {
        self.0.simd_lt(u8x64::splat(byte)).to_bitmask()
    }
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
            assert_eq!(block.below(b' '), told(&bytes, |byte| byte < b' '));
        }
    }
}
