//! Credentials of callers, as odd as they can be written.

use crate::caller::CHAT;

use super::{World, asks, question};

/// Each place twice, and in odd case.
const THEIRS: &str = "AUTHORIZATION: Bearer THEIRS\r\nauthorization: bearer THEIRS\r\n\
    X-API-KEY: THEIRS\r\nx-Api-Key: THEIRS\r\nAPI-Key: THEIRS\r\napi-key: THEIRS\r\n\
    X-Goog-API-Key: THEIRS\r\nx-goog-api-key: THEIRS\r\nCookie: a=THEIRS\r\nCOOKIE: b=THEIRS\r\n\
    X_API_KEY: THEIRS\r\nx_goog_api_key: THEIRS\r\nProxy-Authorization: Basic THEIRS\r\n\
    Connection: Authorization, x-api-key, keep-alive\r\n";

const QUERY: &str = "?key=THEIRS&KEY=THEIRS&%6bey=THEIRS&api_key=THEIRS&api-key=THEIRS\
    &access_token=THEIRS&$key=THEIRS&key=THEIRS";

#[tokio::test]
async fn situation_02_a_provider_sees_one_credential_and_it_is_ours() {
    for (model, path) in [
        ("gpt", CHAT),
        ("claude", CHAT),
        ("gemini-x", CHAT),
        ("gpt", "/v1/embeddings"),
    ] {
        let world = World::start().await;
        let said = asks(model, THEIRS).replacen(CHAT, path, 1);
        let said = said.replacen(" HTTP", &format!("{QUERY} HTTP"), 1);
        let received = world.say(said).await;
        assert!(received.starts_with("HTTP/1.1 200 "), "{received}");
        let seen = world.one();
        assert!(!format!("{seen:?}").contains("THEIRS"), "{seen:?}");
    }
}

#[tokio::test]
async fn situation_02_gemini_s_key_in_the_query_goes_no_further() {
    let world = World::start().await;
    let body = question("x");
    let path = format!("/v1beta/models/gemini-x:generateContent{QUERY}");
    let body = body.replacen("messages", "contents", 1);
    let length = body.len();
    let said = format!(
        "POST {path} HTTP/1.1\r\nhost: h\r\ncontent-length: {length}\r\n{THEIRS}\r\n{body}"
    );
    let received = world.say(said).await;
    assert!(received.starts_with("HTTP/1.1 200 "), "{received}");
    assert!(!format!("{:?}", world.one()).contains("THEIRS"));
}
