//! No secret, and the same as what is decided.

use tower_llm_gateway::{context::Selected, policy::Phase, router::Stage};

use super::*;

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

fn fallbacks() -> impl Strategy<Value = String> {
    let all = vec![
        "d0",
        "d1",
        "d2",
        "{downstream: d3, output_model: m1}",
        "{downstream: d0, output_model: passthrough}",
    ];
    let fallbacks = subsequence(all, 0..=4).prop_shuffle();
    let said = fallbacks.prop_map(|said| format!(", fallback: [{}]", said.join(", ")));
    prop_oneof![2 => said, 1 => Just(String::new())]
}

fn limits() -> impl Strategy<Value = &'static str> {
    select(vec![
        "",
        ", timeouts: {idle: 5s}",
        ", timeouts: {idle: none, total: 3m}, retry: {attempts: 1}",
        ", retry: {attempts: 2, on_empty: true}",
    ])
}

/// Mostly none, for what has one leads nowhere else.
fn splits() -> impl Strategy<Value = &'static str> {
    select(vec![
        "",
        "",
        ", split: {key: ['header:x-session-id'], arms: [{id: x, downstream: d0, output_model: m1}, {id: y, downstream: d1, output_model: passthrough, weight: 3}, {id: z, downstream: d2, output_model: out, weight: 2}]}",
        ", split: {key: ['header:x-session-id'], coverage: 50%, arms: [{id: x, downstream: d3, output_model: passthrough}, {id: y, downstream: d0, output_model: passthrough}]}",
    ])
}

/// A configuration of four downstreams and some rules, many of them about the same.
fn configurations() -> impl Strategy<Value = String> {
    let models = || subsequence(vec!["m1", "m2", "m3"], 0..=2);
    let formats = || subsequence(vec!["openai", "anthropic", "gemini"], 0..=2);
    let list = |items: Vec<&str>| format!("[{}]", items.join(", "));
    let downstream = (models(), formats(), prop::bool::weighted(0.8), limits()).prop_map(
        move |(models, formats, on, limits)| {
            format!(
                "output_model_ids: {}, api_formats: {}, is_enabled: {on}{limits}",
                list(models),
                list(formats)
            )
        },
    );
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
    let rule = (pattern, path, output, ids, (formats(), formats()), plugins, prop::bool::weighted(0.8), (fallbacks(), splits()), limits()).prop_map(
        move |(pattern, path, output, ids, (callers, providers), plugins, on, (fallbacks, split), limits)| {
            format!("{pattern}{output}pattern_path: '{path}', match_downstreams: {}, match_format: {}, match_downstream_format: {}, pipeline_config: {}, is_enabled: {on}{fallbacks}{limits}{split}", list(ids), list(callers), list(providers), list(plugins))
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
        session in 0..64_u32,
    ) {
        let table = config(&[&text]).build(&registry());
        prop_assume!(table.is_ok());
        let table = table.unwrap();
        let request = Request::post(path).header("x-session-id", session);
        let request = request.body(Bytes::from(json!({"model": model}).to_string())).unwrap();
        let said = table.explain_request(&request);
        let (status, served) = live(&table, request);
        prop_assert_eq!(said.status, status);
        prop_assert_eq!(said.downstream.is_some(), served.is_some());
        let Some(served) = served else { return Ok(()) };
        let selected = served.selected();
        let drawn = served.assignment();
        prop_assert_eq!(said.experiment.as_deref(), drawn.map(|drawn| &*drawn.experiment));
        prop_assert_eq!(said.arm.as_deref(), drawn.map(|drawn| &*drawn.arm));
        prop_assert_eq!(said.assignment, drawn.map(|drawn| drawn.by));
        prop_assert_eq!(said.arms.len(), drawn.map_or(0, |drawn| drawn.arms.len()));
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
        let limits = Phase::ALL.map(|phase| said.timeouts.as_ref().unwrap().limit(phase));
        let limited = |selected: &Selected| Phase::ALL.map(|phase| selected.timeouts().limit(phase, false));
        prop_assert_eq!(limits, limited(selected));
        prop_assert_eq!(said.retry.as_ref().unwrap().attempts, selected.retry().attempts.unwrap_or(3));
        prop_assert_eq!(said.fallbacks.len(), served.alternatives().len());
        for (said, next) in said.fallbacks.iter().zip(served.alternatives()) {
            let selected = &next.selected;
            prop_assert_eq!(&*said.downstream, &**selected.target().id());
            prop_assert_eq!(said.provider_format, selected.provider());
            prop_assert_eq!(said.model.as_deref(), Some(selected.model().map_or(model, |sent| sent)));
            prop_assert_eq!(Phase::ALL.map(|phase| said.timeouts.limit(phase)), limited(selected));
            prop_assert_eq!(said.retry.on_empty, selected.retry().on_empty.unwrap_or(false));
            let before = next.caller_plugins.as_ref().map_or(0, |plugins| plugins.0.len());
            let behind = next.plugins.as_ref().map_or(0, |plugins| plugins.0.len());
            let plugins = said.request.iter().filter(|stage| matches!(stage, Stage::Plugin(_)));
            prop_assert_eq!(plugins.count(), before + behind);
        }
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
