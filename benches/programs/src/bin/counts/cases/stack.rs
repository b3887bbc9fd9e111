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
    answers::{anthropic_answer, anthropic_stream, openai_answer, openai_stream},
    configuration::configuration,
    exchange::{EVENTS, JSON, exchange, held, provider},
    frames::Frames,
    requests::{openai, with_image},
    text::deltas,
};

pub(super) const PASSES: &str = "mock-model";
const PATH: &str = "/v1/chat/completions";
const RENAMED: &str = "rename-me";
pub(super) const TRANSLATED: &str = "claude-sonnet-4-20250514";

pub(super) const CASES: &[Case] = &[
    // What the rest of these counts has in it that is not ours.
    Case::new("no stack, 1 KB", 20, || {
        bare(JSON, Frames::read(&openai_answer()))
    }),
    Case::new("no stack, one event of 200", 2, || {
        bare(EVENTS, Frames::one_by_one(&openai_stream(&deltas(200))))
    })
    .per(200),
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
    Case::new("stack, pass, image of 8 MB", 1, || {
        image(PASSES, &openai_answer())
    }),
    Case::new("stack, translate, image of 8 MB", 1, || {
        image(TRANSLATED, &anthropic_answer())
    }),
    Case::new("stack, pass, one event of 200", 2, || {
        streamed(PASSES, Frames::one_by_one(&openai_stream(&deltas(200))))
    })
    .per(200),
    Case::new("stack, translate, one event of 200", 2, || {
        streamed(
            TRANSLATED,
            Frames::one_by_one(&anthropic_stream(&deltas(200))),
        )
    })
    .per(200),
    // What each of them holds is the hundredth part of the peak.
    Case::new("stack, pass, 100 idle streams", 1, || {
        idle(PASSES, Frames::one_by_one(&openai_stream(&deltas(200))))
    }),
    Case::new("stack, translate, 100 idle streams", 1, || {
        idle(
            TRANSLATED,
            Frames::one_by_one(&anthropic_stream(&deltas(200))),
        )
    }),
];

/// A request of so many bytes, and an answer that comes whole.
fn whole(model: &str, size: usize, answer: &str) -> Run {
    let request = openai(model, size, false);
    asked(&request, JSON, Frames::read(answer))
}

fn image(model: &str, answer: &str) -> Run {
    asked(&with_image(model, 8_000_000), JSON, Frames::read(answer))
}

/// A request of 1 KB, and an answer that is a stream.
pub(super) fn streamed(model: &str, answer: Frames) -> Run {
    asked(&openai(model, 1_000, true), EVENTS, answer)
}

fn idle(model: &str, answer: Frames) -> Run {
    let request = Frames::read(&openai(model, 1_000, true));
    held(stack(EVENTS, answer), PATH, request, 100)
}

fn asked(request: &str, content_type: &'static str, answer: Frames) -> Run {
    exchange(stack(content_type, answer), PATH, Frames::read(request))
}

/// The provider, asked directly.
fn bare(content_type: &'static str, answer: Frames) -> Run {
    let provider = ServiceBuilder::new()
        .map_request(|request: Request<Frames>| request.map(Body::new))
        .service(provider(content_type, answer));
    exchange(provider, PATH, Frames::read(&openai(PASSES, 1_000, true)))
}

/// All layers over a provider that always answers this.
fn stack(
    content_type: &'static str,
    answer: Frames,
) -> impl Service<Request<Frames>, Response = Response<Body>, Error = Infallible> + Clone {
    let config = Config::from_yaml(&configuration()).expect("a good configuration");
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
