//! What `explain` says is what happens, and no secret.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use proptest::{collection::vec, prelude::*, sample::select, sample::subsequence};
use serde_json::{Value, json};
use tower::{Layer, ServiceExt, service_fn};
use tower_llm_gateway::{
    Body, BoxError,
    config::Config,
    format::ApiFormat,
    plugin::Registry,
    router::{Alias, AliasOption, Facts, Pattern, RuleRouterLayer, Served, SharedTable, Table},
    target::Target,
};

use crate::{support::*, *};

/// What the table says to a caller of `openai` about a chat with `model`.
fn explain(table: &Table, model: &str) -> Value {
    let headers = HeaderMap::new();
    let facts = Facts::new(CHAT, ApiFormat::OPENAI, model, &headers);
    serde_json::to_value(table.explain(&facts)).unwrap()
}

/// The same of a request to `path` with this body.
fn explain_request(table: &Table, method: Method, path: &str, body: &str) -> Value {
    let mut request = Request::new(body.to_owned());
    *request.method_mut() = method;
    *request.uri_mut() = path.parse().unwrap();
    serde_json::to_value(table.explain_request(&request)).unwrap()
}

fn why(explanation: &Value) -> Vec<&str> {
    let why = explanation["why"].as_array().unwrap();
    why.iter()
        .map(|sentence| sentence.as_str().unwrap())
        .collect()
}

#[track_caller]
fn assert_why(explanation: &Value, sentence: &str) {
    let why = why(explanation);
    assert!(why.contains(&sentence), "{why:#?}");
}

/// The explanation of an exchange that nothing translates.
fn untranslated(downstream: &str, model: &str, url: &str, rules: &[&str], why: &[&str]) -> Value {
    json!({
        "status": 200,
        "downstream": downstream,
        "model": model,
        "url": url,
        "client_format": "openai",
        "provider_format": "openai",
        "rules": rules,
        "request": [],
        "response": [],
        "deduplicated": [],
        "arm": null,
        "assignment": null,
        "why": why,
    })
}

#[test]
fn row_01_an_owner_that_a_rule_chooses_is_explained() {
    let why = [
        "'openai', 'azure-openai' have 'gpt-4o'; rule 'gpt4o-rule' chooses 'openai'.",
        "The model sent is 'gpt-4o', as the caller says.",
        "'openai' speaks openai, as the caller does.",
    ];
    let expected = untranslated("openai", "gpt-4o", OPENAI_URL, &["gpt4o-rule"], &why);
    assert_eq!(explain(&c0(), "gpt-4o"), expected);
}

#[test]
fn row_02_legs_of_a_translation_are_explained_with_who_asked_for_them() {
    let expected = json!({
        "status": 200,
        "downstream": "anthropic",
        "model": SONNET,
        "url": ANTHROPIC_URL,
        "client_format": "openai",
        "provider_format": "anthropic",
        "rules": ["sonnet-rule"],
        "request": [["openai", "anthropic", "auto"]],
        "response": [["anthropic", "openai", "rule"]],
        "deduplicated": [],
        "arm": null,
        "assignment": null,
        "why": [
            "'anthropic' is the downstream that has 'claude-sonnet-4-20250514', and rule 'sonnet-rule' leads there too.",
            "The model sent is 'claude-sonnet-4-20250514', as the caller says.",
            "The caller speaks openai, and 'anthropic' speaks anthropic only.",
            "The request is translated from openai to anthropic automatically.",
            "The response is translated from anthropic to openai because a rule says so.",
        ],
    });
    assert_eq!(explain(&c0(), SONNET), expected);
}

#[test]
fn row_04_a_rule_that_routes_is_explained_with_the_name_that_is_sent() {
    let why = [
        "No alias stands for 'azure-gpt4o' and no downstream has it. Rule 'azure-rule' names it ('azure-gpt4o') and leads to 'azure-openai'.",
        "The model sent is 'gpt-4o', the only one that 'azure-openai' has.",
        "'azure-openai' speaks openai, as the caller does.",
        "Rule 'gpt4o-rule' matches path and the model that is sent, but it does not lead to 'azure-openai'.",
    ];
    let expected = untranslated("azure-openai", "gpt-4o", AZURE_URL, &["azure-rule"], &why);
    assert_eq!(explain(&c0(), "azure-gpt4o"), expected);
}

