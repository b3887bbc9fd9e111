//! What is asked, and who can be asked that.

use super::*;

const COUNT: &str = "/v1/messages/count_tokens";

fn fallback_to_b(entry: &str, formats: &str) -> Table {
    let text = format!(
        "downstreams:
- {{id: a, base_url: https://a, api_formats: [{formats}], output_model_ids: [m]}}
- {{id: b, base_url: https://b, {entry}, output_model_ids: [m]}}
rules: [{{id: r, match_downstreams: [a], fallback: [b]}}]"
    );
    table(&[&text])
}

#[test]
fn tokens_are_counted_only_by_who_can_count_them() {
    let both = fallback_to_b("api_formats: [anthropic]", "anthropic");
    assert_eq!(chain(&both, COUNT, "m"), ["b  anthropic"]);
    let gemini = fallback_to_b("api_formats: [gemini]", "anthropic");
    assert_eq!(chain(&gemini, COUNT, "m"), ["b  gemini"]);
    let openai = fallback_to_b("api_formats: [openai]", "anthropic");
    assert_eq!(chain(&openai, COUNT, "m"), [""; 0]);
    let estimating = "api_formats: [openai], count_tokens: estimate";
    assert_eq!(
        chain(&fallback_to_b(estimating, "anthropic"), COUNT, "m"),
        ["b  openai"]
    );
}

#[test]
fn what_only_one_format_has_stays_in_it() {
    let same = fallback_to_b("api_formats: [openai]", "openai");
    assert_eq!(chain(&same, "/v1/embeddings", "m"), ["b  openai"]);
    let other = fallback_to_b("api_formats: [gemini]", "openai");
    assert_eq!(chain(&other, "/v1/embeddings", "m"), [""; 0]);
    assert_eq!(chain(&other, CHAT, "m"), ["b  gemini"]);
}

#[test]
fn operation_and_stream_are_the_request_s() {
    let table = fallback_to_b("api_formats: [gemini]", "gemini");
    let path = "/v1beta/models/m:streamGenerateContent";
    let decision = decide(&table, path, "").unwrap();
    let [next] = decision.alternatives() else {
        panic!("one fallback");
    };
    assert!(next.selected.stream());
    let decision = decide(&table, COUNT, "m").unwrap();
    let operation = decision.selected().operation();
    assert_eq!(decision.alternatives()[0].selected.operation(), operation);
}

#[test]
fn a_request_without_a_model_is_sent_without_one() {
    let text = "downstreams:
- {id: a, base_url: https://a}
- {id: b, base_url: https://b, output_model_ids: [x, y]}
rules: [{id: r, pattern_path: /v1/files*, match_downstreams: [a], fallback: [b, {downstream: b, output_model: z}]}]";
    assert_eq!(chain(&table(&[text]), "/v1/files", ""), ["b  openai"]);
}
