use std::{collections::BTreeMap, fmt, sync::Arc};

use serde_json::Value;

use crate::{BoxError, format::ApiFormat};

use super::{BUILT_IN, PluginLayer};

type Factory = Arc<dyn Fn(&Value) -> Result<PluginLayer, BoxError> + Send + Sync>;

/// Plugins by name, for configuration files. [`Registry::default`] has those that come with the crate.
#[derive(Clone)]
pub struct Registry {
    factories: BTreeMap<String, Factory>,
}

impl Default for Registry {
    fn default() -> Self {
        let mut registry = Self::empty();
        for (id, make) in BUILT_IN {
            registry.register(id, make);
        }
        registry
    }
}

impl Registry {
    /// A registry without plugins.
    pub const fn empty() -> Self {
        Self {
            factories: BTreeMap::new(),
        }
    }

    /// Adds a plugin, or replaces the one of that name. `make` is called once for each place that names it, with the
    /// settings given there (`null` if there are none); it says in words what is wrong with them.
    pub fn register<F>(&mut self, id: impl Into<String>, make: F)
    where
        F: Fn(&Value) -> Result<PluginLayer, BoxError> + Send + Sync + 'static,
    {
        self.factories.insert(id.into(), Arc::new(make));
    }

    /// Makes the plugin of that name; `None` if there is none.
    pub fn make(&self, id: &str, settings: &Value) -> Option<Result<PluginLayer, BoxError>> {
        let (id, make) = self.factories.get_key_value(id)?;
        Some(make(settings).map(|plugin| plugin.named(&**id)))
    }

    /// The names, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.factories.keys().map(String::as_str)
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.factories.keys()).finish()
    }
}

/// A translator named in a pipeline: `x2y` stands for the pair {x, y}.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Translator {
    /// The format in front of the `2`.
    pub from: ApiFormat,
    /// The format behind it.
    pub to: ApiFormat,
}

impl Translator {
    /// The translator of that plugin name, if it is one: two formats joined by `2`. `responses` is short for
    /// `openai_responses`.
    pub fn from_id(id: &str) -> Option<Self> {
        let (from, to) = id.split_once('2')?;
        let format = |name: &str| match name {
            "responses" => "openai_responses".parse().ok(),
            name => name.parse::<ApiFormat>().ok(),
        };
        let (from, to) = (format(from)?, format(to)?);
        (from != to).then_some(Self { from, to })
    }
}
