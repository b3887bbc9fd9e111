use super::*;
use crate::format::Counter;

fn counter() -> &'static dyn Counter {
    Anthropic.counter().unwrap()
}

const BODY: &str = r#"{"model":"claude-sonnet-4-5","max_tokens":9000,"stream":true,"temperature":0.5,"stop_sequences":["x"],"metadata":{"user_id":"u"},"service_tier":"auto","thinking":{"type":"enabled","budget_tokens":2000},"system":"s","tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"auto"},"messages":[{"role":"user","content":"q"}]}"#;

#[test]
fn trap_122_all_of_the_request_counts_but_how_to_answer() {
    let mut request = read(BODY).unwrap();
    request.format = "other";
    let mut out = BytesMut::new();
    let mut exchange = Exchange::new(0, 0);
    counter()
        .encode_request(&request, &Dialect::default(), &mut exchange, &mut out)
        .unwrap();
    let text = String::from_utf8(out.to_vec()).unwrap();
    assert_eq!(
        value(&text),
        value(
            r#"{"model":"claude-sonnet-4-5","thinking":{"type":"enabled","budget_tokens":2000},"system":"s","tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"auto"},"messages":[{"role":"user","content":"q"}]}"#
        )
    );
    assert!(exchange.losses.is_empty());
}

#[test]
fn a_request_to_count_needs_no_limit() {
    let body = r#"{"model":"m","messages":[{"role":"user","content":"q"}]}"#;
    assert_eq!(read(body).unwrap().max_tokens, None);
}

#[test]
fn the_count_is_read_and_written() {
    let mut out = BytesMut::new();
    counter().encode_answer(7, &mut out);
    assert_eq!(&out[..], br#"{"input_tokens":7}"#);
    assert_eq!(counter().decode_answer(&out).unwrap(), 7);
}

#[test]
fn an_answer_without_a_count_is_none() {
    assert!(counter().decode_answer(b"{}").is_err());
}
