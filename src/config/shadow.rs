//! Where copies of a rule's requests go.

use std::sync::Arc;

use crate::router::Shadow;

use super::{
    node::Value,
    policy::{count, value},
    reader::{Fields, Keys, Placed, Reader},
    rule::{destination, shared},
};

const KEYS: Keys = Keys {
    known: &[
        "downstream",
        "output_model",
        "sample",
        "max_in_flight",
        "timeout",
    ],
    others: &[],
    unread: &[],
};

/// Reads `shadow:`, an id alone or a map, with the place of the id. One that has mistakes says nothing more.
pub(super) fn read(
    reader: &mut Reader<'_>,
    fields: &mut Fields,
) -> Option<(Shadow, Placed<Arc<str>>)> {
    let item = fields.take(reader, "shadow")?;
    if !matches!(item.value, Value::Map(_)) {
        let id = shared(reader.text(item)?);
        return Some((Shadow::new(Arc::clone(&id.value)), id));
    }
    let mistakes = reader.errors.len();
    let mut fields = reader.fields(item)?;
    let (id, model) = destination(reader, &mut fields);
    let sample = value(reader, &mut fields, "sample", Reader::fraction);
    let places = count(reader, &mut fields, "max_in_flight");
    let timeout = value(reader, &mut fields, "timeout", Reader::duration);
    fields.finish(reader, &KEYS);
    let id = id.filter(|_| reader.errors.len() == mistakes)?;
    let mut shadow = Shadow::new(Arc::clone(&id.value));
    shadow.output_model = model;
    if let Some(sample) = sample {
        shadow.sample = f64::from(sample);
    }
    if let Some(places) = places {
        shadow.max_in_flight = usize::try_from(places).unwrap_or(usize::MAX);
    }
    if let Some(timeout) = timeout {
        shadow.timeout = timeout;
    }
    Some((shadow, id))
}
