use http::Uri;

use super::url::{Base, InvalidUrl};

/// An address, taken apart once.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) url: Uri,
    pub(super) base: Result<Base, InvalidUrl>,
    host: String,
}

impl Address {
    pub(super) fn new(url: Uri) -> Self {
        let host = url.host().unwrap_or_default();
        Self {
            base: Base::new(&url),
            host: host.trim_end_matches('.').to_ascii_lowercase(),
            url,
        }
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }
}
