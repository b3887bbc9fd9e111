//! What a caller's request says beside its conversation.

use super::*;
use crate::ir::{Display, Effort, OutputFormat};

#[test]
fn parameters_are_read() {
    let body = with(
        r#""temperature":1.0,"top_p":0.5,"max_output_tokens":9,"parallel_tool_calls":false,"store":true,
        "service_tier":"flex","metadata":{"a":"b"},"user":"u","safety_identifier":"s","stream":true"#,
    );
    let mut exchange = exchange();
    let request = decode_in(&body, &mut exchange);
    assert_eq!(request.model, "m");
    assert_eq!(request.sampling.temperature.unwrap().get(), "1.0");
    assert_eq!(request.sampling.top_p.unwrap().get(), "0.5");
    assert_eq!(request.max_tokens, Some(9));
    assert_eq!(request.parallel_tool_calls, Some(false));
    assert_eq!(request.store, Some(true));
    assert_eq!(request.service_tier.unwrap(), "flex");
    assert_eq!(request.user.unwrap(), "s");
    assert!(exchange.stream && exchange.include_usage);
}

#[test]
fn a_limit_of_nothing_is_none() {
    for limit in ["0", "-1", "null"] {
        let body = with(&format!(r#""max_output_tokens":{limit}"#));
        assert_eq!(decode(&body).max_tokens, None, "{limit}");
    }
    let error = refused(&with(r#""max_output_tokens":1.5"#));
    assert_eq!(error.param.unwrap(), "max_output_tokens");
}

#[test]
fn what_is_wrong_is_named() {
    for (body, param) in [
        (r#"{"input":"hi"}"#, "model"),
        (r#"{"model":"m"}"#, "input"),
        (r#"{"model":"m","input":[]}"#, "input"),
        (r#"{"model":"m","input":7}"#, "input"),
        (
            r#"{"model":"m","input":"hi","temperature":"x"}"#,
            "temperature",
        ),
        (r#"{"model":"m","input":"hi","include":"x"}"#, "include"),
        (r#"{"model":"m","input":"hi","text":[]}"#, "text"),
        (
            r#"{"model":"m","input":"hi","tool_choice":"x"}"#,
            "tool_choice",
        ),
        (
            r#"{"model":"m","input":"hi","tools":[{}]}"#,
            "tools[0].type",
        ),
        (
            r#"{"model":"m","input":"hi","instructions":[]}"#,
            "instructions",
        ),
        (
            r#"{"model":"m","input":[{"role":"robot","content":"x"}]}"#,
            "input[0].role",
        ),
        (
            r#"{"model":"m","input":[{"role":"user","content":7}]}"#,
            "input[0].content",
        ),
        (r#"{"model":"m","input":[{}]}"#, "input[0].type"),
        (
            r#"{"model":"m","input":[{"type":"function_call","call_id":"c"}]}"#,
            "input[0].name",
        ),
        (
            r#"{"model":"m","input":[{"type":"function_call_output","call_id":"c"}]}"#,
            "input[0].output",
        ),
        (
            r#"{"model":"m","input":[{"role":"user","content":[{"type":"input_image"}]}]}"#,
            "input[0].content[0].image_url",
        ),
    ] {
        assert_eq!(refused(body).param.unwrap(), param, "{body}");
    }
    assert!(refused("[]").param.is_none());
}

#[test]
fn trap_056_what_the_provider_would_have_to_know_is_refused_elsewhere() {
    for (members, param) in [
        (r#""previous_response_id":"resp_1""#, "previous_response_id"),
        (r#""conversation":"conv_1""#, "conversation"),
        (r#""prompt":{"id":"pmpt_1"}"#, "prompt"),
        (r#""background":true"#, "background"),
        (
            r#""prompt_cache_options":{"prewarm":true}"#,
            "prompt_cache_options",
        ),
        (
            r#""moderation":{"model":"x","policy":{"output":{"mode":"block"}}}"#,
            "moderation",
        ),
    ] {
        assert_eq!(refused_elsewhere(&with(members)), param);
    }
    for item in [
        r#"{"type":"item_reference","id":"msg_1"}"#,
        r#"{"id":"msg_1"}"#,
        r#"{"type":"compaction","encrypted_content":"x"}"#,
        r#"{"type":"additional_tools","role":"developer","tools":[]}"#,
    ] {
        let items = format!(r#"[{{"role":"user","content":"a"}},{item}]"#);
        assert_eq!(
            refused_elsewhere(&saying(&items)),
            "input[1].type",
            "{item}"
        );
    }
}

#[test]
fn what_says_nothing_is_left_out_without_a_word() {
    let body = with(
        r#""previous_response_id":null,"conversation":null,"background":false,"truncation":"disabled",
        "prompt_cache_key":"k","prompt_cache_options":{"mode":"explicit"},"stream_options":{},
        "include":["reasoning.encrypted_content","message.output_text.logprobs"],
        "reasoning":{"mode":"standard","context":"auto"},"frequency_penalty":0.0,"text":{}"#,
    );
    assert_eq!(left_out(&decode(&body)).unwrap(), [""; 0]);
}

#[test]
fn trap_015_what_no_other_format_has_is_reported() {
    let body = with(
        r#""foo":1,"truncation":"auto","max_tool_calls":3,"context_management":[{"type":"compaction"}],
        "moderation":{"model":"x","policy":{"input":{"mode":"score"}}},"include":["file_search_call.results"],
        "reasoning":{"mode":"pro","effort":"unheard"},"text":{"future":1}"#,
    );
    let expected = [
        "moderation",
        "foo",
        "truncation",
        "max_tool_calls",
        "context_management",
        "include",
        "text.future",
        "reasoning.effort",
        "reasoning.mode",
    ];
    assert_eq!(left_out(&decode(&body)).unwrap(), expected);
}

#[test]
fn what_shall_be_included_is_noted() {
    let mut exchange = exchange();
    let body = with(r#""include":["reasoning.encrypted_content"]"#);
    assert_eq!(decode_in(&body, &mut exchange).logprobs, None);
    assert!(exchange.include_seals);
    assert!(!{
        let mut exchange = super::exchange();
        decode_in(&with(r#""include":[]"#), &mut exchange);
        exchange.include_seals
    });
    let asked = [
        r#""include":["message.output_text.logprobs"]"#,
        r#""top_logprobs":2"#,
    ];
    for asked in asked {
        assert_eq!(decode(&with(asked)).logprobs, Some(true), "{asked}");
    }
    assert_eq!(decode(&with(r#""top_logprobs":0"#)).logprobs, None);
}

#[test]
fn the_answer_repeats_what_was_asked_as_it_was_spelled() {
    let mut exchange = exchange();
    decode_in(
        &with(
            r#""instructions":"b\u0065","temperature":1.0,"tools":[ ],"text":{"verbosity":"low"},"user":null,
            "truncation":"auto","previous_response_id":null,"future":1"#,
        ),
        &mut exchange,
    );
    let echo: Vec<(&str, &str)> = exchange
        .echo
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    let expected = [
        ("instructions", r#""b\u0065""#),
        ("temperature", "1.0"),
        ("tools", "[ ]"),
        ("text", r#"{"verbosity":"low"}"#),
        ("truncation", r#""auto""#),
    ];
    assert_eq!(echo, expected);
}

#[test]
fn how_to_think_is_read() {
    for effort in Effort::ALL {
        let body = with(&format!(
            r#""reasoning":{{"effort":"{}"}}"#,
            effort.as_str()
        ));
        let request = decode(&body);
        assert_eq!((request.effort, request.display), (Some(effort), None));
    }
    for (summary, display) in [
        ("null", Display::Omitted),
        (r#""auto""#, Display::Summarized),
        (r#""detailed""#, Display::Summarized),
    ] {
        let body = with(&format!(r#""reasoning":{{"summary":{summary}}}"#));
        assert_eq!(decode(&body).display, Some(display));
    }
}

#[test]
fn what_the_answer_must_look_like_is_read() {
    let output = |format: &str| {
        let body = with(&format!(r#""text":{{"format":{format}}}"#));
        format!("{:?}", decode(&body).output)
    };
    assert_eq!(output(r#"{"type":"text"}"#), "Some(Text)");
    assert_eq!(output(r#"{"type":"json_object"}"#), "Some(JsonObject)");
    let body = with(
        r#""text":{"verbosity":"low","format":{"type":"json_schema","name":"x","schema":{"a":1},"strict":true}}"#,
    );
    let request = decode(&body);
    assert_eq!(request.verbosity.unwrap(), "low");
    let Some(OutputFormat::JsonSchema {
        name,
        schema,
        strict,
        ..
    }) = request.output
    else {
        panic!("{:?}", request.output);
    };
    assert_eq!(name.unwrap(), "x");
    assert_eq!(schema.unwrap().raw().get(), r#"{"a":1}"#);
    assert_eq!(strict, Some(true));
}

#[test]
fn a_schema_that_is_no_object_is_refused() {
    for schema in [r#""zz""#, "7", "true", "[5]"] {
        let format = format!(r#"{{"type":"json_schema","name":"n","schema":{schema}}}"#);
        let body = with(&format!(r#""text":{{"format":{format}}}"#));
        let error = codec()
            .decode_request(body.as_bytes(), &mut exchange())
            .unwrap_err();
        assert_eq!(
            error.param.as_deref(),
            Some("text.format.schema"),
            "{schema}"
        );
    }
}
