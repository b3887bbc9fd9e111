//! No key is ever printed: not in logs, not in debug output, not in errors.

use std::{fmt::Debug, sync::Arc};

use http::{HeaderMap, Request};
use tower::{Layer, ServiceExt};
use tower_llm_gateway::{
    Body, Gateway,
    admission::ClientKeysLayer,
    config::Config,
    context::Selected,
    downstream::DownstreamService,
    failover::{Alternative, Fallbacks},
    format::ApiFormat,
    router::{Facts, RuleRouterLayer, Served},
    target::Target,
};

use crate::{
    caller::{CHAT, Caller, PASSED, Reply, SONNET, TRANSLATED, ask},
    support::{
        doubles::Double,
        log,
        page::{ONCE, Page},
    },
};

/// The keys of the page, and what stands in their place here.
const KEYS: [(&str, &str); 3] = [
    ("sk-proj-...", "CANARY-openai-8f3a"),
    ("sk-ant-...", "CANARY-anthropic-71bc"),
    ("azure-key-...", "CANARY-azure-55d0"),
];

async fn page() -> Page {
    let page = Page::start_with(|id, _| match id {
        "openai" => Double::openai(KEYS[0].1),
        "anthropic" => Double::anthropic(KEYS[1].1),
        _ => Double::azure(KEYS[2].1),
    });
    page.await
}

fn config(page: &Page) -> Config {
    let again = "retry: {attempts: 2, backoff: 1ms, max_wait: 1ms}";
    let config = page.config().replace(ONCE, again);
    let config = KEYS
        .iter()
        .fold(config, |config, (key, canary)| config.replace(key, canary));
    let header = r"[{plugin_id: custom_header, config: {headers: {x-token: CANARY-header}}}]";
    let everywhere = format!(
        "\n  - id: everywhere\n    pattern_path: '*'\n    pipeline_config: {header}\nproxy_api_keys: [CANARY-client]\n"
    );
    let limit = "    timeouts: {first_byte: 200ms}\n    output_model_ids";
    let config = config.replace("    output_model_ids", limit);
    Config::from_yaml(&(config + &everywhere)).unwrap()
}

fn gateway(page: &Page) -> Gateway {
    Gateway::builder(config(page))
        .downstream(Page::downstream())
        .build()
        .unwrap()
}

