//! The items of a whole answer, written.

use std::slice;

use crate::{
    format::{
        common::{freeform, logprobs},
        responses::wire::{response::Item, text},
    },
    ir::{
        Arguments, Choice, Citation, Error, Exchange, Extra, Image, Logprobs, Losses, Member, Part,
        Reasoning, Source, ToolCall,
    },
    json::{self, Array, Object, Text},
};

use super::{
    encode::explanation,
    ids, read,
    write::{self, Call},
};

/// State of one answer.
pub(super) struct Writer<'w> {
    pub(super) own: bool,
    pub(super) exchange: &'w Exchange,
    pub(super) losses: &'w mut Losses,
    /// The answer's id.
    pub(super) answer: &'w str,
    /// Number of the next item.
    pub(super) index: u64,
    /// Whether something is missing at the end.
    pub(super) is_incomplete: bool,
    /// Of all texts; the first one gets them.
    pub(super) logprobs: Option<&'w Logprobs<'w>>,
    /// The messages as they came from this API.
    pub(super) messages: slice::Iter<'w, Member<'w>>,
}

impl<'w> Writer<'w> {
    pub(super) fn write(&mut self, choice: &Choice<'_>, a: &mut Array<'_>) -> Result<(), Error> {
        let is_refusal = |part: &Part<'_>| matches!(part, Part::Refusal(_));
        let mut rest = choice.parts.as_slice();
        while let Some((first, others)) = rest.split_first() {
            if is_said(first) {
                let message = self.message();
                let run = rest
                    .iter()
                    .take(message.parts)
                    .take_while(|part| is_said(part));
                let (said, behind) = rest.split_at(run.count());
                self.say(said, &message, behind.is_empty(), a)?;
                rest = behind;
            } else {
                self.item(first, a)?;
                rest = others;
            }
        }
        let refused = choice.parts.iter().any(is_refusal);
        if let Some(text) = explanation(choice.stop.as_ref(), refused) {
            let message = self.message();
            self.say(&[Part::Refusal(text.clone())], &message, true, a)?;
        }
        Ok(())
    }

