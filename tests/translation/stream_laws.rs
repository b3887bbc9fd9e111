//! What holds for every stream: it says what the whole answer says, however its bytes are cut.

use bytes::BytesMut;
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};
use std::sync::Arc;
use tower_llm_gateway::{
    format::{ApiFormat, StreamEnd},
    ir::{Delta, Event, Fold, Response},
    json::Text,
};

use crate::{
    fold, fold_gemini, generate,
    laws::answered,
    support::{GEMINI, codec, decode, plain_exchange, stream, stream_of},
};

/// A provider's stream of an answer, in fragments of so many characters.
fn streamed(provider: ApiFormat, response: &Response<'_>, size: usize) -> String {
    let mut exchange = plain_exchange(provider);
    exchange.stream = true;
    let mut encoder = codec(provider).stream_encoder(Arc::new(exchange));
    let mut out = BytesMut::new();
    response.replay(&mut |event: Event<'_>| {
        let Event::Delta { block, delta } = event else {
            return encoder.event(&event, &mut out);
        };
        let (text, again): (String, fn(String) -> Delta<'static>) = match &delta {
            Delta::Text(text) => (text.decode().into_owned(), |text| {
                Delta::Text(Text::from(text))
            }),
            Delta::Arguments(text) => (text.decode().into_owned(), |text| {
                Delta::Arguments(Text::from(text))
            }),
            _ => return encoder.event(&Event::Delta { block, delta }, &mut out),
        };
        let characters: Vec<char> = text.chars().collect();
        for piece in characters.chunks(size) {
            let delta = again(piece.iter().collect());
            encoder.event(&Event::Delta { block, delta }, &mut out);
        }
    });
    String::from_utf8(out.to_vec()).unwrap()
}

/// What a client has of a stream in the end.
fn folded(client: ApiFormat, stream: &str) -> Value {
    let stream = stream.as_bytes();
    match client.id() {
        "openai" => fold::openai(stream),
        "openai_responses" => fold::events(stream).last().unwrap()["response"].clone(),
        "anthropic" => fold::anthropic(stream),
        _ => fold_gemini::gemini(stream),
    }
}

/// What a client has in the end, of a whole answer or of a stream, without what only one of them has.
fn comparable(client: ApiFormat, mut answer: Value) -> Value {
    for thing in ["object", "created", "created_at", "completed_at"] {
        answer[thing] = json!(null);
    }
    match client.id() {
        "openai" => comparable_completion(answer),
        "openai_responses" => {
            for item in answer["output"].as_array_mut().unwrap() {
                item["id"] = json!(null);
            }
            answer
        }
        _ => answer,
    }
}

fn comparable_completion(mut answer: Value) -> Value {
    let choice = &mut answer["choices"][0];
    let message = &mut choice["message"];
    if message["content"].is_null() {
        message["content"] = json!("");
    }
    for list in ["tool_calls", "thinking_blocks"] {
        for element in message[list].as_array_mut().into_iter().flatten() {
            element.as_object_mut().unwrap().remove("index");
        }
    }
    for nothing in ["refusal", "thinking_blocks", "tool_calls"] {
        if message[nothing].is_null() {
            message.as_object_mut().unwrap().remove(nothing);
        }
    }
    json!([
        message,
        choice["finish_reason"],
        answer["usage"],
        answer["id"],
        answer["model"]
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_folded_stream_is_the_whole_answer((provider, client, response) in generate::crossing_answer(), size in 1..5_usize) {
        let whole = answered(provider, &response);
        let whole = answered(client, &codec(provider).decode_response(whole.as_bytes()).unwrap());
        let text = streamed(provider, &response, size);
        let mut fold = Fold::new(provider.id());
        decode(provider, [text.as_bytes()], StreamEnd::Clean, &mut fold);
        prop_assert!(fold.is_complete() && fold.error().is_none());
        let mut folded: Value = serde_json::from_str(&answered(client, &fold.response())).unwrap();
        let mut whole: Value = serde_json::from_str(&whole).unwrap();
        for answer in [&mut folded, &mut whole] {
            answer["created"] = json!(null);
            answer["completed_at"] = json!(null);
        }
        prop_assert_eq!(folded, whole, "{} to {}: {}", provider, client, text);
    }

    #[test]
    fn the_decoders_keep_their_promises_about_events((provider, _, response) in generate::crossing_answer(), size in 1..5_usize) {
        let text = streamed(provider, &response, size);
        let (mut open, mut blocks, mut over) = (Vec::new(), 0, false);
        let mut sink = |event: Event<'_>| {
            assert!(!over, "{event:?} comes after the end");
            match event {
                Event::Start { .. } => assert_eq!(blocks, 0),
                Event::BlockStart { block, .. } => {
                    assert_eq!(block, blocks);
                    blocks += 1;
                    open.push(block);
                }
                Event::Delta { block, .. } => assert!(open.contains(&block)),
                Event::BlockStop { block } => {
                    assert!(open.contains(&block));
                    open.retain(|known| *known != block);
                }
                Event::Stop { .. } => assert!(open.is_empty()),
                Event::End | Event::Error(_) => over = true,
                _ => {}
            }
        };
        decode(provider, [text.as_bytes()], StreamEnd::Clean, &mut sink);
        prop_assert!(over);
    }

    #[test]
    fn a_client_has_the_same_in_the_end((provider, client, response) in generate::crossing_answer(), size in 1..5_usize) {
        let whole = answered(provider, &response);
        let whole = answered(client, &codec(provider).decode_response(whole.as_bytes()).unwrap());
        let told = stream(provider, client, &streamed(provider, &response, size));
        let whole = if client == GEMINI {
            // Pieces of a text are joined, which are two in the whole answer.
            folded(client, &format!("data: {whole}\n\n"))
        } else {
            serde_json::from_str(&whole).unwrap()
        };
        prop_assert_eq!(comparable(client, folded(client, &told)), comparable(client, whole), "{} to {}: {}", provider, client, told);
    }

    #[test]
    fn trap_104_where_a_stream_is_cut_does_not_matter(
        (provider, client, response) in generate::crossing_answer(),
        mut cuts in vec(any::<prop::sample::Index>(), 0..9),
    ) {
        let text = streamed(provider, &response, 3);
        let whole = stream(provider, client, &text);
        cuts.sort_by_key(|cut| cut.index(text.len()));
        let mut pieces = Vec::new();
        let mut rest = text.as_bytes();
        for cut in cuts.iter().rev() {
            let (head, tail) = rest.split_at(cut.index(text.len()));
            pieces.push(tail);
            rest = head;
        }
        pieces.push(rest);
        pieces.reverse();
        prop_assert_eq!(&stream_of(provider, client, pieces, plain_exchange(provider)), &whole);
        prop_assert_eq!(&stream_of(provider, client, text.as_bytes().chunks(1), plain_exchange(provider)), &whole);
    }
}
