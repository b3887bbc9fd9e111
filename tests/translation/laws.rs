//! What holds for every request and every answer, in all directions.

use bytes::BytesMut;
use proptest::prelude::*;
use tower_llm_gateway::{
    format::{ApiFormat, Dialect},
    ir::{Action, Exchange, Request, Response},
};

use crate::{
    generate, meaning,
    support::{GEMINI, NEW, RESPONSES, codec, directions, plain_exchange, try_send},
};

pub fn written(format: ApiFormat, request: &Request<'_>) -> String {
    let (mut exchange, mut out) = (Exchange::default(), BytesMut::new());
    let dialect = Dialect::default();
    codec(format)
        .encode_request(request, &dialect, &mut exchange, &mut out)
        .unwrap();
    String::from_utf8(out.to_vec()).unwrap()
}

/// What a request says, but for what one format says in the path.
fn request_meaning(format: ApiFormat, body: &str) -> Vec<String> {
    let mut exchange = Exchange::default();
    let mut request = codec(format)
        .decode_request(body.as_bytes(), &mut exchange)
        .unwrap();
    request.model = NEW.into();
    request.stream = false;
    meaning::of_request(&request)
}

pub fn answered(format: ApiFormat, response: &Response<'_>) -> String {
    let (mut exchange, mut out) = (plain_exchange(format), BytesMut::new());
    codec(format)
        .encode_response(response, &mut exchange, &mut out)
        .unwrap();
    String::from_utf8(out.to_vec()).unwrap()
}

/// What an answer says. Some formats must tell counts that nobody knows.
fn response_meaning(pair: [ApiFormat; 2], format: ApiFormat, body: &str) -> Vec<String> {
    let response = codec(format).decode_response(body.as_bytes()).unwrap();
    let mut lines = meaning::of_response(&response);
    if pair.contains(&RESPONSES) || pair.contains(&GEMINI) {
        let counts = lines.last_mut().unwrap();
        *counts = counts.replace("None", "Some(0)");
    }
    lines
}

fn there_and_back(own: ApiFormat, other: ApiFormat, body: &str) -> (String, String) {
    let there = try_send(own, other, body, false).unwrap().text;
    let back = try_send(other, own, &there, false).unwrap().text;
    (there, back)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_request_that_goes_there_and_back_says_the_same(request in generate::request()) {
        for (own, other) in directions() {
            let body = written(own, &generate::within([own, other], &request));
            let (there, back) = there_and_back(own, other, &body);
            prop_assert_eq!(request_meaning(own, &body), request_meaning(own, &back), "{} to {}: {}", own, other, there);
        }
    }

    #[test]
    fn a_request_says_to_the_provider_what_the_caller_said(request in generate::request()) {
        for (own, other) in directions() {
            let body = written(own, &generate::within([own, other], &request));
            let there = try_send(own, other, &body, false).unwrap();
            prop_assert_eq!(request_meaning(own, &body), request_meaning(other, &there.text), "{} to {}", own, other);
            let mut losses = there.exchange.losses.iter();
            prop_assert!(losses.all(|loss| loss.action == Action::Emulated), "{} to {}: {:?}", own, other, there.exchange.losses);
        }
    }

    #[test]
    fn trap_125_the_same_request_gives_the_same_bytes(request in generate::request()) {
        for (own, other) in directions() {
            let body = written(own, &generate::within([own, other], &request));
            prop_assert_eq!(there_and_back(own, other, &body), there_and_back(own, other, &body));
        }
    }

    #[test]
    fn an_answer_that_goes_there_and_back_says_the_same(
        (own, other, response) in generate::crossing_answer(),
    ) {
        let pair = [own, other];
        let body = answered(own, &response);
        let there = answered(other, &codec(own).decode_response(body.as_bytes()).unwrap());
        prop_assert_eq!(response_meaning(pair, own, &body), response_meaning(pair, other, &there), "{} to {}: {}", own, other, there);
        let back = answered(own, &codec(other).decode_response(there.as_bytes()).unwrap());
        prop_assert_eq!(response_meaning(pair, own, &body), response_meaning(pair, own, &back), "{} to {}: {}", own, other, there);
    }
}
