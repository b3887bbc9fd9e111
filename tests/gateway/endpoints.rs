//! Endpoints besides generation: where the model is read, and what the provider gets.

use axum::{Router, body::Body as AxumBody};
use bytes::Bytes;
use http::{Method, Request};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use tower_llm_gateway::{Body, Gateway};

use crate::{
    caller::{Caller, Reply, post},
    echo::{Echo, Seen},
    inner::Gate,
};

const FILES: &str = "{id: files, pattern_path: '/v1/files*', match_downstreams: [echo]}";
const ALIAS: &str =
    "{id: alias, pattern_model: mine, match_downstreams: [echo], output_model: theirs}";

async fn send(gateway: &Gateway, request: Request<Body>) -> Reply {
    Reply::of(gateway.service().oneshot(request).await.unwrap()).await
}

fn form(path: &str, model: &str, file: &str) -> Request<Body> {
    let body = format!(
        "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\nContent-Type: audio/mpeg\r\n\r\n{file}\r\n--cut\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n{model}\r\n--cut--\r\n"
    );
    let request = Request::post(path).header("content-type", "multipart/form-data; boundary=cut");
    request.body(body.into()).unwrap()
}

fn json(seen: &Seen) -> Value {
    serde_json::from_slice(&seen.body).unwrap()
}

/// What the provider sees of a request to an `openai` downstream that knows the caller's `mine` as `theirs`.
async fn passed(request: Request<Body>) -> Seen {
    let echo = Echo::json().await;
    let reply = send(&echo.gateway("openai", "m", ALIAS), request).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    echo.one()
}

#[tokio::test]
async fn an_endpoint_with_json_is_routed_by_its_model_and_renamed_in_place() {
    for path in [
        "/v1/audio/speech",
        "/v1/completions",
        "/v1/embeddings",
        "/v1/images/generations",
        "/v1/moderations",
    ] {
        let body = r#"{"x": 1.0, "model" : "mine", "input":"é"}"#;
        let seen = passed(post(path, body)).await;
        assert_eq!((&seen.method, seen.uri.path()), (&Method::POST, path));
        assert_eq!(seen.body, body.replace("mine", "theirs"));
        assert_eq!(seen.headers["authorization"], "Bearer CANARY-echo");
        assert_eq!(seen.headers["content-length"], seen.body.len().to_string());
    }
}

#[tokio::test]
async fn a_form_is_routed_by_its_field_and_renamed_in_place() {
    for path in [
        "/v1/audio/transcriptions",
        "/v1/audio/translations",
        "/v1/images/edits",
        "/v1/images/variations",
        "/v1/videos",
    ] {
        let seen = passed(form(path, "mine", "\u{0}\r\nmodel")).await;
        let expected = form(path, "theirs", "\u{0}\r\nmodel").into_body();
        let expected = expected.collect().await.unwrap().to_bytes();
        assert_eq!((seen.uri.path(), &seen.body), (path, &expected));
        assert_eq!(seen.headers["content-length"], expected.len().to_string());
        let content_type = "multipart/form-data; boundary=cut";
        assert_eq!(seen.headers["content-type"], content_type);
    }
}

#[tokio::test]
async fn a_form_that_is_not_renamed_stays_as_it_is_and_one_that_is_cut_is_refused() {
    let echo = Echo::json().await;
    let gateway = echo.gateway("openai", "m", "");
    let path = "/v1/audio/transcriptions";
    let whole = form(path, "m", "x").into_body().collect().await.unwrap();
    assert_eq!(send(&gateway, form(path, "m", "x")).await.status, 200);
    assert_eq!(echo.one().body, whole.to_bytes());
    let cut = form(path, "m", "x").map(|_| Body::from("--cut\r\nContent-"));
    let reply = send(&gateway, cut).await;
    assert_eq!(reply.status, 400);
    assert!(reply.error(Caller::OpenAi).1.contains("form"));
}

