//! The main job: one API outside, three providers behind it, and a comparison of them.
//!
//! ```sh
//! cargo run --example ab_testing                    # provider doubles on loopback
//! cargo run --example ab_testing -- --serve [ADDR]  # … and keep serving, with the report of an experiment that runs
//! cargo run --example ab_testing -- --live          # the providers that you have keys for
//! cargo run --example ab_testing -- --chaos         # providers that fail in every way, and what callers see
//! ```
//!
//! `--live` reads `OPENAI_API_KEY`, `ANTHROPIC_API_KEY`, and `AZURE_OPENAI_API_KEY` with `AZURE_OPENAI_ENDPOINT`.

mod backends;
mod chaos;
mod comparison;
mod exchange;
mod experiment;
mod routes;
mod server;
#[path = "../../tests/support/mod.rs"]
mod support;
mod table;

use std::{env, error::Error, future::IntoFuture, net::SocketAddr};

use axum::serve::ListenerExt;
use backends::Backends;
use exchange::Caller;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::read(env::args().skip(1))?;
    if options.chaos {
        return chaos::run().await;
    }
    let backends = if options.live {
        Backends::live()?
    } else {
        Backends::doubles().await?
    };
    let listener = TcpListener::bind(options.serve.unwrap_or(([127, 0, 0, 1], 0).into())).await?;
    let url = format!("http://{}", listener.local_addr()?);
    // Events must not wait for the client's delayed acknowledgements.
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    let experiment = experiment::gateway().await?;
    let app = server::app(&backends.gateway).nest_service("/report", experiment.report());
    let server = tokio::spawn(axum::serve(listener, app).into_future());

    let caller = Caller::new(&url);
    println!("One API, three providers: POST {url}/v1/chat/completions\n");
    routes::table(&caller, &backends.models).await?.print();
    println!(
        "\nThe backends compared, {} streamed answers each\n",
        comparison::ROUNDS
    );
    comparison::table(&caller, &backends.models).await?.print();

    if options.serve.is_some() {
        experiment::run(&experiment);
        println!("\nan experiment is running; its report is at {url}/report");
        println!(
            "\nserving on {url} until ctrl-c; try\n\n{}",
            server::curl(&url)
        );
        tokio::select! {
            ended = server => ended??,
            pressed = tokio::signal::ctrl_c() => pressed?,
        }
    }
    Ok(())
}

/// What the command line says.
struct Options {
    live: bool,
    chaos: bool,
    serve: Option<SocketAddr>,
}

impl Options {
    fn read(arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut options = Self {
            live: false,
            chaos: false,
            serve: None,
        };
        let mut arguments = arguments.peekable();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--live" => options.live = true,
                "--chaos" => options.chaos = true,
                "--serve" => {
                    let address = arguments.next_if(|next| !next.starts_with("--"));
                    let address = address.as_deref().unwrap_or("127.0.0.1:8080").parse();
                    let hint = "--serve takes an address such as 127.0.0.1:8080";
                    options.serve = Some(address.map_err(|_| hint)?);
                }
                other => {
                    return Err(format!(
                        "unknown argument {other}: try --serve, --live or --chaos"
                    )
                    .into());
                }
            }
        }
        Ok(options)
    }
}
