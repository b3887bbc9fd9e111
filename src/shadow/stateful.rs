use serde::Deserialize;
use serde_json::value::RawValue;

use crate::format::ApiFormat;

/// What a request says of something that is there before it or stays behind it, in any of the formats.
#[derive(Deserialize)]
struct Says<'a> {
    #[serde(borrow, default)]
    store: Option<&'a RawValue>,
    #[serde(borrow, default)]
    background: Option<&'a RawValue>,
    #[serde(borrow, default)]
    previous_response_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    conversation: Option<&'a RawValue>,
    #[serde(borrow, default)]
    container: Option<&'a RawValue>,
    #[serde(borrow, default)]
    mcp_servers: Option<&'a RawValue>,
    #[serde(borrow, default)]
    tools: Option<Vec<Tool<'a>>>,
}

#[derive(Deserialize)]
struct Tool<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<&'a RawValue>,
}

/// Whether a request leaves something behind, or builds on what was left behind, so that it can't be asked twice. What can't
/// be read is taken to.
pub(super) fn is_stateful(format: ApiFormat, body: &[u8]) -> bool {
    let Ok(says) = serde_json::from_slice::<Says<'_>>(body) else {
        return true;
    };
    let is = |value: Option<&RawValue>, word: &str| value.is_some_and(|value| value.get() == word);
    let stores = if format == ApiFormat::OPENAI_RESPONSES {
        !is(says.store, "false")
    } else {
        is_set(says.store)
    };
    let builds = [
        says.background,
        says.previous_response_id,
        says.conversation,
        says.container,
        says.mcp_servers,
    ];
    let mut tools = says.tools.iter().flatten();
    stores || builds.into_iter().any(is_set) || tools.any(|tool| is(tool.kind, "\"mcp\""))
}

/// Whether something is said that isn't as good as nothing.
fn is_set(value: Option<&RawValue>) -> bool {
    value.is_some_and(|value| !matches!(value.get(), "null" | "false" | "[]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_copied(format: ApiFormat, copied: bool, body: &str) {
        assert_eq!(!is_stateful(format, body.as_bytes()), copied, "{body}");
    }

    #[test]
    fn what_only_asks_is_copied() {
        for body in [
            "{}",
            r#"{"store": false, "background": false, "conversation": null}"#,
            r#"{"mcp_servers": [], "tools": [{"type": "function"}, {"name": "a", "input_schema": {}}]}"#,
        ] {
            assert_copied(ApiFormat::OPENAI, true, body);
            assert_copied(ApiFormat::ANTHROPIC, true, body);
        }
    }

    #[test]
    fn situation_63_what_leaves_something_behind_is_not_copied() {
        for body in [
            r#"{"store": true}"#,
            r#"{"background": true}"#,
            r#"{"store": false, "previous_response_id": "resp_1"}"#,
            r#"{"store": false, "conversation": {"id": "conv_1"}}"#,
            r#"{"store": false, "container": "container_1"}"#,
            r#"{"store": false, "mcp_servers": [{"type": "url"}]}"#,
            r#"{"store": false, "tools": [{"type": "function"}, {"type": "mcp"}]}"#,
        ] {
            assert_copied(ApiFormat::OPENAI, false, body);
            assert_copied(ApiFormat::OPENAI_RESPONSES, false, body);
        }
    }

    #[test]
    fn responses_are_stored_unless_they_say_otherwise() {
        assert_copied(ApiFormat::OPENAI_RESPONSES, false, "{}");
        assert_copied(
            ApiFormat::OPENAI_RESPONSES,
            true,
            r#"{"store": false, "tools": []}"#,
        );
    }

    #[test]
    fn what_can_not_be_read_is_not_copied() {
        for body in ["", "7", r#"{"store": false, "store": true}"#] {
            assert_copied(ApiFormat::OPENAI, false, body);
        }
    }
}
