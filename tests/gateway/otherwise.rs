//! A provider that gives a whole answer where a stream was asked for, or the other way round.

use std::{convert::Infallible, future::ready, sync::Arc};

use http::{Request, Response};
use tower::{Layer, ServiceExt, service_fn};
use tower_llm_gateway::{
    Body,
    context::{Progress, Selected},
    format::ApiFormat,
    target::Target,
    translate::TranslateLayer,
};

use crate::{
    bodies::{self, Ask},
    caller::{Reply, post},
    inner::response,
};

/// What a caller gets of an answer of this kind.
async fn asked(
    (client, provider): (ApiFormat, ApiFormat),
    (stream, is_held): (bool, bool),
    (content_type, body): (&str, &'static str),
) -> Reply {
    let question = bodies::question(client, "m", "Hi", Ask::Plain, stream);
    let mut request = post(&bodies::path(client, "m", stream), question.to_string());
    let target = Arc::new(Target::new("t", "https://t".parse().unwrap()));
    let selected = Selected::new(target, client);
    let selected = selected.with_provider(provider).with_stream(stream);
    let selected = selected.with_asked("m");
    request.extensions_mut().insert(selected);
    if is_held {
        request.extensions_mut().insert(Progress::new());
    }
    let answer = response(content_type, body);
    let answer = Arc::new(std::sync::Mutex::new(Some(answer)));
    let inner = service_fn(move |_: Request<Body>| {
        let answer: Option<Response<Body>> = answer.lock().unwrap().take();
        ready(Ok::<_, Infallible>(answer.expect("asked once")))
    });
    let service = TranslateLayer::selected().layer(inner);
    Reply::of(service.oneshot(request).await.unwrap()).await
}

fn pairs() -> impl Iterator<Item = (ApiFormat, ApiFormat)> {
    let same = ApiFormat::BUILT_IN.iter().map(|format| (*format, *format));
    same.chain(bodies::directions())
}

#[tokio::test]
async fn situation_42_a_stream_that_was_not_asked_for_comes_whole() {
    for (client, provider) in pairs() {
        for is_held in [false, true] {
            let (whole, events) = bodies::answer(provider, Ask::Plain);
            let events = ("text/event-stream; charset=utf-8", events);
            let reply = asked((client, provider), (false, is_held), events).await;
            let pair = format!("{provider} to {client}: {}", reply.text());
            assert_eq!(reply.status, 200, "{pair}");
            assert_eq!(reply.header("content-type"), "application/json", "{pair}");
            let said = bodies::said(client, &reply.text());
            assert_eq!(said, bodies::said(provider, whole), "{pair}");
        }
    }
}

#[tokio::test]
async fn situation_42_a_whole_answer_where_a_stream_was_asked_for_comes_as_one() {
    for (client, provider) in pairs() {
        for is_held in [false, true] {
            let (whole, _) = bodies::answer(provider, Ask::Plain);
            let whole_answer = ("application/json", whole);
            let reply = asked((client, provider), (true, is_held), whole_answer).await;
            let pair = format!("{provider} to {client}: {}", reply.text());
            assert_eq!(reply.status, 200, "{pair}");
            assert_eq!(reply.header("content-type"), "text/event-stream", "{pair}");
            let said = bodies::streamed(client, &reply.text());
            assert_eq!(said, Ok(bodies::said(provider, whole)), "{pair}");
        }
    }
}
