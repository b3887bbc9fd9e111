//! Messages for a provider.

use std::borrow::Cow;

use crate::{
    format::{ReasoningEcho, SystemRole},
    ir::{Arguments, Error, Extra, Part, Role, ToolCall, ToolResult, Turn},
    json::{Array, Object, Raw, Text},
};

use super::{
    super::{call_seal, id, reasoning},
    encode::Writer,
    message::ROLE,
    normalise::{self, Call, Message},
};

/// Stands for a result that nobody recorded.
const NO_RESULT: &str = "Error: [no result recorded]";

/// Parts with their positions in the caller's list.
pub(super) type Parts<'r, 'a> = Vec<(usize, &'r Part<'a>)>;

impl Writer<'_> {
    /// Writes the instructions before the conversation.
    pub(super) fn system(&mut self, parts: &[Part<'_>], a: &mut Array<'_>) -> Result<(), Error> {
        let parts: Parts<'_, '_> = parts
            .iter()
            .enumerate()
            .filter(|(_, part)| self.own || !is_empty(part))
            .collect();
        let path = self.names.system;
        if !self.own {
            if parts.is_empty() {
                return Ok(());
            }
            return a.object(|o| {
                o.field("role", self.system_role());
                self.content(parts, path, o)
            });
        }
        // The role of each message is kept with its first part.
        let begins = |part: &Part<'_>| kept_role(extra_of(part)).is_some();
        for message in parts.chunk_by(|_, (_, next)| !begins(next)) {
            let extra = message.first().and_then(|(_, part)| extra_of(part));
            a.object(|o| {
                self.role(Role::System, extra, o);
                self.content(message.to_vec(), path, o)?;
                let members = extra.into_iter().flat_map(Extra::iter);
                for member in members.skip_while(|member| member.key != ROLE).skip(1) {
                    o.field(&member.key, member.value);
                }
                Ok::<_, Error>(())
            })?;
        }
        Ok(())
    }

    /// Writes a message of the conversation.
    pub(super) fn message(
        &mut self,
        message: &Message<'_, '_>,
        a: &mut Array<'_>,
    ) -> Result<(), Error> {
        match message {
            Message::Said(turn, calls) => self.said(turn, calls, a),
            Message::Result(turn, index, result, id) => self.result((turn, *index), result, id, a),
            Message::NoResult(id) => {
                a.object(|o| {
                    o.field("role", "tool");
                    o.field("tool_call_id", id);
                    o.field("content", NO_RESULT);
                });
                Ok(())
            }
            Message::Orphan(result) => {
                orphan(result, a);
                Ok(())
            }
            Message::Shown(shown) => a.object(|o| {
                o.field("role", "user");
                o.array("content", |a| {
                    shown.iter().try_for_each(|(turn, index, part)| {
                        self.part(part, &self.part_path(turn, *index), a)
                    })
                })
            }),
        }
    }

    fn said(
        &mut self,
        turn: &Turn<'_>,
        calls: &[Call<'_, '_>],
        a: &mut Array<'_>,
    ) -> Result<(), Error> {
        let path = self.turn_path(turn);
        self.foreign(&path, &turn.extra)?;
        let is_assistant = turn.role == Role::Assistant;
        let mut parts: Parts<'_, '_> = turn
            .parts
            .iter()
            .enumerate()
            .filter(|(_, part)| is_content(part) && (self.own || !is_assistant || !is_empty(part)))
            .collect();
        let path = format!("{path}.{}", self.names.parts);
        if !self.own && matches!(turn.role, Role::Assistant | Role::System) {
            let shows = self.show(&mut parts, &path, a)?;
            if shows && parts.is_empty() && turn.role == Role::System {
                return Ok(());
            }
        }
        a.object(|o| {
            self.role(turn.role, Some(&turn.extra), o);
            if is_assistant {
                self.assistant(turn, parts, calls, &path, o)?;
            } else {
                self.content(parts, &path, o)?;
            }
            self.members(&turn.extra, o);
            Ok(())
        })
    }

    /// Has the user show what nobody else can here: files. Before the message that has them, because the results of its
    /// calls must follow it. Tells whether there are any.
    fn show(
        &mut self,
        parts: &mut Parts<'_, '_>,
        path: &str,
        a: &mut Array<'_>,
    ) -> Result<bool, Error> {
        let all = std::mem::take(parts).into_iter();
        let (files, said): (Vec<_>, _) = all.partition(|(_, part)| normalise::is_shown(part));
        *parts = said;
        if files.is_empty() {
            return Ok(false);
        }
        a.object(|o| {
            o.field("role", "user");
            o.array("content", |a| {
                files.iter().try_for_each(|(index, part)| {
                    let path = format!("{path}[{index}]");
                    self.part(part, &path, a)?;
                    let losses = &mut self.exchange.losses;
                    losses.emulated(path, "the target takes files of the user only")
                })
            })
        })?;
        Ok(true)
    }

    fn assistant(
        &mut self,
        turn: &Turn<'_>,
        parts: Parts<'_, '_>,
        calls: &[Call<'_, '_>],
        path: &str,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        self.thoughts(turn, !calls.is_empty(), o)?;
        let refusals = turn.parts.iter().filter_map(|part| match part {
            Part::Refusal(text) => Some(text),
            _ => None,
        });
        let refusal = refusals
            .map(Text::decode)
            .reduce(|all, text| (all + "\n") + text);
        if parts.is_empty() && (refusal.is_some() || !calls.is_empty()) {
            o.field("content", ());
        } else {
            self.content(parts, path, o)?;
        }
        o.optional("refusal", refusal);
        if !calls.is_empty() {
            o.array("tool_calls", |a| {
                for (call, id) in calls {
                    self.call(call, id, a);
                }
            });
        }
        Ok(())
    }

    /// Thoughts go back only to who thought them, and this API seals none; but some of its servers want to be told what
    /// they thought.
    fn thoughts(&mut self, turn: &Turn<'_>, called: bool, o: &mut Object<'_>) -> Result<(), Error> {
        if self.own && self.dialect.knows_thoughts {
            reasoning::encode(&turn.parts, o);
            return Ok(());
        }
        let is_told = match self.dialect.reasoning_content_echo {
            ReasoningEcho::Never => false,
            ReasoningEcho::ToolTurns => called,
            ReasoningEcho::Always => true,
        };
        if is_told {
            reasoning::write_text(&turn.parts, o);
            return Ok(());
        }
        for (index, part) in turn.parts.iter().enumerate() {
            if let Part::Reasoning(_) = part {
                let path = self.part_path(turn, index);
                let losses = &mut self.exchange.losses;
                losses.dropped(path, "the target takes no thoughts")?;
            }
        }
        Ok(())
    }

    fn call(&self, call: &ToolCall<'_>, id: &str, a: &mut Array<'_>) {
        let name = call.name.decode();
        a.object(|o| {
            o.field("id", id);
            if call.freeform {
                o.field("type", "custom");
                o.object("custom", |o| {
                    o.field("name", id::tool_name(name));
                    match &call.arguments {
                        Arguments::Text(input) => o.field("input", input),
                        Arguments::Json(json) => o.field("input", json.get()),
                    }
                });
            } else {
                o.field("type", "function");
                o.object("function", |o| {
                    o.field("name", id::tool_name(name));
                    call.arguments.write_string(o.key("arguments"));
                });
            }
            let is_taken = |key: &str| self.dialect.knows_thoughts || key != call_seal::MEMBER;
            let members = call.extra.iter().filter(|member| is_taken(&member.key));
            members
                .filter(|_| self.own)
                .for_each(|member| o.field(&member.key, member.value));
        });
    }

    fn result(
        &mut self,
        (turn, index): (&Turn<'_>, usize),
        result: &ToolResult<'_>,
        id: &str,
        a: &mut Array<'_>,
    ) -> Result<(), Error> {
        let path = self.part_path(turn, index);
        let alone = index == 0 && !normalise::says(turn);
        if alone {
            self.foreign(&self.turn_path(turn), &turn.extra)?;
        }
        self.foreign(&path, &result.extra)?;
        a.object(|o| {
            o.field("role", "tool");
            o.field("tool_call_id", id);
            self.result_content(result, &path, o)?;
            if alone {
                self.members(&turn.extra, o);
            }
            Ok(())
        })
    }

    fn role(&self, role: Role, extra: Option<&Extra<'_>>, o: &mut Object<'_>) {
        let kept = kept_role(extra).filter(|_| self.own);
        match (role, kept) {
            (Role::System, Some(kept)) => o.field(ROLE, kept),
            (Role::System, None) => o.field(ROLE, self.system_role()),
            (Role::Assistant, _) => o.field(ROLE, "assistant"),
            (Role::User | Role::Tool, _) => o.field(ROLE, "user"),
        }
    }

    fn system_role(&self) -> &'static str {
        match self.dialect.system_role {
            SystemRole::System => "system",
            SystemRole::Developer => "developer",
        }
    }

    /// Writes a message's native members.
    fn members(&self, extra: &Extra<'_>, o: &mut Object<'_>) {
        if self.own {
            for member in extra.iter().filter(|member| member.key != ROLE) {
                o.field(&member.key, member.value);
            }
        }
    }

    fn turn_path(&self, turn: &Turn<'_>) -> String {
        format!("{}[{}]", self.names.turns, turn.index)
    }

    fn part_path(&self, turn: &Turn<'_>, index: usize) -> String {
        format!(
            "{}[{}].{}[{index}]",
            self.names.turns, turn.index, self.names.parts
        )
    }
}

