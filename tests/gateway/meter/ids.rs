//! By what a request is known.

use tower_llm_gateway::meter::RequestId;

use super::*;

fn with_id(id: &str) -> Request<Body> {
    let mut request = Caller::OpenAi.asks("gpt-4o", "Hi", false);
    let id = id.parse().unwrap();
    request.headers_mut().insert("x-request-id", id);
    request
}

/// The id in the summary of a request, which is also in the response's header and extensions.
async fn id(request: Request<Body>) -> String {
    let summaries = Summaries::default();
    let answer = response("application/json", Caller::OpenAi.whole());
    let app = answering(Caller::OpenAi, &summaries, answer);
    let response = app.oneshot(request).await.unwrap();
    let header = response.headers().get(RequestId::HEADER).unwrap();
    let header = header.to_str().unwrap().to_owned();
    let extension = RequestId::of(response.extensions()).unwrap();
    assert_eq!(extension.as_str(), header);
    drop(response);
    assert_eq!(*summaries.only().id, *header);
    header
}

#[tokio::test]
async fn a_caller_s_id_is_in_the_summary_and_in_the_response() {
    assert_eq!(id(with_id("caller-7")).await, "caller-7");
}

#[tokio::test]
async fn without_a_sane_one_a_request_gets_an_id_of_our_own() {
    let plain = Caller::OpenAi.asks("gpt-4o", "Hi", false);
    let mut seen = vec![id(plain).await];
    for odd in ["a b", "", &"x".repeat(129)] {
        seen.push(id(with_id(odd)).await);
    }
    for id in &seen {
        assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 4);
}

#[tokio::test]
async fn the_host_s_id_comes_before_the_caller_s() {
    let mut request = with_id("caller-7");
    let own = RequestId::new("host-8").unwrap();
    request.extensions_mut().insert(own);
    assert_eq!(id(request).await, "host-8");
}

#[tokio::test]
async fn what_is_refused_has_an_id_too() {
    let refused = Caller::OpenAi.asks("foo", "Hi", false);
    assert_eq!(id(refused).await.len(), 32);
}

#[tokio::test]
async fn what_is_the_host_s_gets_no_id() {
    let summaries = Summaries::default();
    let app = answering(Caller::OpenAi, &summaries, response("text/plain", "hello"));
    let request = Request::get("/hello").body(Body::empty()).unwrap();
    let response = app.oneshot(request).await.unwrap();
    assert!(!response.headers().contains_key(RequestId::HEADER));
}
