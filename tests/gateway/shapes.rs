//! Providers that answer in another shape than they were asked for.

use std::{
    convert::Infallible,
    future::ready,
    sync::{Arc, Mutex},
};

use http::{Method, Request, Response, StatusCode};
use tower::{Layer, ServiceExt, service_fn};
use tower_llm_gateway::{Body, format::ApiFormat, translate::TranslateLayer};

use crate::{
    caller::{CALLERS, Caller, Reply},
    inner::{response, selected, translated},
};

const SAID: [(Caller, &str); 2] = [
    (Caller::OpenAi, "Hello from Anthropic! Fancy a café? 🌿"),
    (Caller::Anthropic, "Hello from OpenAI! Fancy a café? 👋"),
];

#[tokio::test]
async fn a_whole_answer_to_a_stream_request_becomes_a_stream() {
    for (caller, said) in SAID {
        let provider = caller.other();
        let answer = response("application/json", provider.whole());
        let reply = translated(selected(caller, provider, true), answer).await;
        let reply = Reply::of(reply).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("content-type"), "text/event-stream");
        assert_eq!(reply.said(), said);
        assert!(reply.text().contains(caller.terminal()));
    }
}

#[tokio::test]
async fn trap_106_a_stream_in_answer_to_a_plain_request_becomes_a_whole_answer() {
    for (caller, said) in SAID {
        let provider = caller.other();
        let answer = response("text/event-stream; charset=utf-8", provider.stream());
        let reply = translated(selected(caller, provider, false), answer).await;
        let reply = Reply::of(reply).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("content-type"), "application/json");
        let reply = reply.json();
        let text = match caller {
            Caller::OpenAi => &reply["choices"][0]["message"]["content"],
            Caller::Anthropic => &reply["content"][0]["text"],
        };
        assert_eq!(text, said, "{reply}");
    }
}

#[tokio::test]
async fn a_stream_that_was_cut_is_no_whole_answer() {
    for caller in CALLERS {
        let provider = caller.other();
        let stream = provider.stream();
        let half = &stream[..stream.match_indices("\n\n").nth(4).unwrap().0 + 2];
        let answer = response("text/event-stream", half);
        let reply = translated(selected(caller, provider, false), answer).await;
        let reply = Reply::of(reply).await;
        assert_eq!(reply.status, 502);
        reply.error(caller);
    }
}

#[tokio::test]
async fn an_answer_that_is_neither_is_502() {
    for caller in CALLERS {
        for (content_type, body) in [
            ("text/html", "<html>Welcome to nginx</html>"),
            ("application/json", "{"),
            ("application/json", ""),
            ("application/json", "[]"),
        ] {
            for stream in [false, true] {
                let request = selected(caller, caller.other(), stream);
                let reply = translated(request, response(content_type, body)).await;
                let reply = Reply::of(reply).await;
                assert_eq!(reply.status, 502, "{body}");
                reply.error(caller);
            }
        }
    }
}

#[tokio::test]
async fn situation_19_alone_the_translation_does_not_read_what_is_compressed() {
    for caller in CALLERS {
        for content_type in ["application/json", "text/event-stream"] {
            let mut answer = response(content_type, "\u{1f}\u{8b}");
            let gzip = "gzip".parse().unwrap();
            answer.headers_mut().insert("content-encoding", gzip);
            let reply = translated(selected(caller, caller.other(), true), answer).await;
            let reply = Reply::of(reply).await;
            assert_eq!(reply.status, 502);
            reply.error(caller);
        }
    }
}

#[tokio::test]
async fn an_error_that_calls_itself_a_stream_passes_as_it_is() {
    for caller in CALLERS {
        let error = r#"{"error":{"message":"slow down"}}"#;
        let mut answer = response("text/event-stream", error);
        *answer.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        let reply = Reply::of(translated(selected(caller, caller, true), answer).await).await;
        assert_eq!((reply.status.as_u16(), reply.text().as_str()), (429, error));
    }
}

#[tokio::test]
async fn alone_the_translation_leaves_all_but_posts_to_the_inner_service() {
    let inner = service_fn(|request: Request<Body>| {
        ready(Ok::<_, Infallible>(Response::new(Body::full(
            request.method().to_string(),
        ))))
    });
    let service = TranslateLayer::new(ApiFormat::ANTHROPIC, ApiFormat::OPENAI).layer(inner);
    for method in [Method::GET, Method::OPTIONS, Method::DELETE] {
        let request = Request::builder().method(&method).uri("/v1/messages");
        let request = request.body(Body::empty()).unwrap();
        let reply = Reply::of(service.oneshot(request).await.unwrap()).await;
        assert_eq!(reply.text(), method.as_str());
    }
}

#[tokio::test]
async fn a_stream_that_is_gathered_is_bounded_like_a_whole_answer() {
    let answer = response("text/event-stream", Caller::Anthropic.stream());
    let answer = Arc::new(Mutex::new(Some(answer)));
    let inner = service_fn(move |_: Request<Body>| {
        ready(Ok::<_, Infallible>(answer.lock().unwrap().take().unwrap()))
    });
    let service = TranslateLayer::selected().body_limit(600).layer(inner);
    let request = selected(Caller::OpenAi, Caller::Anthropic, false);
    let reply = Reply::of(service.oneshot(request).await.unwrap()).await;
    assert_eq!(reply.status, 502);
}

#[tokio::test]
async fn alone_the_translation_says_that_it_cannot_read_a_compressed_request() {
    let inner =
        service_fn(|_: Request<Body>| ready(Ok::<_, Infallible>(Response::new(Body::empty()))));
    let service = TranslateLayer::new(ApiFormat::ANTHROPIC, ApiFormat::OPENAI).layer(inner);
    let request = Request::post("/v1/messages").header("content-encoding", "gzip");
    let request = request.body(Body::full("\u{1f}")).unwrap();
    let reply = Reply::of(service.oneshot(request).await.unwrap()).await;
    assert_eq!(reply.status, 415);
}
