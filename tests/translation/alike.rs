//! Items that are like the one before are read without a parser, and say the same.

use proptest::{collection::vec, prelude::*, sample::select};
use tower_llm_gateway::{
    format::{ApiFormat, StreamEnd},
    ir::Event,
    sse::Item,
};

use crate::support::{ANTHROPIC, OPENAI, RESPONSES, codec};

/// What a decoder makes of the data of a stream's events. `apart`: with a space behind each second one, so that none is
/// like the one before.
fn events(provider: ApiFormat, items: &[String], apart: bool) -> Vec<String> {
    let mut decoder = codec(provider).stream_decoder();
    let mut events = Vec::new();
    let mut sink = |event: Event<'_>| {
        events.push(match event {
            // What is wrong with it depends on the space.
            Event::Error(error) => error
                .message
                .chars()
                .take_while(|letter| *letter != ':')
                .collect(),
            event => format!("{event:?}"),
        });
    };
    for (number, item) in items.iter().enumerate() {
        let space = if apart && number % 2 == 1 { " " } else { "" };
        let data = format!("{item}{space}");
        let data = data.as_bytes();
        decoder.item(Item::Event { name: None, data }, &mut sink);
    }
    decoder.finish(StreamEnd::Clean, &mut sink);
    events
}

/// How a stream of this format begins.
fn beginning(provider: ApiFormat) -> Vec<String> {
    let items: &[&str] = match provider.id() {
        "anthropic" => &[
            r#"{"type":"message_start","message":{"id":"msg_1","model":"m"}}"#,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
            r#"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}"#,
        ],
        "openai_responses" => &[
            r#"{"type":"response.created","response":{"id":"resp_1","model":"m"}}"#,
            r#"{"type":"response.output_item.added","output_index":0,"item":{"id":"msg_0","type":"message"}}"#,
            r#"{"type":"response.output_item.added","output_index":1,"item":{"id":"msg_1","type":"function_call","name":"f","call_id":"c"}}"#,
        ],
        _ => &[],
    };
    items.iter().map(|item| (*item).to_owned()).collect()
}

/// An item that brings a string literal as the text of the one or the other thing, and something that is not read.
fn piece(provider: ApiFormat, literal: &str, one: bool, noise: &str) -> String {
    match (provider.id(), one) {
        ("anthropic", true) => format!(
            r#"{{"type":"content_block_delta","index":0,"delta":{{"type":"text_delta","text":{literal}}}{noise}}}"#,
            noise = noise.replace(|letter| letter != ' ', "")
        ),
        ("anthropic", false) => format!(
            r#"{{"type":"content_block_delta","index":1,"delta":{{"type":"input_json_delta","partial_json":{literal}}}}}"#
        ),
        ("openai_responses", true) => format!(
            r#"{{"type":"response.output_text.delta","sequence_number":{},"output_index":0,"item_id":"msg_0","content_index":0,"delta":{literal},"obfuscation":"{noise}"}}"#,
            number(noise)
        ),
        ("openai_responses", false) => format!(
            r#"{{"type":"response.function_call_arguments.delta","item_id":"msg_1","output_index":1,"delta":{literal},"sequence_number":{}}}"#,
            number(noise)
        ),
        (_, true) => format!(
            r#"{{"id":"1","model":"m","choices":[{{"index":0,"delta":{{"content":{literal}}},"finish_reason":null}}],"obfuscation":"{noise}"}}"#
        ),
        (_, false) => format!(
            r#"{{"choices":[{{"index":1,"delta":{{"reasoning_content":{literal}}}}}],"p":"{noise}"}}"#
        ),
    }
}

/// A number, or something that is nearly one.
fn number(noise: &str) -> &str {
    let starts_with_digit =
        noise.starts_with(|letter: char| letter == '-' || letter.is_ascii_digit());
    if starts_with_digit { noise } else { "10" }
}

/// What else may come, for good or ill.
fn other(provider: ApiFormat) -> Vec<String> {
    let items: &[&str] = match provider.id() {
        "anthropic" => &[
            r#"{"type":"ping"}"#,
            r#"{"type":"content_block_stop","index":0}"#,
            r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}"#,
        ],
        "openai_responses" => &[
            r#"{"type":"keepalive"}"#,
            r#"{"type":"response.output_item.done","output_index":0,"item":{"id":"msg_0","type":"message","content":[]}}"#,
            r#"{"type":"response.output_text.done","output_index":0,"content_index":0,"text":"a"}"#,
        ],
        _ => &[
            r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
            r#"{"choices":[{"index":0,"delta":{"annotations":[{"type":"url_citation","url_citation":{"url":"u","start_index":2,"end_index":9}}]}}]}"#,
            r#"{"choices":[{"index":1,"delta":{"thinking_blocks":[{"thinking":"ab","signature":"s"}]}}]}"#,
            r#"{"choices":[],"usage":{"prompt_tokens":1}}"#,
            r#"{"choices":[{"index":0,"delta":{"refusal":"no"}}],"service_tier":"flex"}"#,
        ],
    };
    let mut items: Vec<String> = items.iter().map(|item| (*item).to_owned()).collect();
    items.push("[DONE]".to_owned());
    items
}

