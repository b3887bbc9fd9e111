//! Requests as metrics.

use ::metrics::set_default_local_recorder;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusRecorder};
use tower_llm_gateway::{
    experiment::{AssignedBy, Assignment, Share, Unit},
    meter::MetricsRecorder,
};

use super::*;

fn exporter() -> PrometheusRecorder {
    let mut exporter = PrometheusBuilder::new();
    for (name, bounds) in MetricsRecorder::BUCKETS {
        let name = Matcher::Full((*name).to_owned());
        exporter = exporter.set_buckets_for_metric(name, bounds).unwrap();
    }
    exporter.build_recorder()
}

/// What is exported of these requests, line by line.
async fn exported(requests: impl IntoIterator<Item = (Request<Body>, Response<Body>)>) -> String {
    let exporter = exporter();
    let _guard = set_default_local_recorder(&exporter);
    for (request, answer) in requests {
        let answer = Arc::new(Mutex::new(Some(answer)));
        let config = "downstreams:\n\
            - {id: own, handler: inner, api_formats: [openai], output_model_ids: [gpt-4o], prices: {gpt-4o: {input: 2.5, output: 10}}}\n\
            - {id: open, handler: inner, api_formats: [openai]}\n\
            rules:\n\
            - {id: any, pattern_model: 'x*', match_downstreams: [open]}\n\
            - {id: named, pattern_model: alias, match_downstreams: [own], output_model: gpt-4}\n";
        let app = recorded(config, MetricsRecorder::new(), move || {
            answer.lock().unwrap().take().expect("asked once")
        });
        send(app, request).await;
    }
    exporter.handle().render()
}

/// The lines of one metric, each with its labels in their order.
fn lines<'a>(exported: &'a str, name: &str) -> Vec<&'a str> {
    let ours = |line: &&str| line.split(['{', ' ']).next() == Some(name);
    exported.lines().filter(ours).collect()
}

fn whole() -> Response<Body> {
    response("application/json", Caller::OpenAi.whole())
}

#[tokio::test]
async fn a_request_is_counted_under_the_names_of_the_conventions() {
    let stream = response("text/event-stream", Caller::OpenAi.stream());
    let request = Caller::OpenAi.asks("gpt-4o", "Hi", true);
    let exported = exported([(request, stream)]).await;
    let of_model = "downstream=\"own\",gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"openai\",gen_ai_request_model=\"gpt-4o\",gen_ai_response_model=\"gpt-4o\"";
    for line in [
        "llm_gateway_requests{downstream=\"own\",outcome=\"completed\"} 1".to_owned(),
        "llm_gateway_attempts{downstream=\"own\"} 1".to_owned(),
        "llm_gateway_tokens{downstream=\"own\",type=\"cache_read\"} 1152".to_owned(),
        "llm_gateway_tokens{downstream=\"own\",type=\"output\"} 14".to_owned(),
        "llm_gateway_cost_count{downstream=\"own\"} 1".to_owned(),
        format!("gen_ai_client_operation_duration_count{{{of_model},outcome=\"completed\"}} 1"),
        format!("gen_ai_client_token_usage_sum{{{of_model},gen_ai_token_type=\"input\"}} 1209"),
        format!("gen_ai_client_token_usage_sum{{{of_model},gen_ai_token_type=\"output\"}} 14"),
        format!("gen_ai_server_time_to_first_token_count{{{of_model}}} 1"),
        format!("gen_ai_server_time_per_output_token_count{{{of_model}}} 1"),
        format!("gen_ai_server_time_per_output_token_bucket{{{of_model},le=\"0.025\"}} 1"),
    ] {
        assert!(has(&exported, &line), "{line} in {exported}");
    }
}

/// Whether there is such a line, in whatever order it has its labels.
fn has(exported: &str, line: &str) -> bool {
    let parts = |line: &str| {
        let mut parts: Vec<String> = line.split(['{', '}', ',']).map(str::to_owned).collect();
        parts.sort();
        parts
    };
    let wanted = parts(line);
    exported.lines().any(|line| parts(line) == wanted)
}

#[tokio::test]
async fn an_error_has_its_class_and_no_times_of_tokens() {
    let request = Caller::OpenAi.asks("gpt-4o", "Hi", true);
    let exported = exported([(request, status(429, "{}"))]).await;
    let duration = lines(&exported, "gen_ai_client_operation_duration_count");
    assert_eq!(duration.len(), 1);
    assert!(duration[0].contains("error_type=\"rate_limited\""));
    assert!(duration[0].contains("outcome=\"refused\""));
    assert!(!exported.contains("time_to_first_token_count"));
    assert!(!exported.contains("llm_gateway_cost_count"));
}

#[tokio::test]
async fn situation_67_unknown_models_create_no_labels() {
    let models = (0..50).map(|number| format!("x-{number}"));
    let asked = models.map(|model| (Caller::OpenAi.asks(&model, "Hi", false), whole()));
    let refused = (0..50).map(|number| {
        let model = format!("nobody-has-{number}");
        (Caller::OpenAi.asks(&model, "Hi", false), whole())
    });
    let exported = exported(asked.chain(refused)).await;
    for name in ["x-", "nobody-has-"] {
        assert!(!exported.contains(name), "{exported}");
    }
    let duration = lines(&exported, "gen_ai_client_operation_duration_count");
    assert_eq!(duration.len(), 1, "{exported}");
    assert!(duration[0].contains("gen_ai_request_model=\"other\"") && duration[0].ends_with(" 50"));
    let requests = lines(&exported, "llm_gateway_requests");
    assert_eq!(requests.len(), 2, "{exported}");
}

#[tokio::test]
async fn a_model_that_a_rule_names_is_a_label() {
    let request = Caller::OpenAi.asks("alias", "Hi", false);
    let exported = exported([(request, whole())]).await;
    assert!(
        exported.contains("gen_ai_request_model=\"gpt-4\""),
        "{exported}"
    );
}

/// What is exported of one summary.
fn exported_of(summary: &Summary) -> String {
    let exporter = exporter();
    let _guard = set_default_local_recorder(&exporter);
    MetricsRecorder::new().record(summary);
    exporter.handle().render()
}

fn assigned(by: AssignedBy) -> Summary {
    let arms = [Share::new("control", 0.5), Share::new("challenger", 0.5)];
    let mut summary = Summary::new("1");
    let assignment = Assignment::new("e", "challenger", by, Unit(7), arms.into());
    summary.arm = Some(assignment);
    summary
}

#[test]
fn a_request_that_is_drawn_counts_for_its_arm_and_no_other_one_does() {
    let drawn = exported_of(&assigned(AssignedBy::Key));
    let line = "llm_gateway_requests{experiment=\"e\",arm=\"challenger\",outcome=\"failed\"} 1";
    assert!(has(&drawn, line), "{drawn}");
    for by in [AssignedBy::Holdout, AssignedBy::Override] {
        let excluded = exported_of(&assigned(by));
        assert!(has(&excluded, "llm_gateway_requests{outcome=\"failed\"} 1"));
    }
}

#[test]
fn situation_63_copies_are_counted_apart() {
    let mut summary = Summary::new("1");
    summary.is_shadow = true;
    summary.cost = Some(1.0);
    let exported = exported_of(&summary);
    let samples = exported.lines().filter(|line| !line.starts_with('#'));
    for line in samples.filter(|line| !line.is_empty()) {
        assert!(line.starts_with("llm_gateway_shadow_"), "{line}");
    }
    assert!(exported.contains("llm_gateway_shadow_cost_count 1"));
}
