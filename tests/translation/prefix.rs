//! Prompt caches stay warm: what is sent for a conversation begins with what was sent for its beginning.

use proptest::{collection::vec, prelude::*};
use serde_json::value::RawValue;
use tower_llm_gateway::{format::ApiFormat, ir::Request};

use crate::{
    generate,
    laws::written,
    support::{GEMINI, NEW, OLD, directions, send_to},
};

#[derive(serde::Deserialize)]
struct Body<'a> {
    #[serde(borrow, alias = "input", alias = "contents")]
    messages: &'a RawValue,
}

/// The conversation of a body, without the closing bracket; and what stands around it.
fn parted(body: &str) -> (&str, String) {
    let messages = serde_json::from_str::<Body<'_>>(body)
        .unwrap()
        .messages
        .get();
    let around = body.replace(messages, "");
    (messages.strip_suffix(']').unwrap(), around)
}

/// Models of a provider, without those whose calls need a seal: a call of the running turn gets one that stands for it,
/// and loses it when the turn is over, as the provider demands.
fn models(provider: ApiFormat) -> &'static [&'static str] {
    if provider == GEMINI {
        &["gemini-2.5-flash"]
    } else {
        &[OLD, NEW]
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn trap_018_a_longer_conversation_begins_with_the_shorter_one(rounds in vec(generate::round(), 1..4)) {
        let (turns, asked) = generate::conversation(&rounds);
        for (own, other) in directions() {
            for model in models(other) {
                let mut before: Option<String> = None;
                for length in &asked {
                    let mut request = Request::default();
                    request.model = (*model).into();
                    request.max_tokens = Some(100);
                    request.turns = turns[..*length].to_vec();
                    let request = generate::within([own, other], &request);
                    let sent = send_to(own, other, model, &written(own, &request));
                    if let Some(before) = before {
                        let ((shorter, around_it), (longer, around)) = (parted(&before), parted(&sent));
                        prop_assert!(longer.starts_with(shorter), "{} to {}:\n{}\n{}", own, other, shorter, longer);
                        // Tools that only the conversation knows are declared once they are known.
                        let is_stubbed = around.contains("\"tools\"");
                        prop_assert!(is_stubbed || around == around_it);
                    }
                    before = Some(sent);
                }
            }
        }
    }
}
