//! Who has a key gets through, and the key gets no further.

use http::{HeaderMap, Method, Request, Response, StatusCode, header::AUTHORIZATION};
use serde_json::{Value, json};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_http::cors::CorsLayer;
use tower_llm_gateway::{
    Body, BoxError,
    admission::{ClientKeys, ClientKeysLayer},
};

use crate::{log, stacks};

const KEY: &str = "CANARY+of/ada=";

const CHAT: &str = "/v1/chat/completions";
const RESPONSES: &str = "/v1/responses";
const MESSAGES: &str = "/v1/messages";
const GENERATE: &str = "/v1beta/models/m:generateContent";

/// An endpoint of each format.
const PATHS: [&str; 4] = [CHAT, RESPONSES, MESSAGES, GENERATE];

/// The headers in which clients send a key, and what stands before it.
const HEADERS: [(&str, &str); 5] = [
    ("authorization", "Bearer "),
    ("authorization", "bearer  "),
    ("x-api-key", ""),
    ("api-key", ""),
    ("x-goog-api-key", ""),
];

fn keys() -> ClientKeys {
    ClientKeys::new(["CANARY-of-bob".into(), KEY.into()])
}

/// A guarded service that says what it gets.
fn guarded(
    keys: ClientKeys,
) -> impl Service<Request<Body>, Response = Response<Body>, Error = BoxError> + Clone {
    log::observe();
    let echo = service_fn(|request: Request<Body>| async move {
        let mut response = Response::new(Body::from(request.uri().to_string()));
        *response.headers_mut() = request.headers().clone();
        Ok::<_, BoxError>(response)
    });
    ClientKeysLayer::new(keys).layer(echo)
}

