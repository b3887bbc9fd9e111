//! What older and odder callers say, and that a provider is spoken to plainly all the same.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{World, asks, asks_in_chunks, question, streamed};

const MODELS: [&str; 2] = ["gpt", "claude"];

/// The head and the body of what came.
#[track_caller]
fn parted(received: &str) -> (String, &str) {
    let (head, body) = received.split_once("\r\n\r\n").expect("it has a head");
    (head.to_ascii_lowercase(), body)
}

#[tokio::test]
async fn situation_21_who_waits_to_be_told_to_go_on_is_told() {
    for model in MODELS {
        let world = World::start().await;
        let said = asks(model, "expect: 100-continue\r\nconnection: close\r\n");
        let (head, body) = said.split_at(said.find('{').unwrap());
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut told = [0; 25];
        stream.read_exact(&mut told).await.unwrap();
        assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
        assert!(world.seen().is_empty());
        stream.write_all(body.as_bytes()).await.unwrap();
        let mut received = String::new();
        stream.read_to_string(&mut received).await.unwrap();
        assert!(received.starts_with("HTTP/1.1 200 "), "{received}");
        assert_eq!(world.one().header("expect"), None);
    }
}

#[tokio::test]
async fn situation_21_who_is_refused_by_its_head_is_not_told_to_go_on() {
    let world = World::start().await;
    let lines = "expect: 100-continue\r\ncontent-encoding: gzip\r\n";
    let received = world.say(asks("gpt", lines)).await;
    assert!(received.starts_with("HTTP/1.1 415 "), "{received}");
    assert!(world.seen().is_empty());
}

#[tokio::test]
async fn situation_21_other_expectations_go_no_further() {
    let world = World::start().await;
    let received = world.say(asks("gpt", "expect: 200-ok\r\n")).await;
    assert!(received.starts_with("HTTP/1.1 200 "), "{received}");
    assert_eq!(world.one().header("expect"), None);
}

#[tokio::test]
async fn situation_21_http_1_0_is_answered_in_its_own_way() {
    for model in MODELS {
        for body in [question(model), streamed(model)] {
            let world = World::start().await;
            let length = body.len();
            let said = format!(
                "POST /v1/chat/completions HTTP/1.0\r\ncontent-length: {length}\r\n\r\n{body}"
            );
            let received = world.say(said).await;
            let (head, answer) = parted(&received);
            assert!(head.starts_with("http/1.0 200 "), "{received}");
            assert!(!head.contains("transfer-encoding"), "{received}");
            if body.contains("stream") {
                assert!(answer.ends_with("data: [DONE]\n\n"), "{received}");
            } else {
                let length = format!("content-length: {}", answer.len());
                assert!(head.contains(&length), "{received}");
            }
            world.one();
        }
    }
}

#[tokio::test]
async fn situation_21_http_1_0_has_no_chunks() {
    let world = World::start().await;
    let said = asks_in_chunks("gpt", "", "").replacen("HTTP/1.1", "HTTP/1.0", 1);
    let received = world.say(said).await;
    assert!(
        received.starts_with("HTTP/1.0 400 ") || received.starts_with("HTTP/1.1 400 "),
        "{received}"
    );
    assert!(world.seen().is_empty());
}

#[tokio::test]
async fn situation_21_a_body_in_chunks_goes_on_with_its_length_and_without_trailers() {
    let trailers = "x-api-key: CANARY-theirs\r\nx-end: 1\r\n";
    for model in MODELS {
        let world = World::start().await;
        let received = world
            .say(asks_in_chunks(model, "trailer: x-end\r\n", trailers))
            .await;
        assert!(received.starts_with("HTTP/1.1 200 "), "{received}");
        let seen = world.one();
        assert_eq!(seen.all("content-length").len(), 1, "{seen:?}");
        assert_eq!(seen.all("trailer").len(), 0, "{seen:?}");
    }
}

/// What nobody looks into is not collected first, so nobody knows its length.
#[tokio::test]
async fn situation_21_a_file_in_chunks_goes_on_in_chunks() {
    let world = World::start().await;
    let said = asks_in_chunks("gpt", "content-type: text/plain\r\n", "x-end: 1\r\n");
    let said = said.replacen("/v1/chat/completions", "/v1/files", 1);
    let received = world.say(said).await;
    assert!(received.starts_with("HTTP/1.1 200 "), "{received}");
    let seen = world.one();
    assert_eq!(seen.all("transfer-encoding"), ["chunked"]);
    assert_eq!(seen.body, question("gpt").as_bytes());
}
