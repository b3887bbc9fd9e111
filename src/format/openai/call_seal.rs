//! Seals on tool calls: `extra_content.google.thought_signature`, as Google's own servers of this API have it.

use crate::{
    ir::{Extra, Part, Reasoning, Seal, SealPlace, ToolCall},
    json::{Object, Text},
};

use super::wire;

/// Where a seal stands on a call.
pub(super) const MEMBER: &str = "extra_content";

/// The seal on a call, if there is one among its members.
pub(super) fn of_call<'a>(members: &Extra<'a>) -> Option<Text<'a>> {
    let content = members.iter().find(|member| member.key == MEMBER)?;
    let content: wire::ExtraContent<'a> = content.value.parse().ok()?;
    let seal = content.google?.thought_signature?;
    (!seal.is_empty()).then_some(seal)
}

/// The empty thought that carries the seal of the call behind it.
pub(super) fn thought<'a>(members: &Extra<'a>) -> Option<Part<'a>> {
    let seal = of_call(members)?;
    Some(Part::Reasoning(Reasoning {
        seal: Some(Seal::of_call(seal)),
        ..Reasoning::default()
    }))
}

/// Whether a seal stands on a call here.
pub(super) fn stands_on_call(seal: &Seal<'_>) -> bool {
    seal.place == SealPlace::Call
}

/// The calls among `parts`, each with its seal.
pub(super) fn calls<'r, 'a>(
    parts: &'r [Part<'a>],
) -> impl Iterator<Item = (&'r ToolCall<'a>, Option<&'r Seal<'a>>)> {
    let mut before = None;
    parts.iter().filter_map(move |part| match part {
        Part::Reasoning(thought) => {
            before = thought.seal.as_ref().filter(|seal| stands_on_call(seal));
            None
        }
        Part::ToolCall(call) => Some((call, before.take())),
        _ => None,
    })
}

/// Writes the seal into a call.
pub(super) fn write(seal: &Seal<'_>, o: &mut Object<'_>) {
    o.object(MEMBER, |o| {
        o.object("google", |o| o.field("thought_signature", &seal.data));
    });
}
