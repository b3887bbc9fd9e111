//! The configuration file: downstreams, rules and aliases, as YAML or JSON.
//!
//! ```yaml
//! downstreams:
//!   - id: openai
//!     api_formats: [openai]
//!     base_url: https://api.openai.com/v1
//!     api_key: ${OPENAI_API_KEY}
//!     output_model_ids: [gpt-4o]
//! rules:
//!   - id: nickname
//!     pattern_path: /v1/chat/completions
//!     pattern_model: assistant
//!     match_downstreams: [openai]
//! ```
//!
//! Reading never stops at the first mistake: [`Config::build`] reports all of them at once, each with line, column and
//! path, and a suggestion where there is one. Keys of downstreams are never part of what is said.
//!
//! # How patiently providers are called
//!
//! ```yaml
//! timeouts: {idle: 90s}
//! retry: {attempts: 2}
//! ejection: {consecutive: 10}
//! downstreams:
//!   - {id: openai, base_url: https://api.openai.com/v1, timeouts: {connect: 2s}}
//!   - {id: local, base_url: "http://localhost:8000/v1", output_model_ids: [llama], ejection: off}
//! rules:
//!   - id: chat
//!     pattern_model: gpt-4o
//!     match_downstreams: [openai]
//!     timeouts: {first_byte: 10s, total: none}
//!     retry: {statuses: [401], max_wait: 2s}
//!     fallback: [{downstream: openai, output_model: gpt-4o-mini}, local]
//! ```
//!
//! `timeouts` and `retry` may be said of all, of a downstream and of a rule, `ejection` of all and of a downstream. Of each
//! entry the nearest word counts: of the most specific rule, of the downstream, of the document (of several documents the
//! first that has one), the default. Each of them may be `off`: no limit at all, one try at each target, no ejection.
//!
//! | `timeouts` | what may take so long (`500ms`, `5s`, `2m`, `1h`, or `none`) | default |
//! |---|---|---|
//! | `connect` | dialling, until TCP, TLS and ALPN are done | 5s |
//! | `pool_wait` | waiting for a place at a downstream that takes only so many requests at once | 5s |
//! | `request_write` | a pause between two pieces of the request | 30s |
//! | `first_byte` | from the end of the request to the head of the answer | 5m, for a stream; 10m |
//! | `first_event` | from the head of a stream to its first content | 10m |
//! | `idle` | a pause between two pieces of the answer | 5m |
//! | `attempt` | one attempt, to its last byte | none |
//! | `total` | all attempts and pauses, to the last byte | 10m for a model's answer that comes whole; none |
//!
//! | `retry` | | default |
//! |---|---|---|
//! | `attempts` | tries at one target, the first included | 3 |
//! | `backoff` | the first pause, which doubles (`0s` for none) | 250ms |
//! | `max_backoff` | the longest of these pauses | 8s |
//! | `max_wait` | how long a provider is waited for that says when to come back (`0s` for never, `none` for any time) | 10s |
//! | `budget` | further tries, as a part of the requests to a downstream (`0.2`, or `20%`) | 20% |
//! | `statuses` | further statuses for which the next target is tried, such as `[401, 403]` | none |
//! | `on_empty` | whether an answer without content is a failure; `retry_on_empty` of the document says it too | false |
//!
//! | `ejection` | | default |
//! |---|---|---|
//! | `enabled` | whether a target that fails is left alone for a while | true |
//! | `consecutive` | after so many failures in a row | 5 |
//! | `ratio` | or after so many of all requests of the last 30 s (`0.5`, or `50%`) | 50% |
//! | `least` | of which there have to be so many | 20 |
//! | `base` | for so long, and each time in a row for so much longer | 10s |
//! | `longest` | but for no longer | 5m |
//! | `probes` | then so many requests at once see whether it works again | 1 |
//! | `all_ejected` | without another target: `try` it nonetheless, or `refuse` the request with 503 | try |
//!
//! `max_in_flight` of a downstream is how many requests it has at once; who comes later waits in line, up to the
//! `pool_wait` timeout.
//!
//! `shadow: {downstream: id, output_model: name, sample: 5%, max_in_flight: 4, timeout: 2m}` of a rule sends copies of its
//! requests to another downstream too, to compare; nobody gets their answers. [The layer](crate::shadow) says which requests
//! are copied. Without a `sample` all of them are; at most `max_in_flight` are on their way at once (default 4), each for
//! no longer than the `timeout` (default 2 min).
//!
//! `fallback` is a list of what is next if a rule's target fails: ids of downstreams, or
//! `{downstream: id, output_model: name}` where the model is called something else there (`passthrough` for the caller's
//! name). [The router](crate::router#fallbacks) says whose list counts, and under which name each of them is asked.
//!
//! # What tokens cost
//!
//! ```yaml
//! downstreams:
//!   - id: anthropic
//!     base_url: https://api.anthropic.com
//!     output_model_ids: [claude-sonnet-4-20250514]
//!     prices:
//!       claude-sonnet-4-20250514: {input: 3.0, output: 15.0, cache_read: 0.3, cache_write: 3.75, cache_write_1h: 6.0}
//!       "claude-haiku-*": {input: 1.0, output: 5.0}
//! ```
//!
//! `prices` are US dollars per million tokens, by the name that the downstream is asked for; of several that match, the one
//! with the fewest stars and the most letters counts. Without a price of its own what is read from a cache, or written to
//! it, costs as `input`, and what is kept for an hour as `cache_write`. They end in the
//! [`cost`](crate::meter::Summary::cost) of each request, and change nothing about where it goes.

mod address;
mod alias;
mod build;
mod dialect;
mod downstream;
mod environment;
mod error;
mod experiments;
mod key;
mod losses;
mod node;
mod policy;
mod prices;
mod reader;
mod rule;
mod shadow;
mod split;
mod suggest;
#[cfg(feature = "yaml")]
mod yaml;

use std::fmt;

use secrecy::SecretString;

use crate::{
    policy::{Ejection, Retry, Timeouts},
    target::Target,
};

pub use error::{Error, Errors};

use alias::AliasEntry;
use environment::Lookup;
use experiments::ExperimentsEntry;
use node::{At, Node};
use reader::{Fields, Keys, Placed, Reader, Source};
use rule::RuleEntry;

/// What configuration files say, read but not yet put together.
#[derive(Clone, Default)]
pub struct Config {
    /// Each with the place of its id.
    downstreams: Vec<Placed<Target>>,
    rules: Vec<RuleEntry>,
    aliases: Vec<AliasEntry>,
    experiments: ExperimentsEntry,
    client_keys: Vec<SecretString>,
    /// What counts where a downstream says nothing.
    timeouts: Timeouts,
    retry: Retry,
    ejection: Ejection,
    /// What was wrong in reading; reported by `build`, with all that it finds.
    errors: Vec<Error>,
    /// What was odd in reading; reported by `lints`, with what the table finds.
    lints: Vec<Error>,
    documents: usize,
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
