use std::borrow::Cow;

use bytes::BytesMut;

use crate::{
    format::gemini::{ID, grounding::Grounding, logprobs, offsets::Offsets, stop, usage},
    ir::{
        Choice, Citation, Error, Exchange, Losses, Part, Reasoning, Response, SealPlace, Stop,
        StopReason, ToolCall,
    },
    json::{self, Array, Object, Text},
};

use super::write::{self, Beside, marks, minted_call_id, minted_id, signature};

/// Writes an answer for a caller.
pub(in crate::format::gemini) fn encode(
    response: &Response<'_>,
    exchange: &mut Exchange,
    out: &mut BytesMut,
) -> Result<(), Error> {
    let own = response.format == ID;
    json::object(out, |o| {
        match own.then(|| blocked(response)).flatten() {
            Some(feedback) => o.field("promptFeedback", feedback),
            None => candidates(response, own, exchange, o)?,
        }
        if own && !response.usage_extra.is_empty() {
            o.object("usageMetadata", |o| response.usage_extra.write(o));
        } else if let Some(usage) = response.usage.as_ref().filter(|usage| !usage.is_empty()) {
            o.object("usageMetadata", |o| usage::encode(usage, o));
        }
        if !response.model.is_empty() {
            o.field("modelVersion", &response.model);
        }
        if !response.id.is_empty() {
            o.field("responseId", &response.id);
        } else if !own {
            o.field("responseId", minted_id(exchange.nonce));
        }
        if own {
            response.extra.write(o);
        }
        Ok(())
    })
}

/// What was said of a prompt that was refused.
fn blocked<'a>(response: &Response<'a>) -> Option<json::Raw<'a>> {
    match response.choices.as_slice() {
        [only] if only.parts.is_empty() => only.stop.as_ref()?.details,
        _ => None,
    }
}

fn candidates(
    response: &Response<'_>,
    own: bool,
    exchange: &mut Exchange,
    o: &mut Object<'_>,
) -> Result<(), Error> {
    let nothing = [Choice::default()];
    let choices = match response.choices.as_slice() {
        [] => nothing.as_slice(),
        choices => choices,
    };
    o.array("candidates", |a| {
        let mut choices = choices.iter().enumerate();
        choices.try_for_each(|(index, choice)| {
            let mut writer = Writer {
                own,
                nonce: exchange.nonce,
                choice: index,
                calls: 0,
                losses: &mut exchange.losses,
                cites: !is_native(choice, own, "groundingMetadata"),
                grounding: Grounding::default(),
            };
            a.object(|o| writer.candidate(choice, o))
        })
    })
}

struct Writer<'w> {
    own: bool,
    nonce: u64,
    choice: usize,
    /// Calls so far.
    calls: usize,
    losses: &'w mut Losses,
    /// Whether citations are written; not where there are some in this API's own words.
    cites: bool,
    grounding: Grounding,
}

