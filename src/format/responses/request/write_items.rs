//! The conversation, for a provider.

use std::borrow::Cow;

use crate::{
    ir::{Arguments, Error, Part, Request, Role, ToolCall, Turn},
    json::{Array, Object, Raw},
};

use super::{
    calls::Open,
    encode::Writer,
    items::{ROLE, TYPE},
    members::{Members, of_instructions},
    thoughts,
    write_output::own_result,
    write_tools::sent_name,
};

/// What takes the place of a conversation that may not be empty.
const PLACEHOLDER: &str = ".";

/// Parts of one message, with their positions in the turn.
pub(super) type Parts<'r, 'a> = Vec<(usize, &'r Part<'a>)>;

impl Writer<'_> {
    /// Writes the instructions before the conversation, as far as they are no messages of a caller of this API.
    pub(super) fn instructions(
        &mut self,
        request: &Request<'_>,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        if self.own {
            if let Some(Part::Text { text, .. }) =
                request.system.first().filter(|part| is_bare(part))
            {
                o.field("instructions", text);
            }
            return Ok(());
        }
        let mut texts = Vec::with_capacity(request.system.len());
        for (index, part) in request.system.iter().enumerate() {
            let path = || format!("{}[{index}]", self.names.system);
            match part {
                Part::Text { text, extra, .. } => {
                    if !extra.is_empty() {
                        self.foreign(&path(), extra)?;
                    }
                    if !text.is_blank() {
                        texts.push(text);
                    }
                }
                Part::Native { policy, .. } => self.unsayable(path(), *policy)?,
                _ => return Err(Error::unsupported(path())),
            }
        }
        match texts.as_slice() {
            [] => {}
            [text] => o.field("instructions", text),
            texts => {
                let texts: Vec<Cow<'_, str>> = texts.iter().map(|text| text.decode()).collect();
                o.field("instructions", texts.join("\n\n"));
            }
        }
        Ok(())
    }

    /// Writes the conversation.
    pub(super) fn input(&mut self, request: &Request<'_>, o: &mut Object<'_>) -> Result<(), Error> {
        let leading = match request.system.as_slice() {
            _ if !self.own => &[],
            [first, rest @ ..] if is_bare(first) => rest,
            all => all,
        };
        if self.own && leading.is_empty() {
            match request.turns.as_slice() {
                [] => return Ok(()),
                [turn] if turn.role == Role::User && turn.extra.is_empty() => {
                    if let [part @ Part::Text { text, .. }] = turn.parts.as_slice()
                        && is_bare(part)
                    {
                        o.field("input", text);
                        return Ok(());
                    }
                }
                _ => {}
            }
        }
        self.count_marks(request)?;
        o.array("input", |a| {
            self.leading(leading, a)?;
            if self.own {
                let mut open = Open::default();
                let mut turns = request.turns.iter();
                return turns.try_for_each(|turn| self.turn(turn, &mut open, a));
            }
            self.conversation(&request.turns, a)?;
            if a.is_empty() {
                self.placeholder(a)?;
            }
            Ok(())
        })
    }

    fn placeholder(&mut self, a: &mut Array<'_>) -> Result<(), Error> {
        let losses = &mut self.exchange.losses;
        losses.emulated(
            self.names.turns,
            "the target takes no empty conversation; the user says a point",
        )?;
        let parts = [Part::text(PLACEHOLDER)];
        let turn = Turn::new(Role::User, 0, Vec::new());
        let parts = parts.iter().enumerate().collect();
        self.message(&turn, parts, &[], a)
    }

    /// Writes the messages of instructions that a caller of this API put before the conversation.
    fn leading(&mut self, parts: &[Part<'_>], a: &mut Array<'_>) -> Result<(), Error> {
        let begins = |part: &Part<'_>| of_instructions(part).next().is_some();
        for message in parts.chunk_by(|_, next| !begins(next)) {
            let members: Vec<_> = message.iter().flat_map(of_instructions).collect();
            let turn = Turn::new(Role::System, 0, Vec::new());
            let parts = message.iter().enumerate().collect();
            self.message(&turn, parts, &members, a)?;
        }
        Ok(())
    }

    /// Writes a turn, without the results of another format's, which stand before.
    pub(super) fn turn<'r>(
        &mut self,
        turn: &'r Turn<'_>,
        open: &mut Open<'r>,
        a: &mut Array<'_>,
    ) -> Result<(), Error> {
        self.foreign_at(&turn.extra, |writer| writer.turn_path(turn))?;
        let mut members = Members::of(turn, self.own);
        let is_message = turn.extra.iter().any(|member| member.key == ROLE);
        let mut parts = Parts::new();
        let mut current = members.of_whole();
        for (index, part) in turn.parts.iter().enumerate() {
            if let Some(next) = members.beginning_at(index) {
                self.said(turn, &mut parts, &current, a)?;
                current = next;
            }
            if self.is_said(part, turn.role, is_message) {
                parts.push((index, part));
                continue;
            }
            if self.is_an_item(part) {
                self.said(turn, &mut parts, &current, a)?;
            }
            if let Part::ToolCall(call) = part {
                self.call((turn, index), call, open, a)?;
            } else {
                self.item(turn, index, part, a)?;
            }
        }
        self.said(turn, &mut parts, &current, a)
    }

    /// Whether a part is one of a message.
    fn is_said(&self, part: &Part<'_>, role: Role, is_message: bool) -> bool {
        match part {
            Part::Text { .. } | Part::Refusal(_) | Part::Audio(_) => true,
            Part::Image(_) | Part::Document(_) => self.own || role != Role::Assistant,
            Part::Native { kind, .. } => {
                let is_part = kind.starts_with("input_") || kind.starts_with("output_");
                self.own && (is_part || is_message)
            }
            Part::Reasoning(_) | Part::ToolCall(_) | Part::ToolResult(_) => false,
        }
    }

    /// Whether a part that is none of a message comes of it at all, and so ends what is said before.
    fn is_an_item(&self, part: &Part<'_>) -> bool {
        match part {
            _ if self.own => true,
            Part::Reasoning(thought) => thoughts::is_of_this_api(thought),
            // Results stand before what is said.
            Part::Native { .. } | Part::ToolResult(_) => false,
            _ => true,
        }
    }

    /// Writes the parts of a message, if there are any, and takes them away.
    fn said(
        &mut self,
        turn: &Turn<'_>,
        parts: &mut Parts<'_, '_>,
        members: &[(&str, Raw<'_>)],
        a: &mut Array<'_>,
    ) -> Result<(), Error> {
        let mut parts = std::mem::take(parts);
        if !self.own {
            parts.retain(|(_, part)| !is_empty(part));
        }
        let is_message = members.iter().any(|(key, _)| *key == ROLE);
        if parts.is_empty() && !(is_message && turn.parts.is_empty()) {
            return Ok(());
        }
        self.message(turn, parts, members, a)
    }

    fn message(
        &mut self,
        turn: &Turn<'_>,
        parts: Parts<'_, '_>,
        members: &[(&str, Raw<'_>)],
        a: &mut Array<'_>,
    ) -> Result<(), Error> {
        a.object(|o| {
            if members.is_empty() {
                o.field(TYPE, "message");
                o.field(ROLE, role(turn.role));
            }
            for (key, value) in members {
                o.field(key, *value);
            }
            if let [(_, part @ Part::Text { text, .. })] = parts.as_slice()
                && self.own
                && !has_type(part)
            {
                o.field("content", text);
                return Ok(());
            }
            o.array("content", |a| {
                let mut parts = parts.into_iter();
                parts.try_for_each(|(index, part)| self.part(turn, index, part, a))
            })
        })
    }

    /// Writes a part that is an item of its own.
    fn item(
        &mut self,
        turn: &Turn<'_>,
        index: usize,
        part: &Part<'_>,
        a: &mut Array<'_>,
    ) -> Result<(), Error> {
        match part {
            Part::Reasoning(thought) => {
                let path = self.part_path(turn, index);
                self.thought(thought, path, a)
            }
            Part::ToolResult(result) if self.own => {
                own_result(turn, a);
                Ok(())
            }
            Part::Native { value, .. } if self.own => {
                a.value(value);
                Ok(())
            }
            Part::Native { policy, .. } => self.unsayable(self.part_path(turn, index), *policy),
            Part::Image(_) | Part::Document(_) => self.shown(turn, index, part, a),
            _ => Ok(()),
        }
    }

    /// What the model shows can only be said by the user.
    fn shown(
        &mut self,
        turn: &Turn<'_>,
        index: usize,
        part: &Part<'_>,
        a: &mut Array<'_>,
    ) -> Result<(), Error> {
        let path = self.part_path(turn, index);
        let losses = &mut self.exchange.losses;
        losses.emulated(path, "the target takes files of the user only")?;
        let users = Turn::new(Role::User, turn.index, Vec::new());
        self.message(&users, vec![(index, part)], &[], a)
    }

    fn call<'r>(
        &mut self,
        (turn, index): (&Turn<'_>, usize),
        call: &'r ToolCall<'_>,
        open: &mut Open<'r>,
        a: &mut Array<'_>,
    ) -> Result<(), Error> {
        let mut id = call.id.decode();
        if !self.own {
            let Some(sent) = open.register(call, (turn.index, index)) else {
                let path = self.part_path(turn, index);
                let reason = "another call has its id";
                return self.exchange.losses.dropped(path, reason);
            };
            id = sent.id.into();
        }
        self.foreign_at(&call.extra, |writer| writer.part_path(turn, index))?;
        let is_named = self.own && call.extra.iter().any(|member| member.key == "name");
        a.object(|o| {
            let kind = if call.freeform {
                "custom_tool_call"
            } else {
                "function_call"
            };
            o.field(TYPE, kind);
            o.field("call_id", id);
            if !is_named {
                o.field("name", sent_name(&call.name));
            }
            match &call.arguments {
                arguments if !call.freeform => arguments.write_string(o.key("arguments")),
                Arguments::Text(input) => o.field("input", input),
                Arguments::Json(json) => o.field("input", json.get()),
            }
            if self.own {
                call.extra.write(o);
            }
        });
        Ok(())
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Assistant => "assistant",
        Role::System => "developer",
        Role::User | Role::Tool => "user",
    }
}

/// Whether a part is text without members: one that no list and no message of a caller of this API had.
fn is_bare(part: &Part<'_>) -> bool {
    matches!(part, Part::Text { extra, .. } if extra.is_empty())
}

fn has_type(part: &Part<'_>) -> bool {
    let Part::Text { extra, .. } = part else {
        return true;
    };
    let own = extra.iter().take_while(|member| member.key != ROLE);
    own.into_iter().any(|member| member.key == TYPE)
}

fn is_empty(part: &Part<'_>) -> bool {
    match part {
        Part::Text { text, .. } | Part::Refusal(text) => text.is_empty(),
        _ => false,
    }
}
