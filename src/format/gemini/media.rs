//! Where the API keeps files, and what it takes.

/// What kinds of files go by the endings of their names.
const ENDINGS: &[(&str, &str)] = &[
    (".png", "image/png"),
    (".jpg", "image/jpeg"),
    (".jpeg", "image/jpeg"),
    (".gif", "image/gif"),
    (".webp", "image/webp"),
    (".heic", "image/heic"),
    (".heif", "image/heif"),
    (".pdf", "application/pdf"),
];

/// Whether an address leads into a store of the provider.
pub(super) fn is_stored(uri: &str) -> bool {
    let after = |scheme: &str| uri.strip_prefix(scheme);
    after("gs://").is_some()
        || after("files/").is_some()
        || after("https://generativelanguage.googleapis.com/").is_some()
}

/// The media type of a file by its address; empty if it doesn't tell.
pub(super) fn by_ending(uri: &str) -> &'static str {
    let path = uri.split(['?', '#']).next().unwrap_or_default();
    let lower = path.to_ascii_lowercase();
    let known = ENDINGS.iter().find(|(ending, _)| lower.ends_with(ending));
    known.map_or("", |(_, media_type)| media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_providers_own_stores_are_known() {
        for stored in [
            "gs://bucket/a.png",
            "https://generativelanguage.googleapis.com/v1beta/files/abc",
        ] {
            assert!(is_stored(stored), "{stored}");
        }
        assert!(!is_stored("https://example.com/files/a.png"));
    }

    #[test]
    fn an_address_may_tell_the_type() {
        assert_eq!(by_ending("https://x.test/a.PNG?size=1"), "image/png");
        assert_eq!(by_ending("https://x.test/a"), "");
    }
}
