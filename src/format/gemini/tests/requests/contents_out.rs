use super::*;
use crate::{
    ir::{Arguments, Audio, Document, Image, Source, ToolCall, ToolResult},
    json::Raw,
};

fn contents(list: Vec<Turn<'static>>) -> Value {
    write(&turns(list)).unwrap().json["contents"].take()
}

/// What the users' contents say, when the user says this part.
fn said(part: Part<'static>) -> Value {
    contents(vec![user(0, vec![part])])[0]["parts"].take()
}

fn refused(part: Part<'static>) -> Option<String> {
    let error = write(&turns(vec![user(0, vec![part])])).unwrap_err();
    error.param.map(std::borrow::Cow::into_owned)
}

#[test]
fn instructions_are_parts_without_a_speaker() {
    let mut request = other(OLD);
    request.system = vec![Part::text("a"), Part::text(""), Part::text("b")];
    let written = write(&request).unwrap();
    assert_eq!(
        written.json["systemInstruction"],
        json!({"parts": [{"text": "a"}, {"text": "b"}]})
    );
}

#[test]
fn trap_019_instructions_that_are_empty_are_none() {
    let mut request = other(OLD);
    request.system = vec![Part::text("")];
    assert_eq!(write(&request).unwrap().json.get("systemInstruction"), None);
}

#[test]
fn trap_021_what_only_bills_the_request_is_left_out() {
    let mut request = other(OLD);
    request.system = vec![Part::Native {
        kind: "text".into(),
        value: Raw::EMPTY_OBJECT,
        policy: crate::ir::Policy::Silent,
    }];
    let written = write(&request).unwrap();
    assert_eq!(written.json.get("systemInstruction"), None);
    assert!(written.losses.is_empty());
}

#[test]
fn trap_020_the_operator_in_mid_conversation_is_a_note_of_the_user() {
    let written = contents(vec![
        user(0, vec![Part::text("q")]),
        model(1, vec![call("c", "f")]),
        Turn::new(Role::System, 2, vec![Part::text("now"), Part::text("then")]),
        user(3, vec![result("c", "r")]),
        model(4, vec![Part::text("a")]),
        Turn::new(Role::System, 5, vec![Part::text("late")]),
    ]);
    assert_eq!(
        written[2]["parts"][0]["functionResponse"]["response"],
        json!({"output": "r"})
    );
    assert_eq!(
        written[3],
        json!({"role": "user", "parts": [{"text": "[system note]\nnow"}, {"text": "then"}]})
    );
    assert_eq!(
        written[5],
        json!({"role": "user", "parts": [{"text": "[system note]\nlate"}]})
    );
}

#[test]
fn trap_022_turns_of_one_speaker_are_merged() {
    let written = contents(vec![
        user(0, vec![Part::text("a")]),
        user(1, vec![Part::text("b")]),
        model(2, vec![Part::text("c")]),
        model(3, vec![Part::text("d")]),
    ]);
    assert_eq!(
        written,
        json!([{"role": "user", "parts": [{"text": "a"}, {"text": "b"}]},
               {"role": "model", "parts": [{"text": "c"}, {"text": "d"}]}])
    );
}

#[test]
fn trap_023_a_turn_that_only_calls_has_no_empty_text() {
    let written = contents(vec![
        user(0, vec![Part::text("q")]),
        model(1, vec![Part::text(""), call("c", "f")]),
        user(2, vec![result("c", "r")]),
    ]);
    assert_eq!(
        written[1]["parts"],
        json!([{"functionCall": {"name": "f", "args": {}}}])
    );
}

#[test]
fn trap_024_a_turn_of_the_user_that_says_nothing_is_a_dot() {
    let written = contents(vec![
        model(0, vec![Part::text("a")]),
        user(1, vec![Part::text("")]),
        model(2, vec![Part::text("b")]),
    ]);
    assert_eq!(
        written[1],
        json!({"role": "user", "parts": [{"text": "."}]})
    );
}

#[test]
fn a_turn_of_the_model_that_says_nothing_is_left_out() {
    let written = contents(vec![
        user(0, vec![Part::text("a")]),
        model(1, vec![Part::text("")]),
        user(2, vec![Part::text("b")]),
    ]);
    assert_eq!(
        written,
        json!([{"role": "user", "parts": [{"text": "a"}, {"text": "b"}]}])
    );
}

#[test]
fn a_conversation_is_never_empty() {
    let mut request = turns(Vec::new());
    request.system = vec![Part::text("s")];
    let written = write(&request).unwrap();
    assert_eq!(
        written.json["contents"],
        json!([{"role": "user", "parts": [{"text": "."}]}])
    );
    assert_eq!(written.losses, ["messages"]);
}

