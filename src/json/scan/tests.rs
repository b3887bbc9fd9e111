use std::{borrow::Cow, fmt};

use proptest::prelude::*;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};

use super::*;

type Shown<'a> = Vec<(&'a str, &'a str)>;

fn walked(text: &str) -> Option<Shown<'_>> {
    let mut shown = Vec::new();
    members(text, |name, value| shown.push((name, value.get())))?;
    Some(shown)
}

#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// The members that a strict parser finds, and their names as they are meant.
struct Strict<'a>(Vec<(Key<'a>, Raw<'a>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Strict<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StrictVisitor;

        impl<'de> Visitor<'de> for StrictVisitor {
            type Value = Strict<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut found = Vec::new();
                while let Some(member) = map.next_entry()? {
                    found.push(member);
                }
                Ok(Strict(found))
            }
        }

        deserializer.deserialize_map(StrictVisitor)
    }
}

/// Whether a walk comes to what a strict parser comes to, or leaves it to one because a name has escapes.
fn agrees(text: &str) -> bool {
    // Ours walks too.
    let strict = serde_json::from_str::<Strict<'_>>(text).ok();
    match (walked(text), &strict) {
        (Some(shown), Some(Strict(strict))) => {
            let strict: Shown<'_> = strict
                .iter()
                .map(|(name, value)| (&*name.0, value.get()))
                .collect();
            shown == strict
        }
        (None, None) => true,
        (Some(_), None) => false,
        (None, Some(Strict(strict))) => {
            let mut names = strict.iter().map(|(name, _)| &name.0);
            names.any(|name| matches!(name, Cow::Owned(_)))
        }
    }
}

#[test]
fn members_are_shown_as_they_are_spelled() {
    let text = " {\"a\" : [1, {\"b\":\"]\"} ]\n,\"\":\"\\\"}\" ,\"é\":-0.5e+3}\r\n";
    assert_eq!(
        walked(text),
        Some(vec![
            ("a", "[1, {\"b\":\"]\"} ]"),
            ("", "\"\\\"}\""),
            ("é", "-0.5e+3")
        ])
    );
}

