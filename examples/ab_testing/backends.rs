//! The three providers: doubles on loopback, or the real ones.

use std::{env, error::Error, time::Duration};

use tower_llm_gateway::{Gateway, config::Config};

use crate::support::page::{self, Page};

/// A gateway, and the models to ask it for.
pub(crate) struct Backends {
    pub(crate) gateway: Gateway,
    pub(crate) models: Vec<&'static str>,
    /// The doubles run as long as this lives.
    _page: Option<Page>,
}

/// A provider's model, its key in the page's configuration, and the environment variable with the real one.
const KEYS: [(&str, &str, &str); 3] = [
    ("gpt-4o", "sk-proj-...", "OPENAI_API_KEY"),
    (
        "claude-sonnet-4-20250514",
        "sk-ant-...",
        "ANTHROPIC_API_KEY",
    ),
    ("azure-gpt4o", "azure-key-...", "AZURE_OPENAI_API_KEY"),
];

impl Backends {
    /// Doubles that differ in speed, so that there is something to compare.
    pub(crate) async fn doubles() -> Result<Self, Box<dyn Error>> {
        let page = Page::start_with(|provider, double| {
            let (first_byte, event) = match provider {
                "openai" => (30, 3),
                "anthropic" => (45, 2),
                _ => (38, 4),
            };
            double
                .first_byte_delay(Duration::from_millis(first_byte))
                .event_interval(Duration::from_millis(event))
        });
        let page = page.await;
        Ok(Self {
            gateway: page.gateway()?,
            models: KEYS.map(|(model, ..)| model).to_vec(),
            _page: Some(page),
        })
    }

    /// The real providers, of which those are asked whose keys are in the environment.
    pub(crate) fn live() -> Result<Self, Box<dyn Error>> {
        let mut config = page::config();
        let mut models = Vec::new();
        for (model, placeholder, variable) in KEYS {
            if env::var_os(variable).is_some() {
                config = config.replace(placeholder, &format!("${{{variable}}}"));
                models.push(model);
            }
        }
        match env::var("AZURE_OPENAI_ENDPOINT") {
            Ok(endpoint) => {
                let endpoint = endpoint.trim_end_matches('/');
                config = config.replace("https://my-resource.openai.azure.com", endpoint);
            }
            // The page's host is somebody else's.
            Err(_) => models.retain(|model| *model != "azure-gpt4o"),
        }
        if models.is_empty() {
            let variables = KEYS.map(|(.., variable)| variable).join(", ");
            return Err(format!("--live needs a key in one of {variables}").into());
        }
        let config = Config::from_yaml(&config)?;
        Ok(Self {
            gateway: Gateway::builder(config).build()?,
            models,
            _page: None,
        })
    }
}
