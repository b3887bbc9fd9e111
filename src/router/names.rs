//! Maps by names that the configuration has.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

/// Values by names of the configuration. Callers look into it with any name, but put none there: whoever can make names that
/// collide has nobody to slow down but himself. So it need not be safe from them, and is fast.
pub(super) type ByName<K, V> = HashMap<K, V, BuildHasherDefault<NameHasher>>;

/// Multiplies eight bytes at a time.
#[derive(Default)]
pub(super) struct NameHasher(u64);

impl NameHasher {
    /// Odd, with bits in no order: of the golden ratio.
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

    fn mix(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(29) ^ word).wrapping_mul(Self::FACTOR);
    }
}

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let last = |word, byte: &u8| word << 8 | u64::from(*byte);
            self.mix(rest.iter().fold(1, last));
        }
    }

    // What ends a text, and what begins a list of bytes, tells none from another.
    fn write_u8(&mut self, _: u8) {}

    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        // A map looks at the highest bits and at the lowest, which a product leaves as they are.
        self.0 ^ self.0 >> 32
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::HashSet,
        hash::{BuildHasher, BuildHasherDefault},
    };

    use super::*;

    fn hash(name: &str) -> u64 {
        BuildHasherDefault::<NameHasher>::default().hash_one(name)
    }

    #[test]
    fn names_that_are_much_alike_are_spread() {
        let names = (0..100_000).map(|number| format!("model-{number}"));
        let hashes: HashSet<u64> = names.map(|name| hash(&name)).collect();
        assert_eq!(hashes.len(), 100_000);
        for bits in [0, 57] {
            let mut groups = [0_usize; 128];
            for hash in &hashes {
                groups[usize::try_from(hash >> bits & 127).unwrap()] += 1;
            }
            assert!(groups.iter().all(|group| (600..1000).contains(group)));
        }
    }

    #[test]
    fn each_byte_counts_and_so_does_the_length() {
        let names = [
            "",
            "a",
            "b",
            "aa",
            "ab",
            "ba",
            "a\0",
            "\0a",
            "aaaaaaaa",
            "aaaaaaaab",
            "aaaaaaaaa",
            "baaaaaaaa",
            "aaaaaaaa\0",
            "aaaaaaaaaaaaaaaa",
        ];
        let hashes: HashSet<u64> = names.into_iter().map(hash).collect();
        assert_eq!(hashes.len(), names.len());
    }
}
