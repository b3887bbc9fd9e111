//! Which headers cross, and which do not.

use std::future::ready;

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, Response};
use http_body::Frame;
use http_body_util::StreamBody;
use tower::ServiceExt;
use tower_llm_gateway::{
    Body, BoxError,
    context::ConfiguredHeaders,
    downstream::DownstreamService,
    format::ApiFormat,
    target::{Auth, Target},
};

use crate::support::{KEY, Server, http2, request, seen, selected, send};

const CREDENTIALS: [(&str, &str); 15] = [
    ("Authorization", "Bearer CANARY-theirs"),
    ("authorization", "Bearer CANARY-theirs"),
    ("X-Api-Key", "CANARY-theirs"),
    ("x-api-key", "CANARY-theirs"),
    ("api-key", "CANARY-theirs"),
    ("x-goog-api-key", "CANARY-theirs"),
    ("cookie", "session=CANARY-theirs"),
    ("proxy-authorization", "Basic CANARY-theirs"),
    ("proxy-x", "CANARY-theirs"),
    // For whoever chooses an arm at the gateway.
    ("x-llm-arm-key", "CANARY-theirs"),
    ("x-llm-arm", "CANARY-theirs"),
    // Some servers take these for the ones with a dash.
    ("x_api_key", "CANARY-theirs"),
    ("api_key", "CANARY-theirs"),
    ("X_Goog_Api_Key", "CANARY-theirs"),
    ("proxy_authorization", "Basic CANARY-theirs"),
];

