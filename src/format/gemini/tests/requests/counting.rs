use super::*;
use crate::format::Counter;

fn counter() -> &'static dyn Counter {
    Gemini.counter().unwrap()
}

#[test]
fn trap_122_instructions_tools_and_contents_are_counted() {
    let mut request = foreign(
        OLD,
        r#"{"systemInstruction":{"parts":[{"text":"s"}]},"tools":[{"functionDeclarations":[{"name":"f"}]}],"generationConfig":{"temperature":1},"contents":[{"parts":[{"text":"q"}]}]}"#,
    );
    request.max_tokens = Some(5);
    let mut out = BytesMut::new();
    let mut exchange = Exchange::new(0, 0);
    counter()
        .encode_request(&request, &Dialect::default(), &mut exchange, &mut out)
        .unwrap();
    assert_eq!(
        out,
        r#"{"generateContentRequest":{"model":"models/gemini-2.5-flash","tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"object","properties":{}}}]}],"systemInstruction":{"parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"q"}]}]}}"#
    );
}

#[test]
fn bare_and_wrapped_requests_are_read() {
    for body in [
        r#"{"contents":[{"parts":[{"text":"q"}]}]}"#,
        r#"{"generateContentRequest":{"model":"models/m","contents":[{"parts":[{"text":"q"}]}]}}"#,
    ] {
        assert_eq!(read(body).unwrap().turns.len(), 1, "{body}");
    }
    let error = read(r#"{"generateContentRequest":1}"#).unwrap_err();
    assert_eq!(error.param.as_deref(), Some("generateContentRequest"));
}

#[test]
fn answers_are_read_and_written() {
    assert_eq!(
        counter()
            .decode_answer(br#"{"totalTokens":31,"x":1}"#)
            .unwrap(),
        31
    );
    assert!(counter().decode_answer(b"{}").is_err());
    let mut out = BytesMut::new();
    counter().encode_answer(31, &mut out);
    assert_eq!(out, r#"{"totalTokens":31}"#);
}