#[test]
fn row_05_owners_are_explained_in_the_order_in_which_they_were_declared() {
    let azure_first = format!("downstreams:\n{AZURE}");
    let explanation = explain(&table(&[&azure_first, PAGE]), "gpt-4o");
    assert_eq!(explanation["url"], OPENAI_URL);
    assert_why(
        &explanation,
        "'azure-openai', 'openai' have 'gpt-4o'; rule 'gpt4o-rule' chooses 'openai'.",
    );
}

#[test]
fn row_07_an_unknown_model_is_explained_as_what_the_caller_gets() {
    let expected = json!({
        "status": 404,
        "downstream": null,
        "model": null,
        "url": null,
        "client_format": "openai",
        "provider_format": null,
        "rules": [],
        "request": [],
        "response": [],
        "deduplicated": [],
        "arm": null,
        "assignment": null,
        "why": [
            "The caller gets 404 (model_not_found): The model 'foo' is not configured on this gateway.",
            "No alias stands for 'foo', no downstream has it, and no rule for this path names it and leads somewhere.",
        ],
    });
    assert_eq!(explain(&c0(), "foo"), expected);
}

#[test]
fn row_10_a_pattern_that_routes_is_explained() {
    let rule = "rules: [{id: glob, pattern_model: claude-*, match_downstreams: [anthropic]}]";
    let explanation = explain(&table(&[PAGE, AZURE, rule]), "claude-sonnet");
    assert_eq!(explanation["rules"], json!(["sonnet-rule", "glob"]));
    assert_eq!(explanation["model"], SONNET);
    assert_why(
        &explanation,
        "No alias stands for 'claude-sonnet' and no downstream has it. Rule 'glob' names it ('claude-*') and leads to 'anthropic'.",
    );
}

/// The page with this alias for options of other models.
fn aliased(name: &str, options: &[(&str, &str)]) -> SharedTable {
    let page = c0();
    let options = options.iter().map(|(downstream, model)| {
        AliasOption::new(format!("to-{downstream}"), *downstream, *model)
    });
    let alias = Alias::new(name, Pattern::exact(name), options.collect());
    let targets: Vec<Target> = page
        .targets()
        .iter()
        .map(|target| (**target).clone())
        .collect();
    let rules = page.rules().cloned().collect();
    SharedTable::new(Table::build(targets, rules, vec![alias]).unwrap())
}

#[test]
fn row_25_an_alias_is_explained_by_its_active_option() {
    let shared = aliased("gpt-4o", &[("openai", "gpt-4o"), ("anthropic", SONNET)]);
    shared.activate_alias("to-anthropic").unwrap();
    let explanation = explain(&shared.load(), "gpt-4o");
    assert_eq!(explanation["downstream"], "anthropic");
    assert_eq!(explanation["rules"], json!(["sonnet-rule"]));
    assert_eq!(
        why(&explanation)[..2],
        [
            "Alias 'gpt-4o' stands for 'gpt-4o', and its active option 'to-anthropic' leads to 'anthropic'. It comes before the downstreams that have the model ('openai', 'azure-openai') and before rules.",
            "The model sent is 'claude-sonnet-4-20250514', as the option says.",
        ]
    );
    assert_why(
        &explanation,
        "Rule 'gpt4o-rule' matches path and model, but it does not lead to 'anthropic'.",
    );
}

#[test]
fn row_27_an_alias_is_explained_to_come_before_the_rule_that_would_route() {
    let explanation = explain(
        &aliased("azure-gpt4o", &[("openai", "gpt-4o")]).load(),
        "azure-gpt4o",
    );
    assert_eq!(explanation["downstream"], "openai");
    assert_eq!(explanation["rules"], json!(["gpt4o-rule"]));
    assert_why(
        &explanation,
        "Alias 'azure-gpt4o' stands for 'azure-gpt4o', and its active option 'to-openai' leads to 'openai'. It comes before downstreams and rules.",
    );
    assert_why(
        &explanation,
        "Rule 'azure-rule' matches path and model, but it does not lead to 'openai'.",
    );
}

