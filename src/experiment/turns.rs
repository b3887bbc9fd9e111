//! The turns of a conversation, in whichever of the built-in formats. What they have in common is enough to tell who speaks.

use std::{fmt, ops::ControlFlow};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, SeqAccess, Visitor},
};

use crate::json::{Kind, Raw, Text};

/// Who speaks in a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaker {
    /// Who tells the model what to be.
    System,
    User,
    /// The model, or whoever is none of the others.
    Model,
    /// What the model has called.
    Tool,
}

/// A message, an item of `input`, one of `contents`.
#[derive(Deserialize)]
pub(super) struct Turn<'a> {
    #[serde(borrow, default)]
    role: Option<Text<'a>>,
    #[serde(borrow, default, rename = "type")]
    kind: Option<Text<'a>>,
    /// What is said.
    #[serde(borrow, default, alias = "parts")]
    pub(super) content: Option<Raw<'a>>,
}

impl Turn<'_> {
    pub(super) fn speaker(&self) -> Speaker {
        let role = self.role.as_ref().map(Text::decode);
        let kind = self.kind.as_ref().map(Text::decode);
        match (role.as_deref(), kind.as_deref()) {
            (Some("system" | "developer"), _) => Speaker::System,
            (Some("user"), _) | (None, None | Some("message")) => Speaker::User,
            (Some("tool" | "function"), _) | (None, Some("mcp_approval_response")) => Speaker::Tool,
            (None, Some(kind)) if kind.ends_with("_output") => Speaker::Tool,
            _ => Speaker::Model,
        }
    }

    /// Whether a user's turn brings what a tool has answered.
    pub(super) fn has_tool_result(&self) -> bool {
        #[derive(Deserialize)]
        struct Part<'a> {
            #[serde(borrow, default, rename = "type")]
            kind: Option<Text<'a>>,
            #[serde(default, rename = "functionResponse", alias = "function_response")]
            response: Option<IgnoredAny>,
        }
        let is_result = |part: &Part<'_>| {
            let kind = part.kind.as_ref();
            part.response.is_some() || kind.is_some_and(|kind| *kind == "tool_result")
        };
        let Some(content) = self.content else {
            return false;
        };
        match content.kind() {
            Kind::Object => content.parse().is_ok_and(|part| is_result(&part)),
            Kind::Array => {
                let parts = content.parse::<Vec<Part<'_>>>();
                parts.is_ok_and(|parts| parts.iter().any(is_result))
            }
            _ => false,
        }
    }
}

/// Shows the turns, in their order, until there has been enough or one is none. A text is the one turn of a user.
pub(super) fn each<'a>(turns: Raw<'a>, mut look: impl FnMut(Turn<'a>) -> ControlFlow<()>) {
    let only = match turns.kind() {
        Kind::Array => {
            let mut deserializer = serde_json::Deserializer::from_str(turns.get());
            // It fails where there has been enough.
            let _ = Each(look).deserialize(&mut deserializer);
            return;
        }
        Kind::String => Some(Turn {
            role: None,
            kind: None,
            content: Some(turns),
        }),
        _ => turns.parse().ok(),
    };
    if let Some(turn) = only {
        let _ = look(turn);
    }
}

struct Each<F>(F);

impl<'de, F: FnMut(Turn<'de>) -> ControlFlow<()>> DeserializeSeed<'de> for Each<F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(Turn<'de>) -> ControlFlow<()>> Visitor<'de> for Each<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("turns")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut turns: A) -> Result<(), A::Error> {
        while let Some(turn) = turns.next_element()? {
            if (self.0)(turn).is_break() {
                return Err(A::Error::custom("enough"));
            }
        }
        Ok(())
    }
}
