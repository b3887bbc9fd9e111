//! The whole stack in process: all layers as [`Gateway`](tower_llm_gateway::Gateway) stacks them, no sockets.

use std::convert::Infallible;

use http::{Request, Response};
use tower::{Service, ServiceBuilder};
use tower_llm_gateway::{
    Body,
    config::Config,
    downstream::DownstreamService,
    drain::{Drain, DrainLayer},
    failover::FailoverLayer,
    meter::MeterLayer,
    plugin::{PipelineLayer, Registry},
    router::{RuleRouterLayer, SharedTable},
    scoreboard::Scoreboard,
    shadow::ShadowLayer,
    translate::TranslateLayer,
};

use super::{
    Case, Run,
    bodies::{
        self, anthropic_answer, anthropic_stream, deltas, openai, openai_answer, openai_stream,
    },
    exchange::{EVENTS, JSON, exchange, provider},
    frames::Frames,
};

const PASSES: &str = "mock-model";
const RENAMED: &str = "rename-me";
const TRANSLATED: &str = "claude-sonnet-4-20250514";

pub(super) const CASES: &[Case] = &[
    Case::new("stack, pass, 1 KB", 20, || {
        whole(PASSES, 1_000, &openai_answer())
    }),
    Case::new("stack, pass, 187 KB", 4, || {
        whole(PASSES, 187_000, &openai_answer())
    }),
    Case::new("stack, rename, 187 KB", 4, || {
        whole(RENAMED, 187_000, &openai_answer())
    }),
    Case::new("stack, translate, 1 KB", 10, || {
        whole(TRANSLATED, 1_000, &anthropic_answer())
    }),
    Case::new("stack, translate, 187 KB", 2, || {
        whole(TRANSLATED, 187_000, &anthropic_answer())
    }),
    Case::new("stack, pass, one event of 200", 2, || {
        streamed(PASSES, &openai_stream(&deltas(200)))
    })
    .per(200),
    Case::new("stack, translate, one event of 200", 2, || {
        streamed(TRANSLATED, &anthropic_stream(&deltas(200)))
    })
    .per(200),
];

/// A request of so many bytes, and an answer that comes whole.
fn whole(model: &str, size: usize, answer: &str) -> Run {
    asked(&openai(model, size, false), JSON, Frames::whole(answer))
}

/// A request of 1 KB, and an answer that comes event by event.
fn streamed(model: &str, events: &[String]) -> Run {
    asked(
        &openai(model, 1_000, true),
        EVENTS,
        Frames::one_by_one(events),
    )
}

fn asked(request: &str, content_type: &'static str, answer: Frames) -> Run {
    exchange(
        stack(content_type, answer),
        "/v1/chat/completions",
        Frames::whole(request),
    )
}

/// All layers over a provider that always answers this.
fn stack(
    content_type: &'static str,
    answer: Frames,
) -> impl Service<Request<Frames>, Response = Response<Body>, Error = Infallible> + Clone {
    let config = Config::from_yaml(&bodies::configuration()).expect("a good configuration");
    let table = config
        .build(&Registry::default())
        .expect("a good configuration");
    let table = SharedTable::new(table);
    let attempt = ServiceBuilder::new()
        .layer(PipelineLayer::caller_side())
        .layer(TranslateLayer::selected())
        .layer(PipelineLayer::new())
        .service(DownstreamService::with_client(provider(
            content_type,
            answer,
        )));
    let meter = MeterLayer::default().and(Scoreboard::new());
    let copies = ServiceBuilder::new()
        .layer(meter.clone())
        .service(attempt.clone());
    ServiceBuilder::new()
        .map_response(|response: Response<_>| response.map(Body::new))
        .layer(meter)
        .layer(DrainLayer::new(Drain::new(), table.clone()))
        .layer(RuleRouterLayer::new(table))
        .layer(ShadowLayer::new(copies))
        .layer(FailoverLayer::new())
        .service(attempt)
}
