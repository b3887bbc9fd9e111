//! Single parts of the way, without what is around them.

use std::hint::black_box;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Request};
use tower::ServiceBuilder;
use tower_llm_gateway::{
    Body,
    context::Selected,
    format::{ApiFormat, Codec, Dialect, Peek},
    ir::Exchange,
    router::{Facts, Pattern, Rule, Table},
    target::Target,
    translate::TranslateLayer,
};

use super::{
    Case, Run,
    answers::{anthropic_answer, openai_answer},
    exchange::{JSON, exchange, provider},
    frames::Frames,
    requests::{anthropic, openai},
};

const CHAT: &str = "/v1/chat/completions";
pub(super) const OPENAI: ApiFormat = ApiFormat::OPENAI;
pub(super) const ANTHROPIC: ApiFormat = ApiFormat::ANTHROPIC;
const GEMINI: ApiFormat = ApiFormat::GEMINI;

pub(super) const CASES: &[Case] = &[
    Case::new("request openai to anthropic, 1 KB", 20, || {
        request(&openai("gpt-4o", 1_000, false), OPENAI, ANTHROPIC)
    }),
    Case::new("request openai to anthropic, 187 KB", 3, || {
        request(&openai("gpt-4o", 187_000, false), OPENAI, ANTHROPIC)
    }),
    Case::new("request anthropic to openai, 187 KB", 3, || {
        request(&anthropic("claude", 187_000, false), ANTHROPIC, OPENAI)
    }),
    Case::new("request openai to gemini, 187 KB", 3, || {
        request(&openai("gpt-4o", 187_000, false), OPENAI, GEMINI)
    }),
    Case::new("answer anthropic to openai", 20, || {
        answer(&anthropic_answer(), ANTHROPIC, OPENAI)
    }),
    Case::new("peek, 187 KB", 4, || peek(187_000)),
    Case::new("rename, 187 KB", 4, || rename(187_000)),
    Case::new("decide among 1 rule", 100, || decide(1)),
    Case::new("decide among 100 rules", 2, || decide(100)).per(100),
    Case::new("decide among 10,000 rules", 2, || decide(10_000)).per(100),
];

fn codec(format: ApiFormat) -> &'static dyn Codec {
    format.codec().expect("it has one")
}

pub(super) fn request(body: &str, from: ApiFormat, to: ApiFormat) -> Run {
    let body = body.as_bytes().to_vec();
    let mut out = BytesMut::new();
    Box::new(move || {
        out.clear();
        let mut exchange = Exchange::new(0, 1);
        let read = codec(from).decode_request(black_box(&body), &mut exchange);
        let request = read.expect("a good request");
        let written =
            codec(to).encode_request(&request, &Dialect::default(), &mut exchange, &mut out);
        written.expect("a request that can be said");
        black_box(&out);
    })
}

fn answer(body: &str, from: ApiFormat, to: ApiFormat) -> Run {
    let body = body.as_bytes().to_vec();
    let mut out = BytesMut::new();
    Box::new(move || {
        out.clear();
        let mut exchange = Exchange::new(0, 1);
        let read = codec(from).decode_response(black_box(&body));
        let written =
            codec(to).encode_response(&read.expect("a good answer"), &mut exchange, &mut out);
        written.expect("an answer that can be said");
        black_box(&out);
    })
}

pub(super) fn peek(size: usize) -> Run {
    let body = openai("gpt-4o", size, true).into_bytes();
    Box::new(move || {
        black_box(Peek::read(black_box(&body)).expect("an object"));
    })
}

/// The body that only has to get another name on its way through the translation.
fn rename(size: usize) -> Run {
    let base = "http://127.0.0.1".parse().expect("a good URL");
    let target = Target::new("openai", base).into();
    let selected = Selected::new(target, OPENAI).with_model("another-model");
    let text = openai("gpt-4o", size, false);
    let body = Bytes::from(text.clone().into_bytes());
    let service = ServiceBuilder::new()
        .map_request(move |mut request: Request<Frames>| {
            request.extensions_mut().insert(selected.clone());
            request.map(|_| Body::full(body.clone()))
        })
        .layer(TranslateLayer::selected())
        .service(provider(JSON, Frames::read(&openai_answer())));
    exchange(service, CHAT, Frames::read(&text))
}

/// For up to a hundred of the models that rules name. One alone might have to be looked for longer than others, and another
/// time not: the hashes have random keys.
fn decide(rules: usize) -> Run {
    let base = "http://127.0.0.1".parse().expect("a good URL");
    let target = Target::new("openai", base).with_models(vec!["gpt-4o".into()]);
    let table = Table::build(vec![target], (0..rules).map(rule).collect(), Vec::new())
        .expect("a good table");
    let asked = (0..rules).step_by((rules / 100).max(1));
    let models: Vec<String> = asked.map(|number| format!("model-{number}")).collect();
    let headers = HeaderMap::new();
    Box::new(move || {
        for model in &models {
            let facts = Facts::new(CHAT, OPENAI, model, &headers);
            let decided = table.decide(black_box(&facts));
            black_box(decided.expect("a model of the table"));
        }
    })
}

fn rule(number: usize) -> Rule {
    let model = Pattern::model(&format!("model-{number}")).expect("a good pattern");
    Rule::new(format!("rule-{number}"))
        .with_models(vec![model])
        .with_downstreams(vec!["openai".into()])
}
