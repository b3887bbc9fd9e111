//! Callers that do not read what comes.

use std::net::SocketAddr;

use allocation_counter::measure;
use http_body_util::BodyExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::yield_now,
};
use tower::ServiceExt;
use tower_llm_gateway::{Gateway, config::Config};

use crate::caller::Caller;

/// The beginning of an answer, and an event that may follow it any number of times.
fn events(provider: Caller) -> [&'static str; 2] {
    match provider {
        Caller::OpenAi => [
            "",
            "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a word \"},\"finish_reason\":null}]}\n\n",
        ],
        Caller::Anthropic => [
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}}\n\n\
             event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"a word \"}}\n\n",
        ],
    }
}

/// A provider that answers with events without end, all from a memory that is there already.
async fn endless(provider: Caller) -> SocketAddr {
    let [begin, event] = events(provider);
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    let begin = format!("{head}{begin}").leak();
    let many = event.repeat(500).leak();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        assert_ne!(connection.read(&mut [0; 4096]).await.unwrap(), 0);
        connection.write_all(begin.as_bytes()).await.unwrap();
        while connection.write_all(many.as_bytes()).await.is_ok() {}
    });
    address
}

fn gateway(provider: Caller, address: SocketAddr) -> Gateway {
    let (format, base) = match provider {
        Caller::OpenAi => ("openai", "/v1"),
        Caller::Anthropic => ("anthropic", ""),
    };
    let config = format!(
        "downstreams: [{{id: a, base_url: 'http://{address}{base}', api_formats: [{format}], output_model_ids: [m]}}]"
    );
    let config = Config::from_yaml(&config).unwrap();
    Gateway::builder(config).build().unwrap()
}

/// Most bytes that are held of an answer whose caller reads its beginning and no more.
fn held(caller: Caller, provider: Caller) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    let address = runtime.block_on(endless(provider));
    let gateway = gateway(provider, address);
    let held = measure(|| {
        runtime.block_on(async {
            let asked = gateway.service().oneshot(caller.asks("m", "Hi", true));
            let mut body = asked.await.unwrap().into_body();
            assert!(body.frame().await.unwrap().is_ok());
            // Long enough for the provider to fill whatever can be filled.
            for _ in 0..10_000 {
                yield_now().await;
            }
        });
    });
    held.bytes_max
}

#[test]
fn situation_36_little_is_held_for_a_caller_that_does_not_read() {
    for caller in [Caller::OpenAi, Caller::Anthropic] {
        for provider in [Caller::OpenAi, Caller::Anthropic] {
            let held = held(caller, provider);
            assert!(held <= 256 << 10, "{caller:?} of {provider:?}: {held}");
        }
    }
}
