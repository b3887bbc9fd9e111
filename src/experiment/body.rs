//! What of a request's body tells whose it is, found in one pass. Nothing is copied.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor},
};

use crate::{
    format::{ApiFormat, object::Key},
    json::{self, Kind, Raw, text_of},
};

use super::BodyField;

/// Where a format has its conversations.
#[derive(Debug, Clone, Copy)]
struct Shape {
    /// The members with what the model is told beside the turns. There may be several names for one.
    instructions: &'static [&'static str],
    /// The member with the turns.
    turns: &'static str,
    /// Members that say that the turns here are not all.
    earlier: &'static [&'static str],
}

impl Shape {
    /// `None` for a format that a host brings.
    fn of(format: ApiFormat) -> Option<Self> {
        let (instructions, turns, earlier): (&[_], _, &[_]) = match format.id() {
            "openai" => (&[], "messages", &[]),
            "openai_responses" => (
                &["instructions"],
                "input",
                &["previous_response_id", "conversation"],
            ),
            "anthropic" => (&["system"], "messages", &[]),
            "gemini" => (
                &["systemInstruction", "system_instruction"],
                "contents",
                &[],
            ),
            _ => return None,
        };
        Some(Self {
            instructions,
            turns,
            earlier,
        })
    }
}

/// Members of a body, unread. Of one that is there twice, the last one counts.
#[derive(Debug, Default)]
pub(super) struct Members<'a> {
    user: Option<Raw<'a>>,
    safety_identifier: Option<Raw<'a>>,
    prompt_cache_key: Option<Raw<'a>>,
    metadata: Option<Raw<'a>>,
    tools: Option<Raw<'a>>,
    functions: Option<Raw<'a>>,
    /// What the model is told beside the turns.
    pub(super) instructions: Option<Raw<'a>>,
    /// The turns, if the format is known.
    pub(super) turns: Option<Raw<'a>>,
    /// Whether the provider keeps turns that went before these.
    pub(super) has_earlier: bool,
}

impl<'a> Members<'a> {
    /// Of a body that is no JSON object, none.
    pub(super) fn read(format: ApiFormat, body: &'a [u8]) -> Self {
        let Ok(text) = text_of(body) else {
            return Self::default();
        };
        Self::scan(format, text).unwrap_or_else(|| {
            let mut deserializer = serde_json::Deserializer::from_str(text);
            let members = Reading(Shape::of(format)).deserialize(&mut deserializer);
            members.unwrap_or_default()
        })
    }

    /// Of what is plainly an object. `None` of what needs a closer look.
    fn scan(format: ApiFormat, text: &'a str) -> Option<Self> {
        let shape = Shape::of(format);
        let mut members = Self::default();
        json::members(text, |name, value| {
            let value = Some(value).filter(|value| value.kind() != Kind::Null);
            match members.slot(name, shape) {
                Slot::Member(slot) => *slot = value,
                Slot::Earlier => members.has_earlier |= value.is_some(),
                Slot::None => {}
            }
        })?;
        Some(members)
    }

    /// A member that tells whose the request is, if it is a text.
    pub(super) fn text(&self, field: BodyField) -> Option<Cow<'a, str>> {
        #[derive(Deserialize)]
        struct Metadata<'a> {
            #[serde(borrow, default)]
            user_id: Option<Raw<'a>>,
        }
        let member = match field {
            BodyField::User => self.user,
            BodyField::SafetyIdentifier => self.safety_identifier,
            BodyField::PromptCacheKey => self.prompt_cache_key,
            BodyField::MetadataUserId => self.metadata?.parse::<Metadata<'a>>().ok()?.user_id,
        };
        member?.text().map(crate::json::Text::into_chars)
    }

    /// Whether the model may call something, so that a loop may begin.
    pub(super) fn declares_tools(&self) -> bool {
        let lists = [self.tools, self.functions].into_iter().flatten();
        lists
            .filter(|list| list.kind() == Kind::Array)
            .any(|list| !list.is_empty())
    }
}

/// Where a member goes.
enum Slot<'m, 'a> {
    Member(&'m mut Option<Raw<'a>>),
    /// It says whether there are earlier turns.
    Earlier,
    None,
}

impl<'a> Members<'a> {
    fn slot(&mut self, name: &str, shape: Option<Shape>) -> Slot<'_, 'a> {
        Slot::Member(match (name, shape) {
            ("user", _) => &mut self.user,
            ("safety_identifier", _) => &mut self.safety_identifier,
            ("prompt_cache_key", _) => &mut self.prompt_cache_key,
            ("metadata", _) => &mut self.metadata,
            ("tools", _) => &mut self.tools,
            ("functions", _) => &mut self.functions,
            (name, Some(shape)) if name == shape.turns => &mut self.turns,
            (name, Some(shape)) if shape.instructions.contains(&name) => &mut self.instructions,
            (name, Some(shape)) if shape.earlier.contains(&name) => return Slot::Earlier,
            _ => return Slot::None,
        })
    }
}

/// The reading of a body that may have conversations in this shape.
struct Reading(Option<Shape>);

impl<'de> DeserializeSeed<'de> for Reading {
    type Value = Members<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Reading {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Members::default();
        while let Some(key) = map.next_key::<Key<'de>>()? {
            match members.slot(&key.0, self.0) {
                Slot::Member(slot) => *slot = map.next_value()?,
                Slot::Earlier => {
                    members.has_earlier |= map.next_value::<Option<IgnoredAny>>()?.is_some();
                }
                Slot::None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(members)
    }
}
