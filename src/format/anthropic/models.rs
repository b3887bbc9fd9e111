//! Lists of models. Source: anthropic-python 2.12.0, `ModelInfo`.

use bytes::BytesMut;

use crate::json;

/// What the API itself says of a model whose release nobody knows.
const UNKNOWN_DATE: &str = "1970-01-01T00:00:00Z";

pub(super) fn encode_all(models: &[&str], out: &mut BytesMut) {
    json::object(out, |o| {
        o.array("data", |a| {
            for model in models {
                encode(model, a.element());
            }
        });
        o.field("has_more", false);
        for (key, model) in [("first_id", models.first()), ("last_id", models.last())] {
            match model {
                Some(model) => o.field(key, *model),
                None => o.field(key, ()),
            }
        }
    });
}

pub(super) fn encode(model: &str, out: &mut BytesMut) {
    json::object(out, |o| {
        o.field("type", "model");
        o.field("id", model);
        o.field("display_name", model);
        o.field("created_at", UNKNOWN_DATE);
        o.field("lifecycle", "active");
    });
}