#[tokio::test]
async fn situation_01_hop_by_hop_headers_do_not_cross_to_the_provider() {
    let hop_by_hop = [
        ("connection", "x-foo, Keep-Alive"),
        ("connection", "X-Bar,, ,close"),
        ("x-foo", "1"),
        ("x-bar", "1"),
        ("keep-alive", "timeout=5"),
        ("proxy-authenticate", "Basic"),
        ("proxy-authorization", "Basic"),
        ("proxy-connection", "keep-alive"),
        ("te", "trailers, deflate"),
        ("trailer", "x-foo"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"),
        ("http2-settings", "AAMAAABk"),
        ("expect", "100-continue"),
        ("transfer_encoding", "chunked"),
        ("content_length", "7"),
    ];
    let headers = seen(ApiFormat::OPENAI, |target| target, &hop_by_hop).await;
    for (name, _) in hop_by_hop {
        assert!(!headers.contains_key(name), "{name}");
    }
}

#[tokio::test]
async fn situation_01_connection_takes_nothing_away_that_is_ours() {
    let named = "authorization, host, content-length, accept-encoding, user-agent";
    let headers = seen(ApiFormat::OPENAI, |target| target, &[("connection", named)]).await;
    assert_eq!(headers["authorization"], "Bearer CANARY-key");
    assert_eq!(headers["accept-encoding"], "identity");
    for name in ["host", "content-length", "user-agent"] {
        assert!(headers.contains_key(name), "{name}");
    }
}

#[tokio::test]
async fn situation_01_trailers_do_not_cross_to_the_provider() {
    let (server, mut asked) = Server::recording_trailers().await;
    for service in [DownstreamService::new(), http2()] {
        let trailers = HeaderMap::from_iter([
            (
                "x-api-key".parse().unwrap(),
                "CANARY-theirs".parse().unwrap(),
            ),
            ("x-end".parse().unwrap(), "1".parse().unwrap()),
        ]);
        let frames = [Frame::data(Bytes::from("{}")), Frame::trailers(trailers)];
        let frames = stream::iter(frames.map(Ok::<_, BoxError>));
        let mut request = request(selected(server.target(), ApiFormat::OPENAI));
        *request.body_mut() = Body::new(StreamBody::new(frames));
        let announced = "x-api-key, x-end".parse().unwrap();
        request.headers_mut().insert("trailer", announced);
        service.oneshot(request).await.unwrap();
        let (body, trailers) = asked.recv().await.unwrap();
        assert_eq!((&*body, trailers), (&b"{}"[..], None));
    }
}

#[tokio::test]
async fn situation_02_the_provider_sees_one_credential_and_it_is_ours() {
    for (format, name, value) in [
        (ApiFormat::OPENAI, "authorization", "Bearer CANARY-key"),
        (
            ApiFormat::OPENAI_RESPONSES,
            "authorization",
            "Bearer CANARY-key",
        ),
        (ApiFormat::ANTHROPIC, "x-api-key", KEY),
        (ApiFormat::GEMINI, "x-goog-api-key", KEY),
    ] {
        let headers = seen(format, |target| target, &CREDENTIALS).await;
        let credentials = CREDENTIALS.iter().map(|(name, _)| name.to_lowercase());
        let names: std::collections::BTreeSet<_> = credentials.collect();
        let found: Vec<_> = names
            .iter()
            .flat_map(|name| headers.get_all(name).iter().map(move |value| (name, value)))
            .collect();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(headers[name], value);
    }
}

#[tokio::test]
async fn situation_03_without_a_key_no_credential_is_sent() {
    let own = Auth::Header("x-own".parse().unwrap());
    for (auth, name) in [
        (Auth::None, "cookie"),
        (Auth::Bearer, "cookie"),
        (own.clone(), "x-own"),
        (own, "x_own"),
    ] {
        let keyless = |target: Target| {
            let url = target.base_url(ApiFormat::OPENAI).unwrap().clone();
            Target::new("t", url).with_auth(auth)
        };
        let mut sent = CREDENTIALS.to_vec();
        sent.push((name, "CANARY-theirs"));
        let headers = seen(ApiFormat::OPENAI, keyless, &sent).await;
        assert!(
            !format!("{headers:?}").contains("CANARY-theirs"),
            "{headers:?}"
        );
    }
}

#[tokio::test]
async fn situation_03_the_callers_credential_is_forwarded_only_where_that_is_asked_for() {
    let forward = |target: Target| target.with_auth(Auth::ForwardClient);
    let sent = [("authorization", "bearer CANARY-theirs"), ("cookie", "c=1")];
    let headers = seen(ApiFormat::OPENAI, forward, &sent).await;
    assert_eq!(headers["authorization"], "bearer CANARY-theirs");
    assert!(!headers.contains_key("cookie"));
    let headers = seen(ApiFormat::ANTHROPIC, forward, &sent).await;
    assert_eq!(headers["x-api-key"], "CANARY-theirs");
    assert!(!headers.contains_key("authorization"));
}

#[tokio::test]
async fn the_caller_cannot_be_told_by_its_headers() {
    let sent = [
        ("user-agent", "CANARY-theirs"),
        ("x-stainless-os", "CANARY-theirs"),
        ("x-forwarded-for", "192.0.2.1"),
        ("forwarded", "for=192.0.2.1"),
        ("accept-encoding", "gzip"),
        ("anthropic-beta", "foreign"),
        ("x-goog-user-project", "foreign"),
        ("openai-beta", "CANARY-theirs"),
        ("traceparent", "00-1-2-01"),
        ("tracestate", "a=b"),
        ("baggage", "a=b"),
        ("x-request-id", "id"),
        ("session_id", "id"),
        ("content-type", "application/json"),
    ];
    let headers = seen(ApiFormat::OPENAI, |target| target, &sent).await;
    for (name, _) in &sent[1..4] {
        assert!(!headers.contains_key(*name), "{name}");
    }
    assert!(
        !headers.contains_key("anthropic-beta") && !headers.contains_key("x-goog-user-project")
    );
    assert!(
        headers["user-agent"]
            .to_str()
            .unwrap()
            .starts_with("tower-llm-gateway/")
    );
    assert_eq!(headers["accept-encoding"], "identity");
    for (name, value) in &sent[7..] {
        assert_eq!(headers[*name], *value);
    }
    let headers = seen(ApiFormat::ANTHROPIC, |target| target, &sent).await;
    assert!(!headers.contains_key("openai-beta"));
    assert_eq!(headers["anthropic-version"], "2023-06-01");
}

#[tokio::test]
async fn what_configuration_has_set_stays() {
    let (server, mut asked) = Server::recording().await;
    let mut request = request(selected(server.target(), ApiFormat::OPENAI));
    let mut configured = ConfiguredHeaders::default();
    for name in ["user-agent", "anthropic-beta", "authorization"] {
        configured.insert(name.parse().unwrap());
        request.headers_mut().insert(name, "set".parse().unwrap());
    }
    request.extensions_mut().insert(configured);
    send(request).await.unwrap();
    let headers = asked.recv().await.unwrap().0.headers;
    assert_eq!(headers["user-agent"], "set");
    assert_eq!(headers["anthropic-beta"], "set");
    assert_eq!(headers["authorization"], "Bearer CANARY-key");
}

/// The headers of an answer that had these.
async fn received(sent: &[(&'static str, &'static str)]) -> HeaderMap {
    let sent = sent.to_vec();
    let server = Server::start(move |_| {
        let mut response = Response::new(Body::from("{}"));
        for (name, value) in &sent {
            response.headers_mut().append(*name, value.parse().unwrap());
        }
        ready(response)
    });
    let target = server.await.target();
    let response = send(request(selected(target, ApiFormat::OPENAI))).await;
    response.unwrap().into_parts().0.headers
}

#[tokio::test]
async fn situation_01_hop_by_hop_headers_do_not_cross_to_the_caller() {
    let hop_by_hop = [
        ("connection", "x-foo"),
        ("connection", "X-Bar"),
        ("x-foo", "1"),
        ("x-bar", "1"),
        ("keep-alive", "timeout=5"),
        ("proxy-authenticate", "Basic"),
        ("proxy-authentication-info", "a"),
        ("proxy-connection", "keep-alive"),
        ("te", "trailers"),
        ("trailer", "x-end"),
        ("upgrade", "h2c"),
    ];
    let headers = received(&hop_by_hop).await;
    for (name, _) in hop_by_hop {
        assert!(!headers.contains_key(name), "{name}");
    }
}

#[tokio::test]
async fn situation_04_of_an_answer_what_tells_of_the_provider_s_site_is_dropped() {
    let own = [
        ("set-cookie", "a=1"),
        ("set-cookie", "b=1"),
        ("set-cookie2", "c=1"),
        ("server", "CANARY-theirs"),
        ("alt-svc", "h3"),
        ("strict-transport-security", "max-age=1"),
    ];
    let headers = received(&own).await;
    for (name, _) in own {
        assert!(!headers.contains_key(name), "{name}");
    }
}

#[tokio::test]
async fn situation_04_of_an_answer_ids_limits_and_times_to_wait_are_kept() {
    let kept = [
        ("x-request-id", "1"),
        ("request-id", "2"),
        ("x-ratelimit-remaining-tokens", "3"),
        ("anthropic-ratelimit-requests-reset", "3"),
        ("retry-after", "4"),
        ("retry-after-ms", "4000"),
        ("x-should-retry", "false"),
        ("content-length", "2"),
    ];
    let headers = received(&kept).await;
    for (name, value) in kept {
        assert_eq!(headers[name], value);
    }
}
