//! What the gateway refuses by itself, in the caller's words and without asking a provider.

use http::{Method, Request};
use serde_json::{Value, json};
use tower_llm_gateway::{Body, Gateway, config::Config};

use crate::{
    caller::{CALLERS, CHAT, Caller, Reply, TRANSLATED, answer, ask, post, upstream_calls},
    support::page::Page,
};

const RESPONSES: &str = "/v1/responses";
const GEMINI: &str = "/v1beta/models/foo:generateContent";
const GEMINI_STREAM: &str = "/v1beta/models/foo:streamGenerateContent?alt=sse";

/// The answer to a request that no provider may see.
async fn refusal(request: Request<Body>) -> Reply {
    let page = Page::start().await;
    let reply = answer(&page, request).await;
    assert_eq!(upstream_calls(&page), 0);
    assert_eq!(reply.header("content-type"), "application/json");
    reply
}

#[tokio::test]
async fn an_unknown_model_is_not_found_in_openai_s_words() {
    let expected = r#"{"error":{"message":"The model 'foo' is not configured on this gateway.","type":"invalid_request_error","param":"model","code":"model_not_found"}}"#;
    for path in [CHAT, RESPONSES] {
        for stream in [false, true] {
            let body = json!({"model": "foo", "stream": stream, "input": "Hi"});
            let reply = refusal(post(path, body.to_string())).await;
            assert_eq!(
                (reply.status.as_u16(), reply.text().as_str()),
                (404, expected)
            );
        }
    }
}

#[tokio::test]
async fn an_unknown_model_is_not_found_in_anthropic_s_words() {
    let expected = r#"{"type":"error","error":{"type":"not_found_error","message":"model: foo"},"request_id":null}"#;
    for stream in [false, true] {
        let reply = refusal(Caller::Anthropic.asks("foo", "Hi", stream)).await;
        assert_eq!(reply.status, 404);
        assert_eq!(reply.text(), expected);
    }
}

