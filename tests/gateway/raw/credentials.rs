//! Credentials of callers, as odd as they can be written.

use crate::caller::CHAT;

use super::{World, asks, question};

/// Each place twice, and in odd case.
const THEIRS: &str = "AUTHORIZATION: Bearer CANARY-theirs\r\nauthorization: bearer CANARY-theirs\r\n\
    X-API-KEY: CANARY-theirs\r\nx-Api-Key: CANARY-theirs\r\nAPI-Key: CANARY-theirs\r\napi-key: CANARY-theirs\r\n\
    X-Goog-API-Key: CANARY-theirs\r\nx-goog-api-key: CANARY-theirs\r\nCookie: a=CANARY-theirs\r\nCOOKIE: b=CANARY-theirs\r\n\
    X_API_KEY: CANARY-theirs\r\nx_goog_api_key: CANARY-theirs\r\nProxy-Authorization: Basic CANARY-theirs\r\n\
    Connection: Authorization, x-api-key, keep-alive\r\n";

const QUERY: &str = "?key=CANARY-theirs&KEY=CANARY-theirs&%6bey=CANARY-theirs&api_key=CANARY-theirs&api-key=CANARY-theirs\
    &access_token=CANARY-theirs&$key=CANARY-theirs&key=CANARY-theirs";

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
        assert!(!format!("{seen:?}").contains("CANARY-theirs"), "{seen:?}");
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
    assert!(!format!("{:?}", world.one()).contains("CANARY-theirs"));
}
