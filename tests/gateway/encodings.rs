//! Providers that compress their answers though they were asked not to, and callers who compress their requests.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tower::{Layer, ServiceExt, service_fn};
use tower_http::{compression::CompressionLayer, decompression::RequestDecompressionLayer};
use tower_llm_gateway::{Body, Gateway, format::ApiFormat};

use crate::{
    bodies::{self, Ask, error_message},
    caller::{CHAT, Reply, ask, post},
    support::fault::{Fault, Script, Upstream},
};

/// A gateway before this provider, which speaks this format.
fn gateway(provider: &Upstream, format: &str) -> Gateway {
    let url = provider.url();
    let config = format!(
        "retry: {{attempts: 1}}\ndownstreams: [{{id: a, base_url: '{url}', api_formats: [{format}], output_model_ids: [m]}}]"
    );
    Gateway::from_yaml(&config).unwrap()
}

/// Looks compressed enough, and is no text.
const GZIP: &[u8] = &[0x1f, 0x8b, 8, 0, 0xff, 0xfe];

fn compressed(script: Script) -> Script {
    script.header("content-encoding", "gzip").chunk(GZIP)
}

#[tokio::test]
async fn situation_19_a_compressed_answer_is_502_whole_or_streamed_translated_or_not() {
    for name in ["openai", "anthropic"] {
        for stream in [false, true] {
            let answer = if stream {
                Script::stream()
            } else {
                Script::new().header("content-type", "application/json")
            };
            let upstream = Fault::h1().script(compressed(answer)).start().await;
            let gateway = gateway(&upstream, name);
            for client in ApiFormat::BUILT_IN {
                let body = bodies::question(*client, "m", "Hi", Ask::Plain, stream);
                let path = bodies::path(*client, "m", stream);
                let reply = ask(&gateway, post(&path, body.to_string())).await;
                assert_eq!(reply.status, 502, "{client} {name}");
                assert!(!reply.headers.contains_key("content-encoding"));
                error_message(*client, &reply.json());
            }
            let asked = upstream.seen();
            assert!(
                asked
                    .iter()
                    .all(|seen| seen.all("accept-encoding") == ["identity"])
            );
        }
    }
}

#[tokio::test]
async fn situation_19_of_a_compressed_error_the_status_and_the_time_to_wait_are_left() {
    let error = Script::new()
        .status(429)
        .header("content-type", "application/json")
        .header("retry-after", "7");
    let upstream = Fault::h1().script(compressed(error)).start().await;
    for provider in ["openai", "anthropic"] {
        let gateway = gateway(&upstream, provider);
        for client in ApiFormat::BUILT_IN {
            let body = bodies::question(*client, "m", "Hi", Ask::Plain, false);
            let path = bodies::path(*client, "m", false);
            let reply = ask(&gateway, post(&path, body.to_string())).await;
            assert_eq!(reply.status, 429, "{client} {provider}");
            assert_eq!(reply.header("retry-after"), "7");
            error_message(*client, &reply.json());
        }
    }
}

#[tokio::test]
async fn situation_18_a_compressed_request_is_415() {
    let upstream = Fault::h1().start().await;
    let gateway = gateway(&upstream, "openai");
    for coding in ["gzip", "br", "deflate", "identity, gzip", "GZIP"] {
        for client in ApiFormat::BUILT_IN {
            let path = bodies::path(*client, "m", true);
            let mut request = post(&path, GZIP.to_vec());
            let coding = coding.parse().unwrap();
            request.headers_mut().insert("content-encoding", coding);
            let reply = ask(&gateway, request).await;
            assert_eq!(reply.status, 415, "{client}");
            error_message(*client, &reply.json());
        }
    }
    assert_eq!(upstream.connections(), 0);
}

/// So many zeros, compressed.
async fn bomb(bytes: usize) -> Bytes {
    let zeros = service_fn(move |_: Request<Body>| async move {
        let zeros = Response::builder().header("content-type", "application/json");
        Ok::<_, Infallible>(
            zeros
                .body(Full::new(Bytes::from(vec![b' '; bytes])))
                .unwrap(),
        )
    });
    let request = Request::get("/").header("accept-encoding", "gzip");
    let request = request.body(Body::empty()).unwrap();
    let response = CompressionLayer::new().layer(zeros).oneshot(request).await;
    response
        .unwrap()
        .into_body()
        .collect()
        .await
        .unwrap()
        .to_bytes()
}

#[tokio::test]
async fn situation_18_a_host_that_decompresses_is_protected_by_our_limit() {
    let upstream = Fault::h1().start().await;
    let service = RequestDecompressionLayer::new().layer(gateway(&upstream, "openai").service());
    let bomb = bomb(33 << 20).await;
    assert!(bomb.len() < 100_000);
    let mut request = post(CHAT, Body::full(bomb));
    let gzip = "gzip".parse().unwrap();
    request.headers_mut().insert("content-encoding", gzip);
    let reply = Reply::of(service.oneshot(request).await.unwrap()).await;
    assert_eq!(reply.status, 413);
    error_message(ApiFormat::OPENAI, &reply.json());
    assert_eq!(upstream.connections(), 0);
}
