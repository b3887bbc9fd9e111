//! Thoughts: reading and writing.

use crate::{
    format::responses::{
        ID, seals,
        wire::{
            self,
            items::{Item, Thought},
        },
    },
    ir::{Error, Part, Reasoning},
    json::{Array, Raw, Text},
};

use super::{encode::Writer, items::keep};

/// Reads a `reasoning` item.
pub(super) fn decode(wire: Item<'_>) -> Part<'_> {
    let mut thought = Reasoning {
        text: texts(wire.summary),
        extra: wire.extra,
        ..Reasoning::default()
    };
    if thought.text.is_empty() {
        thought.text = texts(wire.content);
    }
    if let Some(data) = wire::some_text(wire.encrypted_content) {
        let (seal, redacted) = seals::read(wire::text(wire.id), data);
        thought.seal = Some(seal);
        thought.redacted = redacted;
    }
    let members = [
        ("id", wire.id),
        ("summary", wire.summary),
        ("content", wire.content),
        ("encrypted_content", wire.encrypted_content),
    ];
    for (key, value) in members {
        keep(&mut thought.extra, key, value);
    }
    Part::Reasoning(thought)
}

/// The texts of a list of pieces, with an empty line between them.
fn texts(list: Option<Raw<'_>>) -> Text<'_> {
    let pieces: Vec<Thought<'_>> = list.and_then(|list| list.parse().ok()).unwrap_or_default();
    let mut texts = pieces.into_iter().filter_map(|piece| piece.text);
    let Some(first) = texts.next() else {
        return Text::default();
    };
    let Some(second) = texts.next() else {
        return first;
    };
    let mut all = first.decode().into_owned();
    for text in std::iter::once(second).chain(texts) {
        all.push_str("\n\n");
        all.push_str(&text.decode());
    }
    all.into()
}

/// Whether this API's provider sealed a thought.
pub(super) fn is_of_this_api(thought: &Reasoning<'_>) -> bool {
    thought.seal.as_ref().is_some_and(|seal| seal.is_of(ID))
}

/// Whether a thought is only its summary. Its provider can't look up the rest if it keeps nothing, so another one's
/// model thought it. Servers that show all of a thought seal nothing and want it back.
fn is_unsealed(thought: &Reasoning<'_>) -> bool {
    let mut members = thought.extra.iter();
    let is_shown = members.any(|member| {
        let nothing = ["null", "[]"].contains(&member.value.get());
        member.key == "content" && !nothing
    });
    thought.seal.is_none() && !is_shown
}

impl Writer<'_> {
    /// Writes a thought, if it goes to who thought it.
    pub(super) fn thought(
        &mut self,
        thought: &Reasoning<'_>,
        path: String,
        a: &mut Array<'_>,
    ) -> Result<(), Error> {
        let is_foreign = thought.seal.as_ref().is_some_and(|seal| !seal.is_of(ID));
        let is_foreign = is_foreign || self.forgets && is_unsealed(thought);
        let seal = thought.seal.as_ref().filter(|seal| seal.is_of(ID));
        match seal {
            _ if self.own && !is_foreign => a.object(|o| {
                o.field("type", "reasoning");
                thought.extra.write(o);
            }),
            Some(seal) => a.object(|o| {
                o.field("type", "reasoning");
                if !seal.id.is_empty() {
                    o.field("id", &seal.id);
                }
                o.array("summary", |a| {
                    if !thought.text.is_empty() {
                        a.object(|o| {
                            o.field("type", "summary_text");
                            o.field("text", &thought.text);
                        });
                    }
                });
                o.field("encrypted_content", &seal.data);
            }),
            None => {
                let losses = &mut self.exchange.losses;
                losses.dropped(path, "a thought that the target's provider did not seal")?;
            }
        }
        Ok(())
    }
}