impl Writer<'_> {
    fn candidate(&mut self, choice: &Choice<'_>, o: &mut Object<'_>) -> Result<(), Error> {
        if !is_native(choice, self.own, "index") {
            o.field("index", self.choice as u64);
        }
        o.object("content", |o| {
            o.field("role", "model");
            if self.own {
                choice.message_extra.write(o);
            }
            o.array("parts", |a| self.parts(&choice.parts, a))
        })?;
        let refused = choice
            .parts
            .iter()
            .any(|part| matches!(part, Part::Refusal(_)));
        match &choice.stop {
            Some(stop) => stop::encode(stop, self.own, refused, o),
            None if self.own => {}
            None => stop::encode(&Stop::new(StopReason::End), false, refused, o),
        }
        self.grounding.write(o);
        if let Some(all) = &choice.logprobs {
            match all.native.filter(|_| self.own) {
                Some(native) => o.field("logprobsResult", native),
                None if all.tokens.is_empty() => {}
                None => o.object("logprobsResult", |o| logprobs::encode(&all.tokens, o)),
            }
        }
        if self.own {
            choice.extra.write(o);
        }
        Ok(())
    }

    fn parts(&mut self, parts: &[Part<'_>], a: &mut Array<'_>) -> Result<(), Error> {
        let (mut rest, mut number) = (parts.iter().enumerate().peekable(), 0);
        // A signature that waits for the call it belongs to.
        let mut waiting: Option<Cow<'_, str>> = None;
        while let Some((index, part)) = rest.next() {
            if let Part::Reasoning(thought) = part {
                let next = rest.peek().map(|(_, part)| *part);
                let before_call = matches!(next, Some(Part::ToolCall(_)));
                if before_call && marks(thought, SealPlace::Call) {
                    waiting = seal(thought);
                } else {
                    number += usize::from(self.thought(thought, a));
                }
                continue;
            }
            let behind = rest.peek().and_then(|(_, next)| mark_behind(next));
            let on_this = match part {
                Part::ToolCall(_) => waiting.take(),
                Part::Text { .. } | Part::Image(_) => behind.and_then(seal),
                _ => None,
            };
            let takes_next = on_this.is_some() && !matches!(part, Part::ToolCall(_));
            if takes_next {
                rest.next();
            }
            number += usize::from(self.part((index, number), part, on_this.as_deref(), a)?);
        }
        Ok(())
    }

    /// Writes a thought; tells whether there was anything to write.
    fn thought(&self, thought: &Reasoning<'_>, a: &mut Array<'_>) -> bool {
        let signature = seal(thought);
        match (&thought.seal, &signature) {
            (Some(seal), Some(signature)) if thought.text.is_empty() => {
                write::lone_signature(seal, signature, a.element());
            }
            _ if thought.text.is_empty() => return false,
            _ => {
                let beside = Beside {
                    signature: signature.as_deref(),
                    extra: self.own.then_some(&thought.extra),
                };
                write::thought(&thought.text, beside, a.element());
            }
        }
        true
    }

    /// Writes a part that is no thought; tells whether there is a word for it. `place` is where it was and where it
    /// is written.
    fn part(
        &mut self,
        place: (usize, usize),
        part: &Part<'_>,
        signature: Option<&str>,
        a: &mut Array<'_>,
    ) -> Result<bool, Error> {
        let beside = |extra| Beside {
            signature,
            extra: self.own.then_some(extra),
        };
        let (index, number) = place;
        match part {
            Part::Text { text, .. } if text.is_empty() && signature.is_none() => return Ok(false),
            Part::Text {
                text,
                citations,
                extra,
                ..
            } => {
                write::text(text, beside(extra), a.element());
                self.cite(text, citations, number);
            }
            Part::Refusal(text) => write::text(text, Beside::default(), a.element()),
            Part::ToolCall(call) => {
                let beside = beside(&call.extra);
                self.call(index, call, beside, a)?;
            }
            Part::Image(image) if write::can_show(image) => {
                let beside = Beside {
                    signature,
                    extra: None,
                };
                write::image(image, self.own, beside, a.element());
            }
            Part::Audio(audio) => a.object(|o| {
                o.object("inlineData", |o| {
                    o.field("mimeType", &audio.media_type);
                    o.field("data", &audio.data);
                });
            }),
            Part::Native { value, .. } if self.own => a.value(*value),
            _ => {
                let path = self.path(index);
                self.losses
                    .dropped(path, "the caller's format has no such part")?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn call(
        &mut self,
        index: usize,
        call: &ToolCall<'_>,
        beside: Beside<'_, '_>,
        a: &mut Array<'_>,
    ) -> Result<(), Error> {
        let number = self.calls;
        self.calls += 1;
        let id = match call.id.decode() {
            id if !id.is_empty() => Some(id),
            _ if self.own => None,
            _ => Some(minted_call_id(self.nonce, self.choice, number).into()),
        };
        if write::call(call, id.as_deref(), beside, a.element()) {
            let path = format!("{}.functionCall.args", self.path(index));
            self.losses
                .emulated(path, "the arguments are no JSON object")?;
        }
        Ok(())
    }

    fn cite(&mut self, text: &Text<'_>, citations: &[Citation<'_>], number: usize) {
        if citations.is_empty() || !self.cites {
            return;
        }
        let text = text.decode();
        let offsets = Offsets::new(&text);
        for citation in citations {
            self.grounding.add(citation, number, 0, &offsets);
        }
    }

    fn path(&self, index: usize) -> String {
        format!("candidates[{}].content.parts[{index}]", self.choice)
    }
}

/// The signature on a thought, for the caller to keep.
fn seal<'r>(thought: &'r Reasoning<'_>) -> Option<Cow<'r, str>> {
    let seal = thought.seal.as_ref()?;
    signature(seal, thought.redacted)
}

/// The thought behind a part that is only a signature on it. One that stood on a part of its own still does.
fn mark_behind<'r, 'a>(next: &'r Part<'a>) -> Option<&'r Reasoning<'a>> {
    match next {
        Part::Reasoning(thought) if marks(thought, SealPlace::Text) => {
            thought.extra.is_empty().then_some(thought)
        }
        _ => None,
    }
}

/// Whether a candidate has a member of that name from this API.
fn is_native(choice: &Choice<'_>, own: bool, key: &str) -> bool {
    own && choice.extra.iter().any(|member| member.key == key)
}
