use super::*;
use crate::ir::{Display, Effort, Losses, OutputFormat, Policy, Thinking};

fn with(members: &str) -> String {
    format!(r#"{{"contents":[{{"parts":[{{"text":"q"}}]}}],{members}}}"#)
}

fn config(members: &str) -> String {
    with(&format!(r#""generationConfig":{{{members}}}"#))
}

/// What other formats lose of a request, or the field for which they refuse it.
fn lost(body: &str) -> Result<Vec<String>, String> {
    let request = read(body).unwrap();
    let mut losses = Losses::default();
    match losses.extra("", &request.extra) {
        Ok(()) => Ok(losses.iter().map(|loss| loss.path.to_string()).collect()),
        Err(error) => Err(error.param.unwrap_or_default().into_owned()),
    }
}

#[test]
fn settings_are_read() {
    let body = config(
        r#""temperature":0.50,"topP":0.9,"topK":40.0,"maxOutputTokens":7,"candidateCount":2,"stopSequences":["a"],"seed":5,"frequencyPenalty":1,"presencePenalty":2,"responseLogprobs":true,"logprobs":3"#,
    );
    let request = read(&body).unwrap();
    let sampling = &request.sampling;
    assert_eq!(sampling.temperature.unwrap().get(), "0.50");
    assert_eq!(sampling.top_k.unwrap().get(), "40.0");
    assert_eq!((request.max_tokens, request.choices), (Some(7), Some(2)));
    assert_eq!(
        (request.logprobs, request.top_logprobs),
        (Some(true), Some(3))
    );
    assert_eq!(request.stop.len(), 1);
    assert_eq!(lost(&body).unwrap(), Vec::<String>::new());
}

#[test]
fn a_limit_of_nothing_is_none() {
    assert_eq!(
        read(&config(r#""maxOutputTokens":0"#)).unwrap().max_tokens,
        None
    );
}

#[test]
fn what_the_provider_keeps_is_not_left_out() {
    assert_eq!(
        lost(&with(r#""cachedContent":"c""#)).unwrap_err(),
        "cachedContent"
    );
    assert_eq!(
        lost(&with(r#""cached_content":"c""#)).unwrap_err(),
        "cached_content"
    );
    assert_eq!(
        lost(&with(r#""continuationToken":"c""#)).unwrap_err(),
        "continuationToken"
    );
    assert!(lost(&with(r#""cachedContent":null"#)).unwrap().is_empty());
}

#[test]
fn answers_in_sound_are_not_left_out() {
    let modalities = |list: &str| lost(&config(&format!(r#""responseModalities":{list}"#)));
    assert!(modalities(r#"["TEXT"]"#).unwrap().is_empty());
    assert_eq!(
        modalities(r#"["TEXT","AUDIO"]"#).unwrap_err(),
        "generationConfig.responseModalities"
    );
}

#[test]
fn what_others_lack_is_lost_by_its_path() {
    let body = with(
        r#""safetySettings":[{}],"tomorrow":1,"generationConfig":{"speechConfig":{"a":1},"thinkingConfig":{"odd":1}},"toolConfig":{"retrievalConfig":{"a":1},"functionCallingConfig":{"odd":1}},"tools":[{"functionDeclarations":[],"odd":"x"}],"systemInstruction":{"parts":[],"odd":1}"#,
    );
    assert_eq!(
        lost(&body).unwrap(),
        [
            "safetySettings",
            "tomorrow",
            "systemInstruction.odd",
            "generationConfig.speechConfig",
            "generationConfig.thinkingConfig.odd",
            "tools[0].odd",
            "toolConfig.retrievalConfig",
            "toolConfig.functionCallingConfig.odd"
        ]
    );
}

#[test]
fn tiers_and_labels_are_read() {
    let request = with(r#""serviceTier":"PRIORITY","labels":{"a":"b"},"store":true"#);
    let request = read(&request).unwrap();
    assert_eq!(request.service_tier.unwrap(), "priority");
    assert_eq!(request.metadata.unwrap().get(), r#"{"a":"b"}"#);
    assert_eq!(request.store, Some(true));
    assert!(
        read(&with(r#""serviceTier":"unspecified""#))
            .unwrap()
            .service_tier
            .is_none()
    );
}

#[test]
fn thinking_is_read() {
    let thinking = |members: &str| {
        let body = config(&format!(r#""thinkingConfig":{{{members}}}"#));
        let request = read(&body).unwrap();
        (request.thinking, request.effort, request.display)
    };
    let hidden = Some(Display::Omitted);
    assert_eq!(thinking(r#""thinkingBudget":-1"#), (None, None, hidden));
    assert_eq!(
        thinking(r#""thinkingBudget":0"#),
        (Some(Thinking::Disabled), None, hidden)
    );
    assert_eq!(
        thinking(r#""thinkingBudget":2048"#),
        (Some(Thinking::Budget(2048)), None, hidden)
    );
    assert_eq!(
        thinking(r#""thinkingLevel":"XHIGH","includeThoughts":true"#),
        (None, Some(Effort::XHigh), Some(Display::Summarized))
    );
    assert_eq!(
        thinking(r#""thinkingLevel":"THINKING_LEVEL_UNSPECIFIED""#),
        (None, None, hidden)
    );
    let odd = config(r#""thinkingConfig":{"thinkingLevel":"WILD"}"#);
    assert_eq!(
        lost(&odd).unwrap(),
        ["generationConfig.thinkingConfig.thinkingLevel"]
    );
}

#[test]
fn what_the_answer_must_look_like_is_read() {
    let output = |members: &str| {
        let body = config(members);
        match read(&body).unwrap().output {
            Some(OutputFormat::JsonSchema { schema, .. }) => schema.unwrap().raw().get().to_owned(),
            output => format!("{output:?}"),
        }
    };
    let json = r#""responseMimeType":"application/json""#;
    assert_eq!(output(json), "Some(JsonObject)");
    assert_eq!(output(r#""responseMimeType":"text/plain""#), "Some(Text)");
    assert_eq!(
        output(&format!(
            r#"{json},"responseSchema":{{"type":"STRING","nullable":true}}"#
        )),
        r#"{"type":["string","null"]}"#
    );
    assert_eq!(
        output(&format!(r#"{json},"response_json_schema":{{"const":1.0}}"#)),
        r#"{"const":1.0}"#
    );
    assert_eq!(
        output(r#""responseFormat":[{"text":{"mimeType":"application/json","schema":{"a":1}}}]"#),
        r#"{"a":1}"#
    );
    let values = config(r#""responseMimeType":"text/x.enum","responseSchema":{"enum":["a"]}"#);
    assert_eq!(
        lost(&values).unwrap_err(),
        "generationConfig.responseMimeType"
    );
}

#[test]
fn numbers_and_schemas_of_the_wrong_kind_are_refused_by_their_names() {
    for (member, path) in [
        (
            r#""thinkingConfig":{"thinkingBudget":"zz"}"#,
            "thinkingConfig.thinkingBudget",
        ),
        (
            r#""thinkingConfig":{"thinkingBudget":[]}"#,
            "thinkingConfig.thinkingBudget",
        ),
        (r#""maxOutputTokens":7.5"#, "maxOutputTokens"),
        (r#""candidateCount":1e40"#, "candidateCount"),
        (r#""responseSchema":"zz""#, "responseSchema"),
        (r#""responseJsonSchema":[5]"#, "responseJsonSchema"),
    ] {
        let body = format!(
            r#"{{"contents":[{{"parts":[{{"text":"hi"}}]}}],"generationConfig":{{{member}}}}}"#
        );
        let error = read(&body).unwrap_err();
        let path = format!("generationConfig.{path}");
        assert_eq!(error.param.as_deref(), Some(&*path), "{member}");
    }
}

#[test]
fn instructions_that_are_no_text_are_refused_by_others() {
    let body = r#"{"contents":[{"parts":[{"text":"hi"}]}],"systemInstruction":{"parts":[
        {"text":"s"},{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]}}"#;
    let request = read(body).unwrap();
    let [Part::Text { .. }, Part::Native { policy, .. }] = &*request.system else {
        panic!("{:?}", request.system);
    };
    assert_eq!(*policy, Policy::Reject);
}
