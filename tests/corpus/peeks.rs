//! What routing reads of a body, beside what a parser finds there.

use serde::Deserialize;
use serde_json::value::RawValue;
use tower_llm_gateway::{
    format::{ApiFormat, Peek},
    json::Raw,
};

use crate::files::recorded;

#[derive(Deserialize)]
struct Parsed<'a> {
    #[serde(borrow, default)]
    model: Option<&'a RawValue>,
    #[serde(borrow, default)]
    stream: Option<&'a RawValue>,
}

#[test]
fn a_look_into_a_request_finds_what_a_parser_finds_wherever_its_blocks_begin() {
    for format in ApiFormat::BUILT_IN {
        for file in recorded(*format, "request") {
            for blanks in [0, 1, 17, 63] {
                let body = [" ".repeat(blanks).as_bytes(), &file.bytes].concat();
                let parsed: Parsed<'_> = serde_json::from_slice(&body).unwrap();
                let peek = Peek::read(&body).unwrap();
                let found = [peek.model, peek.stream].map(|value| value.map(Raw::get));
                let expected = [parsed.model, parsed.stream].map(|value| value.map(RawValue::get));
                assert_eq!(found, expected, "{}", file.name);
            }
        }
    }
}

#[test]
fn a_request_that_is_cut_off_is_refused() {
    for format in ApiFormat::BUILT_IN {
        for file in recorded(*format, "request") {
            let body = file.bytes.trim_ascii_end();
            for end in (0..body.len()).step_by(body.len() / 40 + 1) {
                assert!(Peek::read(&body[..end]).is_err(), "{} at {end}", file.name);
            }
        }
    }
}
