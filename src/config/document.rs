use std::fmt;

use secrecy::SecretString;

use crate::{
    policy::{Ejection, Retry, Timeouts},
    target::Target,
};

#[cfg(feature = "yaml")]
use super::yaml;
use super::{
    Error, Errors,
    alias::{self, AliasEntry},
    downstream,
    environment::Lookup,
    experiments::ExperimentsEntry,
    key,
    node::{At, Node},
    policy,
    reader::{self, Fields, Keys, Placed, Reader, Source},
    rule::{self, RuleEntry},
};

/// What configuration files say, read but not yet put together.
#[derive(Clone, Default)]
pub struct Config {
    /// Each with the place of its id.
    pub(super) downstreams: Vec<Placed<Target>>,
    pub(super) rules: Vec<RuleEntry>,
    pub(super) aliases: Vec<AliasEntry>,
    pub(super) experiments: ExperimentsEntry,
    pub(super) client_keys: Vec<SecretString>,
    /// What counts where a downstream says nothing.
    pub(super) timeouts: Timeouts,
    pub(super) retry: Retry,
    pub(super) ejection: Ejection,
    /// What was wrong in reading; reported by `build`, with all that it finds.
    pub(super) errors: Vec<Error>,
    /// What was odd in reading; reported by `lints`, with what the table finds.
    pub(super) lints: Vec<Error>,
    pub(super) documents: usize,
}

const SERVER: &str = "is not read: it is for Tresor's own server, and here the host does that";

const KEYS: Keys = Keys {
    known: &[
        "downstreams",
        "rules",
        "aliases",
        "experiments",
        "proxy_api_keys",
        "timeouts",
        "retry",
        "ejection",
        "retry_on_empty",
    ],
    others: &[],
    unread: &[
        ("bind_addr", SERVER),
        ("socket_path", SERVER),
        ("db_path", SERVER),
        ("admin_password", SERVER),
        ("proxy_mode", SERVER),
        ("default_tab", SERVER),
        ("log_level", SERVER),
        ("capture_payloads", SERVER),
        ("icon_cache_dir", SERVER),
    ],
};

impl Config {
    /// Reads a YAML document. `${NAME}` in a key stands for that environment variable.
    ///
    /// # Errors
    ///
    /// If it is not YAML. All else that is wrong is reported by [`Config::build`].
    #[cfg(feature = "yaml")]
    pub fn from_yaml(text: &str) -> Result<Self, Errors> {
        Self::from_yaml_with(text, variable)
    }

