use http::Uri;

use super::url::{Base, InvalidUrl};

/// An address, taken apart once.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) url: Uri,
    pub(super) base: Result<Base, InvalidUrl>,
}

impl Address {
    pub(super) fn new(url: Uri) -> Self {
        Self {
            base: Base::new(&url),
            url,
        }
    }

    pub(super) fn host(&self) -> String {
        let host = self.url.host().unwrap_or_default();
        host.trim_end_matches('.').to_ascii_lowercase()
    }
}
