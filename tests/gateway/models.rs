//! Lists of models, which are answered without asking a provider.

use http::Request;
use serde_json::{Value, json};
use tower::ServiceExt;
use tower_llm_gateway::{Body, Gateway, config::Config, meter::RequestId};

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
const GOOGLE: Option<(&str, &str)> = Some(("x-goog-api-key", "CANARY-caller"));

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
        ("/v1alpha/models", None),
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
        let mut whole = asked(&gateway, path, CLAUDE).await;
        let request = Request::head(path).header("anthropic-version", "2023-06-01");
        let request = request.body(Body::empty()).unwrap();
        let head = Reply::of(gateway.service().oneshot(request).await.unwrap()).await;
        assert_eq!((head.status.as_u16(), head.bytes().len()), (status, 0));
        let length = whole.bytes().len().to_string();
        assert_eq!(head.header("content-length"), length);
        let mut headers = head.headers;
        headers.remove("content-length");
        // Each request has its own.
        for headers in [&mut headers, &mut whole.headers] {
            assert!(headers.remove(RequestId::HEADER).is_some());
        }
        assert_eq!(headers, whole.headers);
    }
}

/// A gateway that nobody has to be asked for.
fn gateway(config: &str) -> Gateway {
    let config = Config::from_yaml(config).unwrap();
    let built = Gateway::builder(config).build();
    built.unwrap_or_else(|errors| panic!("{errors}"))
}

/// The lists that clients of OpenAI, Anthropic and Gemini get.
async fn lists(gateway: &Gateway) -> [Vec<String>; 3] {
    let openai = asked(gateway, "/v1/models", None).await.json();
    let anthropic = asked(gateway, "/v1/models", CLAUDE).await.json();
    let gemini = asked(gateway, "/v1beta/models", None).await.json();
    [
        texts(&openai["data"], "id"),
        texts(&anthropic["data"], "id"),
        texts(&gemini["models"], "name"),
    ]
    .map(|names| {
        let names = names.iter();
        names
            .map(|name| name.trim_start_matches("models/").to_owned())
            .collect()
    })
}

const ALIASES: &str = "downstreams:
  - {id: a, base_url: https://a, api_formats: [openai], output_model_ids: [m]}
  - {id: off, base_url: https://off, is_enabled: false}
aliases:
  - {input_model_id: fast, options: [{downstream_id: a, output_model_id: x}]}
  - {input_model_id: gone, options: [{downstream_id: off, output_model_id: x}]}
  - input_model_id: claude-.*
    is_regex: true
    announced_names: [claude-opus]
    options: [{downstream_id: a, output_model_id: y}]
";

#[tokio::test]
async fn aliases_are_listed_by_the_names_that_they_are_or_announce() {
    for list in lists(&gateway(ALIASES)).await {
        assert_eq!(list, ["claude-opus", "fast", "m"]);
    }
}

#[tokio::test]
async fn a_name_that_only_an_expression_matches_is_described_all_the_same() {
    let gateway = gateway(ALIASES);
    for (path, header) in [
        ("/v1/models/claude-new", None),
        ("/v1/models/claude-new", CLAUDE),
        ("/v1beta/models/claude-new", None),
    ] {
        let reply = asked(&gateway, path, header).await;
        assert_eq!(reply.status, 200, "{path}");
        assert!(reply.text().contains("claude-new"), "{path}");
    }
    for name in ["gone", "my-claude-new", "x"] {
        let reply = asked(&gateway, &format!("/v1/models/{name}"), None).await;
        assert_eq!(reply.status, 404, "{name}");
    }
}

#[tokio::test]
async fn each_caller_is_told_what_it_can_reach_on_its_own_paths() {
    let rule = |model: &str, path: &str| {
        format!(
            "  - {{id: {model}, pattern_path: '{path}', pattern_model: {model}, match_downstreams: [a]}}\n"
        )
    };
    let rules = [
        ("chat", "/v1/chat/completions"),
        ("responses", "/v1/responses"),
        ("embeddings", "/v1/embeddings"),
        ("messages", "/v1/messages"),
        ("generate", "*:generateContent"),
        ("all", "*"),
    ];
    let rules: String = rules.map(|(model, path)| rule(model, path)).concat();
    let config = format!(
        "downstreams:\n  - {{id: a, base_url: https://a}}\nrules:\n{rules}  - {{id: other, pattern_model: filtered, match_format: [anthropic], match_downstreams: [a]}}\n"
    );
    let gateway = gateway(&config);
    let [openai, anthropic, gemini] = lists(&gateway).await;
    assert_eq!(openai, ["all", "chat", "embeddings", "responses"]);
    assert_eq!(anthropic, ["all", "filtered", "messages"]);
    assert_eq!(gemini, ["all", "generate"]);
    for model in openai {
        let reply = asked(&gateway, &format!("/v1/models/{model}"), None).await;
        assert_eq!(reply.status, 200, "{model}");
    }
}