    /// Reads a YAML document, with variables from `lookup`.
    ///
    /// # Errors
    ///
    /// If it is not YAML.
    #[cfg(feature = "yaml")]
    pub fn from_yaml_with(
        text: &str,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Errors> {
        let mut config = Self::default();
        config.read_yaml(None, text, &lookup)?;
        Ok(config)
    }

    /// Reads a YAML file.
    ///
    /// # Errors
    ///
    /// If it can't be read, or is not YAML.
    #[cfg(feature = "yaml")]
    pub fn from_yaml_file(path: impl AsRef<std::path::Path>) -> Result<Self, Errors> {
        let mut config = Self::default();
        config.append_yaml_file(path)?;
        Ok(config)
    }

    /// Adds the downstreams, rules and aliases of another document. One that begins with list items continues the list of
    /// downstreams.
    ///
    /// # Errors
    ///
    /// If it is not YAML; nothing is added then.
    #[cfg(feature = "yaml")]
    pub fn append_yaml(&mut self, text: &str) -> Result<(), Errors> {
        self.read_yaml(None, text, &variable)
    }

    /// Adds the downstreams, rules and aliases of another file.
    ///
    /// # Errors
    ///
    /// If it can't be read, or is not YAML; nothing is added then.
    #[cfg(feature = "yaml")]
    pub fn append_yaml_file(&mut self, path: impl AsRef<std::path::Path>) -> Result<(), Errors> {
        self.append_yaml_file_with(path, variable)
    }

    /// Adds the downstreams, rules and aliases of another file, with variables from `lookup`.
    ///
    /// # Errors
    ///
    /// If it can't be read, or is not YAML; nothing is added then.
    #[cfg(feature = "yaml")]
    pub fn append_yaml_file_with(
        &mut self,
        path: impl AsRef<std::path::Path>,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<(), Errors> {
        let path = path.as_ref();
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => self.read_yaml(Some(&name), &text, &lookup),
            Err(error) => Err(self.unreadable(Some(&name), None, &error.to_string())),
        }
    }

    /// Reads a JSON document, with the same members as the YAML.
    ///
    /// # Errors
    ///
    /// If it is not JSON.
    pub fn from_json(text: &str) -> Result<Self, Errors> {
        let mut config = Self::default();
        match serde_json::from_str(text) {
            Ok(node) => config.read(None, node, &variable),
            Err(error) => {
                let at = At::new(error.line(), error.column());
                return Err(config.unreadable(None, Some(at), "this is not JSON"));
            }
        }
        Ok(config)
    }

    #[cfg(feature = "yaml")]
    fn read_yaml(
        &mut self,
        file: Option<&str>,
        text: &str,
        lookup: Lookup<'_>,
    ) -> Result<(), Errors> {
        match yaml::parse(text) {
            Ok(node) => self.read(file, node, lookup),
            Err(error) => return Err(self.unreadable(file, error.at, &error.message)),
        }
        Ok(())
    }

    /// The keys of which callers have to send one; empty if everybody may call.
    pub fn client_keys(&self) -> &[SecretString] {
        &self.client_keys
    }

    /// The limits of time that count where no downstream and no rule says others.
    pub fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    fn unreadable(&self, file: Option<&str>, at: Option<At>, message: &str) -> Errors {
        let source = self.source(file);
        let position = reader::Position::new(source, at);
        Errors::new(vec![position.error(message, None)])
    }

    fn source(&self, file: Option<&str>) -> Source {
        Source {
            file: file.map(Into::into),
            document: self.documents,
        }
    }

    fn read(&mut self, file: Option<&str>, node: Node, lookup: Lookup<'_>) {
        let mut reader = Reader {
            source: self.source(file),
            lookup,
            errors: Vec::new(),
            lints: Vec::new(),
        };
        self.documents += 1;
        let document = reader.item(node, "");
        if let Some(mut fields) = reader.fields(document) {
            let downstreams = fields.take(&reader, "downstreams");
            for item in reader.list(downstreams) {
                self.downstreams.extend(downstream::read(&mut reader, item));
            }
            let rules = fields.take(&reader, "rules");
            for item in reader.list(rules) {
                self.rules.extend(rule::read(&mut reader, item));
            }
            let aliases = fields.take(&reader, "aliases");
            for item in reader.list(aliases) {
                self.aliases.extend(alias::read(&mut reader, item));
            }
            self.experiments.read(&mut reader, &mut fields);
            let keys = fields.take(&reader, "proxy_api_keys");
            self.client_keys.extend(key::of_clients(&mut reader, keys));
            self.read_policies(&mut reader, &mut fields);
            fields.finish(&mut reader, &KEYS);
        }
        self.errors.append(&mut reader.errors);
        self.lints.append(&mut reader.lints);
    }
}

impl Config {
    /// Of several documents the first one's word counts.
    fn read_policies(&mut self, reader: &mut Reader<'_>, fields: &mut Fields) {
        self.timeouts = self.timeouts.or(policy::timeouts(reader, fields));
        self.ejection = self.ejection.or(policy::ejection(reader, fields));
        let mut retry = policy::retry(reader, fields);
        // Tresor's word for it.
        if let Some(item) = fields.take(reader, "retry_on_empty") {
            if retry.on_empty.is_some() {
                let message = "\"retry\" says it already; leave one of them out";
                reader.wrong(&item.position, message);
            }
            retry.on_empty = Some(reader.flag(Some(item), false));
        }
        self.retry = self.retry.or(&retry);
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Shows ids only: keys and plugin settings are secrets.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let downstreams = self.downstreams.iter().map(|each| each.value.id());
        let rules = self.rules.iter().map(|entry| entry.rule.id());
        let aliases = self.aliases.iter().map(|entry| entry.alias.name());
        f.debug_struct("Config")
            .field("downstreams", &downstreams.collect::<Vec<_>>())
            .field("rules", &rules.collect::<Vec<_>>())
            .field("aliases", &aliases.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
