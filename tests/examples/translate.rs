//! The command that translates bodies.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use serde_json::{Value, json};

use crate::example;

/// A folder that is removed with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("translate-{name}-{}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// A file in it, as an argument.
    fn file(&self, name: &str, body: &impl ToString) -> String {
        let path = self.0.join(name);
        fs::write(&path, body.to_string()).unwrap();
        path.display().to_string()
    }

    fn out(&self) -> String {
        self.0.join("out").display().to_string()
    }

    fn read(&self, name: &str) -> String {
        let path = self.0.join("out").join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs the command, by words such as `openai anthropic request`.
fn translate(words: &str, arguments: &[&str], input: &str) -> Output {
    let words: Vec<&str> = words.split(' ').collect();
    let mut command = example("translate");
    command.args(["--from", words[0], "--to", words[1], "--kind", words[2]]);
    command.args(arguments).stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

#[track_caller]
fn ends_with(output: &Output, status: i32) -> String {
    let errors = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(status), "{errors}");
    errors
}

fn question() -> Value {
    json!({"model": "gpt-5", "seed": 7, "messages": [{"role": "user", "content": "Hi"}]})
}

fn answer() -> Value {
    let message = json!({"role": "assistant", "content": "Hi."});
    let choice = json!({"index": 0, "message": message, "finish_reason": "stop"});
    json!({"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]})
}

#[test]
fn translate_writes_to_standard_output_what_it_reads_from_standard_input() {
    let input = question().to_string();
    let output = translate("openai anthropic request", &["--model", "claude"], &input);
    ends_with(&output, 0);
    let body: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(body["model"], "claude");
    assert_eq!(body["messages"][0], question()["messages"][0]);
}

#[test]
fn translate_tells_what_was_lost_as_lines_of_json() {
    let output = translate("openai anthropic request", &[], &question().to_string());
    let line: Value = serde_json::from_str(&ends_with(&output, 0)).unwrap();
    assert_eq!(
        (&line["file"], &line["path"]),
        (&json!("-"), &json!("seed"))
    );
    assert_eq!(line["action"], "dropped");
    assert!(line["reason"].is_string());
}

#[test]
fn translate_writes_a_file_for_each_file_and_the_error_of_one_that_is_refused() {
    let folder = Folder::new("files");
    let mut several = question();
    several["n"] = json!(2);
    let (one, other) = (
        folder.file("one", &question()),
        folder.file("other", &several),
    );
    let arguments = ["--out", &folder.out(), &one, &other];
    ends_with(&translate("openai anthropic request", &arguments, ""), 0);
    assert_eq!(folder.json("one")["model"], "gpt-5");
    // In the format of the one who asked.
    assert_eq!(folder.json("other.refused")["error"]["param"], "n");
}

#[test]
fn translate_takes_away_what_an_earlier_run_came_to() {
    let folder = Folder::new("stale");
    let mut body = question();
    for n in [2, 1] {
        body["n"] = json!(n);
        let arguments = ["--out", &folder.out(), &folder.file("it", &body)];
        ends_with(&translate("openai anthropic request", &arguments, ""), 0);
    }
    let names: Vec<_> = fs::read_dir(folder.out()).unwrap().collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

#[test]
fn translate_names_each_file_that_is_no_answer_and_translates_the_others() {
    let folder = Folder::new("broken");
    let (good, bad) = (folder.file("good", &answer()), folder.file("bad", &"Hi."));
    let arguments = ["--out", &folder.out(), &bad, "nowhere.json", &good];
    let errors = ends_with(&translate("openai anthropic response", &arguments, ""), 1);
    for name in [&bad, "nowhere.json"] {
        assert!(errors.contains(&format!("error: {name}: ")), "{errors}");
    }
    assert_eq!(folder.json("good")["content"][0]["text"], "Hi.");
}

#[test]
fn translate_refuses_a_stream_whose_first_event_is_an_error_in_the_words_of_its_caller() {
    let folder = Folder::new("stream");
    let event = json!({"error": {"message": "Busy.", "type": "rate_limit_error"}});
    let file = folder.file("it", &format!("data: {event}\n\n"));
    let arguments = ["--out", &folder.out(), &file];
    ends_with(&translate("openai anthropic stream", &arguments, ""), 0);
    let refused = folder.json("it.refused");
    assert_eq!(refused["error"]["type"], "rate_limit_error");
    assert_eq!(refused["error"]["message"], "Busy.");
}

#[test]
fn translate_reads_geminis_stream_as_events_and_as_an_array_alike() {
    let candidate = |text: &str| json!({"index": 0, "content": {"parts": [{"text": text}]}});
    let last = json!({"candidates": [{"index": 0, "finishReason": "STOP"}]});
    let chunks = [json!({"candidates": [candidate("Hi")]}), last];
    let events = chunks.iter().map(|chunk| format!("data: {chunk}\n\n"));
    let events = translate("gemini openai stream", &[], &events.collect::<String>());
    let array = translate("gemini openai stream", &[], &json!(chunks).to_string());
    ends_with(&events, 0);
    assert_eq!(events.stdout, array.stdout);
    assert!(array.stdout.ends_with(b"data: [DONE]\n\n"));
}

#[test]
fn translate_asks_a_usual_model_for_a_request_that_has_its_own_in_the_path() {
    let body = json!({"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]});
    let output = translate("gemini openai request", &[], &body.to_string());
    ends_with(&output, 0);
    let body: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(body["model"].is_string(), "{body}");
}

#[test]
fn translate_takes_the_status_of_an_error_from_its_body_and_else_from_the_command_line() {
    for (kind, code) in [
        ("rate_limit_error", "rate_limit_error"),
        ("", "overloaded_error"),
    ] {
        let body = json!({"error": {"message": "Busy.", "type": kind}}).to_string();
        let output = translate("openai anthropic error", &["--status", "503"], &body);
        ends_with(&output, 0);
        let body: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(body["error"]["type"], code);
    }
}

#[test]
fn translate_never_writes_over_what_it_reads() {
    let folder = Folder::new("over");
    let file = folder.file("it", &question());
    let out = folder.0.display().to_string();
    let errors = ends_with(
        &translate("openai anthropic request", &["--out", &out, &file], ""),
        2,
    );
    assert!(errors.contains("written over"), "{errors}");
}

#[test]
fn translate_says_how_it_is_called() {
    for (words, arguments) in [
        ("openai nonsense request", &[][..]),
        ("openai anthropic nonsense", &[]),
        ("openai anthropic request", &["--out", "nowhere"]),
        ("openai anthropic request", &["--model"]),
        ("openai anthropic request", &["--what"]),
        ("openai anthropic error", &["--status", "200"]),
    ] {
        let errors = ends_with(&translate(words, arguments, ""), 2);
        assert!(
            errors.contains("usage: translate --from FORMAT"),
            "{errors}"
        );
    }
}
