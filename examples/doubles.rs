//! Runs the provider doubles of the tests on loopback, to try a gateway without a real key.
//!
//! ```sh
//! cargo run --example doubles
//! ```
//!
//! Prints one line per double, `NAME BASE_URL`, and runs until ctrl-c or SIGTERM. The keys are
//! those below. A marker in the last user message asks for a failure, for instance
//! `[[rate-limit]]`; `tests/support/doubles/script.rs` lists them.

#[path = "../tests/support/mod.rs"]
mod support;

use std::io;

use support::doubles::Double;
use tokio::signal;

#[tokio::main]
async fn main() -> io::Result<()> {
    let doubles = [
        ("openai", Double::openai("sk-proj-test")),
        ("anthropic", Double::anthropic("sk-ant-test")),
        ("azure", Double::azure("azure-key-test")),
        ("responses", Double::responses("sk-proj-test")),
        ("gemini", Double::gemini("goog-key-test")),
    ];
    let mut running = Vec::new();
    for (name, double) in doubles {
        let double = double.start().await;
        println!("{name} {}", double.url());
        running.push(double);
    }
    stop_signal().await
}

#[cfg(unix)]
async fn stop_signal() -> io::Result<()> {
    let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        pressed = signal::ctrl_c() => pressed,
    }
}

#[cfg(not(unix))]
async fn stop_signal() -> io::Result<()> {
    signal::ctrl_c().await
}
