//! Tool names and ids that the API accepts. What it accepts passes; the rest is replaced by something made of its
//! hash, so that the same request always gives the same bytes.

use std::borrow::Cow;

use crate::format::common::names::{self, hash, is_word};

/// Longest tool name.
const NAME_LIMIT: usize = 128;

/// The name by which the API may know the tool `name`.
pub(super) fn tool_name(name: Cow<'_, str>) -> Cow<'_, str> {
    names::tool_name(name, NAME_LIMIT, names::is_word_byte)
}

/// The id by which the API may know the call `id`.
pub(super) fn call_id(id: Cow<'_, str>) -> Cow<'_, str> {
    if is_word(&id) {
        return id;
    }
    hashed_call_id(&id).into()
}

/// An id made of `seed`.
pub(super) fn hashed_call_id(seed: &str) -> String {
    format!("toolu_{}", hash(seed, 24))
}

/// The id of a message: what follows the provider's own prefix stays.
pub(super) fn message_id(id: &str, nonce: u64) -> Cow<'_, str> {
    if id.starts_with("msg_") {
        return Cow::Borrowed(id);
    }
    let rest = id.split_once(['-', '_']).map_or(id, |(_, rest)| rest);
    if rest.is_empty() {
        return format!("msg_{}", hash(&nonce.to_string(), 24)).into();
    }
    format!("msg_{rest}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trap_035_a_name_that_is_not_allowed_is_made_so() {
        let long = format!("mcp.server/{}", "x".repeat(200));
        for (name, prefix) in [
            ("mcp.server/tool:very", "mcp_server_tool_very_"),
            (&long, "mcp_server_x"),
        ] {
            let sent = tool_name(name.into());
            assert!(sent.starts_with(prefix), "{sent}");
            assert!(is_word(&sent) && sent.len() <= NAME_LIMIT, "{sent}");
            assert_eq!(sent, tool_name(name.into()));
        }
        assert_eq!(tool_name("get_weather-2".into()), "get_weather-2");
    }

    #[test]
    fn trap_036_names_that_would_collide_stay_distinct() {
        assert_ne!(tool_name("a.b".into()), tool_name("a/b".into()));
        assert_ne!(tool_name("a.b".into()), tool_name("a_b".into()));
    }

    #[test]
    fn trap_038_an_id_with_foreign_characters_is_hashed() {
        for id in ["functions.Bash:0", "call_x|fc_y", ""] {
            let sent = call_id(id.into());
            assert!(
                sent.starts_with("toolu_") && sent.len() == 30 && is_word(&sent),
                "{sent}"
            );
            assert_eq!(sent, call_id(id.into()));
        }
        assert_eq!(call_id("call_1-x".into()), "call_1-x");
    }

    #[test]
    fn a_message_keeps_the_id_that_its_provider_gave_it() {
        assert_eq!(message_id("msg_1", 0), "msg_1");
        assert_eq!(message_id("chatcmpl-abc-def", 0), "msg_abc-def");
        assert_eq!(message_id("resp_abc", 0), "msg_abc");
        assert_eq!(message_id("abc", 0), "msg_abc");
        assert_eq!(message_id("", 7), message_id("", 7));
        assert_ne!(message_id("", 7), message_id("", 8));
        assert_eq!(message_id("", 7).len(), 28);
    }
}
