//! Asks through the gateway and through the floor, and tells what that cost them.
//!
//! `load PLAN`, where the plan is JSON such as
//!
//! ```json
//! {"mock": "127.0.0.1:9001", "request_bytes": 1024, "behaviour": {"answer_bytes": 1024}, "targets": [
//!     {"name": "floor", "address": "127.0.0.1:9100", "pid": 123, "model": "mock-model"},
//!     {"name": "gateway", "address": "127.0.0.1:9200", "pid": 124, "model": "mock-model"}],
//!  "measure": {"rounds": {"connections": 16, "count": 5, "milliseconds": 1000}}}
//! ```
//!
//! The outcome is JSON too.

mod check;
mod client;
mod memory;
mod plan;
mod rounds;

use std::env;

use client::Question;
use plan::{Measure, Plan};
use tower_llm_gateway_benches::server::BoxError;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    let plan = env::args().nth(1).ok_or("load PLAN")?;
    let plan: Plan = serde_json::from_str(&plan)?;
    let outcome = if let Measure::Rounds(rounds) = &plan.measure {
        Question::behave(&plan.mock, &plan.behaviour)?
            .ask(&mut None)
            .await?;
        serde_json::to_string(&rounds::run(&plan, rounds).await?)?
    } else {
        let mut outcomes = Vec::new();
        for target in &plan.targets {
            outcomes.push(memory::run(&plan, target).await?);
        }
        serde_json::to_string(&outcomes)?
    };
    println!("{outcome}");
    Ok(())
}
