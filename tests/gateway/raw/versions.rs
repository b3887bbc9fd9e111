//! HTTP/1 and HTTP/2 on either side, and methods without a body.

use bytes::Bytes;
use http::{HeaderMap, Request, Version};
use http_body_util::Full;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tower_llm_gateway::{
    Gateway,
    config::Config,
    downstream::{DownstreamService, HyperClient},
};

use crate::{
    caller::{CHAT, Caller, Reply, ask},
    support::{
        doubles::Format,
        fault::{Fault, Script, Seen, Upstream},
    },
};

use super::{World, asks, posts, question, streamed};

/// Headers that HTTP/2 has no use for.
const OF_HTTP_1: [&str; 6] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "transfer-encoding",
    "upgrade",
    "te",
];

#[track_caller]
fn assert_none_of_http_1(headers: &HeaderMap) {
    for name in OF_HTTP_1 {
        assert!(!headers.contains_key(name), "{name}");
    }
}

/// What a caller hears over HTTP/2.
async fn over_http2(world: &World, body: String) -> Reply {
    let client = Client::builder(TokioExecutor::new())
        .http2_only(true)
        .build_http::<Full<Bytes>>();
    let request = Request::post(format!("http://{}{CHAT}", world.address));
    let request = request.header("te", "trailers").body(Full::from(body));
    let response = client.request(request.unwrap()).await.unwrap();
    assert_eq!(response.version(), Version::HTTP_2);
    Reply::of(response).await
}

#[tokio::test]
async fn situation_51_a_caller_over_http_2_reaches_a_provider_over_http_1() {
    for model in ["gpt", "claude"] {
        let world = World::start().await;
        let reply = over_http2(&world, question(model)).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_none_of_http_1(&reply.headers);
        assert_eq!(
            reply.header("content-length"),
            reply.bytes().len().to_string()
        );
        world.one();

        let world = World::start().await;
        let reply = over_http2(&world, streamed(model)).await;
        assert_none_of_http_1(&reply.headers);
        assert!(!reply.headers.contains_key("content-length"));
        assert!(reply.text().ends_with("data: [DONE]\n\n"));
        world.one();
    }
}

/// A gateway that speaks HTTP/2 to a provider, and the provider.
async fn to_http2(format: Format, name: &str) -> (Upstream, Gateway) {
    let answer = move |_, seen: &Seen| Script::reply(format, seen);
    let upstream = Fault::h2().each(answer).start().await;
    let config = format!(
        "downstreams: [{{id: a, base_url: '{}', api_key: CANARY-ours, api_formats: [{name}], output_model_ids: [m]}}]",
        upstream.url()
    );
    let client = HyperClient::builder().with_http2_only().build();
    let gateway = Gateway::builder(Config::from_yaml(&config).unwrap())
        .downstream(DownstreamService::with_client(client))
        .build();
    (upstream, gateway.unwrap())
}

#[tokio::test]
async fn situation_51_a_caller_over_http_1_reaches_a_provider_over_http_2() {
    for (format, name) in [(Format::OpenAi, "openai"), (Format::Anthropic, "anthropic")] {
        let (upstream, gateway) = to_http2(format, name).await;
        let address = super::serve(&gateway).await;
        for body in [question("m"), streamed("m")] {
            let lines =
                "connection: close, x-private\r\nx-private: 1\r\nte: trailers\r\nkeep-alive: 1\r\n";
            let received = super::say(address, posts(&body, lines)).await;
            assert!(received.starts_with("HTTP/1.1 200 "), "{received}");
        }
        for seen in upstream.seen() {
            for name in OF_HTTP_1.iter().chain(&["x-private", "host"]) {
                assert_eq!(seen.header(name), None, "{name}");
            }
            assert_eq!(seen.all(":authority").len(), 1);
            let lengths = seen.all("content-length");
            assert_eq!(lengths, [seen.body.len().to_string()]);
            assert_eq!(seen.credentials().len(), 1);
        }
    }
}

#[tokio::test]
async fn situation_51_the_length_of_what_was_translated_is_its_own() {
    for caller in [Caller::OpenAi, Caller::Anthropic] {
        for (format, name) in [(Format::OpenAi, "openai"), (Format::Anthropic, "anthropic")] {
            let answer = Script::answer(format);
            let upstream = Fault::h1().script(answer).start().await;
            let config = format!(
                "downstreams: [{{id: a, base_url: '{}', api_formats: [{name}], output_model_ids: [m]}}]",
                upstream.url()
            );
            let gateway = Gateway::from_yaml(&config).unwrap();
            let mut request = caller.asks("m", "Hi", false);
            let wrong = "7".parse().unwrap();
            request.headers_mut().insert("content-length", wrong);
            let reply = ask(&gateway, request).await;
            assert_eq!(reply.status, 200, "{}", reply.text());
            // The server adds the length where there is none.
            let said = reply.headers.get("content-length");
            let right = reply.bytes().len().to_string();
            assert!(said.is_none_or(|said| *said == *right), "{said:?}");
            let seen = upstream.seen().pop().unwrap();
            assert_eq!(seen.all("content-length"), [seen.body.len().to_string()]);
        }
    }
}

#[tokio::test]
async fn situation_51_lists_of_models_are_there_to_get_and_to_look_at() {
    let world = World::start().await;
    let get = world
        .say("GET /v1/models HTTP/1.1\r\nhost: h\r\n\r\n")
        .await;
    let (head, body) = get.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 "), "{get}");
    let length = format!("content-length: {}", body.len());
    assert!(head.contains(&length), "{get}");
    let look = world
        .say("HEAD /v1/models HTTP/1.1\r\nhost: h\r\n\r\n")
        .await;
    assert!(
        look.starts_with("HTTP/1.1 200 ") && look.contains(&length),
        "{look}"
    );
    assert!(look.ends_with("\r\n\r\n"), "{look}");
    assert!(world.seen().is_empty());
}

#[tokio::test]
async fn situation_51_methods_that_a_model_does_not_have_are_405_and_reach_no_provider() {
    let world = World::start().await;
    for method in ["HEAD", "OPTIONS", "GET", "TRACE", "PUT"] {
        let said = asks("gpt", "").replacen("POST", method, 1);
        let received = world.say(said).await;
        let lower = received.to_ascii_lowercase();
        assert!(received.starts_with("HTTP/1.1 405 "), "{received}");
        assert!(lower.contains("\r\nallow: post\r\n"), "{received}");
        assert_eq!(
            received.ends_with("\r\n\r\n"),
            method == "HEAD",
            "{received}"
        );
    }
    assert!(world.seen().is_empty());
}
