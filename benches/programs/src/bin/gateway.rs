//! The whole stack, as a host serves it: 20 rules, metering on, every limit at its default.
//!
//! `gateway LISTEN PROVIDER`, such as `gateway 127.0.0.1:9200 127.0.0.1:9001`.

use std::{env, error::Error, fmt::Write as _};

use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::net::TcpListener;
use tower_llm_gateway::{Gateway, config::Config};

/// Rules that match nothing of what is asked.
const OTHERS: usize = 17;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(listen), Some(provider)) = (arguments.next(), arguments.next()) else {
        return Err("gateway LISTEN PROVIDER".into());
    };
    let config = Config::from_yaml(&configuration(&provider))?;
    let gateway = Gateway::builder(config).build()?;
    let listener = TcpListener::bind(listen).await?;
    loop {
        let (connection, _) = listener.accept().await?;
        connection.set_nodelay(true)?;
        let service = TowerToHyperService::new(gateway.service());
        tokio::spawn(async move {
            let mut server = http1::Builder::new();
            let server = server.timer(TokioTimer::new());
            // A client that goes away is no matter.
            let _ = server
                .serve_connection(TokioIo::new(connection), service)
                .await;
        });
    }
}

/// `mock-model` passes, `rename-me` passes under another name, `claude-sonnet-4-20250514` is translated.
fn configuration(provider: &str) -> String {
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
    for other in 0..OTHERS {
        let _ = writeln!(
            yaml,
            "  - {{id: other-{other}, pattern_path: /v1/chat/completions, pattern_model: 'other-{other}-*', match_downstreams: [openai]}}"
        );
    }
    yaml
}
