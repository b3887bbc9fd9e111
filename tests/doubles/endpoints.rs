//! Endpoints besides the create endpoints: what they refuse.

use axum::body::Body;
use http::{Method, Request, StatusCode};

use crate::{
    case::{Reply, send},
    support::doubles::Double,
};

async fn ask(double: &Double, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let mut request = Request::builder().method(Method::POST).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(double, request.body(Body::from(body.to_owned())).unwrap()).await
}

const BEARER: (&str, &str) = ("authorization", "Bearer k");
const JSON: (&str, &str) = ("content-type", "application/json");

async fn embed(headers: &[(&str, &str)], body: &str) -> StatusCode {
    let double = Double::openai("k");
    ask(&double, "/v1/embeddings", headers, body).await.status
}

#[tokio::test]
async fn an_endpoint_knows_its_own_model_and_fields_only() {
    let headers = [BEARER, JSON];
    let right = r#"{"model":"text-embedding-3-small","input":"a"}"#;
    assert_eq!(embed(&headers, right).await, StatusCode::OK);
    let chat = r#"{"model":"gpt-4o","input":"a"}"#;
    assert_eq!(embed(&headers, chat).await, StatusCode::NOT_FOUND);
    let more = r#"{"model":"text-embedding-3-small","input":"a","messages":[]}"#;
    assert_eq!(embed(&headers, more).await, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_endpoint_takes_one_credential_only() {
    let body = r#"{"model":"text-embedding-3-small","input":"a"}"#;
    let other = ("authorization", "Bearer of-the-caller");
    assert_eq!(embed(&[other, JSON], body).await, StatusCode::UNAUTHORIZED);
    let second = ("x-api-key", "of-the-caller");
    let status = embed(&[BEARER, JSON, second], body).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_form_must_be_whole() {
    let whole = "--cut\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\n\r\na--b\r\n--cut--\r\n";
    let headers = [
        BEARER,
        ("content-type", "multipart/form-data; boundary=cut"),
    ];
    let double = Double::openai("k");
    let path = "/v1/audio/transcriptions";
    let reply = ask(&double, path, &headers, whole).await;
    assert_eq!(reply.json()["text"], "a--b");
    let half = &whole[..whole.len() - 6];
    let reply = ask(&double, path, &headers, half).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_count_takes_no_limit_of_tokens() {
    let double = Double::anthropic("k");
    let headers = [
        ("x-api-key", "k"),
        ("anthropic-version", "2023-06-01"),
        JSON,
    ];
    let body = r#"{"model":"claude-sonnet-4-6","messages":[{"role":"user","content":"Hi"}]}"#;
    let path = "/v1/messages/count_tokens";
    let reply = ask(&double, path, &headers, body).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    let limited = body.replacen('{', r#"{"max_tokens":1,"#, 1);
    let reply = ask(&double, path, &headers, &limited).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn embeddings_of_gemini_name_the_path_s_model_again() {
    let double = Double::gemini("k");
    let headers = [("x-goog-api-key", "k"), JSON];
    let path = "/v1beta/models/gemini-embedding-001:batchEmbedContents";
    let body = r#"{"requests":[{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"a"}]}}]}"#;
    let reply = ask(&double, path, &headers, body).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    let other = body.replace("models/gemini-embedding-001", "models/other");
    let reply = ask(&double, path, &headers, &other).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
}
