//! The comparison with faults on: providers that fail in every way, and what the caller sees of it.

mod faults;
mod verdict;

use std::{collections::BTreeMap, error::Error, sync::Arc};

use bytes::Bytes;
use http::{Request, header};
use http_body_util::Full;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::json;
use tokio::{sync::Semaphore, task::JoinSet};
use tower_llm_gateway::Gateway;

use crate::{
    server,
    table::{Table, count},
};
use faults::Providers;
use verdict::Verdict;

/// Requests of each kind, and how many are on their way at once.
const REQUESTS: usize = 150;
const AT_ONCE: usize = 24;

/// The page's three backends, each the others' fallback, and limits short enough to see.
const CONFIG: &str = "
timeouts: {connect: 1s, first_byte: 1s, first_event: 1s, idle: 1s, total: 30s}
retry: {backoff: 10ms, max_backoff: 100ms, max_wait: 200ms}
ejection: {base: 300ms, longest: 1s}
downstreams:
- {id: openai, base_url: OPENAI, api_formats: [openai], output_model_ids: [gpt-4o]}
- {id: anthropic, base_url: ANTHROPIC, api_formats: [anthropic], output_model_ids: [claude-sonnet-4-20250514]}
- {id: azure-openai, base_url: AZURE, api_formats: [openai], output_model_ids: [azure-gpt4o]}
rules:
- {id: gpt4o, pattern_model: gpt-4o, match_downstreams: [openai], fallback: [anthropic, azure-openai]}
- {id: claude, pattern_model: claude-sonnet-4-20250514, match_downstreams: [anthropic], fallback: [openai, azure-openai]}
- {id: azure, pattern_model: azure-gpt4o, match_downstreams: [azure-openai], fallback: [openai, anthropic]}
";

const MODELS: [&str; 3] = ["gpt-4o", "claude-sonnet-4-20250514", "azure-gpt4o"];

/// Runs it, and fails if anything was lost, came twice, or was cut short without a word.
pub(crate) async fn run() -> Result<(), Box<dyn Error>> {
    let providers = Providers::start().await;
    let gateway = Gateway::from_yaml(&providers.put_into(CONFIG))?;
    let url = server::start(&gateway).await?;
    println!("Chaos: {} requests\n", count(total()));
    let seen = ask_all(&url).await?;
    table(&seen).print();
    providers.print(total());
    let of = |verdict: Verdict| number_of(&seen, |(_, each)| *each == verdict);
    println!(
        "\nlost: {}, duplicated: {}, silently truncated: {}",
        of(Verdict::Lost),
        of(Verdict::Duplicated),
        of(Verdict::Truncated)
    );
    match number_of(&seen, |(_, verdict)| verdict.is_bad()) {
        0 => Ok(()),
        bad => Err(format!("{bad} callers did not get what they must").into()),
    }
}

fn total() -> u64 {
    (MODELS.len() * 2 * REQUESTS) as u64
}

/// The model that somebody asked for, and what came of it.
type Asked = (&'static str, Verdict);

/// How often what came of what.
type Seen = BTreeMap<Asked, u64>;

fn number_of(seen: &Seen, holds: impl Fn(&Asked) -> bool) -> u64 {
    let all = seen.iter().filter(|(asked, _)| holds(asked));
    all.map(|(_, count)| count).sum()
}

async fn ask_all(url: &str) -> Result<Seen, Box<dyn Error>> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut asking = JoinSet::new();
    for number in 0..REQUESTS {
        for (model, stream) in MODELS
            .into_iter()
            .flat_map(|model| [(model, false), (model, true)])
        {
            let place = Arc::clone(&places).acquire_owned().await?;
            let request = request(url, model, stream, number)?;
            let answer = client.request(request);
            asking.spawn(async move {
                let verdict = match answer.await {
                    Ok(response) => {
                        let (head, body) = response.into_parts();
                        let body = verdict::Body::read(body).await;
                        Verdict::of(head.status, stream, &body)
                    }
                    Err(_) => Verdict::Lost,
                };
                drop(place);
                (model, verdict)
            });
        }
    }
    let mut seen = Seen::new();
    while let Some(asked) = asking.join_next().await {
        *seen.entry(asked?).or_default() += 1;
    }
    Ok(seen)
}

fn request(
    url: &str,
    model: &str,
    stream: bool,
    number: usize,
) -> Result<Request<Full<Bytes>>, http::Error> {
    let content = format!("Question {number}");
    let body = json!({
        "model": model,
        "stream": stream,
        "messages": [{"role": "user", "content": content}],
    });
    Request::post(format!("{url}/v1/chat/completions"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::from(body.to_string()))
}

fn table(seen: &Seen) -> Table {
    let heads = ["model", "answered", "refused", "error in stream", "bad"];
    let mut table = Table::new(&heads);
    for model in MODELS {
        let of = |holds: fn(Verdict) -> bool| {
            count(number_of(seen, |(asked, verdict)| {
                *asked == model && holds(*verdict)
            }))
        };
        table.row(vec![
            model.to_owned(),
            of(|verdict| verdict == Verdict::Answered),
            of(|verdict| verdict == Verdict::Refused),
            of(|verdict| verdict == Verdict::Broken),
            of(Verdict::is_bad),
        ]);
    }
    table
}