#[track_caller]
fn assert_clean(text: &str) {
    // The first characters of a key tell enough, and so does its base64.
    for secret in ["CANARY", "Q0FOQVJZ"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}

/// A question with the caller's key.
fn asks(caller: Caller, model: &str, text: &str, stream: bool) -> Request<Body> {
    let mut request = caller.asks(model, text, stream);
    let key = "Bearer CANARY-client".parse().unwrap();
    request.headers_mut().insert("authorization", key);
    request
}

/// Every way to ask, with the caller's key.
async fn ask_all(gateway: &Gateway, text: &str) {
    for (caller, model) in TRANSLATED.into_iter().chain(PASSED) {
        for stream in [false, true] {
            let request = asks(caller, model, text, stream);
            let response = gateway.service().oneshot(request).await;
            let response = response.unwrap_or_else(|never| match never {});
            assert_clean(&format!(
                "{response:?} {:?}",
                Served::of(response.extensions())
            ));
            let reply = Reply::of(response).await;
            assert_clean(&reply.text());
        }
    }
}

#[tokio::test]
async fn the_logs_of_what_goes_well_and_wrong_show_no_key() {
    let page = page().await;
    log::keep();
    let gateway = gateway(&page);
    for text in ["Hi", "[[rate-limit]]", "[[server-error]]", "[[html]]"] {
        ask_all(&gateway, text).await;
    }
    for text in [
        "[[stream-error]]",
        "[[stream-error-first]]",
        "[[truncate]]",
        "[[reset]]",
    ] {
        ask_all(&gateway, text).await;
    }
    assert!(log::kept().contains("a stream was cut short"));
    assert!(log::kept().contains("TRACE hyper_util"));
    assert_clean(&log::kept());
}

#[tokio::test]
async fn the_logs_of_providers_that_cannot_be_reached_show_no_key() {
    let page = page().await;
    let gateway = gateway(&page);
    // What listened there is gone.
    drop(page);
    tokio::task::yield_now().await;
    log::keep();
    ask_all(&gateway, "Hi").await;
    assert!(log::kept().contains("request failed"));
    assert_clean(&log::kept());
}

#[tokio::test]
async fn the_logs_of_providers_that_take_too_long_show_no_key() {
    let hour = std::time::Duration::from_secs(3600);
    let mut page = page().await;
    page.anthropic = Double::anthropic(KEYS[1].1)
        .first_byte_delay(hour)
        .start()
        .await;
    let gateway = gateway(&page);
    log::keep();
    let reply = ask(&gateway, asks(Caller::OpenAi, SONNET, "Hi", true)).await;
    assert_eq!(reply.status, 504);
    assert!(log::kept().contains("request failed"));
    assert_clean(&log::kept());
    assert_clean(&reply.text());
}

fn shown(value: &dyn Debug) -> String {
    format!("{value:?} {value:#?}")
}

/// A caller's request with a key in each place.
fn headers() -> HeaderMap {
    let names = [
        "authorization",
        "x-api-key",
        "api-key",
        "x-goog-api-key",
        "cookie",
    ];
    let names = names.map(|name| (name.parse().unwrap(), "CANARY-client".parse().unwrap()));
    HeaderMap::from_iter(names)
}

#[tokio::test]
async fn situation_05_no_debug_output_shows_a_key() {
    let page = page().await;
    let config = config(&page);
    let url = "https://host/v1?key=CANARY".parse::<http::Uri>().unwrap();
    let target = Target::new("t", url.clone())
        .with_key("CANARY".into())
        .with_format_url(ApiFormat::GEMINI, url.clone())
        .with_endpoint(Some(url), Some("CANARY-second".into()));
    let target = Arc::new(target);
    let gateway = gateway(&page);
    let shared = gateway.table();
    let table = shared.load();
    let headers = headers();
    let facts = Facts::new(CHAT, ApiFormat::OPENAI, "gpt-4o", &headers);
    let decision = table.decide(&facts).unwrap();
    let selected: &Selected = decision.selected();
    let alternative = Alternative::from(selected.clone());
    let router = RuleRouterLayer::new(shared.clone()).client_keys(gateway.client_keys().clone());
    let keys = ClientKeysLayer::new(gateway.client_keys().clone());
    let leaf = DownstreamService::new;
    for shown in [
        shown(&config),
        shown(&Gateway::builder(config)),
        shown(&gateway),
        shown(&gateway.service()),
        shown(&gateway.layer()),
        shown(&gateway.layer().layer(leaf())),
        shown(&gateway.lints()),
        shown(&gateway.explain(&facts)),
        shown(gateway.client_keys()),
        shown(&keys),
        shown(&keys.layer(leaf())),
        shown(&router),
        shown(&router.layer(leaf())),
        shown(shared),
        shown(&table),
        shown(&table.targets()),
        shown(&table.rules().collect::<Vec<_>>()),
        shown(&facts),
        shown(&decision),
        shown(&decision.rules().collect::<Vec<_>>()),
        shown(&decision.plugins()),
        shown(&selected),
        shown(&selected.endpoint()),
        shown(&alternative),
        shown(&Fallbacks([alternative.clone()].into())),
        shown(&target),
        shown(&target.endpoint(0)),
        shown(&target.endpoint(1)),
        shown(&target.key()),
        shown(&target.authorization(ApiFormat::OPENAI)),
        shown(&Selected::new(target, ApiFormat::OPENAI)),
    ] {
        assert_clean(&shown);
    }
}

#[tokio::test]
async fn situation_14_logs_show_no_model_s_name_at_length_and_no_control_character() {
    let gateway = Gateway::from_yaml(
        "retry: {attempts: 1}\ndownstreams:
- {id: openai, base_url: 'http://127.0.0.1:1', api_formats: [openai], output_model_ids: [m]}
- {id: gemini, base_url: 'http://127.0.0.1:1', api_formats: [gemini]}
rules: [{id: r, pattern_model: 'any*', match_downstreams: [gemini]}]",
    )
    .unwrap();
    log::keep();
    let long = "x".repeat(10_000);
    let control = "\u{1b}[31m\r\nforged";
    for name in [
        long.clone(),
        control.to_owned(),
        format!("any{long}"),
        format!("any{control}"),
    ] {
        for caller in [Caller::OpenAi, Caller::Anthropic] {
            let reply = ask(&gateway, caller.asks(&name, "Hi", true)).await;
            assert!(!reply.status.is_success());
            let (_, message) = reply.error(caller);
            assert!(message.len() < 300, "{message}");
        }
    }
    let logged = log::kept();
    assert!(logged.contains("request failed"));
    assert!(!logged.contains(&long[..200]) && !logged.contains("\nforged"));
    assert!(!logged.contains('\u{1b}'));
}

/// Keys in every place where people put them.
const EVERYWHERE: &str = "
downstreams:
- {id: a, base_url: 'https://a/v1?key=CANARY-1', api_keys: [CANARY-2, CANARY-3], api_formats: [openai], output_model_ids: [m]}
- {id: b, base_url: 'http://b.example.com/?key=CANARY-4', api_key: CANARY-5, api_formats: [gemini], output_model_ids: [n]}
rules:
- id: r
  pattern_model: '*'
  pipeline_config: [{plugin_id: custom_header, config: {headers: {x-token: CANARY-6}}}]
  fallback: [b]
- {id: files, pattern_path: '/v1/files*', match_downstreams: [b]}
proxy_api_keys: [CANARY-client]
";

#[test]
fn situation_08_no_explanation_and_no_lint_shows_a_key() {
    let gateway = Gateway::from_yaml(EVERYWHERE).unwrap();
    for lint in gateway.lints() {
        assert_clean(&format!("{lint} {lint:?}"));
    }
    assert!(!gateway.lints().is_empty());
    let table = gateway.table().load();
    for path in [
        CHAT,
        "/v1/messages",
        "/v1/files",
        "/v1/models",
        "/nowhere",
        "/v1/../x",
    ] {
        for model in ["m", "n", "unknown"] {
            let body = Caller::OpenAi
                .question(model, "CANARY-client", true)
                .to_string();
            let mut request = Request::post(format!("{path}?key=CANARY-client&x=1"))
                .body(body)
                .unwrap();
            *request.headers_mut() = headers();
            let explanation = table.explain_request(&request);
            assert_clean(&serde_json::to_string_pretty(&explanation).unwrap());
            assert_clean(&shown(&explanation));
        }
    }
}

#[test]
fn situation_06_no_error_of_a_configuration_shows_a_key() {
    for config in [
        "downstreams: [{id: a, base_url: 'https://u:CANARY@a', api_key: CANARY}]",
        "downstreams: [{id: a, base_url: 'ftp://CANARY', api_key: [CANARY]}]",
        "downstreams: [{id: a, base_url: 'https://a', api_key: \"CANARY\\n\"}]",
        "downstreams: [{id: a, base_url: 'https://a', api_key: '${CANARY'}]",
        "downstreams: [{id: a, base_url: 'https://a', api_key: CANARY, nonsense: 1}]",
    ] {
        let error = Gateway::from_yaml(config).expect_err(config);
        assert_clean(&format!("{error} {error:?} {error:#?}"));
    }
}