#[test]
fn trap_033_results_of_parallel_calls_are_one_content_in_the_order_of_the_calls() {
    let written = contents(vec![
        user(0, vec![Part::text("q")]),
        model(1, vec![call("a", "f"), call("b", "g")]),
        Turn::new(Role::Tool, 2, vec![result("b", "2")]),
        Turn::new(Role::Tool, 3, vec![result("a", "1")]),
        user(4, vec![Part::text("and?")]),
    ]);
    assert_eq!(
        written[2],
        json!({"role": "user", "parts": [
            {"functionResponse": {"name": "f", "response": {"output": "1"}}},
            {"functionResponse": {"name": "g", "response": {"output": "2"}}}]})
    );
    assert_eq!(
        written[3],
        json!({"role": "user", "parts": [{"text": "and?"}]})
    );
}

#[test]
fn calls_of_merged_turns_are_answered_together() {
    let written = contents(vec![
        user(0, vec![Part::text("q")]),
        model(1, vec![call("a", "f")]),
        model(2, vec![call("b", "g")]),
        user(3, vec![result("a", "1"), result("b", "2")]),
    ]);
    assert_eq!(written[1]["parts"].as_array().unwrap().len(), 2);
    assert_eq!(written[2]["parts"].as_array().unwrap().len(), 2);
}

#[test]
fn a_call_without_a_result_gets_an_error() {
    let written = write(&turns(vec![
        user(0, vec![Part::text("q")]),
        model(1, vec![call("a", "f"), call("b", "g")]),
        user(2, vec![result("b", "2")]),
    ]))
    .unwrap();
    assert_eq!(
        written.json["contents"][2]["parts"][0],
        json!({"functionResponse": {"name": "f", "response": {"error": "[no result recorded]"}}})
    );
    assert_eq!(written.losses, ["messages[1].content[0]"]);
}

#[test]
fn a_result_that_nobody_asked_for_is_said_by_the_user() {
    let written = write(&turns(vec![user(0, vec![result("x", "r")])])).unwrap();
    assert_eq!(
        written.json["contents"],
        json!([{"role": "user", "parts": [{"text": "Tool result: r"}]}])
    );
    assert_eq!(written.losses, ["messages[0].content[0]"]);
}

/// The response that is sent for a result.
fn response(result: ToolResult<'static>, name: &'static str) -> Value {
    let mut request = turns(vec![
        user(0, vec![Part::text("q")]),
        model(1, vec![call("c", "f")]),
        user(2, vec![Part::ToolResult(result)]),
    ]);
    request.model = name.into();
    write(&request).unwrap().json["contents"].take()
}

