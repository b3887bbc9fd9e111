use super::*;
use crate::ir::{Arguments, ErrorKind};

#[test]
fn an_answer_is_read() {
    let response = read(
        r#"{"candidates":[{"content":{"role":"model","parts":[{"text":"hi"}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":1,"totalTokenCount":4,"serviceTier":"standard"},"modelVersion":"gemini-x","createTime":"1970-01-01T00:00:09Z","responseId":"r-1"}"#,
    );
    assert_eq!(
        (&response.id, &response.model),
        (&"r-1".into(), &"gemini-x".into())
    );
    assert_eq!(response.created, Some(9));
    assert_eq!(response.service_tier.as_ref().unwrap(), "standard");
    assert_eq!(response.usage.unwrap().output, Some(1));
    assert_eq!(lines(&response), ["text hi"]);
    assert_eq!(
        response.choices[0].stop.as_ref().unwrap().reason,
        StopReason::End
    );
}

#[test]
fn trap_069_a_stop_with_a_call_is_tool_use() {
    let body = saying(r#"[{"functionCall":{"name":"f","args":{}}}]"#);
    let response = read(&body);
    assert_eq!(
        response.choices[0].stop.as_ref().unwrap().reason,
        StopReason::ToolUse
    );
}

#[test]
fn trap_074_a_refused_prompt_is_a_refusal_with_nothing_in_it() {
    for (message, explanation) in [
        (r#","blockReasonMessage":"Not this.""#, "Not this."),
        ("", "Prompt blocked: SAFETY"),
    ] {
        let body = format!(
            r#"{{"promptFeedback":{{"blockReason":"SAFETY"{message}}},"usageMetadata":{{"promptTokenCount":5}}}}"#
        );
        let response = read(&body);
        let choice = &response.choices[0];
        assert!(choice.parts.is_empty());
        let stop = choice.stop.as_ref().unwrap();
        assert_eq!(stop.reason, StopReason::Refusal);
        assert_eq!(stop.explanation.as_ref().unwrap(), explanation);
        assert_eq!(response.usage.unwrap().input, Some(5));
    }
}

#[test]
fn an_answer_without_candidates_and_without_a_reason_is_none() {
    for (body, code) in [
        ("{}", "upstream_empty_answer"),
        (r#"{"candidates":[]}"#, "upstream_empty_answer"),
        (r#"{"promptFeedback":{}}"#, "upstream_empty_answer"),
        ("[]", "upstream_decode_error"),
        ("x", "upstream_decode_error"),
    ] {
        assert_eq!(refused(body).code.unwrap(), code, "{body}");
    }
}

#[test]
fn an_error_that_comes_with_success_is_an_error() {
    let error = refused(r#"{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}"#);
    assert_eq!(
        (error.kind, &*error.message),
        (ErrorKind::Overloaded, "busy")
    );
}

#[test]
fn a_signature_stands_before_a_call_and_behind_a_text() {
    let body = saying(
        r#"[{"text":"hm","thought":true,"thoughtSignature":"A"},{"text":"hi","thoughtSignature":"B"},{"functionCall":{"id":"1","name":"f","args":{}},"thoughtSignature":"C"},{"functionCall":{"name":"g"}}]"#,
    );
    assert_eq!(
        lines(&read(&body)),
        [
            "thought hm[gemini Thought A]",
            "text hi",
            "thought [gemini Text B]",
            "thought [gemini Call C]",
            "call 1 f",
            "call  g",
        ]
    );
}

#[test]
fn the_arguments_are_kept_to_the_letter() {
    let args = r#"{"b": 1.0, "a" : 9007199254740993, "é":"\u00e9"}"#;
    let body = saying(&format!(
        r#"[{{"functionCall":{{"name":"f","args":{args}}}}}]"#
    ));
    let response = read(&body);
    let Part::ToolCall(call) = &response.choices[0].parts[0] else {
        panic!()
    };
    assert!(matches!(call.arguments, Arguments::Json(json) if json.get() == args));
    assert!(written_text(&response, &mut exchange()).contains(args));
}

#[test]
fn candidates_are_choices_in_the_order_of_their_numbers() {
    let response = read(
        r#"{"candidates":[{"index":1,"content":{"parts":[{"text":"b"}]},"finishReason":"MAX_TOKENS"},{"index":0,"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}"#,
    );
    let said: Vec<String> = response
        .choices
        .iter()
        .map(|choice| line(&choice.parts[0]))
        .collect();
    assert_eq!(said, ["text a", "text b"]);
    assert_eq!(
        response.choices[1].stop.as_ref().unwrap().reason,
        StopReason::MaxTokens
    );
}

#[test]
fn a_refusal_is_explained_by_the_finish_message() {
    let response = read(
        r#"{"candidates":[{"content":{},"finishReason":"RECITATION","finishMessage":"Known text."}]}"#,
    );
    let stop = response.choices[0].stop.as_ref().unwrap();
    assert_eq!(stop.explanation.as_ref().unwrap(), "Known text.");
    assert_eq!(
        written(&response)["candidates"][0]["finishMessage"],
        "Known text."
    );
}

#[test]
fn places_of_citations_are_characters() {
    let response = read(
        r#"{"candidates":[{"content":{"parts":[{"toolCall":{}},{"text":"né Zoë."}]},"groundingMetadata":{"groundingChunks":[{"web":{"uri":"http://a","title":"A"}},{"retrievedContext":{"title":"B","text":"cited"}}],"groundingSupports":[{"segment":{"startIndex":4,"endIndex":9,"text":"Zoë."},"groundingChunkIndices":[0,1]},{"segment":{"startIndex":5,"endIndex":9,"text":"Zoë."},"groundingChunkIndices":[0]},{"segment":{"endIndex":2},"groundingChunkIndices":[7,0]}]},"finishReason":"STOP"}]}"#,
    );
    let Part::Text { citations, .. } = &response.choices[0].parts[1] else {
        panic!()
    };
    let cited: Vec<_> = citations
        .iter()
        .map(|one| (one.url.is_some(), one.cited_text.is_some(), one.span))
        .collect();
    // The second place does not hold its text, the third ends within a character, and there is no seventh source.
    assert_eq!(
        cited,
        [
            (true, false, Some((3, 7))),
            (false, true, Some((3, 7))),
            (true, false, None),
            (true, false, None),
        ]
    );
}

#[test]
fn a_place_may_be_in_any_part() {
    let response = read(
        r#"{"candidates":[{"content":{"parts":[{"text":"a"},{"text":"b"}]},"groundingMetadata":{"groundingChunks":[{"web":{"uri":"http://a"}}],"groundingSupports":[{"segment":{"partIndex":1,"endIndex":1,"text":"b"},"groundingChunkIndices":[0]}]}}]}"#,
    );
    let cited = |index: usize| match &response.choices[0].parts[index] {
        Part::Text { citations, .. } => citations.len(),
        _ => panic!(),
    };
    assert_eq!((cited(0), cited(1)), (0, 1));
}

#[test]
fn sources_that_support_nothing_in_particular_support_all() {
    let response = read(
        r#"{"candidates":[{"content":{"parts":[{"text":"a"}]},"groundingMetadata":{"groundingChunks":[{"web":{"uri":"http://a"}}]}}]}"#,
    );
    let Part::Text { citations, .. } = &response.choices[0].parts[0] else {
        panic!()
    };
    assert_eq!((citations.len(), citations[0].span), (1, None));
}

#[test]
fn log_probabilities_are_read() {
    let response = read(
        r#"{"candidates":[{"content":{"parts":[{"text":"a"}]},"logprobsResult":{"chosenCandidates":[{"token":"a","logProbability":-0.50},{"token":"b"}],"topCandidates":[{"candidates":[{"token":"a","logProbability":-0.5},{"token":"c","logProbability":-2}]}]}}]}"#,
    );
    let tokens = &response.choices[0].logprobs.as_ref().unwrap().tokens;
    assert_eq!((tokens[0].logprob.get(), tokens[0].top.len()), ("-0.50", 2));
    assert_eq!((tokens[1].logprob.get(), tokens[1].top.len()), ("0", 0));
}

#[test]
fn images_are_parts_unless_they_are_drafts() {
    let body = saying(
        r#"[{"inlineData":{"mimeType":"image/png","data":"AA=="},"thought":true},{"inlineData":{"mimeType":"image/png","data":"AA=="},"thoughtSignature":"S"},{"inlineData":{"mimeType":"audio/wav","data":"AA=="}},{"executableCode":{"code":"1"}}]"#,
    );
    assert_eq!(
        lines(&read(&body)),
        [
            "native inlineData",
            r#"image Some("image/png")"#,
            "thought [gemini Text S]",
            "native inlineData",
            "native executableCode",
        ]
    );
}
