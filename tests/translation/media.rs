//! Images, documents, and marks of prompt caches.

use serde_json::{Value, json};

use crate::support::{ANTHROPIC, OLD, OPENAI, send, to_anthropic, to_openai};

fn from_openai(part: &Value) -> Value {
    let sent =
        to_anthropic(&json!({"model": OLD, "messages": [{"role": "user", "content": [part]}]}));
    sent["messages"][0]["content"][0].clone()
}

fn from_anthropic(part: &Value) -> Value {
    let text = json!({"type": "text", "text": "Look"});
    let sent = to_openai(
        &json!({"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": [text, part]}]}),
    );
    sent["messages"][0]["content"][1].clone()
}

fn image(media_type: &str, data: &str) -> Value {
    json!({"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}})
}

#[test]
fn trap_058_trap_059_images() {
    for (url, expected) in [
        (
            "data:image/png;base64,iVBORw0KGgo=",
            image("image/png", "iVBORw0KGgo="),
        ),
        (
            "data:image/png;charset=utf-8;base64,AAAA",
            image("image/png", "AAAA"),
        ),
        ("data:image/jpeg;BASE64,_-8", image("image/jpeg", "/+8=")),
        (
            "data:image/jpg;base64,/9j/AAAA",
            image("image/jpeg", "/9j/AAAA"),
        ),
        (
            "https://example.com/a.png",
            json!({"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}),
        ),
    ] {
        assert_eq!(
            from_openai(&json!({"type": "image_url", "image_url": {"url": url}})),
            expected,
            "{url}"
        );
        assert_eq!(
            from_openai(&json!({"type": "image_url", "image_url": url})),
            expected,
            "{url}"
        );
    }
    let back = from_anthropic(&image("image/webp", "UklGRgAA"));
    assert_eq!(
        back,
        json!({"type": "image_url", "image_url": {"url": "data:image/webp;base64,UklGRgAA"}})
    );
    let back = from_anthropic(
        &json!({"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}),
    );
    assert_eq!(
        back,
        json!({"type": "image_url", "image_url": {"url": "https://example.com/a.png"}})
    );
}

#[test]
fn trap_060_a_pdf_is_a_document_however_it_is_sent() {
    let source = json!({"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="});
    let uri = "data:application/pdf;base64,JVBERi0=";
    let sent = from_openai(&json!({"type": "image_url", "image_url": {"url": uri}}));
    assert_eq!(sent, json!({"type": "document", "source": source}));
    let sent =
        from_openai(&json!({"type": "file", "file": {"filename": "a.pdf", "file_data": uri}}));
    assert_eq!(
        sent,
        json!({"type": "document", "source": source, "title": "a.pdf"})
    );
    let back = from_anthropic(&json!({"type": "document", "source": source, "title": "a.pdf"}));
    assert_eq!(
        back,
        json!({"type": "file", "file": {"filename": "a.pdf", "file_data": uri}})
    );
    let back = from_anthropic(&json!({"type": "document", "source": source}));
    assert_eq!(back["file"]["filename"], "document.pdf");
}

#[test]
fn a_text_document_is_text_to_openai() {
    let document = json!({"type": "document", "title": "T", "source": {"type": "text", "media_type": "text/plain", "data": "Body"}});
    assert_eq!(
        from_anthropic(&document),
        json!({"type": "text", "text": "T\n\nBody"})
    );
    let found = json!({"type": "search_result", "title": "T", "source": "https://example.com", "content": [{"type": "text", "text": "Body"}]});
    assert_eq!(
        from_anthropic(&found),
        json!({"type": "text", "text": "T\n\nBody"})
    );
}

#[test]
fn trap_030_what_a_tool_shows_follows_its_result() {
    let shown = image("image/png", "AAAA");
    let sent = to_openai(&json!({"model": "m", "max_tokens": 1, "messages": [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": [
            {"type": "tool_use", "id": "1", "name": "f", "input": {}},
            {"type": "tool_use", "id": "2", "name": "f", "input": {}},
        ]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "1", "content": [{"type": "text", "text": "Here:"}, shown]},
            {"type": "tool_result", "tool_use_id": "2", "content": "two"},
            {"type": "text", "text": "go on"},
        ]},
    ]}));
    let messages = sent["messages"].as_array().unwrap();
    let roles: Vec<&str> = messages
        .iter()
        .filter_map(|message| message["role"].as_str())
        .collect();
    assert_eq!(roles, ["user", "assistant", "tool", "tool", "user", "user"]);
    assert!(
        messages[2]["content"]
            .as_str()
            .unwrap()
            .starts_with("Here:\n")
    );
    let url = json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}});
    assert_eq!(messages[4]["content"], json!([url]));
    assert_eq!(messages[5]["content"], "go on");
}

#[test]
fn trap_061_marks_of_caches_are_hints() {
    let marked = |text: &str| json!({"type": "text", "text": text, "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "30m"}});
    let parts: Vec<Value> = ["a", "b", "c", "d", "e"].into_iter().map(marked).collect();
    let sent =
        to_anthropic(&json!({"model": OLD, "messages": [{"role": "user", "content": parts}]}));
    let marks: Vec<bool> = sent["messages"][0]["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|block| block.get("cache_control").is_some())
        .collect();
    assert_eq!(marks, [false, true, true, true, true]);
    let sent = send(
        OPENAI,
        ANTHROPIC,
        &json!({"model": OLD, "messages": [{"role": "user", "content": "Hi"}]}),
    );
    assert!(!sent.text.contains("cache_control"));
    let block = json!({"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}});
    let sent = send(
        ANTHROPIC,
        OPENAI,
        &json!({"model": "m", "max_tokens": 1, "system": [block], "messages": [{"role": "user", "content": [block]}]}),
    );
    assert!(!sent.text.contains("cache"), "{}", sent.text);
    assert_eq!(sent.losses(), Vec::<&str>::new());
}
