//! Thoughts, for which this API has no word: `reasoning_content` for people, as many servers spell it, and
//! `thinking_blocks` with the seals, as `LiteLLM` spells it, so that clients can give them back.

use std::borrow::Cow;

use crate::{
    format::ApiFormat,
    ir::{Part, Reasoning},
    json::{Array, Object, Text},
};

use super::wire;

/// What a message carries of thoughts. Sealed blocks win over the bare text, which repeats them.
pub(super) fn decode<'a>(message: &wire::Message<'a>, parts: &mut Vec<Part<'a>>) {
    let blocks = message
        .thinking_blocks
        .and_then(|blocks| blocks.parse().ok());
    let blocks: Vec<wire::ThinkingBlock<'a>> = blocks.unwrap_or_default();
    let sealed = blocks.into_iter().filter_map(block).map(Part::Reasoning);
    let before = parts.len();
    parts.extend(sealed);
    if parts.len() > before {
        return;
    }
    let bare =
        wire::some_text(message.reasoning_content).or_else(|| wire::some_text(message.reasoning));
    parts.extend(bare.map(unsealed));
}

/// A thought without a seal.
pub(super) fn unsealed(text: Text<'_>) -> Part<'_> {
    Part::Reasoning(Reasoning {
        text,
        ..Reasoning::default()
    })
}

fn block(wire: wire::ThinkingBlock<'_>) -> Option<Reasoning<'_>> {
    let redacted = wire.kind? == "redacted_thinking";
    let signature = if redacted { wire.data } else { wire.signature };
    let signature = signature.filter(|signature| !signature.is_empty());
    let minter = match &wire.format {
        None => Some(Reasoning::DEFAULT_MINTER),
        Some(format) => format.decode().parse().ok().map(ApiFormat::id),
    };
    Some(Reasoning {
        text: wire.thinking.unwrap_or_default(),
        minter: minter.filter(|_| signature.is_some()),
        signature,
        redacted,
        extra: wire.extra,
    })
}

/// Writes the thoughts among `parts` into a message.
pub(super) fn encode(parts: &[Part<'_>], o: &mut Object<'_>) {
    let thoughts = || {
        parts.iter().filter_map(|part| match part {
            Part::Reasoning(thought) => Some(thought),
            _ => None,
        })
    };
    let mut shown = thoughts()
        .map(|thought| &thought.text)
        .filter(|text| !text.is_empty());
    match (shown.next(), shown.next()) {
        (None, _) => {}
        (Some(only), None) => o.field("reasoning_content", only),
        (Some(first), Some(second)) => {
            let texts = [first, second].into_iter().chain(shown);
            let all: String = texts
                .map(Text::decode)
                .collect::<Vec<Cow<'_, str>>>()
                .concat();
            o.field("reasoning_content", all);
        }
    }
    if thoughts().any(|thought| thought.signature.is_some()) {
        o.array("thinking_blocks", |a| {
            for thought in thoughts() {
                if let Some(signature) = &thought.signature {
                    sealed(thought, signature, a);
                }
            }
        });
    }
}

fn sealed(thought: &Reasoning<'_>, signature: &Text<'_>, a: &mut Array<'_>) {
    a.object(|o| {
        write_block(
            o,
            (!thought.redacted).then_some(&thought.text),
            signature,
            thought.minter,
        );
    });
}

/// Writes the members of one sealed block; without text, it is a redacted one.
pub(super) fn write_block(
    o: &mut Object<'_>,
    text: Option<&Text<'_>>,
    signature: &Text<'_>,
    minter: Option<&str>,
) {
    if let Some(text) = text {
        o.field("type", "thinking");
        o.field("thinking", text);
        o.field("signature", signature);
    } else {
        o.field("type", "redacted_thinking");
        o.field("data", signature);
    }
    o.optional("format", minter);
}
