use super::*;
use crate::ir::{Citation, Document, Image, Part, Policy, Role, Source, Turn};

fn user_with(part: Part<'static>) -> Result<Written, Error> {
    try_foreign(
        &conversation(r#"[{"role":"user","content":"q"}]"#),
        |request| {
            request.turns = vec![Turn::new(Role::User, 0, vec![part])];
        },
    )
}

fn image(source: Source<'static>, media_type: Option<&'static str>) -> Part<'static> {
    let mut image = Image::new(source);
    image.media_type = media_type.map(Into::into);
    Part::Image(image)
}

#[test]
fn trap_058_images_of_other_types_are_refused() {
    let png = || Source::Base64 {
        data: "AA==".into(),
    };
    let written = user_with(image(png(), Some("image/png"))).unwrap();
    assert_eq!(
        written.json["messages"][0]["content"][0],
        value(
            r#"{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}}"#
        )
    );
    for part in [
        image(png(), Some("image/svg+xml")),
        image(png(), None),
        image(Source::File("file-1".into()), None),
    ] {
        let error = user_with(part).unwrap_err();
        assert_eq!(error.param.as_deref(), Some("messages[0].content[0]"));
    }
}

#[test]
fn trap_059_an_address_is_passed_on() {
    let written = user_with(image(Source::Url("https://x/y.png".into()), None)).unwrap();
    assert_eq!(
        written.json["messages"][0]["content"][0],
        value(r#"{"type":"image","source":{"type":"url","url":"https://x/y.png"}}"#)
    );
}

#[test]
fn trap_060_a_pdf_is_a_document() {
    let mut document = Document::new(Source::Base64 {
        data: "JVBERi0=".into(),
    });
    document.media_type = Some("application/pdf".into());
    document.title = Some("a.pdf".into());
    let written = user_with(Part::Document(document.clone())).unwrap();
    assert_eq!(
        written.json["messages"][0]["content"][0],
        value(
            r#"{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="},"title":"a.pdf"}"#
        )
    );
    document.media_type = Some("application/zip".into());
    assert!(user_with(Part::Document(document)).is_err());
}

#[test]
fn a_file_in_a_turn_of_the_assistant_moves_to_the_next_turn_of_the_user() {
    let written = try_foreign(
        &conversation(
            r#"[{"role":"user","content":"q"},{"role":"assistant","content":"a"},{"role":"user","content":"b"}]"#,
        ),
        |request| {
            request.turns[1]
                .parts
                .push(image(Source::Url("https://x".into()), None));
        },
    );
    let written = written.unwrap().json;
    assert_eq!(written["messages"][1]["content"], "a");
    assert_eq!(written["messages"][2]["content"][0]["type"], "image");
}

#[test]
fn foreign_blocks_obey_their_policy() {
    let native = |policy| Part::Native {
        kind: "odd".into(),
        value: json::Raw::EMPTY_OBJECT,
        policy,
    };
    assert!(user_with(native(Policy::Silent)).unwrap().losses.is_empty());
    assert_eq!(
        user_with(native(Policy::Drop)).unwrap().losses,
        ["messages[0].content[0]"]
    );
    assert_eq!(
        user_with(native(Policy::Reject))
            .unwrap_err()
            .param
            .as_deref(),
        Some("messages[0].content[0]")
    );
}

#[test]
fn a_refusal_in_the_history_is_text_and_foreign_citations_are_lost() {
    let written = try_foreign(
        &conversation(r#"[{"role":"user","content":"q"},{"role":"assistant","content":"a"},{"role":"user","content":"b"}]"#),
        |request| {
            request.turns[1].parts = vec![
                Part::Refusal("no".into()),
                Part::Text {
                    text: "t".into(),
                    citations: vec![Citation::default()],
                    cache: None,
                    extra: crate::ir::Extra::default(),
                },
            ];
        },
    )
    .unwrap();
    assert_eq!(
        written.json["messages"][1]["content"],
        value(r#"[{"type":"text","text":"no"},{"type":"text","text":"t"}]"#)
    );
    assert_eq!(written.losses, ["messages[1].content[1].citations"]);
}

#[test]
fn files_of_the_model_move_to_the_user_and_are_told() {
    let body = conversation(
        r#"[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"image","source":{"type":"url","url":"https://x/y.png"}},{"type":"text","text":"t"}]},{"role":"user","content":"r"}]"#,
    );
    let written = foreign(&body);
    assert_eq!(written.json["messages"][1]["content"], "t");
    assert_eq!(written.json["messages"][2]["content"][0]["type"], "image");
    assert_eq!(written.losses, ["messages[1].content[0]"]);
}
