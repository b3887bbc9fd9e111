use std::{sync::Arc, time::Duration};

use metrics::{
    Key, Label, Level, Metadata, SharedString, Unit, describe_counter, describe_histogram,
    with_recorder,
};

use crate::format::{ApiFormat, Operation};

use super::{Destination, Outcome, Recorder, Summary};

/// Counts requests through the facade of the crate [`metrics`], under the names of OpenTelemetry's semantic conventions for
/// generative AI (development status, 2026-11) and some of its own; which exporter there is, is the host's matter. Feature
/// `metrics`. The [module](super#metrics) has a table.
///
/// Labels come from the configuration and from this crate, and never from a caller or a provider: a model that the
/// configuration does not name is `other`.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct MetricsRecorder;

/// What its metrics are called.
struct Names {
    requests: &'static str,
    attempts: &'static str,
    tokens: &'static str,
    cost: &'static str,
    duration: &'static str,
    usage: &'static str,
    first_token: &'static str,
    per_token: &'static str,
}

const OF_CALLERS: Names = Names {
    requests: "llm_gateway_requests",
    attempts: "llm_gateway_attempts",
    tokens: "llm_gateway_tokens",
    cost: "llm_gateway_cost",
    duration: "gen_ai.client.operation.duration",
    usage: "gen_ai.client.token.usage",
    first_token: "gen_ai.server.time_to_first_token",
    per_token: "gen_ai.server.time_per_output_token",
};

const OF_COPIES: Names = Names {
    requests: "llm_gateway_shadow_requests",
    attempts: "llm_gateway_shadow_attempts",
    tokens: "llm_gateway_shadow_tokens",
    cost: "llm_gateway_shadow_cost",
    duration: "llm_gateway_shadow_duration",
    usage: "llm_gateway_shadow_token_usage",
    first_token: "llm_gateway_shadow_time_to_first_token",
    per_token: "llm_gateway_shadow_time_per_output_token",
};

/// Seconds of a request.
const DURATION: &[f64] = &[
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];
/// Seconds to the first token.
const FIRST_TOKEN: &[f64] = &[
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];
/// Seconds of each further one.
const PER_TOKEN: &[f64] = &[
    0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5,
];
/// Tokens of a request.
const USAGE: &[f64] = &[
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1024.0,
    4096.0,
    16384.0,
    65536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];
/// US dollars of a request.
const COST: &[f64] = &[
    0.000_01, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
    1.0, 5.0,
];

impl MetricsRecorder {
    /// The bounds that the buckets of each histogram shall have, by its name: those of the conventions, where they have some.
    /// Exporters don't know them.
    pub const BUCKETS: &[(&str, &[f64])] = &[
        (OF_CALLERS.duration, DURATION),
        (OF_CALLERS.first_token, FIRST_TOKEN),
        (OF_CALLERS.per_token, PER_TOKEN),
        (OF_CALLERS.usage, USAGE),
        (OF_CALLERS.cost, COST),
        (OF_COPIES.duration, DURATION),
        (OF_COPIES.first_token, FIRST_TOKEN),
        (OF_COPIES.per_token, PER_TOKEN),
        (OF_COPIES.usage, USAGE),
        (OF_COPIES.cost, COST),
    ];

    /// Tells what its metrics are to the exporter that is installed by now, and records to whichever is there later.
    pub fn new() -> Self {
        for (names, of) in [(OF_CALLERS, ""), (OF_COPIES, " (copies)")] {
            let text = |text: &str| SharedString::from(format!("{text}{of}"));
            describe_counter!(names.requests, Unit::Count, text("Requests that are over"));
            describe_counter!(
                names.attempts,
                Unit::Count,
                text("Times a provider was asked")
            );
            describe_counter!(names.tokens, Unit::Count, text("Tokens"));
            describe_histogram!(names.cost, text("US dollars of a request"));
            describe_histogram!(names.duration, Unit::Seconds, text("Seconds of a request"));
            describe_histogram!(names.usage, Unit::Count, text("Tokens of a request"));
            let first = text("Seconds to the first content of a stream");
            describe_histogram!(names.first_token, Unit::Seconds, first);
            let further = text("Seconds of each token after the first");
            describe_histogram!(names.per_token, Unit::Seconds, further);
        }
        Self
    }
}

impl Default for MetricsRecorder {
    fn default() -> Self {
        Self::new()
    }
}

impl Recorder for MetricsRecorder {
    fn record(&self, summary: &Summary) {
        let names = if summary.is_shadow {
            OF_COPIES
        } else {
            OF_CALLERS
        };
        let whose = whose(summary);
        let outcome = Label::from_static_parts("outcome", summary.outcome.as_str());
        count(names.requests, &whose, [outcome.clone()], 1);
        let attempts = u64::try_from(summary.attempts).unwrap_or(u64::MAX);
        count(names.attempts, &whose, [], attempts);
        if let Some(cost) = summary.cost {
            observe(names.cost, &whose, [], cost);
        }
        count_tokens(&names, &whose, summary);
        // What no provider was to answer is no operation of a model.
        if let Some(operation) = summary.operation {
            let whose = [whose, model(summary, operation)].concat();
            tell_operation(&names, &whose, outcome, summary);
        }
    }
}