fn holding(content: Vec<Part<'static>>) -> ToolResult<'static> {
    ToolResult {
        call_id: "c".into(),
        content,
        ..ToolResult::default()
    }
}

#[test]
fn trap_032_what_a_tool_answers_is_an_object() {
    let output = |content| {
        response(holding(content), OLD)[2]["parts"][0]["functionResponse"]["response"].take()
    };
    assert_eq!(output(vec![]), json!({"output": ""}));
    assert_eq!(
        output(vec![Part::text("a"), Part::text("b")]),
        json!({"output": "a\nb"})
    );
    assert_eq!(
        output(vec![Part::text(r#"{"a":1}"#)]),
        json!({"output": r#"{"a":1}"#})
    );
}

#[test]
fn trap_031_a_tool_that_failed_says_so_in_its_response() {
    let mut failed = holding(vec![Part::text("no")]);
    failed.is_error = true;
    let parts = response(failed, OLD)[2]["parts"].take();
    assert_eq!(
        parts[0]["functionResponse"]["response"],
        json!({"error": "no"})
    );
}

fn png() -> Part<'static> {
    let mut image = Image::new(Source::Base64 {
        data: "AAAA".into(),
    });
    image.media_type = Some("image/png".into());
    Part::Image(image)
}

#[test]
fn trap_030_images_of_a_tool_are_within_its_response_where_the_model_takes_them() {
    let blob = json!({"inlineData": {"mimeType": "image/png", "data": "AAAA"}});
    let content = || holding(vec![Part::text("see"), png()]);
    let new = response(content(), NEW);
    assert_eq!(
        new[2]["parts"][0]["functionResponse"]["parts"],
        json!([blob])
    );
    assert_eq!(new.as_array().unwrap().len(), 3);
    let old = response(content(), OLD);
    assert_eq!(old[2]["parts"][0]["functionResponse"].get("parts"), None);
    assert_eq!(old[3], json!({"role": "user", "parts": [blob]}));
}

#[test]
fn trap_034_ids_go_only_to_models_that_know_them() {
    let old = response(holding(vec![]), OLD);
    assert_eq!(old[1]["parts"][0]["functionCall"].get("id"), None);
    assert_eq!(old[2]["parts"][0]["functionResponse"].get("id"), None);
    let new = response(holding(vec![]), NEW);
    assert_eq!(new[1]["parts"][0]["functionCall"]["id"], "c");
    assert_eq!(new[2]["parts"][0]["functionResponse"]["id"], "c");
}

#[test]
fn calls_with_one_id_are_answered_in_their_order() {
    let written = contents(vec![
        model(0, vec![call("", "f"), call("", "g")]),
        user(1, vec![result("", "1"), result("", "2")]),
    ]);
    let name = |index: usize| written[1]["parts"][index]["functionResponse"]["name"].clone();
    assert_eq!((name(0), name(1)), (json!("f"), json!("g")));
}

#[test]
fn arguments_are_objects_as_they_are_spelled() {
    let args = |arguments, freeform| {
        let call = ToolCall {
            name: "f".into(),
            arguments,
            freeform,
            ..ToolCall::default()
        };
        let written = write(&turns(vec![model(0, vec![Part::ToolCall(call)])])).unwrap();
        let args = written.text.split(r#""args":"#).nth(1).unwrap();
        let args = args.split("}}]").next().unwrap().to_owned();
        (args, written.losses.len())
    };
    let text = |text: &'static str| Arguments::Text(text.into());
    assert_eq!(
        args(text(r#"{"z":2.0,"a":1}"#), false).0,
        r#"{"z":2.0,"a":1}"#
    );
    assert_eq!(args(text(""), false).0, "{}");
    assert_eq!(
        args(text("[1]"), false),
        (r#"{"__raw_arguments":"[1]"}"#.to_owned(), 2)
    );
    assert_eq!(args(text("go"), true), (r#"{"input":"go"}"#.to_owned(), 1));
}

#[test]
fn blobs_are_written_in_the_one_alphabet_that_all_take() {
    let mut image = Image::new(Source::Base64 { data: "-_8".into() });
    image.media_type = Some("image/JPG".into());
    assert_eq!(
        said(Part::Image(image)),
        json!([{"inlineData": {"mimeType": "image/jpeg", "data": "+/8="}}])
    );
    let audio = Audio {
        data: "AAAA".into(),
        media_type: "audio/mp3".into(),
        ..Audio::default()
    };
    assert_eq!(
        said(Part::Audio(audio)),
        json!([{"inlineData": {"mimeType": "audio/mp3", "data": "AAAA"}}])
    );
}

#[test]
fn an_image_without_a_type_is_told_by_its_first_bytes() {
    let image = Image::new(Source::Base64 {
        data: "iVBORw0KGgo=".into(),
    });
    assert_eq!(
        said(Part::Image(image))[0]["inlineData"]["mimeType"],
        "image/png"
    );
}

#[test]
fn trap_060_documents_are_blobs_too() {
    let pdf = Document::new(Source::Base64 {
        data: "JVBE".into(),
    });
    assert_eq!(
        said(Part::Document(pdf)),
        json!([{"inlineData": {"mimeType": "application/pdf", "data": "JVBE"}}])
    );
    let text = Document::new(Source::Text("Grüße".into()));
    assert_eq!(
        said(Part::Document(text)),
        json!([{"inlineData": {"mimeType": "text/plain", "data": "R3LDvMOfZQ=="}}])
    );
}

#[test]
fn trap_059_nothing_is_fetched() {
    let at = |url: &'static str| Part::Image(Image::new(Source::Url(url.into())));
    assert_eq!(
        refused(at("https://example.com/a.png")).as_deref(),
        Some("messages[0].content[0]")
    );
    assert_eq!(
        said(at("gs://bucket/a.png")),
        json!([{"fileData": {"fileUri": "gs://bucket/a.png"}}])
    );
    let pdf = Document::new(Source::Url("https://example.com/a.pdf".into()));
    assert!(refused(Part::Document(pdf)).is_some());
}

#[test]
fn trap_058_drawings_and_files_of_other_providers_are_refused() {
    let mut drawing = Image::new(Source::Base64 {
        data: "AAAA".into(),
    });
    drawing.media_type = Some("image/svg+xml".into());
    assert!(refused(Part::Image(drawing)).is_some());
    assert!(refused(Part::Image(Image::new(Source::File("file-1".into())))).is_some());
}

#[test]
fn a_refusal_is_text() {
    let written = contents(vec![model(0, vec![Part::Refusal("no".into())])]);
    assert_eq!(written[0]["parts"], json!([{"text": "no"}]));
}
