//! Thoughts, for which this API has no word: `reasoning_content` for people, as many servers spell it, and
//! `thinking_blocks` with the seals, as `LiteLLM` spells it, so that clients can give them back.

use std::borrow::Cow;

use crate::{
    ir::{Part, Reasoning, Seal},
    json::{Array, Object, Text},
};

use super::{call_seal, wire};

/// What a message carries of thoughts. Blocks with a text win over the bare text, which repeats it; seals on something
/// else have none.
pub(super) fn decode<'a>(message: &wire::Message<'a>, parts: &mut Vec<Part<'a>>) {
    let blocks = message
        .thinking_blocks
        .and_then(|blocks| blocks.parse().ok());
    let blocks: Vec<wire::ThinkingBlock<'a>> = blocks.unwrap_or_default();
    let sealed: Vec<Reasoning<'a>> = blocks.into_iter().filter_map(block).collect();
    let is_said = |thought: &Reasoning<'_>| !thought.text.is_empty() || thought.redacted;
    if !sealed.iter().any(is_said) {
        let bare = wire::some_text(message.reasoning_content);
        let bare = bare.or_else(|| wire::some_text(message.reasoning));
        parts.extend(bare.map(unsealed));
    }
    parts.extend(sealed.into_iter().map(Part::Reasoning));
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
    let seal = signature.map(unseal);
    Some(Reasoning {
        text: wire.thinking.unwrap_or_default(),
        seal,
        redacted,
        extra: wire.extra,
    })
}

fn thoughts<'r, 'a>(parts: &'r [Part<'a>]) -> impl Iterator<Item = &'r Reasoning<'a>> {
    parts.iter().filter_map(|part| match part {
        Part::Reasoning(thought) => Some(thought),
        _ => None,
    })
}

/// Tells whose a seal is.
pub(super) fn unseal(data: Text<'_>) -> Seal<'_> {
    let carried = Seal::carried(&data.decode());
    carried.map_or_else(|| Seal::new(Seal::DEFAULT_MINTER, data), |(seal, _)| seal)
}

/// Writes what is shown of the thoughts among `parts` into a message.
pub(super) fn write_text(parts: &[Part<'_>], o: &mut Object<'_>) {
    let mut shown = thoughts(parts)
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
}

/// Writes the thoughts among `parts` into a message.
pub(super) fn encode(parts: &[Part<'_>], o: &mut Object<'_>) {
    write_text(parts, o);
    let is_carried = |thought: &Reasoning<'_>| thought.seal.as_ref().is_some_and(can_be_carried);
    if thoughts(parts).any(is_carried) {
        o.array("thinking_blocks", |a| {
            for thought in thoughts(parts) {
                if let Some(seal) = thought.seal.as_ref().filter(|seal| can_be_carried(seal)) {
                    sealed(thought, seal, a);
                }
            }
        });
    }
}

/// Whether anybody could use the seal when it comes back. One on a call comes back there.
pub(super) fn can_be_carried(seal: &Seal<'_>) -> bool {
    !call_seal::stands_on_call(seal) && seal.carrier(false).is_some()
}

fn sealed(thought: &Reasoning<'_>, seal: &Seal<'_>, a: &mut Array<'_>) {
    a.object(|o| {
        write_block(o, (!thought.redacted).then_some(&thought.text), seal);
    });
}

/// Writes the members of one sealed block; without text, it is a redacted one.
pub(super) fn write_block(o: &mut Object<'_>, text: Option<&Text<'_>>, seal: &Seal<'_>) {
    let data = if seal.is_of(Seal::DEFAULT_MINTER) {
        Some(seal.data.decode())
    } else {
        seal.carrier(text.is_none()).map(Cow::Owned)
    };
    if let Some(text) = text {
        o.field("type", "thinking");
        o.field("thinking", text);
        o.optional("signature", data);
    } else {
        o.field("type", "redacted_thinking");
        o.optional("data", data);
    }
}