/// The experiment, the arm, the rule and the downstream.
fn whose(summary: &Summary) -> Vec<Label> {
    let mut labels = Vec::with_capacity(4);
    // Whoever was kept out of an experiment is in none of its arms.
    if let Some(arm) = summary.arm.as_ref().filter(|arm| arm.by.is_drawn()) {
        labels.push(label("experiment", &arm.experiment));
        labels.push(label("arm", &arm.arm));
    }
    if let Some(rule) = &summary.rule {
        labels.push(label("rule", rule));
    }
    if let Some(to) = summary.served.as_ref().or(summary.assigned.as_ref()) {
        labels.push(label("downstream", &to.downstream));
    }
    labels
}

/// The operation, and who was asked for it.
fn model(summary: &Summary, operation: Operation) -> Vec<Label> {
    let operation = match operation {
        Operation::Generate => "chat",
        other => other.as_str(),
    };
    let mut labels = vec![Label::from_static_parts("gen_ai.operation.name", operation)];
    if let Some(format) = summary.provider {
        let provider = provider(format);
        labels.push(Label::from_static_parts("gen_ai.provider.name", provider));
    }
    let models = [
        ("gen_ai.request.model", &summary.assigned),
        ("gen_ai.response.model", &summary.served),
    ];
    for (key, destination) in models {
        labels.extend(destination.as_ref().and_then(|to| listed(key, to)));
    }
    labels
}

fn listed(key: &'static str, destination: &Destination) -> Option<Label> {
    let model = destination.model.as_ref()?;
    Some(if destination.is_listed {
        label(key, model)
    } else {
        Label::from_static_parts(key, "other")
    })
}

/// The conventions go by what a provider speaks, and not by where it is.
fn provider(format: ApiFormat) -> &'static str {
    match format.id() {
        "openai_responses" => "openai",
        "gemini" => "gcp.gemini",
        id => id,
    }
}

fn count_tokens(names: &Names, whose: &[Label], summary: &Summary) {
    let usage = &summary.usage;
    for (kind, tokens) in [
        ("input", usage.input),
        ("cache_read", usage.cache_read),
        ("cache_write", usage.cache_write),
        ("output", usage.output),
    ] {
        if let Some(tokens) = tokens {
            let kind = Label::from_static_parts("type", kind);
            count(names.tokens, whose, [kind], tokens);
        }
    }
}

fn tell_operation(names: &Names, whose: &[Label], outcome: Label, summary: &Summary) {
    let error = summary
        .error
        .as_ref()
        .map(|error| label("error.type", error));
    let is_error = !matches!(
        summary.outcome,
        Outcome::Completed | Outcome::ClientCancelled
    );
    let unknown = || is_error.then(|| Label::from_static_parts("error.type", "_OTHER"));
    let ended = [outcome].into_iter().chain(error.or_else(unknown));
    observe(names.duration, whose, ended, seconds(summary.total));
    let usage = &summary.usage;
    for (kind, tokens) in [("input", usage.prompt()), ("output", usage.output)] {
        if let Some(tokens) = tokens {
            let kind = Label::from_static_parts("gen_ai.token.type", kind);
            observe(names.usage, whose, [kind], number(tokens));
        }
    }
    // The conventions have both only of what went well.
    let Some(first) = summary.first_content.filter(|_| !is_error) else {
        return;
    };
    observe(names.first_token, whose, [], seconds(first));
    let further = usage.output.and_then(|tokens| tokens.checked_sub(1));
    if let Some(further) = further.filter(|further| *further > 0)
        && summary.outcome == Outcome::Completed
    {
        let rest = summary.total.saturating_sub(first);
        observe(names.per_token, whose, [], seconds(rest) / number(further));
    }
}

fn label(key: &'static str, value: &Arc<str>) -> Label {
    Label::new(key, SharedString::from_shared(Arc::clone(value)))
}

fn seconds(time: Duration) -> f64 {
    time.as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "no count has more than 53 bits")]
fn number(count: u64) -> f64 {
    count as f64
}

const METADATA: Metadata<'static> =
    Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

fn key(name: &'static str, whose: &[Label], more: impl IntoIterator<Item = Label>) -> Key {
    let labels: Vec<Label> = whose.iter().cloned().chain(more).collect();
    Key::from_parts(name, labels)
}

fn count(name: &'static str, whose: &[Label], more: impl IntoIterator<Item = Label>, count: u64) {
    let key = key(name, whose, more);
    with_recorder(|recorder| recorder.register_counter(&key, &METADATA).increment(count));
}

fn observe(name: &'static str, whose: &[Label], more: impl IntoIterator<Item = Label>, value: f64) {
    let key = key(name, whose, more);
    with_recorder(|recorder| recorder.register_histogram(&key, &METADATA).record(value));
}
