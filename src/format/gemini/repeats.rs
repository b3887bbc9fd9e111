//! The model's name in a body whose path names it too. The provider wants both to be the same. Sources: google-genai
//! 3.6.1, `models.py` (`requests[].model`) and `batches.py` (`batch.inputConfig.requests.requests[].request.model`).

use std::fmt;

use bytes::BytesMut;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::{
    format::{Operation, object::Key},
    json::{Raw, Text, ToJson as _},
};

use super::path::{MODELS, TUNED};

/// Methods whose bodies name the model again. A request to generate has no need to.
const REPEATING: [&str; 4] = [
    ":asyncBatchEmbedContent",
    ":batchEmbedContents",
    ":batchGenerateContent",
    ":embedContent",
];

/// What a request stands in; nothing else is looked into.
const AROUND: [&str; 7] = [
    "batch",
    "generateContentRequest",
    "generate_content_request",
    "inputConfig",
    "input_config",
    "request",
    "requests",
];

/// Whether the body may name the model again.
pub(super) fn may_stand(operation: Operation) -> bool {
    match operation {
        Operation::CountTokens => true,
        Operation::Other(method) => REPEATING.contains(&method),
        Operation::Generate | Operation::Unknown => false,
    }
}

/// The body with `model` wherever it names `known`; `None` if it does not, or can't be read: its provider will say that
/// better.
pub(super) fn rename(body: &[u8], known: &str, model: &str) -> Option<BytesMut> {
    let text = std::str::from_utf8(body).ok()?;
    let mut names = Vec::new();
    let mut json = serde_json::Deserializer::from_str(text);
    Names(&mut names).deserialize(&mut json).ok()?;
    names.retain(|name| {
        name.text()
            .is_some_and(|name| bare(&name.decode()) == bare(known))
    });
    if names.is_empty() {
        return None;
    }
    let name = match model.strip_prefix(TUNED) {
        Some(_) => Text::from(model),
        None => Text::from(format!("{MODELS}{}", bare(model))),
    };
    let mut renamed = BytesMut::with_capacity(body.len() + names.len() * model.len());
    let mut rest = text;
    for old in names {
        let start = old
            .get()
            .as_ptr()
            .addr()
            .checked_sub(rest.as_ptr().addr())?;
        let (before, behind) = rest.split_at_checked(start)?;
        renamed.extend_from_slice(before.as_bytes());
        name.write(&mut renamed);
        rest = behind.get(old.get().len()..)?;
    }
    renamed.extend_from_slice(rest.as_bytes());
    Some(renamed)
}

fn bare(model: &str) -> &str {
    model.strip_prefix(MODELS).unwrap_or(model)
}

/// Collects the values of `model`, in their order.
struct Names<'n, 'a>(&'n mut Vec<Raw<'a>>);

impl<'a> DeserializeSeed<'a> for Names<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Names<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Names(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Key<'a>>()? {
            match &*key.0 {
                "model" => self.0.push(map.next_value()?),
                around if AROUND.contains(&around) => map.next_value_seed(Names(self.0))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(body: &str) -> Option<String> {
        let renamed = rename(body.as_bytes(), "mine", "theirs")?;
        Some(String::from_utf8(renamed.to_vec()).unwrap())
    }

    #[test]
    fn each_name_is_changed_and_nothing_else() {
        let body = r#"{"requests": [ {"model":"models/mine","x":1.0}, {"content":{"model":"models/mine"},"model" : "mine"} ]}"#;
        let expected = r#"{"requests": [ {"model":"models/theirs","x":1.0}, {"content":{"model":"models/mine"},"model" : "models/theirs"} ]}"#;
        assert_eq!(renamed(body).unwrap(), expected);
        for body in [
            r#"{"model":"models/mine"}"#,
            r#"{"generateContentRequest":{"model":"models/mine"}}"#,
            r#"{"generate_content_request":{"model":"models/mine"}}"#,
            r#"{"batch":{"inputConfig":{"requests":{"requests":[{"request":{"model":"models/mine"}}]}}}}"#,
        ] {
            assert_eq!(renamed(body).unwrap(), body.replace("mine", "theirs"));
        }
    }

    #[test]
    fn a_tuned_model_stands_there_by_its_collection() {
        let body = br#"{"model":"models/mine"}"#;
        let renamed = rename(body, "mine", "tunedModels/ours").unwrap();
        assert_eq!(renamed, r#"{"model":"tunedModels/ours"}"#);
    }

    #[test]
    fn what_names_another_model_or_none_or_cannot_be_read_stays() {
        for body in [
            r#"{"model":"models/other"}"#,
            r#"{"model":7}"#,
            r#"{"requests":[null]}"#,
            r#"{"requests":[7]}"#,
            r#"{"model":"models/mine""#,
            "[]",
            "",
        ] {
            assert_eq!(renamed(body), None, "{body}");
        }
    }
}
