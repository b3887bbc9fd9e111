use super::*;

/// A request with everything, as the encoder orders it.
const REQUEST: &str = r#"{"foo":18446744073709551616,"cachedContent":"c","safetySettings":[{"category":"c"}],"generationConfig":{"max_output_tokens":5,"temperature":0.50,"thinkingConfig":{"thinkingBudget":0,"odd":1},"responseModalities":["AUDIO"],"x":[1]},"toolConfig":{"functionCallingConfig":{"mode":"VALIDATED"},"y":2},"labels":{"A":"b"},"serviceTier":"flex","store":false,"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT"},"behavior":"BLOCKING"}],"odd":"x"},{"googleSearch":{}}],"systemInstruction":{"role":"user","parts":[{"text":"s"}],"odd":1},"contents":[{"role":"user","parts":[{"text":"\u00e9","odd":1},{"inlineData":{"mime_type":"image/png","data":"AA-_","displayName":"n"},"mediaResolution":{"level":"L"}},{"fileData":{"mimeType":"video/mp4","fileUri":"gs://b/c"},"videoMetadata":{"fps":2}},{"inlineData":{"mimeType":"text/plain","data":"YQ=="}},{"inlineData":{"mimeType":"audio/wav","data":"AAAA"}},{"tomorrow":{}}],"odd":1},{"role":"user","parts":[{"text":"again"}]},{"role":"model","parts":[{"text":"hm","thought":true,"thoughtSignature":"Cg=="},{"text":"a","thoughtSignature":"Cw=="},{"text":"","thoughtSignature":"DA=="},{"executableCode":{"code":"1"},"thoughtSignature":"DQ=="},{"functionCall":{"id":"1","name":"f","args":{"n":12345678901234567890.50}},"thoughtSignature":"Dg=="},{"functionCall":{"name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"id":"1","name":"f","response":{"error":"no"},"parts":[{"inlineData":{"mimeType":"image/png","data":"AAAA"}}],"scheduling":"SILENT"}},{"functionResponse":{"name":"f","response":{"a":1.0}}}]}]}"#;

#[test]
fn a_request_comes_out_as_it_went_in() {
    let written = write(&read(REQUEST).unwrap()).unwrap();
    assert_eq!(written.json, value(REQUEST));
    assert!(written.losses.is_empty(), "{:?}", written.losses);
    for spelling in [
        "0.50",
        "\\u00e9",
        "18446744073709551616",
        "12345678901234567890.50",
        "{\"a\":1.0}",
    ] {
        assert!(written.text.contains(spelling), "{spelling}");
    }
}

#[test]
fn trap_125_the_same_request_gives_the_same_bytes() {
    let request = foreign(
        NEW,
        r#"{"contents":[{"parts":[{"text":"a"}]},{"role":"model","parts":[{"functionCall":{"name":"f"}}]},{"parts":[{"functionResponse":{"name":"f"}}]}],"tools":[{"functionDeclarations":[{"name":"f"}]}]}"#,
    );
    assert_eq!(write(&request).unwrap().text, write(&request).unwrap().text);
}

#[test]
fn the_model_and_the_stream_are_in_the_path() {
    let mut request = other(OLD);
    request.stream = true;
    assert_eq!(
        write(&request).unwrap().text,
        r#"{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}"#
    );
}

#[test]
fn the_bytes_of_a_turn_begin_with_those_of_the_turn_before() {
    let first = [
        user(0, vec![Part::text("q")]),
        model(1, vec![call("c1", "f")]),
        user(2, vec![result("c1", "r")]),
    ];
    let then = [
        model(3, vec![call("c2", "f")]),
        user(4, vec![result("c2", "r")]),
    ];
    for model in [OLD, NEW] {
        let mut request = turns(first.to_vec());
        request.model = model.into();
        let before = write(&request).unwrap().text;
        request.turns.extend(then.to_vec());
        let after = write(&request).unwrap().text;
        let kept = before.strip_suffix("]}").unwrap();
        assert!(after.starts_with(kept), "{before}\n{after}");
    }
}

#[test]
fn a_seal_of_another_provider_does_not_go_back() {
    // `ant1:c2ln` in base64.
    let body = r#"{"contents":[{"role":"model","parts":[{"text":"t","thought":true,"thoughtSignature":"YW50MTpjMmxu"},{"text":"a"}]}]}"#;
    let written = write(&read(body).unwrap()).unwrap();
    assert_eq!(
        written.json["contents"],
        json!([{"role": "model", "parts": [{"text": "a"}]}])
    );
    assert_eq!(written.losses, ["contents[0].parts[0].thoughtSignature"]);
}
