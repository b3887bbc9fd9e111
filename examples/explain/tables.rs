//! Configurations, built once.

use std::{collections::HashMap, env, fs};

use tower::layer::util::Identity;
use tower_llm_gateway::{
    config::{Config, Errors},
    plugin::{PluginLayer, Registry},
    router::Table,
};

/// Tables by the files that are read as one configuration.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    plugins: Registry,
    built: HashMap<Vec<String>, Built>,
}

/// What became of files, and the content that they had.
#[derive(Debug)]
struct Built {
    content: Vec<Option<Vec<u8>>>,
    ready: Result<Ready, Vec<String>>,
}

/// A configuration that is right.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) table: Table,
    /// What looks like a mistake in it.
    pub(crate) lints: Vec<String>,
}

impl Tables {
    /// Plugins of these names are known besides the crate's own. What they do is of no matter here.
    pub(crate) fn with_plugins(ids: &[String]) -> Self {
        let mut tables = Self::default();
        for id in ids {
            let make = |_: &_| Ok(PluginLayer::new(Identity::new()));
            tables.plugins.register(id, make);
        }
        tables
    }

    /// What files say now, or all that is wrong with them.
    pub(crate) fn get(&mut self, files: &[String]) -> Result<&Ready, Vec<String>> {
        // One that can't be read is told again from others when it is built.
        let content: Vec<_> = files.iter().map(|file| fs::read(file).ok()).collect();
        let known = self.built.remove(files);
        let built = known.filter(|built| built.content == content);
        let built = built.unwrap_or_else(|| Built::new(files, content, &self.plugins));
        let built = self.built.entry(files.to_owned()).or_insert(built);
        built.ready.as_ref().map_err(Clone::clone)
    }
}

impl Built {
    fn new(files: &[String], content: Vec<Option<Vec<u8>>>, plugins: &Registry) -> Self {
        let ready = Ready::new(files, plugins);
        let ready = ready.map_err(|errors| errors.iter().map(ToString::to_string).collect());
        Self { content, ready }
    }
}

impl Ready {
    fn new(files: &[String], plugins: &Registry) -> Result<Self, Errors> {
        let mut config = Config::default();
        for file in files {
            config.append_yaml_file_with(file, |name| Some(variable(file, name)))?;
        }
        let table = config.build(plugins)?;
        let lints = config.lints(&table);
        let lints = lints.iter().map(ToString::to_string).collect();
        Ok(Self { table, lints })
    }
}

/// A variable of the environment, or else something in its place: where a request goes does not depend on keys.
fn variable(file: &str, name: &str) -> String {
    let value = env::var(name).ok().filter(|value| !value.is_empty());
    value.unwrap_or_else(|| {
        crate::complain(&format!(
            "warning: {file}: the environment variable {name} is not set"
        ));
        format!("placeholder-for-{name}")
    })
}
