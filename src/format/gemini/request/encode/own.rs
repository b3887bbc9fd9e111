//! Requests of callers of this API: all but the conversation goes as they spelled it.

use std::mem;

use crate::{
    format::gemini::{ID, caps::Caps},
    ir::{
        Error, Exchange, Extra, Member, Part, Reasoning, Request, Role, SealPlace, ToolCall,
        ToolResult, Turn,
    },
    json::{Array, Object, Text},
};

use super::normalise::{NO_SEAL, NO_SEAL_REASON};

/// Members that the model reads.
const PROMPT: [&str; 2] = ["tools", "systemInstruction"];

/// Writes all that the model doesn't read.
pub(super) fn settings(request: &Request<'_>, o: &mut Object<'_>) {
    for member in &request.extra {
        if !member.key.contains('.') && !PROMPT.contains(&&*member.key) {
            o.field(&member.key, member.value);
        }
    }
    o.optional("labels", request.metadata);
    o.optional("serviceTier", request.service_tier.as_ref());
    o.optional("store", request.store);
}

/// Writes what the model reads.
pub(super) fn prompt(
    request: &Request<'_>,
    caps: Caps,
    exchange: &mut Exchange,
    o: &mut Object<'_>,
) -> Result<(), Error> {
    for key in PROMPT {
        let mut members = request.extra.iter();
        let member = members.find(|member| member.key == key);
        o.optional(key, member.map(|member| member.value));
    }
    // Since the user last spoke.
    let speaks = request.turns.iter().rposition(is_spoken_by_user);
    o.array("contents", |a| {
        let turns = request.turns.iter().enumerate().filter(|(_, turn)| {
            let is_left = |part: &Part<'_>| !is_foreign(part);
            turn.parts.is_empty() || turn.parts.iter().any(is_left)
        });
        for (index, turn) in turns {
            let is_sealed = caps.signatures && speaks.is_none_or(|speaks| index > speaks);
            content(turn, is_sealed, exchange, a)?;
        }
        Ok(())
    })
}

fn is_spoken_by_user(turn: &Turn<'_>) -> bool {
    let is_said = |part: &Part<'_>| !matches!(part, Part::ToolResult(_));
    turn.role != Role::Assistant && turn.parts.iter().any(is_said)
}

/// Writes a turn. `is_sealed` says that its first call must have a seal.
fn content(
    turn: &Turn<'_>,
    is_sealed: bool,
    exchange: &mut Exchange,
    a: &mut Array<'_>,
) -> Result<(), Error> {
    a.object(|o| {
        o.field(
            "role",
            if turn.role == Role::Assistant {
                "model"
            } else {
                "user"
            },
        );
        turn.extra.write(o);
        o.array("parts", |a| parts(turn, is_sealed, exchange, a))
    })
}

/// A seal stands beside what it belongs to: on the call that follows, or on the text before.
fn parts(
    turn: &Turn<'_>,
    is_sealed: bool,
    exchange: &mut Exchange,
    a: &mut Array<'_>,
) -> Result<(), Error> {
    let mut rest = turn.parts.iter().enumerate().peekable();
    let mut pending = None;
    let mut wants_seal = is_sealed;
    while let Some((index, part)) = rest.next() {
        if is_foreign(part) {
            let path = format!("contents[{}].parts[{index}].thoughtSignature", turn.index);
            let reason = "a thought that the target's provider did not sign";
            exchange.losses.dropped(path, reason)?;
            continue;
        }
        if let Some(thought) = sealing(part, SealPlace::Call) {
            pending = Some(thought);
            continue;
        }
        let is_text = matches!(part, Part::Text { .. });
        let follows = |(_, next): &(usize, &Part<'_>)| sealing(next, SealPlace::Text).is_some();
        let seal = match rest.next_if(|next| is_text && follows(next)) {
            Some((_, Part::Reasoning(thought))) => Some(thought),
            _ => None,
        };
        let seal = seal.or_else(|| pending.take_if(|_| matches!(part, Part::ToolCall(_))));
        let seal = seal.and_then(|thought| thought.seal.as_ref());
        let mut seal = seal.map(|seal| &seal.data);
        let none = NO_SEAL.into();
        if matches!(part, Part::ToolCall(_)) && mem::take(&mut wants_seal) && seal.is_none() {
            let path = format!("contents[{}].parts[{index}]", turn.index);
            exchange.losses.emulated(path, NO_SEAL_REASON)?;
            seal = Some(&none);
        }
        self::part(part, seal, a);
    }
    Ok(())
}

/// Whether a part is nothing but what another provider's model thought.
fn is_foreign(part: &Part<'_>) -> bool {
    let Part::Reasoning(thought) = part else {
        return false;
    };
    thought.seal.as_ref().is_some_and(|seal| !seal.is_of(ID))
}

/// The thought, if it is nothing but a seal on something else.
fn sealing<'r, 'a>(part: &'r Part<'a>, place: SealPlace) -> Option<&'r Reasoning<'a>> {
    let Part::Reasoning(thought) = part else {
        return None;
    };
    let seal = thought.seal.as_ref()?;
    (seal.is_of(ID) && seal.place == place).then_some(thought)
}

fn part(part: &Part<'_>, seal: Option<&Text<'_>>, a: &mut Array<'_>) {
    if let Part::Native { value, .. } = part {
        a.value(value);
        return;
    }
    a.object(|o| {
        match part {
            Part::Text { text, extra, .. } => {
                o.field("text", text);
                extra.write(o);
            }
            Part::Reasoning(thought) => thinking(thought, o),
            Part::ToolCall(call) => self::call(call, o),
            Part::ToolResult(result) => self::result(result, o),
            Part::Image(image) => image.extra.write(o),
            Part::Document(document) => document.extra.write(o),
            Part::Audio(audio) => audio.extra.write(o),
            Part::Refusal(text) => o.field("text", text),
            Part::Native { .. } => {}
        }
        o.optional("thoughtSignature", seal);
    });
}

fn thinking(thought: &Reasoning<'_>, o: &mut Object<'_>) {
    let seal = thought.seal.as_ref();
    o.field("text", &thought.text);
    if seal.is_none_or(|seal| seal.place == SealPlace::Thought) {
        o.field("thought", true);
    }
    o.optional("thoughtSignature", seal.map(|seal| &seal.data));
    thought.extra.write(o);
}

fn call(call: &ToolCall<'_>, o: &mut Object<'_>) {
    o.object("functionCall", |o| {
        for member in within(&call.extra, "functionCall.") {
            o.field(member.0, member.1.value);
        }
        o.field("name", &call.name);
        call.arguments.write_object(o.key("args"));
    });
    beside(&call.extra, o);
}

fn result(result: &ToolResult<'_>, o: &mut Object<'_>) {
    o.object("functionResponse", |o| {
        o.optional("name", result.name.as_ref());
        for member in within(&result.extra, "functionResponse.") {
            o.field(member.0, member.1.value);
        }
    });
    beside(&result.extra, o);
}

/// Members of an object within a part, which are kept by their paths.
fn within<'r, 'a>(
    extra: &'r Extra<'a>,
    prefix: &'static str,
) -> impl Iterator<Item = (&'r str, &'r Member<'a>)> {
    let members = extra.iter();
    members.filter_map(move |member| Some((member.key.strip_prefix(prefix)?, member)))
}

/// Members of the part itself.
fn beside(extra: &Extra<'_>, o: &mut Object<'_>) {
    for member in extra.iter().filter(|member| !member.key.contains('.')) {
        o.field(&member.key, member.value);
    }
}
