//! What the page may do, as a header: its own style and script, and to fetch itself.

use std::sync::LazyLock;

use http::HeaderValue;
use sha2::{Digest, Sha256};

use super::{SCRIPT, STYLE};

static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        base64(&Sha256::digest(STYLE)),
        base64(&Sha256::digest(SCRIPT)),
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// The `content-security-policy` of the page.
pub(super) fn policy() -> HeaderValue {
    POLICY.clone()
}

/// Base64 as RFC 4648 §4 has it.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |chunk: &[u8]| {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        let character = move |place: usize| {
            let index = bits >> (18 - 6 * place) & 63;
            let index = usize::try_from(index).unwrap_or_default();
            ALPHABET.get(index).map_or('=', |byte| char::from(*byte))
        };
        let used = chunk.len() + 1;
        [0, 1, 2, 3].map(|place| if place < used { character(place) } else { '=' })
    };
    bytes.chunks(3).flat_map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        let words = ["", "f", "fo", "foo", "foob", "fooba", "foobar"];
        assert_eq!(
            words.map(|word| base64(word.as_bytes())),
            [
                "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"
            ]
        );
    }

    #[test]
    fn style_and_script_hold_nothing_that_would_end_them() {
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</"));
        assert!(!STYLE.contains('\r') && !SCRIPT.contains('\r'));
    }
}
