//! The whole stack, as a host serves it: 20 rules, metering on, every limit at its default.
//!
//! `gateway LISTEN PROVIDER [RULES]`, such as `gateway 127.0.0.1:9200 127.0.0.1:9001`.

use std::{env, fmt::Write as _};

use hyper_util::service::TowerToHyperService;
use tower_llm_gateway::{Gateway, config::Config};
use tower_llm_gateway_benches::server::{self, BoxError};

/// Rules, where the command line does not say how many.
const RULES: usize = 20;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let mut arguments = env::args().skip(1);
    let (Some(listen), Some(provider)) = (arguments.next(), arguments.next()) else {
        return Err("gateway LISTEN PROVIDER [RULES]".into());
    };
    let rules = arguments.next().map_or(Ok(RULES), |rules| rules.parse())?;
    let config = Config::from_yaml(&configuration(&provider, rules))?;
    let gateway = Gateway::builder(config).build()?;
    server::serve(&listen, || TowerToHyperService::new(gateway.service())).await?;
    Ok(())
}

/// `mock-model` passes, `rename-me` passes under another name, `claude-sonnet-4-20250514` is translated; the other rules
/// match nothing of what is asked.
fn configuration(provider: &str, rules: usize) -> String {
    let mut yaml = format!(
        "
downstreams:
  - {{id: openai, api_formats: [openai], base_url: 'http://{provider}/v1', api_key: key, output_model_ids: [mock-model]}}
  - {{id: renamed, api_formats: [openai], base_url: 'http://{provider}/v1', api_key: key, output_model_ids: [another-model]}}
  - {{id: anthropic, api_formats: [anthropic], base_url: 'http://{provider}', api_key: key, output_model_ids: [claude-sonnet-4-20250514]}}
rules:
  - {{id: passes, pattern_model: mock-model, match_downstreams: [openai]}}
  - {{id: renames, pattern_model: rename-me, match_downstreams: [renamed], output_model: another-model}}
  - {{id: translates, pattern_path: /v1/chat/completions, pattern_model: claude-sonnet-4-20250514, match_downstreams: [anthropic]}}
"
    );
    for other in 3..rules {
        let _ = writeln!(
            yaml,
            "  - {{id: other-{other}, pattern_path: /v1/chat/completions, pattern_model: 'other-{other}-*', match_downstreams: [openai]}}"
        );
    }
    yaml
}
