//! Paths: `/{version}/models/{model}:{method}`. Source: google-genai 3.4.0, `models.py`, `batches.py` (2026-11).

use std::borrow::Cow;

use crate::format::{
    Call, Operation,
    common::percent::{decode, encode},
};

pub(super) const MODELS: &str = "models/";
pub(super) const TUNED: &str = "tunedModels/";

/// Reads a path. The version and whatever stands before it don't matter; Vertex' longer paths end the same way.
pub(super) fn read(path: &str) -> Option<Call<'_>> {
    let (resource, method) = path.rsplit_once(':')?;
    let model = model_of(resource).filter(|model| !model.is_empty())?;
    let (operation, stream) = match method {
        "generateContent" => (Operation::Generate, Some(false)),
        "streamGenerateContent" => (Operation::Generate, Some(true)),
        "countTokens" => (Operation::CountTokens, None),
        _ => (other(method), None),
    };
    let mut call = Call::new(operation);
    call.model = Some(model);
    call.stream = stream;
    Some(call)
}

/// Methods that only pass through.
const OTHERS: [&str; 7] = [
    ":asyncBatchEmbedContent",
    ":batchEmbedContents",
    ":batchGenerateContent",
    ":computeTokens",
    ":embedContent",
    ":predict",
    ":predictLongRunning",
];

fn other(method: &str) -> Operation {
    let mut others = OTHERS.into_iter();
    let known = others.find(|other| other.strip_prefix(':') == Some(method));
    known.map_or(Operation::Unknown, Operation::Other)
}

/// The first `models/` counts, because the name of a model may hold another.
fn model_of(resource: &str) -> Option<Cow<'_, str>> {
    let after = |prefix: &str| {
        let mut found = resource.match_indices(prefix);
        found.find_map(|(index, _)| {
            let before = resource.get(..index)?;
            let starts = before.is_empty() || before.ends_with('/');
            starts.then(|| resource.get(index + prefix.len()..))?
        })
    };
    if let Some(model) = after(MODELS) {
        return Some(decode(model));
    }
    let model = after(TUNED).filter(|model| !model.is_empty())?;
    Some(format!("{TUNED}{}", decode(model)).into())
}

/// Writes a path. All of a name but `tunedModels/` is one segment, so that no name leads elsewhere.
pub(super) fn write(operation: Operation, model: &str, stream: bool) -> String {
    let method = match operation {
        Operation::Generate if stream => ":streamGenerateContent?alt=sse",
        Operation::Generate => ":generateContent",
        Operation::CountTokens => ":countTokens",
        Operation::Other(method) => method,
        Operation::Unknown => return "/v1beta".to_owned(),
    };
    let mut path = "/v1beta/".to_owned();
    push_model(model, &mut path);
    path.push_str(method);
    path
}

/// Writes another model into a path that was read.
pub(super) fn rename(path: &str, model: &str) -> Option<String> {
    let (resource, method) = path.rsplit_once(':')?;
    let start = [MODELS, TUNED].into_iter().find_map(|prefix| {
        let start = resource.find(&format!("/{prefix}"))?;
        Some(start + 1)
    })?;
    let mut renamed = resource.get(..start)?.to_owned();
    push_model(model, &mut renamed);
    renamed.push(':');
    renamed.push_str(method);
    Some(renamed)
}

fn push_model(model: &str, path: &mut String) {
    let (collection, name) = match model.strip_prefix(TUNED) {
        Some(name) => (TUNED, name),
        None => (MODELS, model.strip_prefix(MODELS).unwrap_or(model)),
    };
    path.push_str(collection);
    encode(name, path);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(path: &str) -> Option<String> {
        read(path)?.model.map(Cow::into_owned)
    }

    #[test]
    fn the_method_says_what_is_asked_for() {
        let call = |method| {
            let path = format!("/v1beta/models/m:{method}");
            read(&path).map(|call| (call.operation, call.stream))
        };
        let generate = Operation::Generate;
        assert_eq!(call("generateContent"), Some((generate, Some(false))));
        assert_eq!(call("streamGenerateContent"), Some((generate, Some(true))));
        assert_eq!(call("countTokens"), Some((Operation::CountTokens, None)));
        let embed = Operation::Other(":embedContent");
        assert_eq!(call("embedContent"), Some((embed, None)));
        let batch = Operation::Other(":batchEmbedContents");
        assert_eq!(call("batchEmbedContents"), Some((batch, None)));
        let predict = Operation::Other(":predict");
        assert_eq!(call("predict"), Some((predict, None)));
        assert_eq!(call("somethingNew"), Some((Operation::Unknown, None)));
    }

    #[test]
    fn trap_066_the_model_is_read_out_of_any_shape_of_path() {
        for (path, name) in [
            ("/v1/models/gemini-3:generateContent", "gemini-3"),
            ("/v1beta/models/gemini-3:generateContent", "gemini-3"),
            ("/llm/v1beta/models/a:b:generateContent", "a:b"),
            ("/models/a/models/b:generateContent", "a/models/b"),
            ("/v1/models/org%2Fm%20%C3%A9:countTokens", "org/m \u{e9}"),
            ("/v1/models/100%:countTokens", "100%"),
            ("/v1/models/%zz%4:countTokens", "%zz%4"),
            (
                "/v1beta/tunedModels/mine:generateContent",
                "tunedModels/mine",
            ),
            (
                "/v1/projects/p/locations/l/publishers/google/models/m:generateContent",
                "m",
            ),
        ] {
            assert_eq!(model(path).as_deref(), Some(name), "{path}");
        }
    }

    #[test]
    fn paths_without_a_model_are_not_of_this_api() {
        for path in [
            "/v1beta/models/:generateContent",
            "/v1beta/tunedModels/:generateContent",
            "/v1beta/models/m",
            "/v1beta/mymodels/m:generateContent",
            "/v1beta/files/x:generateContent",
            ":generateContent",
        ] {
            assert_eq!(model(path), None, "{path}");
        }
    }

    #[test]
    fn a_path_that_is_written_is_read_back() {
        for name in [
            "gemini-3",
            "tunedModels/mine",
            "org/m",
            "a:b",
            "../../x",
            "é ?#%\r\n",
        ] {
            for stream in [false, true] {
                let path = write(Operation::Generate, name, stream);
                let path = path.strip_suffix("?alt=sse").unwrap_or(&path);
                let call = read(path).unwrap();
                assert_eq!(call.model.as_deref(), Some(name));
                assert_eq!(call.stream, Some(stream));
            }
        }
    }

    #[test]
    fn no_model_name_leads_out_of_its_segment() {
        assert_eq!(
            write(Operation::Generate, "models/../../x?key=1#", true),
            "/v1beta/models/..%2F..%2Fx%3Fkey%3D1%23:streamGenerateContent?alt=sse"
        );
    }
}
