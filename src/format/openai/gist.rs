//! What a whole answer comes to, without the rest of it: of one as they nearly always are. Any other is left to who reads
//! all of it.

use crate::{
    ir::{Gist, StopReason, Usage, is_media},
    json::{self, Kind, Raw, Text, Walk},
};

use super::{stop, usage, wire};

/// What a message has.
#[derive(Default)]
struct Message {
    says: bool,
    calls: bool,
    refuses: bool,
}

/// Reads an answer. `None` tells nothing but that it needs a closer look.
pub(super) fn read(body: &[u8]) -> Option<Gist> {
    Walk::through(json::text_of(body).ok()?, answer)
}

fn answer(walk: &mut Walk<'_>) -> Option<Gist> {
    let (mut choice, mut counts) = (None, Usage::default());
    walk.distinct(|walk, name| {
        match name {
            "choices" => choice = Some(only_choice(walk)?),
            "usage" => counts = walk.or_default(usage::read)?,
            _ => walk.pass()?,
        }
        Some(())
    })?;
    let (message, stop) = choice?;
    Some(Gist {
        usage: counts,
        stop: Some(stop),
        is_empty: !(message.says || message.calls || message.refuses || stop.is_decided()),
    })
}

fn only_choice(walk: &mut Walk<'_>) -> Option<(Message, StopReason)> {
    let mut only = None;
    walk.array(|walk| only.replace(choice(walk)?).is_none().then_some(()))?;
    only
}

fn choice(walk: &mut Walk<'_>) -> Option<(Message, StopReason)> {
    let (mut said, mut word) = (None, None);
    walk.distinct(|walk, name| {
        match name {
            "message" => said = Some(message(walk)?),
            "finish_reason" => word = Some(walk.raw()?),
            // As in streams.
            "delta" => return None,
            _ => walk.pass()?,
        }
        Some(())
    })?;
    let said = said?;
    let word = wire::some_text(word);
    let word = word.as_ref().map(Text::decode);
    if word.as_deref().is_some_and(stop::is_failure) {
        return None;
    }
    let reason = word.as_deref().and_then(stop::decode);
    let stop = stop::infer(reason, said.calls, said.refuses);
    Some((said, stop))
}

fn message(walk: &mut Walk<'_>) -> Option<Message> {
    let mut message = Message::default();
    walk.distinct(|walk, name| {
        match name {
            "content" => message.says |= is_said(walk.raw()?)?,
            "refusal" => message.refuses = wire::some_text(Some(walk.raw()?)).is_some(),
            "tool_calls" => message.calls = walk.or_default(calls)?,
            "function_call" => walk.null()?,
            _ => message.says |= is_media(name, walk.raw()?),
        }
        Some(())
    })?;
    Some(message)
}

fn is_said(content: Raw<'_>) -> Option<bool> {
    match content.kind() {
        Kind::Null => Some(false),
        Kind::String => content.text().map(|text| !text.is_blank()),
        _ => None,
    }
}

/// Whether there are any.
fn calls(walk: &mut Walk<'_>) -> Option<bool> {
    let mut some = false;
    walk.array(|walk| {
        some = true;
        call(walk)
    })?;
    Some(some)
}

/// A call of a function that has a name.
fn call(walk: &mut Walk<'_>) -> Option<()> {
    let mut is_named = false;
    walk.distinct(|walk, name| match name {
        "function" => walk.distinct(|walk, name| {
            let value = walk.raw()?;
            is_named |= name == "name" && wire::some_text(Some(value)).is_some();
            Some(())
        }),
        "custom" => None,
        _ => walk.pass(),
    })?;
    is_named.then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(message: &str) -> Option<Gist> {
        let body = format!(r#"{{"choices":[{{"message":{message},"finish_reason":"stop"}}]}}"#);
        read(body.as_bytes())
    }

    #[test]
    fn an_answer_as_they_nearly_always_are_is_read_without_the_rest() {
        for (message, is_empty) in [
            (r#"{"role":"assistant","content":"Hi."}"#, false),
            (r#"{"content":" ","reasoning_content":"Hm."}"#, true),
            (r#"{"content":null,"function_call":null}"#, true),
            (r#"{"refusal":"No."}"#, false),
            (r#"{"tool_calls":[{"function":{"name":"f"}}]}"#, false),
            (r#"{"tool_calls":[]}"#, true),
            (r#"{"images":[{}]}"#, false),
        ] {
            let gist = with(message).map(|gist| gist.is_empty);
            assert_eq!(gist, Some(is_empty), "{message}");
        }
    }

    #[test]
    fn another_is_left_to_who_reads_all_of_it() {
        for message in [
            r#"{"content":[{"type":"text","text":"Hi."}]}"#,
            r#"{"content":"Hi.","content":"Hi."}"#,
            r#"{"c\u006fntent":"Hi."}"#,
            r#"{"function_call":{"name":"f"}}"#,
            r#"{"tool_calls":[{"custom":{"name":"f"}}]}"#,
            "null",
        ] {
            assert_eq!(with(message), None, "{message}");
        }
        for body in [
            r#"{"choices":[]}"#,
            r#"{"choices":[{"message":{}},{"message":{}}]}"#,
            r#"{"choices":[{"message":{},"finish_reason":"error"}]}"#,
            r#"{"choices":[{"message":{}}]} ."#,
            r#"{"error":{"message":"m"}}"#,
        ] {
            assert_eq!(read(body.as_bytes()), None, "{body}");
        }
    }
}
