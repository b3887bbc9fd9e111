//! Endpoints of `api.openai.com` that take forms, and the list of files.

use axum::body::Bytes;
use http::{Method, header, request::Parts};
use serde_json::{Value, json};

use super::{endpoints::Reply, fault::Fault, openai_endpoints::check_model};

/// What such an endpoint answers; `None` if it is none.
pub fn answer(head: &Parts, body: &Bytes) -> Option<Result<Reply, Fault>> {
    match (&head.method, head.uri.path()) {
        (&Method::POST, "/v1/audio/transcriptions") => Some(transcribe(head, body)),
        (&Method::POST, "/v1/files") => Some(upload(head, body)),
        (&Method::GET, "/v1/files") => Some(list(head)),
        _ => None,
    }
}

/// Says each byte that it heard as the character of that number.
fn transcribe(head: &Parts, body: &[u8]) -> Result<Reply, Fault> {
    let form = Form::read(head, body)?;
    check_model(&form.text("model"), "whisper-1")?;
    let spoken: String = form
        .file()?
        .bytes
        .iter()
        .map(|it| char::from(*it))
        .collect();
    Ok(Reply::json(&json!({"text": spoken})))
}

fn upload(head: &Parts, body: &[u8]) -> Result<Reply, Fault> {
    let form = Form::read(head, body)?;
    let file = form.file()?;
    let purpose = form.text("purpose");
    Ok(Reply::json(&described(
        file.filename,
        file.bytes.len(),
        &purpose,
    )))
}

/// One file of whatever purpose is asked for.
fn list(head: &Parts) -> Result<Reply, Fault> {
    let mut query = head.uri.query().unwrap_or_default().split('&');
    let purpose = query.find_map(|it| it.strip_prefix("purpose="));
    let purpose = purpose.ok_or_else(|| Fault::invalid("This double lists by purpose only."))?;
    let file = described("one.jsonl", 4, &json!(purpose));
    Ok(Reply::json(
        &json!({"object": "list", "data": [file], "has_more": false}),
    ))
}

fn described(name: &str, bytes: usize, purpose: &Value) -> Value {
    json!({
        "id": "file-double",
        "object": "file",
        "bytes": bytes,
        "created_at": 1_764_000_000,
        "filename": name,
        "purpose": purpose,
        "status": "processed",
    })
}

/// The fields of a form.
struct Form<'a>(Vec<Field<'a>>);

struct Field<'a> {
    name: &'a str,
    /// Empty if it is no file.
    filename: &'a str,
    bytes: &'a [u8],
}

impl<'a> Form<'a> {
    fn read(head: &'a Parts, body: &'a [u8]) -> Result<Self, Fault> {
        let kind = head.headers.get(header::CONTENT_TYPE);
        let boundary = kind
            .and_then(|it| {
                it.to_str()
                    .ok()?
                    .strip_prefix("multipart/form-data; boundary=")
            })
            .ok_or_else(|| Fault::invalid("Content-Type is no multipart/form-data."))?;
        let mut fields = Vec::new();
        let mut rest = body.strip_prefix(format!("--{boundary}").as_bytes());
        let separator = format!("\r\n--{boundary}");
        while let Some(part) = rest.and_then(|it| it.strip_prefix(b"\r\n")) {
            let (field, behind) = split(part, separator.as_bytes()).ok_or_else(cut)?;
            fields.push(Field::read(field).ok_or_else(cut)?);
            rest = Some(behind);
        }
        // What ends it is two dashes, not the end of the body.
        match rest {
            Some(b"--\r\n" | b"--") => Ok(Self(fields)),
            _ => Err(cut()),
        }
    }

    /// The field's text, or null.
    fn text(&self, name: &str) -> Value {
        let field = self.0.iter().find(|field| field.name == name);
        json!(field.map(|field| String::from_utf8_lossy(field.bytes)))
    }

    fn file(&self) -> Result<&Field<'a>, Fault> {
        let file = self
            .0
            .iter()
            .find(|it| it.name == "file" && !it.filename.is_empty());
        file.ok_or_else(|| Fault::invalid("'file' is a required property").param("file"))
    }
}

impl<'a> Field<'a> {
    fn read(part: &'a [u8]) -> Option<Self> {
        let (head, bytes) = split(part, b"\r\n\r\n")?;
        let head = std::str::from_utf8(head).ok()?;
        let after = |start: &str| Some(head.split_once(start)?.1.split_once('"')?.0);
        Some(Self {
            name: after("; name=\"")?,
            filename: after("; filename=\"").unwrap_or_default(),
            bytes,
        })
    }
}

fn cut() -> Fault {
    Fault::invalid("The form is malformed.")
}

/// What stands before and behind the first `separator`.
fn split<'a>(bytes: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes
        .windows(separator.len())
        .position(|it| it == separator)?;
    Some((&bytes[..at], &bytes[at + separator.len()..]))
}
