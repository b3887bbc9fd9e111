//! The configuration's files.

use std::{
    fmt, fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::PathBuf,
};

use tower_llm_gateway::config::{Config, Errors};

#[derive(Debug, Clone)]
pub(crate) struct Files(Vec<PathBuf>);

/// Stands for what files hold. It is the content that counts, and not when or through which links it came there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint(u64);

impl Files {
    pub(crate) fn new(paths: Vec<PathBuf>) -> Self {
        Self(paths)
    }

    /// All of them as one configuration.
    pub(crate) fn config(&self) -> Result<Config, Errors> {
        let mut config = Config::default();
        for path in &self.0 {
            config.append_yaml_file(path)?;
        }
        Ok(config)
    }

    /// A file that can't be read counts as well, as one without content.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        let mut hasher = DefaultHasher::new();
        for path in &self.0 {
            fs::read(path).ok().hash(&mut hasher);
        }
        Fingerprint(hasher.finish())
    }
}

impl fmt::Display for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, path) in self.0.iter().enumerate() {
            let before = if index == 0 { "" } else { ", " };
            write!(f, "{before}{}", path.display())?;
        }
        Ok(())
    }
}
