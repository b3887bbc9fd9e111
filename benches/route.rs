//! What a routing decision costs by the number of rules, beside its floor: looking a name up in a hash map. What it costs
//! to find `model` and `stream` in a body, beside a bare scan of it, and to give it another model; and to draw an arm, by a header or by the
//! conversation.
//!
//! ```sh
//! cargo bench --bench route
//! ```
//!
//! Only the ratios within one run mean something.

#[expect(dead_code, reason = "shared with the bench of translation")]
mod support;

use std::{
    collections::HashMap, convert::Infallible, future::ready, hint::black_box, time::Duration,
};

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use futures_util::FutureExt;
use http::{HeaderMap, Request, Response};
use serde::de::IgnoredAny;
use tower::{Layer, ServiceExt, service_fn};
use tower_llm_gateway::{
    Body,
    context::Selected,
    experiment::{Arms, Draws, KeySource, is_in_tool_loop, key_of},
    format::{ApiFormat, Peek},
    router::{Alias, AliasOption, Facts, Pattern, Rule, Table},
    target::Target,
    translate::TranslateLayer,
};

const CHAT: &str = "/v1/chat/completions";

/// A kind of table, and a request that its `n`th rule or alias matches.
struct Kind {
    name: &'static str,
    rule: Option<fn(usize) -> Rule>,
    alias: Option<fn(usize) -> Alias>,
    path: fn(usize) -> String,
    model: fn(usize) -> String,
}

/// A rule whose one pattern of models is this.
fn for_model(n: usize, model: &str) -> Rule {
    let model = Pattern::model(model).expect("a good pattern");
    routing(n).with_models(vec![model])
}

fn routing(n: usize) -> Rule {
    Rule::new(format!("rule-{n}")).with_downstreams(vec!["openai".into()])
}

fn path(text: &str) -> Pattern {
    Pattern::path(text).expect("a good pattern")
}

fn alias(n: usize, pattern: &str) -> Alias {
    let option = AliasOption::new(format!("option-{n}"), "openai", "gpt-4o");
    let pattern = Pattern::model(pattern).expect("a good pattern");
    Alias::new(format!("alias-{n}"), pattern, vec![option])
}

fn chat(_: usize) -> String {
    CHAT.to_owned()
}

fn team(n: usize) -> String {
    format!("/team-{n}{CHAT}")
}

fn same(_: usize) -> String {
    "gpt-4o".to_owned()
}

const KINDS: &[Kind] = &[
    Kind {
        name: "exact models",
        rule: Some(|n| for_model(n, &format!("model-{n}")).with_path(path(CHAT))),
        alias: None,
        path: chat,
        model: |n| format!("model-{n}"),
    },
    Kind {
        name: "one model on exact paths",
        rule: Some(|n| for_model(n, "gpt-4o").with_path(path(&team(n)))),
        alias: None,
        path: team,
        model: same,
    },
    Kind {
        name: "globs by beginning",
        rule: Some(|n| for_model(n, &format!("model-{n}-*"))),
        alias: None,
        path: chat,
        model: |n| format!("model-{n}-mini"),
    },
    Kind {
        name: "globs by end",
        rule: Some(|n| for_model(n, &format!("*/model-{n}"))),
        alias: None,
        path: chat,
        model: |n| format!("acme/model-{n}"),
    },
    Kind {
        name: "globs by beginning and end",
        rule: Some(|n| for_model(n, &format!("acme/*/model-{n}"))),
        alias: None,
        path: chat,
        model: |n| format!("acme/eu/model-{n}"),
    },
    Kind {
        name: "regular expressions",
        rule: Some(|n| for_model(n, &format!("re:(gpt|claude)-{n}-[a-z]+"))),
        alias: None,
        path: chat,
        model: |n| format!("claude-{n}-mini"),
    },
    Kind {
        name: "any model on exact paths",
        rule: Some(|n| routing(n).with_path(path(&team(n)))),
        alias: None,
        path: team,
        model: same,
    },
    Kind {
        name: "any model on globs of paths",
        rule: Some(|n| routing(n).with_path(path(&format!("/team-{n}/*")))),
        alias: None,
        path: team,
        model: same,
    },
    Kind {
        name: "exact aliases",
        rule: None,
        alias: Some(|n| alias(n, &format!("model-{n}"))),
        path: chat,
        model: |n| format!("model-{n}"),
    },
    Kind {
        name: "aliases by regular expressions",
        rule: None,
        alias: Some(|n| alias(n, &format!("re:(gpt|claude)-{n}-[a-z]+"))),
        path: chat,
        model: |n| format!("claude-{n}-mini"),
    },
];

impl Kind {
    fn table(&self, size: usize) -> Table {
        let base = "http://127.0.0.1".parse().expect("a good URL");
        let target = Target::new("openai", base).with_models(vec!["gpt-4o".into()]);
        let rules = self.rule.into_iter().flat_map(|rule| (0..size).map(rule));
        let aliases = self
            .alias
            .into_iter()
            .flat_map(|alias| (0..size).map(alias));
        Table::build(vec![target], rules.collect(), aliases.collect()).expect("a good table")
    }
}

