//! Prompt caches stay warm: what is sent for a conversation begins with what was sent for its beginning.

use proptest::{collection::vec, prelude::*};
use serde_json::value::RawValue;
use tower_llm_gateway::ir::Request;

use crate::{
    generate,
    laws::written,
    support::{NEW, OLD, PAIRS, try_send},
};

#[derive(serde::Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    messages: &'a RawValue,
}

/// The messages of a body, without the closing bracket; and what stands around them.
fn parted(body: &str) -> (&str, String) {
    let messages = serde_json::from_str::<Body<'_>>(body)
        .unwrap()
        .messages
        .get();
    let around = body.replace(messages, "");
    (messages.strip_suffix(']').unwrap(), around)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn trap_018_a_longer_conversation_begins_with_the_shorter_one(rounds in vec(generate::round(), 1..4)) {
        let (turns, asked) = generate::conversation(&rounds);
        for (own, other) in PAIRS {
            for model in [OLD, NEW] {
                let mut before: Option<String> = None;
                for length in &asked {
                    let mut request = Request::default();
                    request.model = model.into();
                    request.max_tokens = Some(100);
                    request.turns = turns[..*length].to_vec();
                    let sent = try_send(own, other, &written(own, &request), false).unwrap().text;
                    if let Some(before) = before {
                        let ((shorter, around_it), (longer, around)) = (parted(&before), parted(&sent));
                        prop_assert!(longer.starts_with(shorter), "{}\n{}", shorter, longer);
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