#[tokio::test]
async fn the_header_names_the_model_and_goes_no_further() {
    let with = |model: &str| {
        let mut request = post("/v1/chat/completions", r#"{"model":"x","stream":false}"#);
        let headers = request.headers_mut();
        headers.insert("x-llm-model", model.parse().unwrap());
        request
    };
    for (model, sent) in [("m", "m"), ("mine", "theirs")] {
        let seen = passed(with(model)).await;
        assert_eq!(json(&seen)["model"], sent);
        assert!(!seen.headers.contains_key("x-llm-model"));
    }
}

#[tokio::test]
async fn a_path_of_azure_s_dated_api_names_the_model() {
    let path = "/openai/deployments/mine/embeddings?api-version=2024-10-21&x=1";
    for body in [r#"{"input":"a"}"#, r#"{"model":"other","input":"a"}"#] {
        let seen = passed(post(path, body)).await;
        assert_eq!(seen.uri, "/v1/embeddings?x=1");
        assert_eq!(json(&seen)["model"], "theirs");
    }
    let seen = passed(post("/openai/deployments/m/chat/completions", r#"{"n":1}"#)).await;
    assert_eq!(seen.uri, "/v1/chat/completions");
    assert_eq!(json(&seen)["model"], "m");
}

#[tokio::test]
async fn a_gemini_path_names_the_model_and_is_renamed_itself() {
    let rule = "{id: r, pattern_model: mine, match_downstreams: [echo], output_model: a/b}, {id: all, pattern_path: '/v1beta/*', match_downstreams: [echo]}";
    for (path, sent) in [
        (
            "/v1beta/models/mine:predict?key=K&x=1",
            "/v1/models/a%2Fb:predict?x=1",
        ),
        (
            "/v1beta/models/mine:batchEmbedContents",
            "/v1/models/a%2Fb:batchEmbedContents",
        ),
        (
            "/v1beta/models/mine:somethingNew",
            "/v1/models/a%2Fb:somethingNew",
        ),
    ] {
        let echo = Echo::json().await;
        let body = r#"{"requests":[]}"#;
        let reply = send(&echo.gateway("gemini", "", rule), post(path, body)).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        let seen = echo.one();
        assert_eq!(
            (seen.uri.to_string().as_str(), &*seen.body),
            (sent, body.as_bytes())
        );
        assert_eq!(seen.headers["x-goog-api-key"], "CANARY-echo");
    }
}

#[tokio::test]
async fn a_gemini_body_that_names_the_model_again_is_renamed_with_its_path() {
    let rule = "{id: r, pattern_model: mine, match_downstreams: [echo], output_model: theirs}";
    for (method, body) in [
        (
            "batchEmbedContents",
            r#"{"requests":[{"model":"models/mine","x": 1.0},{"model":"models/mine"}]}"#,
        ),
        ("embedContent", r#"{"model" : "models/mine"}"#),
        (
            "countTokens",
            r#"{"generateContentRequest":{"model":"models/mine","contents":[]}}"#,
        ),
    ] {
        let echo = Echo::json().await;
        let path = format!("/v1beta/models/mine:{method}");
        let reply = send(&echo.gateway("gemini", "", rule), post(&path, body)).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        let seen = echo.one();
        assert_eq!(seen.body, body.replace("mine", "theirs"), "{path}");
        let length = seen.body.len().to_string();
        assert_eq!(seen.headers["content-length"], length, "{path}");
    }
}

#[tokio::test]
async fn what_names_no_model_goes_where_a_rule_names_its_path() {
    for (method, path, sent) in [
        (
            Method::GET,
            "/v1/files?limit=2&access_token=T",
            "/v1/files?limit=2",
        ),
        (Method::DELETE, "//v1/files/f%2F1/", "/v1/files/f%2F1"),
        (Method::GET, "/v1/files/1/content", "/v1/files/1/content"),
        (Method::POST, "/v1/files", "/v1/files"),
    ] {
        let echo = Echo::start("application/octet-stream", &b"\x00\xff"[..]).await;
        let gateway = echo.gateway("openai", "m", FILES);
        let request = Request::builder().method(method.clone()).uri(path);
        let request = request.header("authorization", "Bearer CANARY-caller");
        let reply = send(&gateway, request.body(Body::empty()).unwrap()).await;
        assert_eq!(
            (reply.status.as_u16(), &*reply.bytes()),
            (200, &b"\x00\xff"[..])
        );
        let seen = echo.one();
        assert_eq!(
            (seen.method, seen.uri.to_string()),
            (method, sent.to_owned())
        );
        assert_eq!(seen.headers["authorization"], "Bearer CANARY-echo");
        assert!(!seen.headers.contains_key("content-type"));
    }
}

#[tokio::test]
async fn a_rule_s_filters_apply_to_what_names_no_model() {
    let rules =
        "{id: a, pattern_path: '/v1/files', match_format: [anthropic], match_downstreams: [echo]}";
    let echo = Echo::json().await;
    let gateway = echo.gateway("anthropic", "m", rules);
    let files = || Request::get("/v1/files");
    let google = files().header("x-goog-api-key", "CANARY-caller");
    let google = send(&gateway, google.body(Body::empty()).unwrap()).await;
    assert_eq!(google.status, 404);
    let claude = files().header("anthropic-version", "2023-06-01");
    let claude = send(&gateway, claude.body(Body::empty()).unwrap()).await;
    assert_eq!(claude.status, 200);
    assert_eq!(echo.one().headers["x-api-key"], "CANARY-echo");
}

#[tokio::test]
async fn without_a_model_and_a_rule_there_is_nothing() {
    let echo = Echo::json().await;
    let gateway = echo.gateway("openai", "m", "");
    for (path, version, caller) in [
        ("/v1/files", None, Caller::OpenAi),
        ("/v1/files", Some("2023-06-01"), Caller::Anthropic),
        ("/v1/messages/batches", None, Caller::Anthropic),
        ("/llm/v1/responses/resp_1", None, Caller::OpenAi),
    ] {
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        if let Some(version) = version {
            let headers = request.headers_mut();
            headers.insert("anthropic-version", version.parse().unwrap());
        }
        let reply = send(&gateway, request).await;
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.error(caller).1, "There is nothing at this path.");
    }
    let gemini = Request::get("/v1beta/files").body(Body::empty()).unwrap();
    assert_eq!(
        send(&gateway, gemini).await.json()["error"]["status"],
        "NOT_FOUND"
    );
    assert!(echo.seen().is_empty());
}

#[tokio::test]
async fn a_model_that_an_endpoint_needs_and_does_not_get_is_400_and_one_that_is_unknown_404() {
    let echo = Echo::json().await;
    let gateway = echo.gateway("openai", "m", "");
    let missing = send(&gateway, post("/v1/embeddings", r#"{"input":"a"}"#)).await;
    assert_eq!(
        (missing.status.as_u16(), &missing.json()["error"]["param"]),
        (400, &"model".into())
    );
    let unknown = send(&gateway, form("/v1/audio/transcriptions", "foo", "")).await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.text().contains("model_not_found"));
    assert!(echo.seen().is_empty());
}

#[tokio::test]
async fn a_provider_of_another_format_has_no_such_endpoint() {
    let echo = Echo::json().await;
    let gateway = echo.gateway("anthropic", "m", "");
    let reply = send(&gateway, form("/v1/audio/transcriptions", "m", "x")).await;
    assert_eq!(reply.status, 501);
    reply.error(Caller::OpenAi);
    let mut files = Request::get("/v1/files").header("x-llm-model", "m");
    files
        .headers_mut()
        .unwrap()
        .insert("x-goog-api-key", "CANARY-caller".parse().unwrap());
    let reply = send(&gateway, files.body(Body::empty()).unwrap()).await;
    assert_eq!(reply.json()["error"]["code"], 501);
    assert!(echo.seen().is_empty());
}

/// A gateway to a provider that sends back what it gets, as it gets it.
async fn mirror(rules: &str) -> Gateway {
    Echo::mirror().await.gateway("openai, gemini", "m", rules)
}

#[tokio::test]
async fn a_body_is_streamed_where_the_head_tells_where_it_goes() {
    let gateway = mirror(FILES).await;
    for (path, header) in [
        ("/v1/files", None),
        ("/v1/audio/transcriptions", Some("m")),
        ("/v1/files", Some("m")),
        ("/v1beta/models/m:predict", None),
        ("/openai/deployments/m/audio/transcriptions", None),
    ] {
        let (gate, body) = Gate::new();
        let mut request =
            Request::post(path).header("content-type", "multipart/form-data; boundary=x");
        if let Some(model) = header {
            request = request.header("x-llm-model", model);
        }
        gate.send("one");
        let response = gateway.service().oneshot(request.body(body).unwrap()).await;
        let mut echoed = response.unwrap().into_body();
        for piece in ["one", "two", "three"] {
            let frame = echoed.frame().await.unwrap().unwrap();
            assert_eq!(frame.into_data().unwrap(), piece, "{path}");
            gate.send(if piece == "one" { "two" } else { "three" });
        }
    }
}

#[tokio::test]
async fn what_is_streamed_may_be_larger_than_what_is_buffered() {
    let gateway = mirror(ALIAS).await;
    let large = "x".repeat(100_000);
    let named = |model: &str| {
        let mut request = form("/v1/audio/transcriptions", model, &large);
        let headers = request.headers_mut();
        headers.insert("x-llm-model", model.parse().unwrap());
        request
    };
    let reply = send(&gateway, named("m")).await;
    assert_eq!(reply.status, 200);
    assert!(reply.bytes().len() > 100_000);
    // It must be renamed, or be read.
    for request in [named("mine"), form("/v1/audio/transcriptions", "m", &large)] {
        let reply = send(&gateway, request).await;
        assert_eq!(reply.status, 413);
        reply.error(Caller::OpenAi);
    }
}

#[tokio::test]
async fn an_answer_that_is_no_json_passes_byte_for_byte() {
    let speech: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let echo = Echo::start("audio/mpeg", speech.clone()).await;
    let body = r#"{"model":"m","input":"Hi"}"#;
    let reply = send(
        &echo.gateway("openai", "m", ""),
        post("/v1/audio/speech", body),
    )
    .await;
    assert_eq!(reply.header("content-type"), "audio/mpeg");
    assert_eq!(reply.header("content-length"), "70000");
    assert_eq!(reply.bytes(), speech);

    let events = "event: speech.audio.delta\ndata: {\"audio\":\"AA==\"}\n\n: no end of ours\n\n";
    let echo = Echo::start("text/event-stream", events).await;
    let body = r#"{"model":"m","input":"Hi","stream_format":"sse"}"#;
    let reply = send(
        &echo.gateway("openai", "m", ""),
        post("/v1/audio/speech", body),
    )
    .await;
    assert_eq!(reply.text(), events);
}

#[tokio::test]
async fn in_front_of_a_host_only_what_is_ours_is_taken() {
    let echo = Echo::start("text/plain", Bytes::from("the provider's")).await;
    let gateway = echo.gateway("openai", "m", FILES);
    let host = Router::new().fallback(|| async { "the host's" });
    let app = host.layer(gateway.layer());
    for (method, path, header, answer) in [
        (Method::GET, "/v1/files", false, "the provider's"),
        (Method::GET, "/files", false, "the host's"),
        (Method::OPTIONS, "/v1/files", false, "the host's"),
        (Method::OPTIONS, "/v1/files", true, "the host's"),
        (Method::TRACE, "/v1/files", true, "the host's"),
        (Method::GET, "/v1/files/..%2Fkeys", true, "the host's"),
        (Method::GET, "/v1/users", false, "the host's"),
        (Method::GET, "/v1/users", true, "the provider's"),
        (Method::GET, "/users", true, "the host's"),
        (Method::GET, "/v1/embeddings", false, "the host's"),
        (Method::PUT, "/v1/chat/completions", false, "the host's"),
        (Method::OPTIONS, "/v1/chat/completions", false, "the host's"),
    ] {
        let mut request = Request::builder().method(method).uri(path);
        if header {
            request = request.header("x-llm-model", "m");
        }
        let request = request.body(AxumBody::empty()).unwrap();
        let reply = Reply::of(app.clone().oneshot(request).await.unwrap()).await;
        assert_eq!(reply.text(), answer, "{path}");
    }
}
