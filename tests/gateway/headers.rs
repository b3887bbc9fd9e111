//! Which headers cross, and which don't.

use std::convert::Infallible;

use axum::{Router, routing::any};
use http::{HeaderMap, Request, Response};
use tokio::net::TcpListener;
use tower_llm_gateway::{Body, Gateway};

use crate::{
    caller::{CHAT, Caller, MESSAGES, PASSED, Reply, SONNET, TRANSLATED, answer, ask, post},
    support::page::Page,
};

/// Of the caller alone, in every place where credentials and whereabouts are known to stand.
const PRIVATE: [(&str, &str); 34] = [
    ("Authorization", "Bearer CANARY-client-1"),
    ("authorization", "Bearer CANARY-client-2"),
    ("X-Api-Key", "CANARY-client-3"),
    ("api-key", "CANARY-client-4"),
    ("x-goog-api-key", "CANARY-client-5"),
    ("cookie", "session=CANARY-client-6"),
    ("proxy-authorization", "Basic CANARY-client-7"),
    ("proxy-connection", "CANARY-client-8"),
    ("connection", "x-private, keep-alive, close"),
    ("x-private", "CANARY-client-9"),
    ("keep-alive", "timeout=CANARY-client-10"),
    ("te", "trailers, CANARY-client-11"),
    ("trailer", "CANARY-client-12"),
    ("upgrade", "CANARY-client-13"),
    ("x-stainless-lang", "CANARY-client-14"),
    ("x-stainless-retry-count", "CANARY-client-15"),
    ("forwarded", "for=CANARY-client-16"),
    ("x-forwarded-for", "CANARY-client-17"),
    ("x-real-ip", "CANARY-client-18"),
    ("x-client-ip", "CANARY-client-39"),
    ("true-client-ip", "CANARY-client-40"),
    ("cf-connecting-ip", "CANARY-client-41"),
    ("via", "1.1 CANARY-client-42"),
    ("openai-organization", "CANARY-client-31"),
    ("openai-project", "CANARY-client-32"),
    ("origin", "CANARY-client-33"),
    ("referer", "CANARY-client-34"),
    ("range", "CANARY-client-35"),
    ("if-none-match", "CANARY-client-36"),
    ("x-auth-token", "CANARY-client-37"),
    ("x-amz-security-token", "CANARY-client-38"),
    ("user-agent", "CANARY-client-19"),
    ("accept-encoding", "gzip, CANARY-client-20"),
    ("expect", "CANARY-client-21"),
];

fn with_private(mut request: Request<Body>) -> Request<Body> {
    for (name, value) in PRIVATE {
        let name: http::HeaderName = name.parse().unwrap();
        request.headers_mut().append(name, value.parse().unwrap());
    }
    let uri = format!(
        "{}?key=CANARY-client-22&api_key=CANARY-client-23",
        request.uri()
    );
    *request.uri_mut() = uri.parse().unwrap();
    request
}

#[tokio::test]
async fn row_19_nothing_that_is_the_caller_s_own_reaches_a_provider() {
    let page = Page::start().await;
    for (caller, model) in PASSED.into_iter().chain(TRANSLATED) {
        let reply = answer(&page, with_private(caller.asks(model, "Hi", false))).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
    for double in [&page.openai, &page.anthropic, &page.azure] {
        for seen in double.requests() {
            let seen = format!("{} {:?}", seen.target, seen.headers);
            assert!(!seen.contains("CANARY-client"), "{seen}");
        }
    }
}

#[tokio::test]
async fn row_19_each_provider_sees_one_credential_and_it_is_ours() {
    let page = Page::start().await;
    for (caller, model) in PASSED.into_iter().chain(TRANSLATED) {
        answer(&page, with_private(caller.asks(model, "Hi", false))).await;
    }
    let keys = ["authorization", "x-api-key", "api-key", "x-goog-api-key"];
    for (double, key) in [
        (&page.openai, "Bearer sk-proj-..."),
        (&page.anthropic, "sk-ant-..."),
        (&page.azure, "azure-key-..."),
    ] {
        for seen in double.requests() {
            let values: Vec<_> = keys
                .iter()
                .flat_map(|name| seen.headers.get_all(*name))
                .collect();
            assert_eq!(values, [key]);
        }
    }
}

/// A gateway before a provider that answers with these headers.
async fn gateway_to(headers: HeaderMap) -> Gateway {
    let answer = move |_: Request<axum::body::Body>| {
        let body = include_str!("../fixtures/anthropic/text.json");
        let mut response = Response::new(axum::body::Body::from(body));
        *response.headers_mut() = headers.clone();
        async { Ok::<_, Infallible>(response) }
    };
    let app = Router::new().fallback_service(any(answer));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, app).await });
    let config = format!(
        "downstreams:\n- {{id: a, base_url: '{url}', api_formats: [anthropic], output_model_ids: ['{SONNET}']}}"
    );
    Gateway::from_yaml(&config).unwrap()
}

const PROVIDER: [(&str, &str); 13] = [
    ("content-type", "application/json"),
    ("set-cookie", "PROVIDER-1"),
    ("server", "PROVIDER-2"),
    ("alt-svc", "PROVIDER-3"),
    ("strict-transport-security", "PROVIDER-4"),
    ("keep-alive", "PROVIDER-5"),
    ("connection", "x-private"),
    ("x-private", "PROVIDER-6"),
    ("proxy-authenticate", "PROVIDER-7"),
    ("trailer", "PROVIDER-8"),
    ("upgrade", "PROVIDER-9"),
    ("request-id", "req_1"),
    ("retry-after", "7"),
];

async fn reply_with_headers(path: &str) -> Reply {
    let headers = PROVIDER.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    let gateway = gateway_to(HeaderMap::from_iter(headers)).await;
    let body = Caller::Anthropic.question(SONNET, "Hi", false).to_string();
    ask(&gateway, post(path, body)).await
}

#[tokio::test]
async fn situation_04_cookies_and_whatever_speaks_of_the_provider_s_site_do_not_come_back() {
    for path in [CHAT, MESSAGES] {
        let reply = reply_with_headers(path).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let headers = format!("{:?}", reply.headers);
        assert!(!headers.contains("PROVIDER"), "{headers}");
    }
}

#[tokio::test]
async fn situation_04_request_ids_and_the_time_to_wait_come_back() {
    let passed = reply_with_headers(MESSAGES).await;
    assert_eq!(passed.header("request-id"), "req_1");
    assert_eq!(passed.header("retry-after"), "7");
    let translated = reply_with_headers(CHAT).await;
    assert_eq!(translated.header("x-request-id"), "req_1");
    assert_eq!(translated.header("retry-after"), "7");
}