#[test]
fn what_needs_a_closer_look_is_left_to_a_parser() {
    let deep = |depth| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert!(walked(&deep(128)).is_some());
    assert!(walked(&deep(130)).is_none());
    assert!(walked(r#"{"\u0061":1}"#).is_none());
    assert!(walked(r#"{"a":{"\u0061":1}}"#).is_some());
}

/// What stands for no value, two blanks between one and the next.
const NO_VALUES: &str = concat!(
    r#"-  01  1.  .5  1e  1e+  +1  1x  NaN  tru  truex  nul  'a'  1 /* x */  1,  1}  1]  "#,
    r#""  "a  "\"  "\x"  "\u12g4"  "\u123"  "\u12  "\  \"a"  [  [1  [1,  [1,]  [,1]  [1 2]  [1}  ]  "#,
    r#"{  {"a"  {"a":  {"a":1  {"a":1,  {"a":1,}  {"a" 1}  {a:1}  {1:1}  {"a":1]  {"a":1 "b":2}  {"a"}  "#,
    "\"\t\"  \"\u{1f}\"  \u{a0}1  \u{feff}1",
);

#[test]
fn what_is_no_json_is_none_wherever_it_stands() {
    for wrong in NO_VALUES.split("  ") {
        for text in [
            format!("{{\"a\":{wrong}}}"),
            format!("{{\"a\":[0,{wrong}]}}"),
            format!("{{\"a\":{wrong},\"b\":1}}"),
            format!("{{\"a\":1}}{wrong}"),
        ] {
            assert!(
                serde_json::from_str::<Strict<'_>>(&text).is_err() && walked(&text).is_none(),
                "{text}"
            );
        }
    }
    for text in [
        "",
        " ",
        "[]",
        "1",
        "\"a\"",
        "{",
        "}",
        "{}}",
        "{},",
        "{,}",
        "{\"a\"\"b\":1}",
        "\u{feff}{}",
    ] {
        assert!(walked(text).is_none(), "{text}");
    }
}

#[test]
fn a_text_may_be_cut_into_blocks_anywhere() {
    for piece in [
        "\\\\",
        "\\\"",
        "\\\\\\\"",
        "\\\\\\\\",
        "\\n\\u00e9\\/",
        "\\b\\f\\r\\t",
        "\\ud83d\\ude00",
        "\"",
        "\\",
        "\\q",
        "\\u00g0",
        "\u{1}",
        "\n",
        "é",
        "東",
        "😀",
        "\",\"b\":[1,{\"c\":\"",
        "\":\"",
        "\"}",
        "",
    ] {
        for before in 0..270 {
            let text = format!(
                "{{\"a\":\"{}{piece}\",\"model\":\"m\"{}}}",
                "x".repeat(before),
                " ".repeat(before % 67)
            );
            assert!(agrees(&text), "{text}");
            let text = format!("{}{{\"{piece}\":0}}", " ".repeat(before));
            assert!(agrees(&text), "{text}");
        }
    }
}

#[test]
fn a_text_that_is_cut_off_is_none_wherever_it_is() {
    let text = format!(
        "{{\"a\":[{{}},[],\"\\u00e9\\\\{}\",-1.5e-7,true,null],\"b\":{{\"c\":false}}}}",
        "x".repeat(100)
    );
    assert!(agrees(&text) && walked(&text).is_some());
    for end in 0..text.len() {
        assert!(walked(&text[..end]).is_none(), "{end}");
    }
}

/// A piece of a string.
fn characters() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "model",
        "stream",
        " ",
        "é",
        "東京",
        "😀",
        "\\n",
        "\\\"",
        "\\\\",
        "\\/",
        "\\u00e9",
        "\\ud83d",
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "0123456789012345678901234567890123456789012345678901234567890",
    ]);
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn blank() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", "", "", " ", "\n", "\t\r\n  ", "                "])
}

/// A JSON value with white space around it.
fn value() -> impl Strategy<Value = String> {
    let plain = prop_oneof![
        characters().prop_map(|characters| format!("\"{characters}\"")),
        prop::sample::select(vec![
            "0",
            "-0",
            "17",
            "-2.50",
            "1e9",
            "0.1E-12",
            "12345678901234567890123",
            "true",
            "false",
            "null",
            "[]",
            "{}",
            "[ ]",
            "{\n}",
        ])
        .prop_map(str::to_owned),
    ];
    let value = plain.prop_recursive(5, 40, 6, |inner| {
        let member = (characters(), blank(), inner.clone())
            .prop_map(|(name, blank, value)| format!("\"{name}\"{blank}:{value}"));
        prop_oneof![
            prop::collection::vec(inner, 1..6).prop_map(|values| format!("[{}]", values.join(","))),
            prop::collection::vec(member, 1..6)
                .prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    });
    (blank(), value, blank()).prop_map(|(before, value, behind)| format!("{before}{value}{behind}"))
}

fn object() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["model", "stream", "messages", "a", "é"]);
    let member = (blank(), name, blank(), value())
        .prop_map(|(before, name, behind, value)| format!("{before}\"{name}\"{behind}:{value}"));
    let members = prop::collection::vec(member, 0..6);
    (blank(), members, blank())
        .prop_map(|(before, members, behind)| format!("{before}{{{}}}{behind}", members.join(",")))
}

proptest! {
    #[test]
    fn a_walk_finds_in_json_what_a_parser_finds(text in object()) {
        prop_assert!(walked(&text).is_some());
        prop_assert!(agrees(&text));
    }

    #[test]
    fn a_walk_takes_nothing_for_json_that_is_none(
        text in object(),
        at in any::<prop::sample::Index>(),
        end in any::<prop::sample::Index>(),
        with in prop::sample::select(vec!["", "\"", "\\", "{", "}", "[", "]", ",", ":", "0", "-", "e", "u", "\n", "\u{7f}"]),
    ) {
        let start = at.index(text.len());
        let end = start + end.index(4);
        if let (Some(before), Some(behind)) = (text.get(..start), text.get(end..)) {
            let text = format!("{before}{with}{behind}");
            prop_assert!(agrees(&text), "{}", text);
        }
    }
}
