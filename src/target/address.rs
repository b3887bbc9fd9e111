use http::Uri;

use crate::format::{ApiFormat, Operation};

use super::url::{Base, InvalidUrl};

/// An address, taken apart once.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) url: Uri,
    base: Result<Base, InvalidUrl>,
    host: String,
    /// The paths that most requests go to, joined once.
    joined: Vec<(Box<str>, Uri)>,
}

impl Address {
    pub(super) fn new(url: Uri) -> Self {
        let host = url.host().unwrap_or_default();
        let base = Base::new(&url);
        Self {
            joined: base.as_ref().map(joined).unwrap_or_default(),
            base,
            host: host.trim_end_matches('.').to_ascii_lowercase(),
            url,
        }
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn join(&self, path_and_query: &str) -> Result<Uri, InvalidUrl> {
        let mut joined = self.joined.iter();
        if let Some((_, url)) = joined.find(|(path, _)| **path == *path_and_query) {
            return Ok(url.clone());
        }
        let base = self.base.as_ref().map_err(|error| *error)?;
        base.join(path_and_query)
    }
}

/// Where models are asked, in formats that don't name them in the path.
fn joined(base: &Base) -> Vec<(Box<str>, Uri)> {
    let formats = ApiFormat::BUILT_IN.iter();
    let paths = formats.map(|format| format.api().path(Operation::Generate, "", false));
    let joined = paths.filter_map(|path| {
        let url = base.join(&path).ok()?;
        Some((path.into(), url))
    });
    joined.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_joined_once_is_what_would_be_joined_each_time() {
        for url in [
            "https://h",
            "https://h/v1?a=1",
            "https://h/openai/deployments/d",
            "https://h/../x",
        ] {
            let address = Address::new(url.parse().unwrap());
            for format in ApiFormat::BUILT_IN {
                let path = format.api().path(Operation::Generate, "", false);
                let joined = address.base.as_ref().map(|base| base.join(&path));
                assert_eq!(address.join(&path).ok(), joined.ok().and_then(Result::ok));
            }
        }
    }
}
