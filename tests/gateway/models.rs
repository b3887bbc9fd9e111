//! Lists of models, which are answered without asking a provider.

use http::Request;
use serde_json::{Value, json};
use tower::ServiceExt;
use tower_llm_gateway::{Body, Gateway, config::Config};

use crate::{
    caller::{Caller, Reply, SONNET, upstream_calls},
    support::page::Page,
};

async fn asked(gateway: &Gateway, path: &str, header: Option<(&str, &str)>) -> Reply {
    let mut request = Request::get(path);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    let request = request.body(Body::empty()).unwrap();
    Reply::of(gateway.service().oneshot(request).await.unwrap()).await
}

const CLAUDE: Option<(&str, &str)> = Some(("anthropic-version", "2023-06-01"));
const GOOGLE: Option<(&str, &str)> = Some(("x-goog-api-key", "k"));

fn texts<'v>(list: &'v Value, key: &str) -> Vec<&'v str> {
    let elements = list.as_array().unwrap().iter();
    elements
        .map(|element| element[key].as_str().unwrap())
        .collect()
}

/// The page's rule for Azure is for one path only.
const MODELS: [&str; 3] = ["azure-gpt4o", SONNET, "gpt-4o"];
const FOR_ALL: [&str; 2] = [SONNET, "gpt-4o"];

#[tokio::test]
async fn trap_123_the_list_of_models_has_the_shape_that_the_caller_knows() {
    let page = Page::start().await;
    let gateway = page.gateway().unwrap();

    let list = asked(&gateway, "/v1/models", None).await.json();
    assert_eq!(list["object"], "list");
    assert_eq!(texts(&list["data"], "id"), MODELS);

    let list = asked(&gateway, "/v1/models?limit=20", CLAUDE).await.json();
    assert_eq!(texts(&list["data"], "id"), FOR_ALL);
    assert_eq!(list["data"][0]["created_at"], "1970-01-01T00:00:00Z");
    assert_eq!(
        (&list["has_more"], &list["first_id"], &list["last_id"]),
        (&json!(false), &json!(SONNET), &json!("gpt-4o"))
    );

    let prefixed = FOR_ALL.map(|model| format!("models/{model}"));
    for (path, header) in [
        ("/v1/models", GOOGLE),
        ("/v1/models?key=k", None),
        ("/v1beta/models", None),
    ] {
        let list = asked(&gateway, path, header).await.json();
        assert_eq!(texts(&list["models"], "name"), prefixed, "{path}");
    }
    assert_eq!(upstream_calls(&page), 0);
}

#[tokio::test]
async fn one_model_is_described_or_not_found_in_the_caller_s_words() {
    let page = Page::start().await;
    let gateway = page.gateway().unwrap();
    let model = asked(&gateway, "/v1/models/gpt-4o", None).await.json();
    assert_eq!(
        model,
        json!({"id": "gpt-4o", "object": "model", "created": 0, "owned_by": "system"})
    );
    let model = asked(&gateway, "/v1/models/gpt%2D4o", CLAUDE).await.json();
    assert_eq!(
        (&model["type"], &model["id"]),
        (&json!("model"), &json!("gpt-4o"))
    );
    let model = asked(&gateway, "/v1beta/models/gpt-4o", None).await.json();
    assert_eq!(model["name"], "models/gpt-4o");

    let unknown = asked(&gateway, "/v1/models/foo", None).await;
    assert_eq!(unknown.status, 404);
    unknown.error(Caller::OpenAi);
    let unknown = asked(&gateway, "/v1/models/foo", CLAUDE).await;
    assert_eq!(unknown.status, 404);
    unknown.error(Caller::Anthropic);
}

#[tokio::test]
async fn a_model_that_no_rule_leads_anywhere_is_not_listed() {
    let config = "downstreams:\n  - id: a\n    base_url: https://example.com\n    api_formats: [openai]\n    output_model_ids: [m, '*']\nrules:\n  - id: r\n    pattern_path: /v1/messages\n    pattern_model: only-there\n    match_downstreams: [a]\n    output_model: m\n";
    let gateway = Gateway::builder(Config::from_yaml(config).unwrap())
        .build()
        .unwrap();
    let list = asked(&gateway, "/v1/models", None).await.json();
    let listed = texts(&list["data"], "id");
    assert!(
        listed.contains(&"m") && !listed.contains(&"*"),
        "{listed:?}"
    );
}

#[tokio::test]
async fn a_head_request_gets_the_headers_of_the_list_and_no_body() {
    let page = Page::start().await;
    let gateway = page.gateway().unwrap();
    for (path, status) in [("/v1/models/", 200), ("/v1//models/foo", 404)] {
        let whole = asked(&gateway, path, CLAUDE).await;
        let request = Request::head(path).header("anthropic-version", "2023-06-01");
        let request = request.body(Body::empty()).unwrap();
        let head = Reply::of(gateway.service().oneshot(request).await.unwrap()).await;
        assert_eq!((head.status.as_u16(), head.bytes().len()), (status, 0));
        let length = whole.bytes().len().to_string();
        assert_eq!(head.header("content-length"), length);
        let mut headers = head.headers;
        headers.remove("content-length");
        assert_eq!(headers, whole.headers);
    }
}