/// A string literal, or something that is nearly one.
fn literal() -> impl Strategy<Value = String> {
    let characters = [
        "a", "b ", "é", "😀", r"\n", r#"\""#, r"\\", r"\u00e9", r"\ud83d", r"\ude00", r"\u00g0",
        r"\x", "\u{1}", "\"", "\\",
    ];
    let good = select(characters[..8].to_vec());
    let any = select(characters.to_vec());
    vec(prop_oneof![4 => good, 1 => any], 0..4)
        .prop_map(|characters| format!("\"{}\"", characters.concat()))
}

fn item(provider: ApiFormat) -> impl Strategy<Value = String> {
    let noise = select(vec![
        "", "Ab1", "0", " ", "a\\n", "é", "007", "7", "-1", "  ",
    ]);
    let piece = (literal(), prop::bool::weighted(0.8), noise)
        .prop_map(move |(literal, one, noise)| piece(provider, &literal, one, noise));
    prop_oneof![9 => piece, 1 => select(other(provider))]
}

/// Changes one byte of an item.
fn spoiled((mut items, item, place, byte): (Vec<String>, usize, usize, char)) -> Vec<String> {
    let index = item % items.len();
    let characters = items[index].chars().collect::<Vec<_>>();
    let place = place % characters.len();
    items[index] = [
        &characters[..place].iter().collect::<String>(),
        &*byte.to_string(),
        &characters[place + 1..].iter().collect::<String>(),
    ]
    .concat();
    items
}

fn stream() -> impl Strategy<Value = (ApiFormat, Vec<String>)> {
    select(vec![OPENAI, ANTHROPIC, RESPONSES]).prop_flat_map(|provider| {
        let items = || vec(item(provider), 1..12);
        let bytes = select(vec!['"', '\\', '{', '}', ',', ':', ' ', '0', 'x', 'é']);
        let spoiled = (items(), any::<usize>(), any::<usize>(), bytes).prop_map(spoiled);
        prop_oneof![items(), spoiled].prop_map(move |items| (provider, items))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_like_the_item_before_says_what_a_parser_finds_in_it((provider, items) in stream()) {
        let items = [beginning(provider), items].concat();
        let read = events(provider, &items, false);
        prop_assert_eq!(read, events(provider, &items, true), "{}: {:#?}", provider, items);
    }
}

#[test]
fn an_item_that_says_what_was_missing_says_it_once() {
    let whole =
        r#"{"type":"response.output_text.done","output_index":0,"content_index":0,"text":"a"}"#;
    let none = piece(RESPONSES, r#""""#, true, "");
    let items = [beginning(RESPONSES), vec![none, whole.into(), whole.into()]].concat();
    let events = events(RESPONSES, &items, false);
    let said = events.iter().filter(|event| event.contains("Text(\"a\")"));
    assert_eq!(said.count(), 1);
}

#[test]
fn a_piece_of_text_is_read_and_written_without_an_allocation() {
    use bytes::BytesMut;
    use std::sync::Arc;
    use tower_llm_gateway::ir::Exchange;

    for (provider, client) in [
        (ANTHROPIC, OPENAI),
        (OPENAI, ANTHROPIC),
        (RESPONSES, OPENAI),
        (RESPONSES, ANTHROPIC),
    ] {
        let mut decoder = codec(provider).stream_decoder();
        let mut encoder = codec(client).stream_encoder(Arc::new(Exchange::new(0, 1)));
        let mut out = BytesMut::with_capacity(1 << 16);
        let mut take = |item: &str| {
            let data = item.as_bytes();
            decoder.item(Item::Event { name: None, data }, &mut |event: Event<'_>| {
                encoder.event(&event, &mut out);
            });
        };
        // Without the call, behind which other text waits.
        let beginning = beginning(provider);
        beginning.iter().take(2).for_each(|item| take(item));
        (0..3).for_each(|_| take(&piece(provider, r#""a""#, true, "x")));
        let more = piece(provider, r#""wörld \"\n\u00e9""#, true, "xyz");
        let count = allocation_counter::measure(|| take(&more)).count_total;
        assert_eq!(count, 0, "{provider} to {client}");
        assert!(out.ends_with(b"\n\n"));
    }
}