fn request(path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::post(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

async fn asked(request: Request<Body>) -> Response<Body> {
    guarded(keys()).oneshot(request).await.unwrap()
}

/// What got through: the headers, and the path with its query.
async fn admitted(request: Request<Body>) -> (HeaderMap, String) {
    let response = asked(request).await;
    assert_eq!(response.status(), StatusCode::OK);
    let (parts, body) = response.into_parts();
    let body = http_body_util::BodyExt::collect(body).await.unwrap();
    let uri = String::from_utf8(body.to_bytes().to_vec()).unwrap();
    (parts.headers, uri)
}

async fn refused(request: Request<Body>) -> (StatusCode, Value) {
    let response = asked(request).await;
    assert_eq!(response.headers()["www-authenticate"], "Bearer");
    assert_eq!(response.headers()["x-should-retry"], "false");
    assert_eq!(response.headers()["content-type"], "application/json");
    (response.status(), stacks::json(response).await)
}

#[tokio::test]
async fn each_header_is_a_place_for_the_key_at_the_paths_of_each_format() {
    for path in PATHS {
        for (name, before) in HEADERS {
            let value = format!("{before}{KEY}");
            let (headers, uri) = admitted(request(path, &[(name, &value), ("x-other", "o")])).await;
            assert!(!headers.contains_key(name), "{path} {name}");
            assert_eq!(headers["x-other"], "o");
            assert_eq!(uri, path);
        }
    }
}

#[tokio::test]
async fn the_query_is_a_place_for_the_key_of_gemini_s_callers_alone() {
    let encoded = "CANARY%2Bof/ada%3D";
    for (sent, left) in [
        (format!("key={encoded}"), ""),
        (format!("key={encoded}&alt=sse"), "?alt=sse"),
        (
            format!("alt=sse&key={encoded}&monkey=1&keyword=2"),
            "?alt=sse&monkey=1&keyword=2",
        ),
    ] {
        let path = format!("{GENERATE}?{sent}");
        let (_, uri) = admitted(request(&path, &[])).await;
        assert_eq!(uri, format!("{GENERATE}{left}"));
        let (status, _) = refused(request(&format!("{MESSAGES}?{sent}"), &[])).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    let absolute = format!("http://gateway.example:8080{GENERATE}?key={encoded}");
    let (_, uri) = admitted(request(&absolute, &[])).await;
    assert_eq!(uri, format!("http://gateway.example:8080{GENERATE}"));
}

#[tokio::test]
async fn one_known_key_among_others_is_enough_and_only_that_one_is_taken_out() {
    let own = "Bearer CANARY-own";
    let both = [("x-api-key", KEY), ("authorization", own)];
    let (headers, _) = admitted(request(MESSAGES, &both)).await;
    assert!(!headers.contains_key("x-api-key"));
    assert_eq!(headers[AUTHORIZATION], own);

    let swapped = [
        ("x-api-key", "CANARY-own"),
        ("authorization", "Bearer CANARY-of-bob"),
    ];
    let (headers, _) = admitted(request(MESSAGES, &swapped)).await;
    assert!(!headers.contains_key(AUTHORIZATION));
    assert_eq!(headers["x-api-key"], "CANARY-own");

    let same_header = [("x-api-key", "CANARY-own"), ("x-api-key", KEY)];
    let (headers, _) = admitted(request(MESSAGES, &same_header)).await;
    assert!(!headers.contains_key("x-api-key"));

    let twice = [
        ("x-api-key", KEY),
        ("authorization", "Bearer CANARY-of-bob"),
        ("x-goog-api-key", KEY),
    ];
    let (headers, _) = admitted(request(MESSAGES, &twice)).await;
    assert!(headers.is_empty(), "{headers:?}");
}

#[tokio::test]
async fn what_is_no_key_admits_nobody() {
    for header in [
        ("authorization", KEY),
        ("authorization", "Basic CANARY-of-bob"),
        ("authorization", "Bearer CANARY-of-bo"),
        ("authorization", "Bearer"),
        ("x-api-key", "Bearer CANARY-of-bob"),
        ("x-api-key", "CANARY-OF-BOB"),
        ("x-api-key", ""),
        ("cookie", "CANARY-of-bob"),
    ] {
        for path in PATHS {
            let (status, _) = refused(request(path, &[header])).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{path} {header:?}");
        }
    }
}

#[tokio::test]
async fn an_empty_key_in_the_list_fits_nobody_and_still_closes_the_door() {
    let guarded = guarded(ClientKeys::new(["".into()]));
    for headers in [
        &[][..],
        &[("x-api-key", "")],
        &[("authorization", "Bearer ")],
    ] {
        let response = guarded.clone().oneshot(request(MESSAGES, headers)).await;
        assert_eq!(response.unwrap().status(), StatusCode::UNAUTHORIZED);
    }
    let response = guarded.oneshot(request(&format!("{GENERATE}?key="), &[]));
    assert_eq!(response.await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn without_keys_everything_passes_as_it_is() {
    let sent = [
        ("authorization", "Bearer CANARY-anything"),
        ("x-api-key", "CANARY-else"),
    ];
    let path = format!("{GENERATE}?key=this");
    let response = guarded(ClientKeys::default()).oneshot(request(&path, &sent));
    let response = response.await.unwrap();
    assert_eq!(response.headers()["x-api-key"], "CANARY-else");
    assert_eq!(response.headers()[AUTHORIZATION], "Bearer CANARY-anything");
    let body = http_body_util::BodyExt::collect(response.into_body()).await;
    assert_eq!(body.unwrap().to_bytes(), path);
}

#[tokio::test]
async fn a_refusal_is_an_error_as_each_api_says_it() {
    for path in [CHAT, RESPONSES] {
        let (status, body) = refused(request(path, &[])).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        let message = "An API key is missing: send one as \"authorization: Bearer KEY\".";
        let error = json!({"message": message, "type": "invalid_request_error", "param": null, "code": "invalid_api_key"});
        assert_eq!(body, json!({ "error": error }));
    }
    let (status, body) = refused(request(MESSAGES, &[])).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(body["type"], "error");
    assert_eq!(body["error"]["type"], "authentication_error");
    let message = body["error"]["message"].as_str().unwrap();
    assert!(message.contains("\"x-api-key: KEY\""), "{message}");

    let (status, body) = refused(request(GENERATE, &[])).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(body["error"]["code"], 401);
    assert_eq!(body["error"]["status"], "UNAUTHENTICATED");
    let message = body["error"]["message"].as_str().unwrap();
    assert!(message.contains("\"x-goog-api-key: KEY\""), "{message}");
}

#[tokio::test]
async fn a_wrong_key_is_refused_in_other_words_than_none_and_is_not_repeated() {
    for path in PATHS {
        let (status, none) = refused(request(path, &[])).await;
        let (same, wrong) = refused(request(path, &[("x-api-key", "CANARY-wrong")])).await;
        assert_eq!(status, same);
        assert_ne!(none, wrong);
        assert!(!wrong.to_string().contains("CANARY-wrong"), "{wrong}");
    }
}

#[tokio::test]
async fn a_path_of_no_format_is_refused_in_the_words_of_the_headers() {
    let anthropic = ("anthropic-version", "2023-06-01");
    for (path, header, kind) in [
        ("/v1/models", anthropic, "/error/type=authentication_error"),
        (
            "/v1/models",
            ("x-goog-api-key", "CANARY-wrong"),
            "/error/status=UNAUTHENTICATED",
        ),
        (
            "/v1/models?key=WRONG",
            ("x-a", "b"),
            "/error/status=UNAUTHENTICATED",
        ),
        (
            "/v1beta/models",
            ("x-a", "b"),
            "/error/status=UNAUTHENTICATED",
        ),
        (
            "/v1/messages/batches",
            ("x-a", "b"),
            "/error/type=authentication_error",
        ),
        ("/anything", ("x-a", "b"), "/error/code=invalid_api_key"),
    ] {
        let (_, body) = refused(request(path, &[header])).await;
        let (pointer, value) = kind.split_once('=').unwrap();
        assert_eq!(body.pointer(pointer).unwrap(), value, "{path} {header:?}");
    }
}

#[tokio::test]
async fn preflights_pass_where_cors_is_outside() {
    let preflight = || {
        let request = Request::builder().method(Method::OPTIONS).uri(CHAT);
        let request = request.header("origin", "https://app.example");
        let request = request.header("access-control-request-method", "POST");
        request.body(Body::empty()).unwrap()
    };
    let response = asked(preflight()).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);

    let service = CorsLayer::permissive().layer(guarded(keys()));
    let response = service.clone().oneshot(preflight()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    // A refusal must be readable in a browser, too.
    let cross = request(CHAT, &[("origin", "https://app.example")]);
    let response = service.oneshot(cross).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
}

#[tokio::test]
async fn the_router_asks_for_keys_at_what_is_for_models_alone() {
    let service = stacks::router()
        .client_keys(keys())
        .layer(stacks::Strict::default());
    let status = async |request: Request<Body>| {
        let response = service.clone().oneshot(request).await;
        response.unwrap_or_else(|never| match never {}).status()
    };
    let list = |key: &str| {
        let request = Request::get("/v1/models").header("x-api-key", key);
        request.body(Body::empty()).unwrap()
    };
    assert_eq!(status(stacks::page()).await, StatusCode::OK);
    assert_eq!(status(stacks::chat()).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(list("CANARY-wrong")).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(list(KEY)).await, StatusCode::OK);
    let mut chat = stacks::chat();
    chat.headers_mut().insert("api-key", KEY.parse().unwrap());
    assert_eq!(status(chat).await, StatusCode::OK);
    // Who has routed a request already has not asked for a key.
    let selected = stacks::selected(tower_llm_gateway::format::ApiFormat::OPENAI);
    assert_eq!(status(selected).await, StatusCode::UNAUTHORIZED);
}
