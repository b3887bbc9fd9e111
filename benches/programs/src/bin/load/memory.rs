//! What a process needs for streams that stand still, for a flow, for requests that wait.

use std::{io, sync::Arc, time::Duration};

use serde::Serialize;
use tokio::{task::JoinSet, time::sleep};
use tower_llm_gateway_benches::{process::Process, server::BoxError};

use crate::{
    client::Question,
    plan::{Measure, Plan, Target},
};

/// Exchanges of the same kind before anything is measured: code and pools that are touched once.
const WARM: usize = 64;
/// Bytes of their requests: a big one would leave the allocator with memory that the measured ones then find.
const WARM_BYTES: usize = 1024;
/// Streams that are opened at a time. The queue of a listener is finite.
const WAVE: usize = 64;
/// A process that has done next to nothing for so long is at rest; it is not waited for without end.
const REST: Duration = Duration::from_millis(500);
const NOTHING: u64 = 5_000_000;
const RESTS: usize = 60;

/// Memory of one target.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    target: String,
    /// Streams, readers or requests at once.
    count: usize,
    /// Bytes of each request.
    request_bytes: usize,
    before_bytes: u64,
    /// While they stand still, or at the peak.
    during_bytes: u64,
}

pub(crate) async fn run(plan: &Plan, target: &Target) -> Result<Outcome, BoxError> {
    warm(plan, target).await?;
    Question::behave(&plan.mock, &plan.behaviour)?
        .ask(&mut None)
        .await?;
    let question = Arc::new(Question::new(target, &plan.behaviour, plan.request_bytes)?);
    let process = Process::new(target.pid);
    rest(process).await?;
    let before = process.resident()?;
    process.forget_peak()?;
    let (count, during) = match plan.measure {
        Measure::Held { streams: count } | Measure::Slow { readers: count } => {
            (count, held(&question, process, count).await?)
        }
        Measure::Buffered { requests } => (requests, peak(&question, process, requests).await?),
        Measure::Flow | Measure::Rounds(_) => (1, peak(&question, process, 1).await?),
    };
    Ok(Outcome {
        target: target.name.clone(),
        count,
        request_bytes: question.bytes(),
        before_bytes: before,
        during_bytes: during,
    })
}

async fn warm(plan: &Plan, target: &Target) -> Result<(), BoxError> {
    let brief = plan.behaviour.brief();
    Question::behave(&plan.mock, &brief)?.ask(&mut None).await?;
    let question = Arc::new(Question::new(target, &brief, WARM_BYTES)?);
    for _ in 0..2 {
        all(&question, WARM).await?;
    }
    Ok(())
}

/// Opens streams and reads no more than the beginning of each.
async fn held(question: &Arc<Question>, process: Process, count: usize) -> Result<u64, BoxError> {
    let mut open = Vec::new();
    while open.len() < count {
        let mut wave = JoinSet::new();
        for _ in 0..WAVE.min(count - open.len()) {
            let question = Arc::clone(question);
            wave.spawn(async move { question.open().await });
        }
        for stream in wave.join_all().await {
            open.push(stream?);
        }
    }
    rest(process).await?;
    Ok(process.resident()?)
}

/// Returns once what was on its way has arrived, also in the buffers of the kernel.
async fn rest(process: Process) -> io::Result<()> {
    for _ in 0..RESTS {
        let before = process.cpu()?;
        sleep(REST).await;
        if process.cpu()? - before < NOTHING {
            break;
        }
    }
    Ok(())
}

/// Asks so many questions at once, and reads the answers as fast as they come.
async fn peak(question: &Arc<Question>, process: Process, count: usize) -> Result<u64, BoxError> {
    all(question, count).await?;
    Ok(process.peak()?)
}

async fn all(question: &Arc<Question>, count: usize) -> Result<(), BoxError> {
    let mut questions = JoinSet::new();
    for _ in 0..count {
        let question = Arc::clone(question);
        questions.spawn(async move { question.ask(&mut None).await });
    }
    for outcome in questions.join_all().await {
        outcome?;
    }
    Ok(())
}
