use bytes::BytesMut;

use crate::{
    format::common::freeform,
    json::{Object, Text},
};

use super::{
    super::{call_seal, id},
    encode::Encoder,
    outgoing::Kind,
};

impl Encoder {
    /// Begins a tool call.
    pub(super) fn call(
        &mut self,
        choice: usize,
        id: &Text<'_>,
        name: &Text<'_>,
        freeform: bool,
        out: &mut BytesMut,
    ) -> Kind {
        let Some(answer) = self.answers.get_mut(&choice) else {
            return Kind::Unsayable;
        };
        let ordinal = answer.calls;
        answer.calls += 1;
        let seal = answer.call_seal.take();
        if self.exchange.legacy_functions {
            if ordinal > 0 {
                return Kind::Unsayable;
            }
            self.chunk(choice, out, |o| {
                o.object("function_call", |o| {
                    o.field("name", name);
                    o.field("arguments", "");
                });
            });
            return Kind::Legacy;
        }
        let wrapped = !freeform && freeform::is_freeform(&self.exchange, &name.decode());
        let (kind, payload) = if freeform || wrapped {
            ("custom", "input")
        } else {
            ("function", "arguments")
        };
        let given = id.decode();
        let id = id::own_call(&given, self.exchange.nonce, (choice, ordinal));
        self.tool_call(choice, ordinal, out, |o| {
            o.field("id", &id);
            o.field("type", kind);
            o.object(kind, |o| {
                o.field("name", name);
                o.field(payload, "");
            });
            if let Some(seal) = &seal {
                call_seal::write(seal, o);
            }
        });
        match (wrapped, freeform) {
            (true, _) => Kind::Wrapped {
                ordinal,
                arguments: String::new(),
            },
            (false, true) => Kind::Custom { ordinal },
            (false, false) => Kind::Function { ordinal },
        }
    }

    fn tool_call(
        &self,
        choice: usize,
        ordinal: u64,
        out: &mut BytesMut,
        members: impl FnOnce(&mut Object<'_>),
    ) {
        self.chunk(choice, out, |o| {
            o.array("tool_calls", |a| {
                a.object(|o| {
                    o.field("index", ordinal);
                    members(o);
                });
            });
        });
    }

    /// Writes a piece of what a tool is called with.
    pub(super) fn arguments(
        &self,
        choice: usize,
        payload: Payload,
        text: &Text<'_>,
        out: &mut BytesMut,
    ) {
        match payload {
            Payload::Function(ordinal) => self.tool_call(choice, ordinal, out, |o| {
                o.object("function", |o| o.field("arguments", text));
            }),
            Payload::Custom(ordinal) => self.tool_call(choice, ordinal, out, |o| {
                o.object("custom", |o| o.field("input", text));
            }),
            Payload::Legacy => self.chunk(choice, out, |o| {
                o.object("function_call", |o| o.field("arguments", text));
            }),
            Payload::None => {}
        }
    }
}

/// Where the arguments of a call go.
#[derive(Debug, Clone, Copy)]
pub(super) enum Payload {
    Function(u64),
    Custom(u64),
    Legacy,
    None,
}

impl Payload {
    /// Of a block of this kind.
    pub(super) fn of(kind: &Kind) -> Self {
        match kind {
            Kind::Function { ordinal } => Self::Function(*ordinal),
            Kind::Custom { ordinal } => Self::Custom(*ordinal),
            Kind::Legacy => Self::Legacy,
            _ => Self::None,
        }
    }
}
