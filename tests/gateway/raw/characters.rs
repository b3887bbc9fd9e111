//! Characters that end a line or a text, or that no URL has.

use crate::caller::CHAT;

use super::{World, asks, question};

/// A request to this path in Gemini's format.
fn gemini(path: &str) -> Vec<u8> {
    let body = r#"{"contents":[{"parts":[{"text":"Hi"}]}]}"#;
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nhost: gateway\r\ncontent-length: {length}\r\n\r\n{body}")
        .into()
}

#[track_caller]
fn assert_refused(world: &World, received: &str, said: &str) {
    assert!(received.starts_with("HTTP/1.1 400 "), "{said}: {received}");
    assert!(world.seen().is_empty(), "{said}");
}

#[tokio::test]
async fn situation_13_a_model_with_control_characters_is_a_bad_request() {
    let world = World::start().await;
    for escaped in [
        "gemini\\r\\nx-evil: 1",
        "gemini\\u0000",
        "gemini\\u0085",
        "gemini\\n",
        "gemini\\u007f",
    ] {
        let received = world.say(asks(escaped, "")).await;
        assert_refused(&world, &received, escaped);
        assert!(received.contains("\"param\":\"model\""), "{received}");
    }
    for encoded in [
        "gemini%0d%0ax-evil:%201",
        "gemini%00",
        "gemini%C2%85",
        "gemini%7F",
    ] {
        let path = format!("/v1beta/models/{encoded}:generateContent");
        let received = world.say(gemini(&path)).await;
        assert_refused(&world, &received, encoded);
    }
}

#[tokio::test]
async fn situation_13_a_model_s_name_is_encoded_where_it_stands_in_a_path() {
    let world = World::start().await;
    let received = world.say(asks("gemini-\u{e9} /../?x=y#z", "")).await;
    assert!(received.starts_with("HTTP/1.1 200 "), "{received}");
    let path = "/v1beta/models/gemini-%C3%A9%20%2F..%2F%3Fx%3Dy%23z:generateContent";
    assert_eq!(world.one().target(), path);
}

#[tokio::test]
async fn situation_13_a_path_with_what_no_url_has_is_a_bad_request() {
    let world = World::start().await;
    for path in [
        "/v1/files/\u{e9}",
        "/v1/files?q=\u{e9}",
        "/v1/files/\0",
        "/v1/files/\r",
        "/v1/files/a b",
        "/v1/files/%0d%0ax-evil:%201",
        "/v1/files/%00",
    ] {
        let received = world.say(gemini(path)).await;
        assert_refused(&world, &received, path);
    }
    // Not even UTF-8.
    let mut said = gemini("/v1/files/X");
    let at = said.iter().position(|byte| *byte == b'X').unwrap();
    said[at] = 0xff;
    let received = world.say(said).await;
    assert_refused(&world, &received, "0xff");
}

#[tokio::test]
async fn situation_13_a_model_s_name_in_a_header_is_a_bad_request_too() {
    let world = World::start().await;
    for name in ["gemini\u{e9}", "gemini\tx", "gemini\0", "gemini\rx-evil: 1"] {
        let body = question("gpt");
        let said = format!(
            "POST {CHAT} HTTP/1.1\r\nhost: gateway\r\nx-llm-model: {name}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let received = world.say(said).await;
        assert_refused(&world, &received, name);
    }
}
