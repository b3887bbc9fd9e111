//! A complete gateway server from YAML files.
//!
//! ```sh
//! cargo run --example gateway -- --config gateway.yaml [--listen 127.0.0.1:8080] [--watch SECONDS] [--drain SECONDS]
//! ```
//!
//! Prints `listening on http://ADDR` when it is ready; port 0 picks a free one. A configuration with errors ends it with
//! status 2 and all of them on stderr.
//!
//! On SIGTERM or ctrl-c it takes in no more connections and ends, with status 0, when the requests on their way are
//! answered. Those that take longer than `--drain` says (default 30 seconds) are told that the gateway is shutting down: in
//! an event, if they are streams. A second signal ends it at once, with status 1.
//!
//! Several `--config` are read as one. What they say is followed while the server runs: every second, or as `--watch` says
//! (`5`, `500ms`, `0` for never), and on SIGHUP. What became of a change is said on stderr; one with errors leaves the
//! gateway as it is.

mod files;
mod follow;
mod options;
mod serve;

use std::{env, io, process::ExitCode};

use tower_llm_gateway::Gateway;
use tracing_subscriber::EnvFilter;

use files::Files;
use follow::Follow;
use options::{Options, USAGE};

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .init();

    let options = match Options::read(env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => return fail(&format!("{problem}\n{USAGE}")),
    };
    let files = Files::new(options.configs);
    // Before the files are read, or a change in between would be missed.
    let follow = Follow::new(files.clone(), options.watch);
    let built = files
        .config()
        .and_then(|config| Gateway::builder(config).build());
    let gateway = match built {
        Ok(gateway) => gateway,
        Err(errors) => return fail(&errors.to_string()),
    };
    follow::warn(&gateway);
    match serve::serve(gateway, options.listen, options.drain, follow).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn fail(problem: &str) -> ExitCode {
    eprintln!("{problem}");
    ExitCode::from(2)
}
