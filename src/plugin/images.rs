//! `fix_anthropic_images`: takes images out of tool results, for servers that speak Anthropic's format and don't look
//! for them there.

use std::{
    future::Future,
    mem,
    ops::Range,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use http::{Request, Response, header};
use serde::Deserialize;
use serde_json::Value;
use tower_layer::layer_fn;
use tower_service::Service;

use crate::{
    Body, BoxError,
    body::ToBytes,
    ir,
    json::{self, Raw, Text},
};

use super::{PluginLayer, Stack};

/// Most bytes of a body that is not there yet.
const LIMIT: usize = 32 << 20;

/// What a result says whose images were all of it.
const PLACEHOLDER: &str = r#"[{"type":"text","text":"The images follow."}]"#;

/// Makes the plugin. It takes no settings.
///
/// Each image in a `tool_result` goes behind the other blocks of its message, in order; the result stays, so that its
/// call has an answer. All else keeps its bytes, and so does a body without such images, whatever its format.
pub(super) fn make(settings: &Value) -> Result<PluginLayer, BoxError> {
    let is_empty = settings.as_object().is_some_and(serde_json::Map::is_empty);
    if !settings.is_null() && !is_empty {
        return Err("there are no settings".into());
    }
    Ok(PluginLayer::new(layer_fn(|inner| FixImages { inner })))
}

#[derive(Debug, Clone)]
struct FixImages {
    inner: Stack,
}

impl Service<Request<Body>> for FixImages {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let clone = self.inner.clone();
        let mut ready = mem::replace(&mut self.inner, clone);
        let (mut parts, body) = request.into_parts();
        Box::pin(async move {
            let body = ToBytes::new(body, LIMIT).await;
            let body = body.map_err(|error| ir::Error::unreadable_request(&error))?;
            let body = match fixed(&body) {
                Some(fixed) => {
                    parts.headers.remove(header::CONTENT_LENGTH);
                    Body::full(fixed)
                }
                None => Body::full(body),
            };
            ready.call(Request::from_parts(parts, body)).await
        })
    }
}

#[derive(Deserialize)]
struct Conversation<'a> {
    #[serde(borrow)]
    messages: Vec<Message<'a>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    content: Raw<'a>,
}

#[derive(Deserialize)]
struct Block<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    content: Option<Raw<'a>>,
}

/// Text in the place of other text.
struct Edit {
    place: Range<usize>,
    text: BytesMut,
}

/// The body with its images elsewhere; `None` if there are none in tool results.
fn fixed(body: &Bytes) -> Option<Bytes> {
    let conversation: Conversation<'_> = json::read_bytes(body).ok()?;
    let mut edits = Vec::new();
    for message in &conversation.messages {
        edit(body, message, &mut edits);
    }
    if edits.is_empty() {
        return None;
    }
    let (mut out, mut at) = (BytesMut::with_capacity(body.len()), 0);
    for Edit { place, text } in edits {
        out.extend_from_slice(body.get(at..place.start)?);
        out.extend_from_slice(&text);
        at = place.end;
    }
    out.extend_from_slice(body.get(at..)?);
    Some(out.freeze())
}

/// What is to be changed in a message, in the order of its text.
fn edit(body: &Bytes, message: &Message<'_>, edits: &mut Vec<Edit>) {
    let Ok(blocks) = message.content.parse::<Vec<Raw<'_>>>() else {
        return;
    };
    let mut moved = BytesMut::new();
    for block in blocks {
        let result = block.parse::<Block<'_>>().ok();
        let result = result.filter(|block| block.kind == "tool_result");
        let Some(content) = result.and_then(|result| result.content) else {
            continue;
        };
        let parts = content.parse::<Vec<Raw<'_>>>().unwrap_or_default();
        let (images, others): (Vec<_>, Vec<_>) = parts.into_iter().partition(is_image);
        if images.is_empty() {
            continue;
        }
        for image in images {
            moved.extend_from_slice(b",");
            moved.extend_from_slice(image.get().as_bytes());
        }
        let mut text = BytesMut::new();
        if others.is_empty() {
            text.extend_from_slice(PLACEHOLDER.as_bytes());
        } else {
            json::array(&mut text, |list| {
                for part in &others {
                    list.value(part);
                }
            });
        }
        let place = place(body, content);
        edits.push(Edit { place, text });
    }
    if !moved.is_empty() {
        // Before the bracket that ends the list.
        let end = place(body, message.content).end.saturating_sub(1);
        let text = moved;
        let place = end..end;
        edits.push(Edit { place, text });
    }
}

fn is_image(part: &Raw<'_>) -> bool {
    let block = part.parse::<Block<'_>>();
    block.is_ok_and(|block| block.kind == "image")
}

/// Where in the body a value stands that was read from it.
fn place(body: &Bytes, value: Raw<'_>) -> Range<usize> {
    let start = value.get().as_ptr().addr();
    let start = start.wrapping_sub(body.as_ptr().addr());
    start..start.saturating_add(value.get().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(body: &str) -> Option<String> {
        let fixed = super::fixed(&Bytes::copy_from_slice(body.as_bytes()))?;
        Some(String::from_utf8(fixed.to_vec()).unwrap())
    }

    #[test]
    fn images_go_behind_the_other_blocks_and_all_else_keeps_its_bytes() {
        let body = r#"{ "model":"m", "messages":[
            {"role":"user","content":"Hi"},
            {"role":"user","content":[
                {"type":"tool_result","tool_use_id":"a", "content":[{"type":"text","text":"é"}, {"type":"image","source":{"n":1.0}}]},
                {"content":[{"type":"image","source":2},{"type":"image","source":3}],"type":"tool_result","tool_use_id":"b"},
                {"type":"text","text":"Look."}]}], "z":1.50}"#;
        let expected = r#"{ "model":"m", "messages":[
            {"role":"user","content":"Hi"},
            {"role":"user","content":[
                {"type":"tool_result","tool_use_id":"a", "content":[{"type":"text","text":"é"}]},
                {"content":[{"type":"text","text":"The images follow."}],"type":"tool_result","tool_use_id":"b"},
                {"type":"text","text":"Look."},{"type":"image","source":{"n":1.0}},{"type":"image","source":2},{"type":"image","source":3}]}], "z":1.50}"#;
        assert_eq!(fixed(body).as_deref(), Some(expected));
    }

    #[test]
    fn what_has_no_images_in_results_stays() {
        for body in [
            "",
            "[]",
            r#"{"messages":"x"}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"image","source":1}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"tool_result","content":"x"},{"type":"tool_result"},7]}]}"#,
            r#"{"messages":[{"role":"tool","content":[{"type":"tool_result","content":[{"type":"text","text":"image"}]}]}]}"#,
        ] {
            assert_eq!(fixed(body), None, "{body}");
        }
    }

    #[test]
    fn settings_are_refused() {
        assert!(make(&Value::Null).is_ok());
        assert!(make(&serde_json::json!({})).is_ok());
        let error = make(&serde_json::json!({"x": 1})).err().unwrap();
        assert_eq!(error.to_string(), "there are no settings");
    }
}
