//! Who gets which arm is a promise: these vectors may gain lines, but none may change.

use std::{borrow::Cow, sync::Arc};

use http::HeaderMap;
use serde_json::{Value, json};
use tower_llm_gateway::{
    experiment::{Arms, Draws, Holdout, Key, KeySource, Layer, covers, key_of, unit},
    format::ApiFormat,
};

fn golden() -> Value {
    serde_json::from_str(include_str!("../experiment/vectors.json")).unwrap()
}

fn key(source: &str, format: ApiFormat, body: &Value) -> Key {
    let body = body.to_string();
    let draws = Draws {
        format,
        headers: &HeaderMap::new(),
        body: body.as_bytes(),
        subject: None,
        random: 0,
    };
    key_of(&[source.parse::<KeySource>().unwrap()], &draws)
}

fn hex(bytes: &[u8]) -> String {
    let pairs = bytes.iter().map(|byte| format!("{byte:02x}"));
    pairs.collect::<Vec<_>>().concat()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

/// Pairs of a name and a number.
fn named(pairs: &Value) -> impl Iterator<Item = (Arc<str>, f64)> {
    let pairs = list(pairs).iter();
    pairs.map(|pair| (pair[0].as_str().unwrap().into(), pair[1].as_f64().unwrap()))
}

#[test]
fn row_57_the_golden_vectors_hold() {
    let golden = golden();
    let layer = golden["layer"].as_str().unwrap();
    let layer = Layer::new(layer, named(&golden["members"])).unwrap();
    let holdout = Holdout::new(golden["holdout"].as_f64().unwrap()).unwrap();
    for vector in list(&golden["vectors"]) {
        let experiment = vector["experiment"].as_str().unwrap();
        let arms = Arms::new(experiment, named(&vector["arms"])).unwrap();
        let body = json!({ "user": vector["plain"] });
        let key = key("body:user", ApiFormat::OPENAI, &body).bytes;
        let mut found = vector.clone();
        found["key"] = hex(&key).into();
        found["arm"] = (*arms.shares()[arms.draw(&key).unwrap()].arm).into();
        found["unit"] = format!("{:016x}", unit(experiment, &key).0).into();
        found["is_covered"] = covers(experiment, golden["coverage"].as_f64().unwrap(), &key).into();
        found["member"] = layer.member(&key).map(|member| Cow::from(&**member)).into();
        found["is_held_out"] = holdout.holds(&key).into();
        assert_eq!(found, *vector);
    }
}

#[test]
fn the_golden_conversations_hold_in_each_format() {
    for chat in list(&golden()["conversations"]) {
        for (format, request) in chat["requests"].as_object().unwrap() {
            let key = key("conversation", format.parse().unwrap(), request);
            assert_eq!(hex(&key.bytes), chat["key"], "{format}");
        }
    }
}
