//! Whose request it is, by what its head, its body and the host say.

use super::*;

const BODY: &str = r#"{"model":"m","user":"ada","safety_identifier":"s-1","prompt_cache_key":"p-1",
    "metadata":{"user_id":"{\"device_id\":\"d\",\"session_id\":\"é\"}"},"messages":[]}"#;

fn sources(texts: &[&str]) -> Vec<KeySource> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// The key that these sources give, with `x-session-id: ada` and `x-empty:` in the head and `ada` as the host's subject.
fn with_head(texts: &[&str], body: &str) -> Key {
    let mut headers = HeaderMap::new();
    headers.insert("x-session-id", "ada".parse().unwrap());
    headers.insert("x-empty", "".parse().unwrap());
    let draws = Draws {
        format: ApiFormat::OPENAI,
        headers: &headers,
        body: body.as_bytes(),
        subject: Some(&Subject::new("ada")),
        random: 7,
    };
    key_of(&sources(texts), &draws)
}

fn of_body(field: &str, body: &str) -> Key {
    key(&sources(&[field]), ApiFormat::OPENAI, body)
}

#[test]
fn a_key_is_the_same_from_wherever_it_is() {
    let key = of_body("body:user", BODY);
    assert_eq!(key.by, AssignedBy::Key);
    assert_eq!(with_head(&["header:x-session-id"], "{}"), key);
    assert_eq!(with_head(&["host"], "{}"), key);
}

#[test]
fn the_first_source_that_is_there_counts() {
    let key = with_head(
        &[
            "header:x-none",
            "header:x-empty",
            "body:prompt_cache_key",
            "host",
        ],
        BODY,
    );
    assert_eq!(key, of_body("body:prompt_cache_key", BODY));
    assert_ne!(key, of_body("body:safety_identifier", BODY));
}

#[test]
fn what_an_agent_writes_into_a_user_id_is_taken_as_it_stands() {
    let text = r#"{"device_id":"d","session_id":"é"}"#;
    let plain = serde_json::json!({ "user": text }).to_string();
    assert_eq!(
        of_body("body:metadata.user_id", BODY),
        of_body("body:user", &plain)
    );
}

#[test]
fn what_is_no_text_or_empty_is_no_key() {
    for body in [
        r#"{"user":7,"metadata":{"user_id":null}}"#,
        r#"{"user":"","metadata":"ada"}"#,
        r#"{"user":null}"#,
        r#"{"user":["ada"]}"#,
        r#"["user"]"#,
        "user=ada",
        "",
    ] {
        for field in ["body:user", "body:metadata.user_id"] {
            assert_eq!(of_body(field, body).by, AssignedBy::Random, "{body}");
        }
    }
}

#[test]
fn row_58_without_a_key_it_is_drawn_at_random_and_marked_so() {
    let request = r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"tools":[]}"#;
    let key = of_body("body:user", request);
    assert_eq!(key.by, AssignedBy::Random);
    assert_eq!(*key.bytes, 7_u64.to_be_bytes());
}

#[test]
fn without_a_key_what_declares_tools_is_drawn_by_its_conversation() {
    for tools in [
        r#""tools":[{"type":"function"}]"#,
        r#""functions":[{"name":"f"}]"#,
    ] {
        let body = format!(r#"{{{tools},"messages":[{{"role":"user","content":"hi"}}]}}"#);
        let key = of_body("body:user", &body);
        assert_eq!(key.by, AssignedBy::Conversation);
        assert_eq!(key, of_body("conversation", &body));
    }
}

#[test]
fn the_body_is_needed_unless_the_head_settles_it() {
    let mut headers = HeaderMap::new();
    headers.insert("x-session-id", "ada".parse().unwrap());
    let (subject, nobody) = (Subject::new("ada"), Subject::new(""));
    let needs = |texts: &[&str], subject| needs_body(&sources(texts), &headers, subject);
    assert!(!needs(
        &["header:x-none", "header:x-session-id", "body:user"],
        None
    ));
    assert!(!needs(&["host", "conversation"], Some(&subject)));
    assert!(needs(&["body:user", "header:x-session-id"], None));
    assert!(needs(&["header:x-none", "host"], Some(&nobody)));
    assert!(needs(&[], Some(&subject)));
}

#[test]
fn nothing_shows_whose_request_it_is() {
    let key = of_body("body:user", BODY);
    let shown = format!("{key:?} {:?}", Subject::new("ada"));
    assert!(
        !shown.contains("ada") && !shown.contains("97, 100, 97"),
        "{shown}"
    );
    assert_eq!(key.bytes.len(), 32);
}
