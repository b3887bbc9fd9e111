//! What is said in a turn: its texts, and images and files by their data or by where they are. How it is wrapped, and marks
//! such as `cache_control`, which clients move as a chat grows, say nothing.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use crate::{
    format::object::Key,
    json::{Raw, Text},
};

/// Members whose text is said, or that hold what is.
const SAID: &[&str] = &[
    "content",
    "data",
    "file",
    "fileData",
    "fileUri",
    "file_data",
    "file_id",
    "file_uri",
    "file_url",
    "image_url",
    "inlineData",
    "inline_data",
    "input_audio",
    "parts",
    "source",
    "url",
];

/// Gives each text and each datum of a content, be it one text or parts, as far as it can be read.
pub(super) fn each(content: Raw<'_>, take: &mut dyn FnMut(Text<'_>)) {
    if let Some(text) = content.text() {
        return take(text);
    }
    let mut deserializer = serde_json::Deserializer::from_str(content.get());
    // Where it ends early, it does so each time that this is said.
    let _ = Walk(take).deserialize(&mut deserializer);
}

struct Walk<'t>(&'t mut dyn FnMut(Text<'_>));

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or parts")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        (self.0)(Text::from(text));
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<(), A::Error> {
        while parts.next_element_seed(Walk(&mut *self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(name)) = map.next_key()? {
            if name == "text" {
                // As it is spelled: it may hold half of a character, which other readers refuse.
                let text = map.next_value::<Raw<'de>>()?.text();
                text.into_iter().for_each(&mut *self.0);
            } else if SAID.contains(&&*name) {
                map.next_value_seed(Walk(&mut *self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}