    /// The next message: as it came from this API, or all that is said in a row.
    fn message(&mut self) -> Message<'w> {
        if self.own {
            for member in self.messages.by_ref() {
                let item: Item<'w> = member.value.parse().unwrap_or_default();
                let parts = read::content(item.content).count();
                if parts > 0 {
                    let id = text(item.id).map(|id| id.decode().into_owned());
                    return Message {
                        id,
                        parts,
                        native: Some(item.extra),
                    };
                }
            }
        }
        Message {
            id: None,
            parts: usize::MAX,
            native: None,
        }
    }

    fn number(&mut self) -> u64 {
        self.index += 1;
        self.index - 1
    }

    /// The id of an item: its own, or one that is made for it.
    fn id(&self, extra: &Extra<'_>, prefix: &str, index: u64) -> String {
        let own = extra.iter().filter(|_| self.own);
        let own = own
            .filter(|member| member.key == "id")
            .find_map(|member| member.value.text());
        match own {
            Some(id) => id.decode().into_owned(),
            None => ids::item(prefix, self.answer, index),
        }
    }

    fn say(
        &mut self,
        parts: &[Part<'_>],
        message: &Message<'_>,
        is_last: bool,
        a: &mut Array<'_>,
    ) -> Result<(), Error> {
        let index = self.number();
        let id = match &message.id {
            Some(id) => id.clone(),
            None => ids::item("msg", self.answer, index),
        };
        for (part, said) in parts.iter().enumerate() {
            self.lose_citations(said, index, part)?;
        }
        let status = write::status(!(is_last && self.is_incomplete));
        a.object(|o| {
            let mut content = |a: &mut Array<'_>| {
                for part in parts {
                    a.object(|o| self.part(part, o));
                }
            };
            match &message.native {
                Some(members) => {
                    o.field("id", &*id);
                    o.field("type", "message");
                    members.write(o);
                    o.array("content", content);
                }
                None => write::message(&id, status, o, &mut content),
            }
        });
        Ok(())
    }

    fn lose_citations(&mut self, part: &Part<'_>, index: u64, place: usize) -> Result<(), Error> {
        let Part::Text { citations, .. } = part else {
            return Ok(());
        };
        let is_lost = |citation: &&Citation<'_>| !write::is_citable(citation, self.own);
        for _ in citations.iter().filter(is_lost) {
            self.losses.dropped(
                format!("output[{index}].content[{place}].annotations"),
                "only web pages can be cited",
            )?;
        }
        Ok(())
    }

    fn part(&mut self, part: &Part<'_>, o: &mut Object<'_>) {
        match part {
            Part::Text {
                text,
                citations,
                extra,
                ..
            } => {
                let own = self.own;
                let native = extra
                    .iter()
                    .filter(|_| own)
                    .find(|member| member.key == "logprobs");
                let logprobs = self.logprobs.take();
                let annotations = |a: &mut Array<'_>| annotations(text, citations, own, a);
                match native {
                    Some(logprobs) => {
                        write::output_text(text, o, annotations, logprobs.value);
                    }
                    None => write::output_text(text, o, annotations, Tokens(logprobs)),
                }
                if own {
                    write::others(extra, &["logprobs"], o);
                }
            }
            Part::Refusal(text) => write::refusal(text, o),
            _ => {}
        }
    }

    fn item(&mut self, part: &Part<'_>, a: &mut Array<'_>) -> Result<(), Error> {
        match part {
            Part::Reasoning(thought) => self.thought(thought, a),
            Part::ToolCall(call) => self.call(call, a),
            Part::Image(image) if matches!(image.source, Source::Base64 { .. }) => {
                self.image(image, a);
            }
            Part::Native { value, .. } if self.own => {
                self.number();
                a.value(*value);
            }
            _ => self.losses.dropped(
                format!("output[{}]", self.index),
                "the caller's format has no such item",
            )?,
        }
        Ok(())
    }

    fn thought(&mut self, thought: &Reasoning<'_>, a: &mut Array<'_>) {
        let index = self.index;
        let seal = thought.seal.as_ref();
        let id = match seal.filter(|seal| seal.is_of(super::super::ID) && !seal.id.is_empty()) {
            Some(seal) => seal.id.decode().into_owned(),
            None => self.id(&thought.extra, "rs", index),
        };
        let redacted = thought.redacted;
        let seal = seal.and_then(|seal| write::encrypted(seal, &id, redacted, self.exchange));
        if thought.text.is_empty() && seal.is_none() && !self.own {
            return;
        }
        self.number();
        a.object(|o| {
            o.field("id", id);
            o.field("type", "reasoning");
            let is_native = |member: &&Member<'_>| member.key == "summary";
            match thought.extra.iter().filter(|_| self.own).find(is_native) {
                Some(member) => o.field("summary", member.value),
                None => write::summary(&thought.text, o),
            }
            o.optional("encrypted_content", seal);
            if self.own {
                write::others(&thought.extra, &["id", "summary"], o);
            }
        });
    }

    fn call(&mut self, call: &ToolCall<'_>, a: &mut Array<'_>) {
        let index = self.number();
        let name = call.name.decode();
        let wrapped = !call.freeform && write::is_wrapped(self.exchange, &name);
        let mut named = Call::new(self.exchange, name, call.freeform || wrapped);
        named.id = self.id(&call.extra, named.prefix(), index);
        named.call_id = match call.id.decode() {
            id if id.is_empty() => ids::call(self.answer, index),
            id => id.into_owned(),
        };
        let native = self.own.then_some(&call.extra);
        a.object(|o| match &call.arguments {
            arguments if wrapped => {
                named.write(
                    freeform::input_of(arguments),
                    write::status(true),
                    native,
                    o,
                );
            }
            Arguments::Text(input) if call.freeform => {
                named.write(input, write::status(true), native, o);
            }
            Arguments::Json(json) if call.freeform => {
                named.write(json.get(), write::status(true), native, o);
            }
            arguments => {
                let complete = write::is_complete(arguments);
                let payload = write::Payload(arguments);
                named.write(payload, write::status(complete), native, o);
            }
        });
    }

    fn image(&mut self, image: &Image<'_>, a: &mut Array<'_>) {
        let index = self.number();
        let id = self.id(&image.extra, "ig", index);
        a.object(|o| write::image(&id, image, self.own, o));
    }
}

struct Message<'a> {
    id: Option<String>,
    /// How many parts it has at most.
    parts: usize,
    /// Its other members, if it came from this API.
    native: Option<Extra<'a>>,
}

fn is_said(part: &Part<'_>) -> bool {
    matches!(part, Part::Text { .. } | Part::Refusal(_))
}

fn annotations(text: &Text<'_>, citations: &[Citation<'_>], own: bool, a: &mut Array<'_>) {
    let mut length = None;
    for citation in citations
        .iter()
        .filter(|citation| write::is_citable(citation, own))
    {
        let length = *length.get_or_insert_with(|| text.decode().chars().count() as u64);
        write::annotation(citation, length, own, a.element());
    }
}

/// Log-probabilities as a list.
struct Tokens<'l>(Option<&'l Logprobs<'l>>);

impl json::ToJson for Tokens<'_> {
    fn write(&self, out: &mut bytes::BytesMut) {
        json::array(out, |a| {
            if let Some(logprobs) = self.0 {
                logprobs::write_spelled(&logprobs.tokens, a);
            }
        });
    }
}
