//! Tool loops of several turns, through the layer, for a client of each format: the seal on a thought comes back to the
//! provider that made it, byte for byte, and to nobody else, also when the provider changes in mid-conversation.

mod client;
mod provider;

use std::sync::Arc;

use http::Request;
use tower_llm_gateway::{
    Body,
    context::Selected,
    format::{ApiFormat, Operation},
    target::Target,
    translate::TranslateLayer,
};

use crate::{layer::exchange_request, support::ALL};
use client::Conversation;
use provider::{THOUGHT, calls_and_results, model, response, seals, spoken};

/// One turn: the provider answers with a thought and a call, and sees every call and result so far. Tells what it saw.
async fn turn(
    conversation: &mut Conversation,
    client: ApiFormat,
    provider: ApiFormat,
    number: usize,
    stream: bool,
) -> serde_json::Value {
    let body = conversation.body(model(provider), stream).to_string();
    let path = client
        .api()
        .path(Operation::Generate, model(provider), stream);
    let mut request = Request::post(&*path).body(Body::from(body)).unwrap();
    // At OpenAI's own address, whose API refuses what other servers of its format take.
    let address = http::Uri::from_static("https://api.openai.com/v1");
    let target = Arc::new(Target::new("provider", address));
    let selected = Selected::new(target, client).with_provider(provider);
    request
        .extensions_mut()
        .insert(selected.with_stream(stream));
    let response = response(provider, number, stream);
    let (seen, back) = exchange_request(TranslateLayer::selected(), request, response).await;
    assert_eq!(back.status, 200, "{client} to {provider}: {}", back.text);
    assert_eq!(conversation.go_on(&back.text, stream), 1, "{}", back.text);
    seen.expect("the provider was asked").json()
}

/// No seal of another provider, and no thought of one, is in what a provider sees.
#[track_caller]
fn assert_nothing_foreign(provider: ApiFormat, seen: &serde_json::Value) {
    let text = seen.to_string();
    for other in ALL {
        for seal in seals(other).iter().filter(|_| other != provider) {
            assert!(
                !text.contains(seal),
                "{provider} saw {other}'s seal: {text}"
            );
        }
    }
}

#[tokio::test]
async fn a_seal_comes_back_to_its_provider_byte_for_byte() {
    for client in ALL {
        for provider in ALL {
            for stream in [false, true] {
                let case = format!("{client} to {provider}, stream {stream}");
                let mut conversation = Conversation::new(client);
                turn(&mut conversation, client, provider, 1, stream).await;
                let seen = turn(&mut conversation, client, provider, 2, stream).await;
                let said = serde_json::to_string(&spoken(provider, &seen)).unwrap();
                for seal in seals(provider) {
                    assert_eq!(said.matches(seal).count(), 1, "{case}: {said}");
                }
                assert_eq!(calls_and_results(provider, &seen), (1, 1), "{case}: {seen}");
                let third = turn(&mut conversation, client, provider, 3, stream).await;
                let said_then = spoken(provider, &third);
                // What was said once is said the same way ever after.
                assert_eq!(
                    said_then[..spoken(provider, &seen).len()],
                    spoken(provider, &seen),
                    "{case}"
                );
            }
        }
    }
}

#[tokio::test]
async fn trap_054_a_conversation_may_change_its_provider_in_mid_loop() {
    for client in ALL {
        for stream in [false, true] {
            let mut conversation = Conversation::new(client);
            for number in 0..8 {
                let provider = ALL[number % ALL.len()];
                let seen = turn(&mut conversation, client, provider, number, stream).await;
                assert_nothing_foreign(provider, &seen);
                let case = format!("{client}, turn {number} to {provider}, stream {stream}");
                assert_eq!(
                    calls_and_results(provider, &seen),
                    (number, number),
                    "{case}: {seen}"
                );
                let own = (0..number)
                    .filter(|turn| ALL[turn % ALL.len()] == provider)
                    .count();
                let said = serde_json::to_string(&spoken(provider, &seen)).unwrap();
                for seal in seals(provider) {
                    assert_eq!(said.matches(seal).count(), own, "{case}: {said}");
                }
                assert!(has_what_it_insists_on(provider, &seen), "{case}: {said}");
            }
        }
    }
}

/// Google's newer models insist on a seal on each call of the running turn, and be it one that says there is none.
fn has_what_it_insists_on(provider: ApiFormat, seen: &serde_json::Value) -> bool {
    let parts = spoken(provider, seen).into_iter();
    let mut calls = parts.filter(|part| part["functionCall"].is_object());
    calls.all(|call| call["thoughtSignature"].is_string())
}

/// Thoughts of another provider are no words of this one's model.
#[tokio::test]
async fn a_thought_of_another_provider_is_not_said() {
    for client in ALL {
        for (first, second) in ALL.into_iter().zip(ALL.into_iter().cycle().skip(1)) {
            if client == second {
                // Equal formats are not touched.
                continue;
            }
            let mut conversation = Conversation::new(client);
            turn(&mut conversation, client, first, 1, false).await;
            let seen = turn(&mut conversation, client, second, 2, false).await;
            assert!(
                !seen.to_string().contains(THOUGHT),
                "{client}, {first} then {second}: {seen}"
            );
        }
    }
}
