//! Requests to count tokens, and their answers.

use super::*;
use crate::format::Counter;

fn counter() -> &'static dyn Counter {
    codec().counter().unwrap()
}

fn counted(request: &Request<'_>) -> Value {
    let mut out = BytesMut::new();
    counter()
        .encode_request(request, &Dialect::default(), &mut exchange(), &mut out)
        .unwrap();
    value(out)
}

#[test]
fn trap_122_what_has_tokens_is_counted_and_nothing_else_is_said() {
    let mut request = foreign(vec![user(vec![Part::text("hi")])]);
    request.system = vec![Part::text("be brief")];
    request.tools = tools_out::function("f");
    request.max_tokens = Some(5);
    request.stream = true;
    request.stop = vec!["END".into()];
    let body = counted(&request);
    let keys: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["input", "instructions", "model", "tools"]);
}

#[test]
fn a_caller_of_the_api_itself_keeps_what_is_counted() {
    let body = with(
        r#""previous_response_id":"resp_1","truncation":"auto","text":{"verbosity":"low"},
        "store":true,"future":1,"temperature":1"#,
    );
    let expected = r#"{"model":"m","previous_response_id":"resp_1","truncation":"auto",
        "text":{"verbosity":"low"},"input":"hi"}"#;
    assert_eq!(counted(&decode(&body)), value(expected));
}

#[test]
fn an_answer_is_a_number_there_and_back() {
    let mut out = BytesMut::new();
    counter().encode_answer(48, &mut out);
    assert_eq!(
        &out[..],
        br#"{"object":"response.input_tokens","input_tokens":48}"#
    );
    assert_eq!(counter().decode_answer(&out).unwrap(), 48);
}

#[test]
fn an_answer_without_a_number_is_none() {
    assert!(counter().decode_answer(b"{}").is_err());
    assert!(counter().decode_answer(b"[]").is_err());
}
