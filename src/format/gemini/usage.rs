//! Token counts. The prompt's include what came from a cache; thoughts are counted beside the answer.

use crate::{
    ir::{Extra, Usage},
    json::{Object, Raw, Text},
};

use super::wire::response::{self as wire, count};

/// Reads token counts, and all of their members for callers of this API. What can't be read is unknown.
pub(super) fn decode(raw: Raw<'_>) -> (Usage, Extra<'_>) {
    let Ok(wire) = raw.parse::<wire::Usage<'_>>() else {
        return Default::default();
    };
    let (tool_use, cache_read) = (
        count(wire.tool_use_prompt_token_count),
        count(wire.cached_content_token_count),
    );
    let prompt = sum(count(wire.prompt_token_count), tool_use);
    let (candidates, thoughts) = (
        count(wire.candidates_token_count),
        count(wire.thoughts_token_count),
    );
    // Some servers count the thoughts within the candidates; the total tells.
    let inclusive = sum(prompt, candidates) == count(wire.total_token_count)
        && candidates.is_some_and(|candidates| Some(candidates) >= thoughts);
    let usage = Usage {
        input: prompt.map(|prompt| prompt.saturating_sub(cache_read.unwrap_or(0))),
        cache_read,
        output: if inclusive {
            candidates
        } else {
            sum(candidates, thoughts)
        },
        reasoning: thoughts,
        ..Usage::default()
    };
    (usage, members(&wire))
}

fn sum(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.saturating_add(b)),
        (a, b) => a.or(b),
    }
}

fn members<'a>(wire: &wire::Usage<'a>) -> Extra<'a> {
    let known = [
        ("promptTokenCount", wire.prompt_token_count),
        ("cachedContentTokenCount", wire.cached_content_token_count),
        ("candidatesTokenCount", wire.candidates_token_count),
        ("toolUsePromptTokenCount", wire.tool_use_prompt_token_count),
        ("thoughtsTokenCount", wire.thoughts_token_count),
        ("totalTokenCount", wire.total_token_count),
    ];
    Extra::silent(known, &wire.extra)
}

/// The price and speed class among the members.
pub(super) fn service_tier<'a>(members: &Extra<'a>) -> Option<Text<'a>> {
    let mut members = members.iter();
    members
        .find(|member| member.key == "serviceTier")?
        .value
        .text()
}

/// Writes token counts; what isn't known is left out.
pub(super) fn encode(usage: &Usage, o: &mut Object<'_>) {
    let prompt = usage.prompt();
    let said = |output: u64| output.saturating_sub(usage.reasoning.unwrap_or(0));
    o.optional("promptTokenCount", prompt);
    o.optional("cachedContentTokenCount", usage.cache_read);
    o.optional("candidatesTokenCount", usage.output.map(said));
    o.optional("thoughtsTokenCount", usage.reasoning);
    o.optional("totalTokenCount", sum(prompt, usage.output));
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::*;
    use crate::json;

    fn read(text: &str) -> Usage {
        decode(Raw::new(text).unwrap()).0
    }

    fn written(usage: &Usage) -> String {
        let mut out = BytesMut::new();
        json::object(&mut out, |o| encode(usage, o));
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn trap_115_thoughts_are_counted_once_wherever_the_server_counts_them() {
        for (candidates, total) in [(5, 22), (12, 22)] {
            let usage = read(&format!(
                r#"{{"promptTokenCount":10,"candidatesTokenCount":{candidates},"thoughtsTokenCount":7,"totalTokenCount":{total}}}"#
            ));
            assert_eq!((usage.output, usage.reasoning), (Some(12), Some(7)));
        }
    }

    #[test]
    fn thoughts_alone_are_an_output() {
        let usage = read(r#"{"promptTokenCount":15,"thoughtsTokenCount":2,"totalTokenCount":17}"#);
        assert_eq!(usage.output, Some(2));
    }

    #[test]
    fn the_prompt_includes_the_cache_and_what_tools_brought() {
        let usage = read(
            r#"{"promptTokenCount":100,"cachedContentTokenCount":60,"toolUsePromptTokenCount":7,"candidatesTokenCount":1,"totalTokenCount":108}"#,
        );
        assert_eq!((usage.input, usage.cache_read), (Some(47), Some(60)));
        assert_eq!(
            written(&usage),
            r#"{"promptTokenCount":107,"cachedContentTokenCount":60,"candidatesTokenCount":1,"totalTokenCount":108}"#
        );
    }

    #[test]
    fn trap_116_what_is_not_known_is_left_out() {
        let usage = Usage {
            input: Some(5),
            output: Some(3),
            ..Usage::default()
        };
        assert_eq!(
            written(&usage),
            r#"{"promptTokenCount":5,"candidatesTokenCount":3,"totalTokenCount":8}"#
        );
    }

    #[test]
    fn what_was_read_from_and_written_to_a_cache_is_prompt() {
        let usage = Usage {
            input: Some(5),
            cache_read: Some(100),
            cache_write: Some(20),
            output: Some(30),
            reasoning: Some(10),
            ..Usage::default()
        };
        assert_eq!(
            written(&usage),
            r#"{"promptTokenCount":125,"cachedContentTokenCount":100,"candidatesTokenCount":20,"thoughtsTokenCount":10,"totalTokenCount":155}"#
        );
    }

    #[test]
    fn counts_that_are_strings_or_nonsense_break_nothing() {
        let usage = read(r#"{"promptTokenCount":"8","candidatesTokenCount":[]}"#);
        assert_eq!((usage.input, usage.output), (Some(8), None));
        assert!(read("[]").is_empty());
    }
}
