//! Lists of models. Source: google-genai 3.4.0, `Model`.

use bytes::BytesMut;

use crate::json;

const METHODS: [&str; 3] = ["generateContent", "streamGenerateContent", "countTokens"];

pub(super) fn encode_all(models: &[&str], out: &mut BytesMut) {
    json::object(out, |o| {
        o.array("models", |a| {
            for model in models {
                encode(model, a.element());
            }
        });
    });
}

pub(super) fn encode(model: &str, out: &mut BytesMut) {
    json::object(out, |o| {
        o.field("name", format!("models/{model}"));
        o.field("displayName", model);
        o.array("supportedGenerationMethods", |a| {
            for method in METHODS {
                a.value(method);
            }
        });
    });
}
