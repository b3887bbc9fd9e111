use super::*;
use crate::ir::{
    Arguments, Citation, Image, Logprob, Logprobs, Reasoning, SealPlace, Source, Usage,
};

fn thought(text: &'static str, seal: Seal<'static>) -> Part<'static> {
    Part::Reasoning(Reasoning {
        text: text.into(),
        seal: Some(seal),
        ..Reasoning::default()
    })
}

#[test]
fn a_foreign_answer_is_a_candidate() {
    let mut response = foreign(vec![Part::text("hi")], StopReason::End);
    response.usage = Some(Usage {
        input: Some(1),
        output: Some(2),
        ..Usage::default()
    });
    assert_eq!(
        written_text(&response, &mut exchange()),
        r#"{"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"hi"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2,"totalTokenCount":3},"modelVersion":"m","responseId":"x-1"}"#
    );
}

#[test]
fn an_answer_without_anything_is_still_a_candidate() {
    let mut response = foreign(Vec::new(), StopReason::End);
    response.choices.clear();
    let candidate = &written(&response)["candidates"][0];
    assert_eq!(
        candidate["content"],
        value(r#"{"role":"model","parts":[]}"#)
    );
    assert_eq!(candidate["finishReason"], "STOP");
}

#[test]
fn a_missing_id_is_made_up_and_stays_the_same() {
    let mut response = foreign(vec![call("", "{}"), call("", "{}")], StopReason::ToolUse);
    response.id = "".into();
    let answer = written(&response);
    assert_eq!(answer, written(&response));
    assert!(!answer["responseId"].as_str().unwrap().is_empty());
    let id = |index: usize| {
        answer["candidates"][0]["content"]["parts"][index]["functionCall"]["id"]
            .as_str()
            .unwrap()
    };
    assert!(id(0).starts_with("call_") && id(0) != id(1));
}

#[test]
fn calls_have_objects_for_arguments() {
    assert_eq!(
        parts_of(vec![
            call("1", r#"{"a":9007199254740993}"#),
            call("2", ""),
            call("3", "{\"a")
        ]),
        value(
            r#"[{"functionCall":{"id":"1","name":"f","args":{"a":9007199254740993}}},{"functionCall":{"id":"2","name":"f","args":{}}},{"functionCall":{"id":"3","name":"f","args":{"__raw_arguments":"{\"a"}}}]"#
        )
    );
    let broken = foreign(vec![call("3", "{\"a")], StopReason::ToolUse);
    assert_eq!(
        losses(&broken),
        ["candidates[0].content.parts[0].functionCall.args"]
    );
}

#[test]
fn a_call_of_a_custom_tool_has_its_input_as_argument() {
    let custom = Part::ToolCall(ToolCall {
        id: "1".into(),
        name: "f".into(),
        arguments: Arguments::Text("say \"hi\"".into()),
        freeform: true,
        ..ToolCall::default()
    });
    assert_eq!(
        parts_of(vec![custom])[0]["functionCall"]["args"],
        value(r#"{"input":"say \"hi\""}"#)
    );
}

#[test]
fn a_foreign_seal_is_carried_in_base64() {
    let claude = thought("hm", Seal::new("anthropic", "Eo+/".into()));
    assert_eq!(
        parts_of(vec![claude]),
        value(r#"[{"text":"hm","thought":true,"thoughtSignature":"YW50MTpFbysv"}]"#)
    );
    let redacted = Part::Reasoning(Reasoning {
        seal: Some(Seal::new("anthropic", "Eo+/".into())),
        redacted: true,
        ..Reasoning::default()
    });
    assert_eq!(
        parts_of(vec![redacted]),
        value(r#"[{"text":"","thought":true,"thoughtSignature":"YW50cjE6RW8rLw=="}]"#)
    );
}

#[test]
fn a_seal_that_nobody_claims_is_left_out() {
    assert_eq!(
        parts_of(vec![
            thought("hm", Seal::new("", "x".into())),
            thought("", Seal::new("", "x".into()))
        ]),
        value(r#"[{"text":"hm","thought":true}]"#)
    );
}

#[test]
fn own_seals_stand_on_what_they_belong_to() {
    let own = |place| thought("", Seal::new("gemini", "S=".into()).on(place));
    assert_eq!(
        parts_of(vec![
            Part::text("hi"),
            own(SealPlace::Text),
            own(SealPlace::Call),
            call("1", "{}"),
            own(SealPlace::Call),
        ]),
        value(
            r#"[{"text":"hi","thoughtSignature":"S="},{"functionCall":{"id":"1","name":"f","args":{}},"thoughtSignature":"S="},{"text":"","thoughtSignature":"S="}]"#
        )
    );
}

#[test]
fn a_refusal_in_words_is_text_that_was_stopped_for_safety() {
    let answer = written(&foreign(vec![Part::Refusal("No.".into())], StopReason::End));
    let candidate = &answer["candidates"][0];
    assert_eq!(candidate["content"]["parts"], value(r#"[{"text":"No."}]"#));
    assert_eq!(candidate["finishReason"], "SAFETY");
}

#[test]
fn places_of_citations_are_bytes_of_their_part() {
    let cite = |url: &'static str, span| Citation {
        url: Some(url.into()),
        title: Some("T".into()),
        span,
        ..Citation::default()
    };
    let document = Citation {
        title: Some("D".into()),
        cited_text: Some("cited".into()),
        ..Citation::default()
    };
    let cited = Part::Text {
        text: "né Zoë.".into(),
        citations: vec![
            cite("http://a", Some((3, 7))),
            cite("http://b", Some((3, 7))),
            cite("http://a", None),
            document,
        ],
        cache: None,
        extra: crate::ir::Extra::default(),
    };
    let answer = written(&foreign(vec![Part::text("x"), cited], StopReason::End));
    assert_eq!(
        answer["candidates"][0]["groundingMetadata"],
        value(
            r#"{"groundingChunks":[{"web":{"uri":"http://a","title":"T"}},{"web":{"uri":"http://b","title":"T"}},{"retrievedContext":{"title":"D","text":"cited"}}],"groundingSupports":[{"segment":{"partIndex":1,"startIndex":4,"endIndex":9,"text":"Zoë."},"groundingChunkIndices":[0,1]},{"segment":{"partIndex":1,"endIndex":9,"text":"né Zoë."},"groundingChunkIndices":[0,2]}]}"#
        )
    );
}

#[test]
fn log_probabilities_are_written() {
    let number = |text| crate::json::Raw::new(text).unwrap().number().unwrap();
    let mut token = Logprob::new("a".into(), number("-0.50"));
    token.top = vec![Logprob::new("b".into(), number("-2"))];
    let mut response = foreign(vec![Part::text("a")], StopReason::End);
    response.choices[0].logprobs = Some(Logprobs {
        tokens: vec![token],
        ..Logprobs::default()
    });
    assert!(written_text(&response, &mut exchange()).contains(
        r#""logprobsResult":{"chosenCandidates":[{"token":"a","logProbability":-0.50}],"topCandidates":[{"candidates":[{"token":"b","logProbability":-2}]}]}"#
    ));
}

#[test]
fn images_are_inline_data_and_what_has_no_word_is_lost() {
    let mut image = Image::new(Source::Base64 {
        data: "AA==".into(),
    });
    image.media_type = Some("image/webp".into());
    let native = Part::Native {
        kind: "x".into(),
        value: crate::json::Raw::EMPTY_OBJECT,
        policy: crate::ir::Policy::Drop,
    };
    let response = foreign(vec![Part::Image(image), native], StopReason::End);
    assert_eq!(
        written(&response)["candidates"][0]["content"]["parts"],
        value(r#"[{"inlineData":{"mimeType":"image/webp","data":"AA=="}}]"#)
    );
    assert_eq!(losses(&response), ["candidates[0].content.parts[1]"]);
}

#[test]
fn trap_109_native_members_stay_at_home() {
    let mut response = foreign(vec![Part::text("hi")], StopReason::End);
    let raw = crate::json::Raw::new("\"fp\"").unwrap();
    response.extra.push("system_fingerprint".into(), raw);
    response.usage_extra.push("cost".into(), raw);
    response.choices[0].extra.push("moderation".into(), raw);
    response.choices[0].message_extra.push("audio".into(), raw);
    response.service_tier = Some("flex".into());
    assert!(!written_text(&response, &mut exchange()).contains("fp"));
}

#[test]
fn a_recording_is_inline_data() {
    let audio = crate::ir::Audio {
        data: "AA==".into(),
        media_type: "audio/wav".into(),
        ..crate::ir::Audio::default()
    };
    assert_eq!(
        parts_of(vec![Part::Audio(audio)]),
        value(r#"[{"inlineData":{"mimeType":"audio/wav","data":"AA=="}}]"#)
    );
}
