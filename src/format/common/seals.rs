//! Seals in bodies that nobody reads.

use memchr::memmem;

/// Whether some string in a JSON body begins with one of `prefixes`. Escapes are not looked through.
pub(crate) fn has_string(body: &[u8], mut prefixes: impl Iterator<Item: AsRef<[u8]>>) -> bool {
    prefixes.any(|prefix| {
        let mut found = memmem::find_iter(body, prefix.as_ref());
        found.any(|at| at > 0 && body.get(at - 1) == Some(&b'"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_beginning_of_a_string_counts() {
        let found = |body: &str| has_string(body.as_bytes(), ["gem1:", "oai1:"].into_iter());
        assert!(found(r#"{"a":"oai1:x"}"#));
        assert!(found(r#"{"a":"x gem1: y","b":"gem1:"}"#));
        assert!(!found(r#"{"a":"x gem1:y"}"#));
        assert!(!found("gem1:"));
    }
}