fn decide(criterion: &mut Criterion) {
    let headers = HeaderMap::new();
    for kind in KINDS {
        let mut group = criterion.benchmark_group(kind.name);
        for size in [1, 100, 10_000] {
            let table = kind.table(size);
            let name = |n| (kind.model)(n) + &(kind.path)(n);
            let floor: HashMap<String, usize> = (0..size).map(|n| (name(n), n)).collect();
            let last = size - 1;
            let (path, model) = ((kind.path)(last), (kind.model)(last));
            let facts = Facts::new(&path, ApiFormat::OPENAI, &model, &headers);
            let decided = || {
                table
                    .decide(black_box(&facts))
                    .expect("a model of the table")
            };
            let count = allocation_counter::measure(|| drop(decided())).count_total;
            println!("{} among {size}: {count} allocations", kind.name);
            group.bench_function(BenchmarkId::new("floor", size), |bencher| {
                let name = name(last);
                bencher.iter(|| floor.get(black_box(&name)));
            });
            group.bench_function(BenchmarkId::new("decide", size), |bencher| {
                bencher.iter(decided);
            });
        }
    }
}

/// Where the name comes last, which is the worst case.
fn peek(criterion: &mut Criterion) {
    let body = support::request(200_000);
    let body = body
        .strip_prefix(r#"{"model":"gpt-4o","#)
        .expect("its model");
    let body = body.strip_suffix('}').expect("its end");
    let body = format!(r#"{{{body},"stream":true,"model":"gpt-4o"}}"#);
    let peek = || Peek::read(black_box(body.as_bytes())).expect("an object");
    let count = allocation_counter::measure(|| _ = peek()).count_total;
    let scan = || serde_json::from_slice::<IgnoredAny>(body.as_bytes()).expect("JSON");
    let scanned = allocation_counter::measure(|| _ = scan()).count_total;
    println!(
        "peek into {} bytes: {count} allocations, the floor {scanned}",
        body.len()
    );
    let mut group = criterion.benchmark_group("peek");
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("floor", |bencher| {
        bencher.iter(scan);
    });
    group.bench_function("peek", |bencher| bencher.iter(peek));
    group.bench_function("tree", |bencher| {
        bencher.iter(|| serde_json::from_slice::<serde_json::Value>(black_box(body.as_bytes())));
    });
    let rename = renaming(body.clone().into());
    let count = allocation_counter::measure(&rename).count_total;
    println!("rename on the way through the translation: {count} allocations");
    group.bench_function("rename", |bencher| bencher.iter(&rename));
}

/// Sends the body through the translation, which has nothing to do but to name another model.
fn renaming(body: Bytes) -> impl Fn() {
    let base = "http://127.0.0.1".parse().expect("a good URL");
    let selected = Selected::new(Target::new("openai", base).into(), ApiFormat::OPENAI);
    let selected = selected.with_model("another-model");
    let provider = service_fn(|request: Request<Body>| {
        black_box(request);
        ready(Ok::<_, Infallible>(Response::new(Body::empty())))
    });
    let service = TranslateLayer::selected().layer(provider);
    move || {
        let mut request = Request::post(CHAT)
            .header("content-type", "application/json")
            .body(Body::full(body.clone()))
            .expect("a request");
        request.extensions_mut().insert(selected.clone());
        let answered = service.oneshot(request).now_or_never();
        drop(answered.expect("nothing to wait for"));
    }
}

/// Of two arms, for a body of which nothing but its beginning matters, and all of which must be read.
fn draw(criterion: &mut Criterion) {
    let body = support::request(187_000);
    let mut headers = HeaderMap::new();
    headers.insert("x-session-id", "ada".parse().expect("a header"));
    let weights = [("control".into(), 90.0), ("challenger".into(), 10.0)];
    let arms = Arms::new("assistant-ab", weights).expect("good weights");
    let request = Draws {
        format: ApiFormat::OPENAI,
        headers: &headers,
        body: body.as_bytes(),
        subject: None,
        random: 0,
    };
    let mut group = criterion.benchmark_group("draw");
    for source in ["header:x-session-id", "body:user", "conversation"] {
        let sources: [KeySource; 1] = [source.parse().expect("a source")];
        let draw = || arms.draw(&key_of(&sources, black_box(&request)).bytes);
        let count = allocation_counter::measure(|| _ = draw()).count_total;
        println!("draw by {source}: {count} allocations");
        group.bench_function(source, |bencher| bencher.iter(draw));
    }
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("floor", |bencher| {
        bencher.iter(|| serde_json::from_slice::<IgnoredAny>(body.as_bytes()));
    });
    group.bench_function("is in a tool loop", |bencher| {
        bencher.iter(|| is_in_tool_loop(ApiFormat::OPENAI, black_box(body.as_bytes())));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1));
    targets = decide, peek, draw
}
criterion_main!(benches);