#[test]
fn row_44_a_rule_that_leads_elsewhere_is_explained_to_have_no_say() {
    let text = "downstreams:\n- {id: rule-ds, base_url: https://r}\n- {id: model-ds, base_url: https://m, output_model_ids: [gpt-4o]}\nrules: [{id: r, pattern_path: /v1/chat/completions, match_downstreams: [rule-ds], pipeline_config: [{plugin_id: custom_header}]}]";
    let why = [
        "'model-ds' is the downstream that has 'gpt-4o'.",
        "The model sent is 'gpt-4o', as the caller says.",
        "'model-ds' does not say what it speaks, and gets the caller's format, openai.",
        "Rule 'r' matches path and model, but it does not lead to 'model-ds'.",
    ];
    let url = "https://m/v1/chat/completions";
    let expected = untranslated("model-ds", "gpt-4o", url, &[], &why);
    assert_eq!(explain(&table(&[text]), "gpt-4o"), expected);
}

#[test]
fn row_48_a_translator_that_is_not_needed_is_listed() {
    let table =
        sonnet_with("      - plugin_id: openai2anthropic\n      - plugin_id: anthropic2openai\n");
    let explanation = explain(&table, SONNET);
    assert_eq!(
        explanation["request"],
        json!([["openai", "anthropic", "rule"]])
    );
    assert_eq!(
        explanation["response"],
        json!([["anthropic", "openai", "rule"]])
    );
    assert_eq!(explanation["deduplicated"], json!(["anthropic2openai"]));
    assert_why(
        &explanation,
        "'anthropic2openai' does nothing: somebody else translates between these formats already.",
    );
}

#[test]
fn plugins_are_listed_between_translation_and_downstream_and_backwards_on_the_way_back() {
    let table =
        sonnet_with("      - plugin_id: custom_header\n      - plugin_id: fix_anthropic_images\n");
    let explanation = explain(&table, SONNET);
    let (there, back) = (
        json!(["openai", "anthropic", "auto"]),
        json!(["anthropic", "openai", "auto"]),
    );
    assert_eq!(
        explanation["request"],
        json!([there, "custom_header", "fix_anthropic_images"])
    );
    assert_eq!(
        explanation["response"],
        json!(["fix_anthropic_images", "custom_header", back])
    );
}

#[test]
fn what_keeps_a_rule_from_routing_is_said() {
    let rules = [
        (
            "is_enabled: false, match_downstreams: [a], pattern_model: m",
            "is switched off",
        ),
        (
            "match_format: [anthropic], match_downstreams: [a], pattern_model: m",
            "it is for callers of anthropic only, and this one speaks openai",
        ),
        (
            "match_downstreams: [a]",
            "it does not name the model, which a rule must do to lead somewhere",
        ),
        (
            "pattern_model: m",
            "it leads nowhere: it has no downstreams",
        ),
        (
            "match_downstream_format: [gemini], match_downstreams: [b], pattern_model: m",
            "it is for downstreams that are spoken to in gemini, and none of its own is",
        ),
    ];
    for (rule, obstacle) in rules {
        let explanation = explain(&two(&format!("- {{id: r, {rule}}}")), "m");
        assert_eq!(explanation["status"], 404);
        assert_why(
            &explanation,
            &format!("Rule 'r' matches path and model, but {obstacle}."),
        );
    }
    let rule = "- {id: r, pattern_path: /v1/messages, match_downstreams: [a], pattern_model: m}";
    assert_why(
        &explain(&two(rule), "m"),
        "Rule 'r' names the model, but for the path /v1/messages only.",
    );
}

#[test]
fn what_is_switched_off_and_would_have_the_model_is_said() {
    let off = "- {id: c, base_url: https://c, output_model_ids: [m], is_enabled: false}\n";
    let explanation = explain(&table(&[&format!("downstreams:\n{off}")]), "m");
    assert_why(
        &explanation,
        "Downstream 'c' has the model, but is switched off.",
    );
    let rule = "rules: [{id: r, pattern_model: n, match_downstreams: [c]}]";
    let explanation = explain(&table(&[&format!("downstreams:\n{off}{rule}")]), "n");
    assert_why(
        &explanation,
        "Rule 'r' matches path and model, but 'c' is switched off.",
    );
}

