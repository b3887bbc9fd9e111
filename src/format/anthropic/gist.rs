//! What a whole answer comes to, without the rest of it: of one as they nearly always are. Any other is left to who reads
//! all of it.

use crate::{
    ir::{Gist, StopReason, Usage},
    json::{self, Text, Walk},
};

use super::{stop, usage};

/// What an answer says.
#[derive(Default)]
struct Content {
    says: bool,
    calls: bool,
}

/// Reads an answer. `None` tells nothing but that it needs a closer look.
pub(super) fn read(body: &[u8]) -> Option<Gist> {
    Walk::through(json::text_of(body).ok()?, answer)
}

fn answer(walk: &mut Walk<'_>) -> Option<Gist> {
    let [mut kind, mut word] = <[Option<Text<'_>>; 2]>::default();
    let mut content = None;
    let mut counts = Usage::default();
    walk.distinct(|walk, name| {
        match name {
            "type" => walk.text(&mut kind)?,
            "content" => content = Some(blocks(walk)?),
            "stop_reason" => walk.text(&mut word)?,
            "usage" => counts = walk.or_default(usage::read)?,
            "id" | "role" | "model" | "stop_sequence" => walk.text(&mut None)?,
            _ => walk.pass()?,
        }
        Some(())
    })?;
    let content = content.filter(|_| kind.is_some_and(|kind| kind == "message"))?;
    let stop = word.map(|word| stop::read(&word, content.calls));
    Some(Gist {
        usage: counts,
        stop,
        is_empty: !(content.says || stop.is_some_and(StopReason::is_decided)),
    })
}

fn blocks(walk: &mut Walk<'_>) -> Option<Content> {
    let mut content = Content::default();
    walk.array(|walk| block(walk, &mut content))?;
    Some(content)
}

fn block(walk: &mut Walk<'_>, content: &mut Content) -> Option<()> {
    let [mut kind, mut text, mut id, mut tool] = <[Option<Text<'_>>; 4]>::default();
    walk.distinct(|walk, name| {
        match name {
            "type" => walk.text(&mut kind)?,
            "text" => walk.text(&mut text)?,
            "id" => walk.text(&mut id)?,
            "name" => walk.text(&mut tool)?,
            "thinking" | "signature" | "data" => walk.text(&mut None)?,
            "cache_control" => walk.null()?,
            _ => walk.pass()?,
        }
        Some(())
    })?;
    match &*kind?.decode() {
        "text" => content.says |= !text?.is_blank(),
        "thinking" | "redacted_thinking" => {}
        "tool_use" => {
            id.and(tool)?;
            content.says = true;
            content.calls = true;
        }
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(content: &str) -> Option<Gist> {
        let body = format!(r#"{{"type":"message","content":{content},"stop_reason":"end_turn"}}"#);
        read(body.as_bytes())
    }

    #[test]
    fn an_answer_as_they_nearly_always_are_is_read_without_the_rest() {
        for (content, is_empty) in [
            (r#"[{"type":"text","text":"Hi.","citations":[]}]"#, false),
            (
                r#"[{"type":"thinking","thinking":"Hm.","signature":"s"}]"#,
                true,
            ),
            (
                r#"[{"type":"tool_use","id":"c","name":"f","input":{}}]"#,
                false,
            ),
            ("[]", true),
        ] {
            let gist = with(content).map(|gist| gist.is_empty);
            assert_eq!(gist, Some(is_empty), "{content}");
        }
    }

    #[test]
    fn another_is_left_to_who_reads_all_of_it() {
        for content in [
            r#"[{"type":"server_tool_use","id":"c","name":"f","input":{}}]"#,
            r#"[{"type":"tool_use","name":"f"}]"#,
            r#"[{"type":"text","text":null}]"#,
            r#"[{"type":"text","text":"Hi.","text":"Hi."}]"#,
            "[null]",
            "null",
        ] {
            assert_eq!(with(content), None, "{content}");
        }
        for body in [
            r#"{"type":"error","content":[],"error":{"message":"m"}}"#,
            r#"{"type":"message","content":[],"model":1}"#,
            r#"{"type":"message","content":[],"usage":{"input_tokens":"1"}}"#,
        ] {
            assert_eq!(read(body.as_bytes()), None, "{body}");
        }
    }
}
