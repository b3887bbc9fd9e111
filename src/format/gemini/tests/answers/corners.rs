//! What nobody should send, and some do.

use super::*;
use crate::ir::Logprobs;

#[test]
fn parts_of_the_wrong_shape_break_nothing() {
    let body = saying(
        r#"[{"text":1},7,null,{},{"functionCall":{"args":{}}},{"functionCall":{"name":"f","args":[1]}},{"text":"a"}]"#,
    );
    let response = read(&body);
    assert_eq!(lines(&response).last().unwrap(), "text a");
    assert!(lines(&response).contains(&"call  f".to_owned()));
}

#[test]
fn contents_of_the_wrong_shape_break_nothing() {
    for content in [
        "[]",
        "1",
        r#"{"parts":null}"#,
        r#"{"parts":{"text":"a"}}"#,
        r#"{"role":3}"#,
    ] {
        let body = format!(r#"{{"candidates":[{{"content":{content},"finishReason":"STOP"}}]}}"#);
        assert_eq!(read(&body).choices.len(), 1, "{content}");
        assert_eq!(events(&[&body]).last().unwrap(), "end", "{content}");
    }
}

#[test]
fn sources_of_the_wrong_shape_break_nothing() {
    for grounding in [
        "1",
        r#"{"groundingChunks":1}"#,
        r#"{"groundingChunks":[{}],"groundingSupports":[{"groundingChunkIndices":[0,-1,1e99,"0"]}]}"#,
        r#"{"groundingChunks":[{"web":{"uri":"u"}}],"groundingSupports":[{"segment":{"startIndex":9,"endIndex":1},"groundingChunkIndices":[0]}]}"#,
    ] {
        let body = format!(
            r#"{{"candidates":[{{"content":{{"parts":[{{"text":"é"}}]}},"groundingMetadata":{grounding},"finishReason":"STOP"}}]}}"#
        );
        assert_eq!(lines(&read(&body)), ["text é"], "{grounding}");
        assert_eq!(events(&[&body]).last().unwrap(), "end", "{grounding}");
    }
}

#[test]
fn citations_are_not_multiplied_without_end() {
    let many = vec!["0"; 5_000].join(",");
    let body = format!(
        r#"{{"candidates":[{{"content":{{"parts":[{{"text":"a"}}]}},"groundingMetadata":{{"groundingChunks":[{{"web":{{"uri":"u"}}}}],"groundingSupports":[{{"groundingChunkIndices":[{many}]}}]}}}}]}}"#
    );
    let response = read(&body);
    let Part::Text { citations, .. } = &response.choices[0].parts[0] else {
        panic!()
    };
    assert_eq!(citations.len(), 1_000);
}

#[test]
fn pieces_of_no_call_are_nothing() {
    let events = events_of_parts(&[
        r#"[{"functionCall":{"partialArgs":[{"jsonPath":"$.a","stringValue":"x"}]}},{"functionCall":{}}]"#,
    ]);
    assert_eq!(events[1..], ["stop 0 End", "end"]);
}

#[test]
fn log_probabilities_without_tokens_are_not_written() {
    let mut response = foreign(vec![Part::text("a")], StopReason::End);
    response.choices[0].logprobs = Some(Logprobs::default());
    assert!(!written_text(&response, &mut exchange()).contains("logprobsResult"));
}