#[test]
fn models_that_were_perhaps_meant_are_named() {
    for (asked, meant) in [
        ("GPT-4o", "'gpt-4o'"),
        ("claude-sonnet", "'claude-sonnet-4-20250514'"),
    ] {
        let similar = format!("Similar models that this path leads to: {meant}.");
        assert_why(&explain(&c0(), asked), &similar);
    }
}

#[test]
fn a_format_without_a_translation_is_a_refusal_like_the_real_one() {
    let explanation = explain_request(
        &c0(),
        Method::POST,
        "/v1/embeddings",
        r#"{"model":"claude-sonnet-4-20250514"}"#,
    );
    assert_eq!(explanation["status"], 501);
    assert_eq!(explanation["downstream"], Value::Null);
    assert_why(
        &explanation,
        "The caller gets 501 (endpoint_not_supported): The provider of this model has no such endpoint.",
    );
    // Nothing is.
    let why = why(&explanation);
    assert!(
        !why.iter().any(|said| said.contains("translated")),
        "{why:#?}"
    );
}

#[test]
fn a_request_is_read_as_the_router_reads_it() {
    let table = c0();
    for (path, body, downstream, url) in [
        (CHAT, r#"{"model":"gpt\u002d4o"}"#, "openai", OPENAI_URL),
        (
            "/v1/messages?beta=true&key=CANARY",
            r#"{"model":"claude-sonnet-4-20250514"}"#,
            "anthropic",
            "https://api.anthropic.com/v1/messages?beta=true",
        ),
        (
            "/v1/messages?beta=true",
            r#"{"model":"gpt-4o"}"#,
            "openai",
            OPENAI_URL,
        ),
        (
            "/v1beta/models/gpt-4o:generateContent",
            "",
            "openai",
            OPENAI_URL,
        ),
    ] {
        let explanation = explain_request(&table, Method::POST, path, body);
        assert_eq!(explanation["downstream"], downstream, "{explanation:#}");
        assert_eq!(explanation["url"], url);
    }
    for (body, said) in [
        ("{}", "The caller gets 400: model must be given."),
        (
            r#"{"model":""}"#,
            "The caller gets 400: model must be a string that is not empty.",
        ),
    ] {
        let explanation = explain_request(&table, Method::POST, CHAT, body);
        assert_eq!(
            (&explanation["status"], why(&explanation)),
            (&json!(400), vec![said])
        );
    }
}

#[test]
fn what_is_not_for_a_model_is_said_to_be_none_of_the_gateways() {
    let explanation = explain_request(&c0(), Method::POST, "/health", "");
    assert_eq!(explanation["status"], 404);
    assert_eq!(explanation["client_format"], Value::Null);
    let list = explain_request(&c0(), Method::GET, "/v1/models", "");
    assert_eq!(
        (&list["status"], &list["downstream"]),
        (&json!(200), &Value::Null)
    );
    let method = explain_request(&c0(), Method::GET, CHAT, "");
    assert_eq!(method["status"], 405);
    assert_why(
        &method,
        "GET /v1/chat/completions is not a request for a model: what the gateway is in front of gets it, and alone it answers 405.",
    );
}

#[test]
fn a_request_without_a_model_has_none_in_its_explanation() {
    let text = "downstreams:\n- {id: a, base_url: 'https://a/v1', api_formats: [openai], output_model_ids: [m]}\nrules:\n- {id: r, pattern_path: '/v1/files*', match_downstreams: [a]}";
    let table = Config::from_yaml(text).unwrap().build(&Registry::default());
    let table = table.unwrap_or_else(|errors| panic!("{errors}"));
    let explanation = explain_request(&table, Method::GET, "/v1/files", "");
    assert_eq!(explanation["url"], "https://a/v1/files");
    assert_eq!(explanation["model"], Value::Null);
}

#[test]
fn a_path_that_a_rule_leads_somewhere_is_explained() {
    let table = two("- {id: files, pattern_path: /v1/files, match_downstreams: [b]}\n");
    let explanation = explain_request(&table, Method::POST, "/v1/files", "");
    assert_eq!(explanation["model"], Value::Null);
    assert_eq!(
        why(&explanation)[..2],
        [
            "The request names no model. Rule 'files' names its path and leads to 'b'.",
            "No model is sent."
        ]
    );
}

#[test]
fn what_the_gateway_estimates_is_said_to_go_nowhere() {
    let text = "downstreams: [{id: a, base_url: https://a, api_formats: [anthropic], count_tokens: estimate, output_model_ids: [m]}]";
    let body = r#"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#;
    let path = "/v1/messages/count_tokens";
    let explanation = explain_request(&table(&[text]), Method::POST, path, body);
    assert_eq!(explanation["url"], Value::Null);
    assert_why(
        &explanation,
        "The gateway estimates the number of tokens, and does not ask the downstream.",
    );
}

#[test]
fn a_query_that_is_not_shown_is_said_to_be_sent() {
    let text = "downstreams: [{id: a, base_url: 'https://a/v1?key=canary', api_formats: [openai], output_model_ids: [m]}]";
    let sentence = "The query of the downstream's base URL is sent too, and left out here.";
    assert_why(&explain(&table(&[text]), "m"), sentence);
    let none = explain(&table(&[&text.replace("?key=canary", "")]), "m");
    assert!(!why(&none).contains(&sentence));
}

#[test]
fn a_handler_is_explained_by_its_path() {
    let text =
        "downstreams: [{id: own, handler: inner, api_formats: [openai], output_model_ids: [m]}]";
    let explanation = explain(&table(&[text]), "m");
    assert_eq!(explanation["url"], CHAT);
    assert_why(
        &explanation,
        "The downstream is the handler that the gateway is in front of.",
    );
}

#[test]
fn a_translator_of_what_needs_no_translation_is_said_to_do_nothing() {
    let rule = "rules: [{id: idle, pipeline_config: [{plugin_id: openai2anthropic}]}]";
    assert_why(
        &explain(&table(&[PAGE, rule]), "gpt-4o"),
        "'openai2anthropic' does nothing: nothing here has to be translated as it translates.",
    );
}

#[test]
fn a_request_for_a_web_socket_is_said_to_be_refused() {
    let request = Request::get("/v1/realtime").header("upgrade", "websocket");
    let explanation = c0().explain_request(&request.body("").unwrap());
    assert_eq!(explanation.status, 426);
    assert_eq!(explanation.client_format, Some(ApiFormat::OPENAI));
}

#[test]
fn row_66_no_secret_is_in_an_explanation() {
    let text = "downstreams:\n- {id: a, base_url: 'https://a/v1?sig=CANARY', api_key: CANARY, api_formats: [gemini], output_model_ids: [m]}\nrules:\n- {id: r, pattern_model: m, pipeline_config: [{plugin_id: custom_header, config: {headers: {X-Secret: CANARY}}}]}";
    let table = Config::from_yaml(text).unwrap().build(&Registry::default());
    let table = table.unwrap_or_else(|errors| panic!("{errors}"));
    let mut request = Request::post(format!("{CHAT}?key=CANARY"));
    request = request.header("authorization", "Bearer CANARY");
    let request = request
        .body(r#"{"model":"m","stream":true,"user":"CANARY"}"#)
        .unwrap();
    let explanation = serde_json::to_string(&table.explain_request(&request)).unwrap();
    assert!(
        explanation.contains(r#""url":"https://a/v1/models/m:streamGenerateContent?alt=sse""#),
        "{explanation}"
    );
    assert!(explanation.contains(r#""custom_header""#));
    assert!(!explanation.contains("CANARY"), "{explanation}");
}

/// A configuration of four downstreams and some rules, many of them about the same.
fn configurations() -> impl Strategy<Value = String> {
    let models = || subsequence(vec!["m1", "m2", "m3"], 0..=2);
    let formats = || subsequence(vec!["openai", "anthropic", "gemini"], 0..=2);
    let list = |items: Vec<&str>| format!("[{}]", items.join(", "));
    let downstream =
        (models(), formats(), prop::bool::weighted(0.8)).prop_map(move |(models, formats, on)| {
            format!(
                "output_model_ids: {}, api_formats: {}, is_enabled: {on}",
                list(models),
                list(formats)
            )
        });
    let pattern = select(vec![
        "",
        "pattern_model: m1, ",
        "pattern_model: n, ",
        "pattern_model: 'm*', ",
        "pattern_model: 're:.+', ",
        "pattern_model: '*', ",
    ]);
    let path = select(vec!["/v1/chat/completions", "/v1/*", "*"]);
    let output = select(vec![
        "",
        "output_model: passthrough, ",
        "output_model: out, ",
    ]);
    let ids = subsequence(vec!["d0", "d1", "d2", "d3"], 0..=2);
    let plugins = subsequence(
        vec![
            "{plugin_id: anthropic2openai}",
            "{plugin_id: custom_header}",
            "{plugin_id: openai2anthropic}",
        ],
        0..=2,
    );
    let rule = (pattern, path, output, ids, (formats(), formats()), plugins, prop::bool::weighted(0.8)).prop_map(
        move |(pattern, path, output, ids, (callers, providers), plugins, on)| {
            format!("{pattern}{output}pattern_path: '{path}', match_downstreams: {}, match_format: {}, match_downstream_format: {}, pipeline_config: {}, is_enabled: {on}", list(ids), list(callers), list(providers), list(plugins))
        },
    );
    (vec(downstream, 4), vec(rule, 0..5)).prop_map(|(downstreams, rules)| {
        let item = |kind, (at, said): (usize, &String)| format!("- {{id: {kind}{at}, {said}}}\n");
        let downstreams = downstreams.iter().enumerate();
        let downstreams: String = downstreams
            .map(|each| item("d", each).replace("id: d", "base_url: 'https://d', id: d"))
            .collect();
        let rules: String = rules
            .iter()
            .enumerate()
            .map(|each| item("r", each))
            .collect();
        format!("downstreams:\n{downstreams}rules:\n{rules}")
    })
}

/// What the router does with a request: the status, and the decision that it leaves in the response.
fn live(table: &Table, request: Request<Bytes>) -> (u16, Option<Served>) {
    let leaf =
        service_fn(|_: Request<Body>| async { Ok::<_, BoxError>(Response::new(Body::empty())) });
    let router = RuleRouterLayer::new(table.clone()).layer(leaf);
    let request = request.map(Body::full);
    let response = tokio_test::block_on(router.oneshot(request)).unwrap();
    let served = Served::of(response.extensions()).cloned();
    (response.status().as_u16(), served)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, max_global_rejects: 4096, ..ProptestConfig::default() })]

    #[test]
    fn row_66_what_is_explained_is_what_happens(
        text in configurations(),
        path in select(vec![CHAT, "/v1/messages"]),
        model in select(vec!["m1", "m2", "n", "x"]),
    ) {
        let table = config(&[&text]).build(&registry());
        prop_assume!(table.is_ok());
        let table = table.unwrap();
        let request = Request::post(path).body(Bytes::from(json!({"model": model}).to_string())).unwrap();
        let said = table.explain_request(&request);
        let (status, served) = live(&table, request);
        prop_assert_eq!(said.status, status);
        prop_assert_eq!(said.downstream.is_some(), served.is_some());
        let Some(served) = served else { return Ok(()) };
        let selected = served.selected();
        prop_assert_eq!(said.downstream.as_deref(), Some(&**selected.target().id()));
        prop_assert_eq!(said.provider_format, Some(selected.provider()));
        prop_assert_eq!(said.model.as_deref(), Some(selected.model().map_or(model, |sent| sent)));
        let url = selected.clone().url(path, None).unwrap().to_string();
        prop_assert!(said.provider_format == Some(ApiFormat::GEMINI) || said.url == Some(url));
        prop_assert_eq!(&said.rules, &rules(&served));
        let legs = served.legs();
        let (before, behind) = served.plugin_ids();
        let steps = legs.request.len() + before.len() + behind.len();
        prop_assert_eq!(said.request.len(), steps);
        let deduplicated: Vec<_> = legs.deduplicated.iter().map(ToString::to_string).collect();
        prop_assert_eq!(said.deduplicated, deduplicated);
        // Nothing that path and model match is passed over in silence.
        for rule in table.rules().filter(|rule| !said.rules.contains(&rule.id().to_string())) {
            let matches = text.contains(&format!("- {{id: {}, pattern_path: '*'", rule.id()));
            let quoted = format!("'{}'", rule.id());
            prop_assert!(!matches || said.why.iter().any(|why| why.contains(&quoted)));
        }
    }
}
