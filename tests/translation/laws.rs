//! What holds for every request and every answer.

use bytes::BytesMut;
use proptest::prelude::*;
use tower_llm_gateway::{
    format::{ApiFormat, Dialect},
    ir::{Exchange, Request, Response},
};

use crate::{
    generate, meaning,
    support::{ANTHROPIC, OPENAI, PAIRS, codec, plain_exchange, try_send},
};

pub fn written(format: ApiFormat, request: &Request<'_>) -> String {
    let (mut exchange, mut out) = (Exchange::default(), BytesMut::new());
    let dialect = Dialect::default();
    codec(format)
        .encode_request(request, &dialect, &mut exchange, &mut out)
        .unwrap();
    String::from_utf8(out.to_vec()).unwrap()
}

fn request_meaning(format: ApiFormat, body: &str) -> Vec<String> {
    let request = codec(format).decode_request(body.as_bytes(), &mut Exchange::default());
    meaning::of_request(&request.unwrap())
}

pub fn answered(format: ApiFormat, response: &Response<'_>) -> String {
    let (mut exchange, mut out) = (plain_exchange(format), BytesMut::new());
    codec(format)
        .encode_response(response, &mut exchange, &mut out)
        .unwrap();
    String::from_utf8(out.to_vec()).unwrap()
}

fn response_meaning(format: ApiFormat, body: &str) -> Vec<String> {
    meaning::of_response(&codec(format).decode_response(body.as_bytes()).unwrap())
}

fn there_and_back(own: ApiFormat, other: ApiFormat, body: &str) -> (String, String) {
    let there = try_send(own, other, body, false).unwrap().text;
    let back = try_send(other, own, &there, false).unwrap().text;
    (there, back)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_request_that_goes_there_and_back_says_the_same(request in generate::request()) {
        for (own, other) in PAIRS {
            let body = written(own, &request);
            let (there, back) = there_and_back(own, other, &body);
            prop_assert_eq!(request_meaning(own, &body), request_meaning(own, &back), "{}", there);
        }
    }

    #[test]
    fn a_request_says_to_the_provider_what_the_caller_said(request in generate::request()) {
        for (own, other) in PAIRS {
            let body = written(own, &request);
            let there = try_send(own, other, &body, false).unwrap();
            prop_assert_eq!(request_meaning(own, &body), request_meaning(other, &there.text));
            prop_assert!(there.exchange.losses.is_empty(), "{:?}", there.exchange.losses);
        }
    }

    #[test]
    fn trap_125_the_same_request_gives_the_same_bytes(request in generate::request()) {
        for (own, other) in PAIRS {
            let body = written(own, &request);
            prop_assert_eq!(there_and_back(own, other, &body), there_and_back(own, other, &body));
        }
    }

    #[test]
    fn an_answer_that_goes_there_and_back_says_the_same(
        ours in generate::response("openai"),
        theirs in generate::response("anthropic"),
    ) {
        for (own, other, response) in [(OPENAI, ANTHROPIC, ours), (ANTHROPIC, OPENAI, theirs)] {
            let body = answered(own, &response);
            let there = answered(other, &codec(own).decode_response(body.as_bytes()).unwrap());
            prop_assert_eq!(response_meaning(own, &body), response_meaning(other, &there));
            let back = answered(own, &codec(other).decode_response(there.as_bytes()).unwrap());
            prop_assert_eq!(response_meaning(own, &body), response_meaning(own, &back));
        }
    }
}