#[tokio::test]
async fn an_unknown_model_is_not_found_in_gemini_s_words() {
    for path in [GEMINI, GEMINI_STREAM] {
        let reply = refusal(post(path, r#"{"contents":[]}"#)).await;
        assert_eq!(reply.status, 404);
        let message = "models/foo is not found";
        let expected = json!({"error": {"code": 404, "message": message, "status": "NOT_FOUND"}});
        assert_eq!(reply.json(), expected);
    }
}

/// Bodies that name no model, or in no way that all readers read alike.
const NO_MODEL: [&str; 9] = [
    r#"{"messages":[]}"#,
    r#"{"model":""}"#,
    r#"{"model":7}"#,
    r#"{"model":null}"#,
    r#"{"model":["gpt-4o"]}"#,
    "not JSON",
    "",
    r#"[{"model":"gpt-4o"}]"#,
    r#"{"model":"gpt-4o","model":"azure-gpt4o"}"#,
];

#[tokio::test]
async fn row_18_a_request_that_names_no_model_is_bad_in_every_format() {
    let page = Page::start().await;
    for body in NO_MODEL {
        for caller in CALLERS {
            let reply = answer(&page, post(caller.path(), body)).await;
            assert_eq!(reply.status, 400, "{body}: {}", reply.text());
            assert_eq!(reply.error(caller).0, "invalid_request_error");
        }
        let reply = answer(&page, post(RESPONSES, body)).await;
        assert_eq!(reply.status, 400);
        assert_eq!(reply.json()["error"]["type"], "invalid_request_error");
    }
    assert_eq!(upstream_calls(&page), 0);
}

#[tokio::test]
async fn a_model_that_is_spelled_with_escapes_is_the_same_model() {
    let page = Page::start().await;
    let body = r#"{"mod\u0065l":"gpt-4o","model":"azure-gpt4o","messages":[]}"#;
    let reply = answer(&page, post(CHAT, body)).await;
    assert_eq!(reply.status, 400, "{}", reply.text());
    assert_eq!(upstream_calls(&page), 0);
}

fn limited(page: &Page) -> Gateway {
    let config = Config::from_yaml(&page.config()).unwrap();
    Gateway::builder(config).body_limit(64).build().unwrap()
}

#[tokio::test]
async fn a_request_that_is_too_large_is_413() {
    let page = Page::start().await;
    let gateway = limited(&page);
    for caller in CALLERS {
        for stream in [false, true] {
            let text = "x".repeat(64);
            let reply = ask(&gateway, caller.asks("gpt-4o", &text, stream)).await;
            assert_eq!(reply.status, 413);
            let kind = match caller {
                Caller::OpenAi => "invalid_request_error",
                Caller::Anthropic => "request_too_large",
            };
            assert_eq!(reply.error(caller).0, kind);
        }
    }
    assert_eq!(upstream_calls(&page), 0);
}

#[tokio::test]
async fn a_request_that_does_not_say_how_long_it_is_is_read_no_further_than_the_limit() {
    let page = Page::start().await;
    let endless = futures_util::stream::repeat_with(|| {
        Ok::<_, std::convert::Infallible>(hyper::body::Frame::data(bytes::Bytes::from_static(
            b"[[",
        )))
    });
    let body = Body::new(http_body_util::StreamBody::new(endless));
    let reply = ask(&limited(&page), post(CHAT, body)).await;
    assert_eq!(reply.status, 413);
}

#[tokio::test]
async fn counting_tokens_where_the_provider_cannot_is_not_implemented() {
    let body = Caller::Anthropic.question("gpt-4o", "Hi", false);
    let reply = refusal(post("/v1/messages/count_tokens", body.to_string())).await;
    assert_eq!(reply.status, 501);
    assert_eq!(reply.headers["x-should-retry"], "false");
    let (kind, message) = reply.error(Caller::Anthropic);
    assert_eq!(kind, "not_found_error");
    assert!(message.contains("no such endpoint"), "{message}");
}

#[tokio::test]
async fn what_cannot_be_translated_is_refused_before_anybody_is_asked() {
    for (caller, model) in TRANSLATED {
        for stream in [false, true] {
            let mut body = caller.question(model, "Hi", stream);
            body["messages"] = json!("not a list");
            let reply = refusal(post(caller.path(), body.to_string())).await;
            assert_eq!(reply.status, 400, "{}", reply.text());
            assert_eq!(reply.error(caller).0, "invalid_request_error");
        }
    }
}

#[tokio::test]
async fn a_path_that_is_nobody_s_is_not_found() {
    for (method, path) in [
        (Method::GET, "/"),
        (Method::POST, "/v1/nothing"),
        (Method::DELETE, "/nowhere"),
    ] {
        let request = Request::builder().method(method).uri(path);
        let reply = refusal(request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.json()["error"]["code"], "not_found");
    }
}

#[tokio::test]
async fn situation_14_a_model_s_name_is_echoed_short_and_harmless() {
    let name = format!("\u{1b}[31m\r\n{}", "x".repeat(10_000));
    for caller in CALLERS {
        let reply = refusal(caller.asks(&name, "Hi", false)).await;
        assert_eq!(reply.status, 404);
        let (_, message) = reply.error(caller);
        assert!(
            message.len() < 300 && !message.contains(['\u{1b}', '\r', '\n']),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_bad_request() {
    let frames = [
        Ok(hyper::body::Frame::data(bytes::Bytes::from_static(
            b"{\"model\":",
        ))),
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
    ];
    let body = http_body_util::StreamBody::new(futures_util::stream::iter(frames));
    let reply = refusal(post(CHAT, Body::new(body))).await;
    assert_eq!(reply.status, 400);
    let error: Value = reply.json();
    assert_eq!(error["error"]["type"], "invalid_request_error");
}
