//! Configurations, built once.

use std::{collections::HashMap, collections::hash_map::Entry, env, fs};

use tower_llm_gateway::{
    config::{Config, Error},
    plugin::Registry,
    router::Table,
};

/// Tables by file.
#[derive(Debug, Default)]
pub(crate) struct Tables(HashMap<String, Built>);

/// What became of a file, and the text that it had.
#[derive(Debug)]
struct Built {
    text: String,
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
    /// What a file says now, or all that is wrong with it.
    pub(crate) fn get(&mut self, file: &str) -> Result<&Ready, Vec<String>> {
        let text = fs::read_to_string(file);
        let text = text.map_err(|error| vec![format!("{file}: {error}")])?;
        let built = match self.0.entry(file.to_owned()) {
            Entry::Vacant(place) => place.insert(Built::new(file, text)),
            Entry::Occupied(place) => {
                let built = place.into_mut();
                if built.text != text {
                    *built = Built::new(file, text);
                }
                built
            }
        };
        built.ready.as_ref().map_err(Clone::clone)
    }
}

impl Built {
    fn new(file: &str, text: String) -> Self {
        let config = Config::from_yaml_with(&text, |name| Some(variable(file, name)));
        let ready = config.and_then(|config| {
            let table = config.build(&Registry::default())?;
            let lints = config.lints(&table);
            let lints = lints.iter().map(|lint| placed(file, lint)).collect();
            Ok(Ready { table, lints })
        });
        let ready =
            ready.map_err(|errors| errors.iter().map(|error| placed(file, error)).collect());
        Self { text, ready }
    }
}

/// With the name of the file, which an error does not know if the text was read apart from it.
fn placed(file: &str, error: &Error) -> String {
    match error.line {
        Some(_) => format!("{file}:{error}"),
        None => format!("{file}: {error}"),
    }
}

/// A variable of the environment, or else something in its place: where a request goes does not depend on keys.
fn variable(file: &str, name: &str) -> String {
    let value = env::var(name).ok().filter(|value| !value.is_empty());
    value.unwrap_or_else(|| {
        eprintln!("warning: {file}: the environment variable {name} is not set");
        format!("placeholder-for-{name}")
    })
}
