//! The specification page's configuration, with the provider doubles behind it.

use std::error::Error;

use tower_llm_gateway::{
    Gateway,
    config::Config,
    downstream::{DownstreamService, HyperClient},
    gateway::Builder,
};

use super::doubles::{Double, Running};

/// The page's first snippet, with two providers.
const TWO: &str = include_str!("../fixtures/specification/gateway.yaml");
/// Its second one, under "Adding More Providers".
const MORE: &str = include_str!("../fixtures/specification/azure.yaml");

/// The page's configuration: both snippets, each part of the second behind its like in the first.
pub fn config() -> String {
    let parts = |snippet: &'static str| snippet.split_once("\nrules:\n").expect("it has rules");
    let ((downstreams, rules), (more_downstreams, more_rules)) = (parts(TWO), parts(MORE));
    format!("{downstreams}\n{more_downstreams}\nrules:\n{rules}\n{more_rules}")
}

/// No provider is asked more than once.
pub const ONCE: &str = "retry: {attempts: 1}";

/// Azure's key goes into a header of its own because of this host, so the host stays; only where it is changes.
const AZURE_HOST: &str = "my-resource.openai.azure.com";

/// The three providers of the page.
pub struct Page {
    pub openai: Running,
    pub anthropic: Running,
    pub azure: Running,
}

impl Page {
    /// Starts the three doubles.
    pub async fn start() -> Self {
        Self::start_with(|_, double| double).await
    }

    /// Starts the three doubles; `adjust` is given the id of each.
    pub async fn start_with(adjust: impl Fn(&str, Double) -> Double) -> Self {
        Self {
            openai: adjust("openai", Double::openai("sk-proj-..."))
                .start()
                .await,
            anthropic: adjust("anthropic", Double::anthropic("sk-ant-..."))
                .start()
                .await,
            azure: adjust("azure-openai", Double::azure("azure-key-..."))
                .start()
                .await,
        }
    }

    /// The page's configuration, verbatim but for the base URLs, and for that each provider is asked once: what it
    /// answers is what a test is about.
    pub fn config(&self) -> String {
        let azure = self.azure.url().replace("127.0.0.1", AZURE_HOST);
        format!("{ONCE}\n{}", config())
            .replace("https://api.openai.com/v1", self.openai.url())
            .replace("https://api.anthropic.com", self.anthropic.url())
            .replace("https://my-resource.openai.azure.com/openai", &azure)
    }

    /// A client that finds Azure's host on loopback.
    pub fn downstream() -> DownstreamService {
        let client = HyperClient::builder().with_address(AZURE_HOST, [127, 0, 0, 1].into());
        DownstreamService::with_client(client.build())
    }

    /// The gateway of the page.
    pub fn gateway(&self) -> Result<Gateway, Box<dyn Error>> {
        Ok(self.builder()?.build()?)
    }

    /// The same, as far as the configuration says what it is.
    pub fn builder(&self) -> Result<Builder, Box<dyn Error>> {
        let config = Config::from_yaml(&self.config())?;
        Ok(Gateway::builder(config).downstream(Self::downstream()))
    }
}

/// The gateway of a configuration file, or else of the page, whose doubles then run as long as the process.
pub async fn gateway(file: Option<String>) -> Result<Gateway, Box<dyn Error>> {
    Ok(builder(file).await?.build()?)
}

/// The same, as far as the configuration says what it is.
pub async fn builder(file: Option<String>) -> Result<Builder, Box<dyn Error>> {
    if let Some(file) = file {
        return Ok(Gateway::builder(Config::from_yaml_file(file)?));
    }
    let page = Box::leak(Box::new(Page::start().await));
    page.builder()
}
