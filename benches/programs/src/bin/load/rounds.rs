//! Clients that ask again as soon as they have their answer, of one target after the other.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde::Serialize;
use tokio::task::JoinSet;
use tower_llm_gateway_benches::{process::Process, server::BoxError, spread::Spread};

use crate::{
    client::{Connection, Question},
    plan::{Plan, Rounds, Target},
};

/// One target in one round.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    target: String,
    round: usize,
    requests: u64,
    errors: u64,
    error: Option<String>,
    requests_per_second: f64,
    /// Time on a processor for each request, of the target and of the clients.
    cpu_us: f64,
    client_cpu_us: f64,
    latency_us: Option<Spread>,
    first_us: Option<Spread>,
    event_delay_us: Option<Spread>,
    resident_bytes: u64,
    peak_bytes: u64,
}

/// What the clients of a round have seen.
#[derive(Default)]
struct Tally {
    whole: Vec<u64>,
    first: Vec<u64>,
    delays: Vec<u64>,
    errors: Vec<String>,
}

/// Every second round goes through the targets backwards, so that none is always the first.
pub(crate) async fn run(plan: &Plan, rounds: &Rounds) -> Result<Vec<Outcome>, BoxError> {
    let duration = Duration::from_millis(rounds.milliseconds);
    let mut questions = Vec::new();
    for target in &plan.targets {
        let question = Arc::new(Question::new(target, &plan.behaviour, plan.request_bytes)?);
        clients(&question, rounds.connections, duration / 4).await;
        questions.push((target, question));
    }
    let mut outcomes = Vec::new();
    for round in 0..rounds.count {
        for (target, question) in &questions {
            outcomes.push(measure(target, question, rounds, round).await?);
        }
        questions.reverse();
    }
    Ok(outcomes)
}

#[expect(clippy::cast_precision_loss, reason = "no figure here needs 53 bits")]
async fn measure(
    target: &Target,
    question: &Arc<Question>,
    rounds: &Rounds,
    round: usize,
) -> Result<Outcome, BoxError> {
    let (process, own) = (Process::new(target.pid), Process::own());
    process.forget_peak()?;
    let before = (process.cpu()?, own.cpu()?, Instant::now());
    let duration = Duration::from_millis(rounds.milliseconds);
    let tally = clients(question, rounds.connections, duration).await;
    let seconds = before.2.elapsed().as_secs_f64();
    let (cpu, client_cpu) = (process.cpu()? - before.0, own.cpu()? - before.1);
    let requests = tally.whole.len() as u64;
    let for_each = |nanoseconds: u64| nanoseconds as f64 / 1000.0 / requests.max(1) as f64;
    Ok(Outcome {
        target: target.name.clone(),
        round,
        requests,
        errors: tally.errors.len() as u64,
        error: tally.errors.into_iter().next(),
        requests_per_second: requests as f64 / seconds,
        cpu_us: for_each(cpu),
        client_cpu_us: for_each(client_cpu),
        latency_us: Spread::of(tally.whole),
        first_us: Spread::of(tally.first),
        event_delay_us: Spread::of(tally.delays),
        resident_bytes: process.resident()?,
        peak_bytes: process.peak()?,
    })
}

async fn clients(question: &Arc<Question>, connections: usize, duration: Duration) -> Tally {
    let end = Instant::now() + duration;
    let mut clients = JoinSet::new();
    for _ in 0..connections {
        let question = Arc::clone(question);
        clients.spawn(async move { client(&question, end).await });
    }
    clients
        .join_all()
        .await
        .into_iter()
        .fold(Tally::default(), Tally::and)
}

async fn client(question: &Question, end: Instant) -> Tally {
    let mut tally = Tally::default();
    let mut connection: Option<Connection> = None;
    while Instant::now() < end {
        match question.ask(&mut connection).await {
            Ok(timing) => {
                tally.whole.push(nanoseconds(timing.whole));
                tally.first.push(nanoseconds(timing.first));
                tally.delays.extend(timing.delays);
            }
            Err(error) => {
                tally.errors.push(error.to_string());
                // A target that is not there must not be asked a million times.
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
    tally
}

impl Tally {
    fn and(mut self, other: Self) -> Self {
        self.whole.extend(other.whole);
        self.first.extend(other.first);
        self.delays.extend(other.delays);
        self.errors.extend(other.errors);
        self
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
