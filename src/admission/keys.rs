use std::{fmt, sync::Arc};

use arc_swap::{ArcSwap, Guard};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// The keys of callers, which can be replaced while requests are on their way. Clones share them.
///
/// Without keys, all are admitted. Only digests (SHA-256) are kept, and comparing takes the same time for all keys of
/// one length, whether one fits or not.
#[derive(Clone, Default)]
pub struct ClientKeys(Arc<ArcSwap<Vec<[u8; 32]>>>);

impl ClientKeys {
    /// Begins with these keys. An empty key fits nobody.
    pub fn new(keys: impl IntoIterator<Item = SecretString>) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(digests(keys))))
    }

    /// Puts others in their place, from the next request on.
    pub fn replace(&self, keys: impl IntoIterator<Item = SecretString>) {
        self.0.store(Arc::new(digests(keys)));
    }

    /// Whether there are none, so that all are admitted.
    pub fn is_empty(&self) -> bool {
        self.0.load().is_empty()
    }

    /// Whether a key is among them.
    pub(crate) fn has(&self, key: &[u8]) -> bool {
        !key.is_empty() && self.known().has(key)
    }

    /// The keys as they are now, for all that one request has to compare.
    pub(super) fn known(&self) -> Known {
        Known(self.0.load())
    }
}

/// Shows how many there are.
impl fmt::Debug for ClientKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientKeys({})", self.0.load().len())
    }
}

/// The keys of one moment.
pub(super) struct Known(Guard<Arc<Vec<[u8; 32]>>>);

impl Known {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a key is among them.
    pub(super) fn has(&self, key: &[u8]) -> bool {
        let digest: [u8; 32] = Sha256::digest(key).into();
        // Every one is looked at, so that the time says nothing of where one fits.
        let fits = self.0.iter().fold(Choice::from(0), |fits, known| {
            fits | known.as_slice().ct_eq(digest.as_slice())
        });
        fits.into()
    }
}

fn digests(keys: impl IntoIterator<Item = SecretString>) -> Vec<[u8; 32]> {
    let keys = keys.into_iter();
    keys.map(|key| Sha256::digest(key.expose_secret().as_bytes()).into())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(keys: &[&str]) -> ClientKeys {
        ClientKeys::new(keys.iter().map(|key| SecretString::from(*key)))
    }

    #[test]
    fn each_of_the_keys_is_known_and_no_other() {
        let known = keys(&["ada", "bob", "ada"]).known();
        assert!(known.has(b"ada") && known.has(b"bob"));
        for other in ["", "a", "adab", "Ada", "bob "] {
            assert!(!known.has(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn what_replaces_them_is_seen_through_every_clone() {
        let keys = keys(&["ada"]);
        let clone = keys.clone();
        keys.replace(["bob".into()]);
        assert!(clone.known().has(b"bob") && !clone.known().has(b"ada"));
        keys.replace([]);
        assert!(clone.is_empty());
    }

    #[test]
    fn debug_output_shows_their_number() {
        assert_eq!(format!("{:?}", keys(&["ada", "bob"])), "ClientKeys(2)");
    }
}