/// Says a result as the user would, if it says anything.
fn orphan(result: &ToolResult<'_>, a: &mut Array<'_>) {
    let texts = result.content.iter().filter_map(|part| match part {
        Part::Text { text, .. } if !text.is_blank() => Some(text.decode()),
        _ => None,
    });
    let texts: Vec<Cow<'_, str>> = texts.collect();
    if !texts.is_empty() {
        a.object(|o| {
            o.field("role", "user");
            o.field("content", format!("Tool result: {}", texts.join("\n")));
        });
    }
}

/// Whether a part belongs into `content`.
fn is_content(part: &Part<'_>) -> bool {
    match part {
        Part::Text { .. }
        | Part::Image(_)
        | Part::Document(_)
        | Part::Audio(_)
        | Part::Native { .. } => true,
        Part::Refusal(_) | Part::Reasoning(_) | Part::ToolCall(_) | Part::ToolResult(_) => false,
    }
}

fn is_empty(part: &Part<'_>) -> bool {
    matches!(part, Part::Text { text, .. } if text.is_empty())
}

fn extra_of<'r, 'a>(part: &'r Part<'a>) -> Option<&'r Extra<'a>> {
    match part {
        Part::Text { extra, .. } => Some(extra),
        _ => None,
    }
}

fn kept_role<'a>(extra: Option<&Extra<'a>>) -> Option<Raw<'a>> {
    let mut members = extra?.iter();
    members
        .find(|member| member.key == ROLE)
        .map(|member| member.value)
}
