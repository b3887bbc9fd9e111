//! Version 1 of the hash, as the docs of the module say it. What is changed here moves users from arm to arm: it would be
//! version 2.

use sha2::{Digest, Sha256};

/// The first field of all that is hashed.
const VERSION: &str = "tower-llm-gateway/1";

/// What a hash is for. No two purposes may share their numbers: those whom one picks would be all alike to the other.
#[derive(Debug, Clone, Copy)]
pub(super) enum Domain {
    /// How well a key goes with an arm.
    Arm,
    /// Whether an experiment covers a key.
    Coverage,
    /// Which experiment of a layer a key belongs to.
    Layer,
    /// Whether a key is kept out of all experiments.
    Holdout,
    /// Whose request it is.
    Unit,
    /// A key that somebody gives, so that nobody reads it.
    Key,
    /// How a conversation begins.
    Conversation,
}

impl Domain {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Arm => "arm",
            Self::Coverage => "coverage",
            Self::Layer => "layer",
            Self::Holdout => "holdout",
            Self::Unit => "unit",
            Self::Key => "key",
            Self::Conversation => "conversation",
        }
    }
}

/// Fields that are being hashed, each behind its length, so that no two lists of them run together.
pub(super) struct Fields(Sha256);

impl Fields {
    pub(super) fn new(domain: Domain) -> Self {
        let fields = Self(Sha256::new());
        fields
            .with(VERSION.as_bytes())
            .with(domain.as_str().as_bytes())
    }

    pub(super) fn with(mut self, field: &[u8]) -> Self {
        self.add(field);
        self
    }

    pub(super) fn add(&mut self, field: &[u8]) {
        // No body that anybody reads is that long.
        let length = u32::try_from(field.len()).unwrap_or(u32::MAX);
        self.0.update(length.to_be_bytes());
        self.0.update(field);
    }

    pub(super) fn digest(self) -> [u8; 32] {
        self.0.finalize().into()
    }

    /// The first eight bytes, the highest first.
    pub(super) fn number(self) -> u64 {
        let first = self.digest().into_iter().take(8);
        first.fold(0, |number, byte| number << 8 | u64::from(byte))
    }

    /// The number's upper 52 bits as a fraction: above 0 and below 1, and exact, so that it is the same everywhere.
    pub(super) fn fraction(self) -> f64 {
        fraction(self.number())
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "52 bits and a half fit into a double"
)]
fn fraction(number: u64) -> f64 {
    const STEPS: f64 = (1_u64 << 52) as f64;
    ((number >> 12) as f64 + 0.5) / STEPS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_is_never_nothing_and_never_the_whole() {
        assert!(fraction(0) > 0.0 && fraction(u64::MAX) < 1.0);
        assert!(fraction(u64::MAX - (1 << 12)) < fraction(u64::MAX));
    }

    #[test]
    fn fields_do_not_run_together() {
        let number = |fields: &[&str]| {
            let all = fields.iter();
            all.fold(Fields::new(Domain::Unit), |hash, field| {
                hash.with(field.as_bytes())
            })
            .number()
        };
        let lists: [&[&str]; 5] = [&["ab", "c"], &["a", "bc"], &["abc"], &["abc", ""], &[]];
        for (at, list) in lists.iter().enumerate() {
            for other in &lists[at + 1..] {
                assert_ne!(number(list), number(other), "{list:?} {other:?}");
            }
        }
    }
}
