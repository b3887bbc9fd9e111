//! The command that says where requests go.

use std::{
    fs,
    io::{BufRead, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use serde_json::{Value, json};

use crate::example;

/// A downstream with all the places where secrets are.
const CONFIG: &str = "
downstreams:
- {id: a, base_url: 'https://a/v1?sig=CANARY', api_key: 'CANARY${EXPLAIN_TEST_UNSET}', api_formats: [openai], output_model_ids: [m]}
- {id: b, base_url: http://b.example, output_model_ids: [m]}
rules:
- {id: r, pattern_path: /v1/chat/completions, pipeline_config: [{plugin_id: custom_header, config: {headers: {X-Secret: CANARY}}}]}
";

/// A file that is removed with the test.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let name = format!("explain-{name}-{}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&path, text).unwrap();
        Self(path)
    }

    fn name(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn explain(arguments: &[&str], input: &str) -> Output {
    let mut command = example("explain");
    command.args(arguments).stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // One that ends at once reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// What it says of a chat request, which must be all that is on standard output; and what is on standard error.
#[track_caller]
fn said(config: &str, arguments: &[&str], input: &str) -> (Value, String) {
    let fixed = ["--config", config, "--path", "/v1/chat/completions"];
    let output = explain(&[&fixed, arguments].concat(), input);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{errors}");
    (serde_json::from_slice(&output.stdout).unwrap(), errors)
}

#[test]
fn one_request_is_explained_without_secrets_and_without_their_variables() {
    let file = File::new("secrets", CONFIG);
    let header = "Authorization: Bearer CANARY";
    let (explanation, errors) = said(file.name(), &["--model", "m", "--header", header], "");
    assert_eq!(explanation["status"], 200);
    assert_eq!(explanation["downstream"], "a");
    assert_eq!(explanation["url"], "https://a/v1/chat/completions");
    assert_eq!(explanation["request"], json!(["custom_header"]));
    assert!(errors.contains("EXPLAIN_TEST_UNSET is not set"), "{errors}");
    assert!(errors.contains("model m owned by a, b"), "{errors}");
    assert!(!format!("{explanation}{errors}").contains("CANARY"));
}

#[test]
fn the_body_says_model_and_stream_and_the_model_can_be_said_beside_it() {
    let config = CONFIG.replace("api_formats: [openai]", "api_formats: [gemini]");
    let file = File::new("body", &config);
    let body = r#"{"model":"m","stream":true}"#;
    let (explanation, _) = said(file.name(), &["--body", "-"], body);
    assert_eq!(
        explanation["url"],
        "https://a/v1/models/m:streamGenerateContent?alt=sse"
    );
    let (explanation, _) = said(file.name(), &["--body", "-", "--model", "x"], body);
    assert_eq!(
        (&explanation["status"], &explanation["downstream"]),
        (&json!(404), &Value::Null)
    );
}

#[test]
fn an_unknown_model_is_an_answer_and_no_failure() {
    let file = File::new("unknown", CONFIG);
    let (explanation, _) = said(file.name(), &["--model", "x"], "");
    assert_eq!(
        (&explanation["status"], &explanation["downstream"]),
        (&json!(404), &Value::Null)
    );
}

#[test]
fn a_configuration_with_errors_ends_with_two_and_all_of_them() {
    let file = File::new(
        "errors",
        "downstreams:\n- {id: a, base_url: 'x://a'}\nrules:\n- {id: r, match_downstreams: [b]}\n",
    );
    let output = explain(&["--config", file.name(), "--path", "/v1/messages"], "");
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(errors.contains(&format!("{}:2:", file.name())), "{errors}");
    assert!(errors.contains("unknown downstream \"b\""), "{errors}");
}

#[test]
fn wrong_arguments_end_with_two_and_the_usage() {
    for arguments in [
        &["--path", "/"][..],
        &["--config", "c"],
        &["--config"],
        &["--nonsense"],
        &["--config", "c", "--path", "no path"],
        &["--config", "c", "--path", "/", "--header", "CANARY"],
    ] {
        let output = explain(arguments, "");
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(errors.contains("usage: explain "), "{errors}");
        assert!(!errors.contains("CANARY"), "{errors}");
    }
}

#[test]
fn a_batch_answers_each_line_in_its_place() {
    let (good, bad) = (
        File::new("good", CONFIG),
        File::new("bad", "downstreams: 7\n"),
    );
    let ask = |config: &File, model: &str| {
        json!({"config": config.name(), "path": "/v1/chat/completions", "model": model}).to_string()
    };
    let lines = [
        ask(&good, "m"),
        ask(&bad, "m"),
        "CANARY".to_owned(),
        json!({"config": good.name()}).to_string(),
        json!({"config": [], "path": "/v1/messages", "model": "m"}).to_string(),
        ask(&good, "x"),
        json!({"config": "/nowhere", "path": "/v1/messages", "model": "m"}).to_string(),
        json!({"config": good.name(), "path": "/v1/messages", "model": "m", "method": "get", "headers": {"a": "b"}, "stream": false}).to_string(),
    ];
    let output = explain(&["--batch"], &lines.join("\n"));
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{errors}");
    let answers: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let statuses: Vec<String> = answers
        .iter()
        .map(|answer| answer["status"].to_string())
        .collect();
    let (build, line) = ("\"build_error\"", "\"error\"");
    assert_eq!(
        statuses[..7],
        ["200", build, line, line, line, "404", build]
    );
    assert_eq!(answers[0]["downstream"], "a");
    assert!(
        answers[1]["errors"][0]
            .as_str()
            .unwrap()
            .contains("downstreams")
    );
    assert_ne!(statuses[7], "200");
    assert!(!format!("{text}{errors}").contains("CANARY"));
    let failed = format!("{{\"status\":{build},\"errors\":[\"");
    assert!(text.lines().nth(1).unwrap().starts_with(&failed), "{text}");
    // Built once, warned once.
    assert_eq!(errors.matches("EXPLAIN_TEST_UNSET").count(), 1, "{errors}");
}

#[test]
fn several_files_are_one_configuration() {
    let first = File::new("first", CONFIG);
    let second = File::new(
        "second",
        "- {id: c, base_url: 'https://c', output_model_ids: [n]}\n",
    );
    let (explanation, _) = said(
        first.name(),
        &["--config", second.name(), "--model", "m"],
        "",
    );
    assert_eq!(explanation["downstream"], "a");
    let line =
        json!({"config": [first.name(), second.name()], "path": "/v1/messages", "model": "n"});
    let output = explain(&["--batch"], &line.to_string());
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["downstream"], "c");
    let wrong = File::new("wrong", "downstreams:\n- {id: a, base_url: 'https://a'}\n");
    let output = explain(
        &[
            "--config",
            first.name(),
            "--config",
            wrong.name(),
            "--path",
            "/",
        ],
        "",
    );
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains(&format!("{}:2:", wrong.name())), "{errors}");
}

#[test]
fn plugins_of_the_host_s_own_are_made_known_by_name() {
    let config = CONFIG.replace("plugin_id: custom_header", "plugin_id: my_own");
    let file = File::new("plugin", &config);
    let (explanation, _) = said(file.name(), &["--model", "m", "--plugin", "my_own"], "");
    assert_eq!(explanation["request"], json!(["my_own"]));
    let line = json!({"config": file.name(), "path": "/v1/chat/completions", "model": "m"});
    let answered = |arguments: &[&str]| -> Value {
        let output = explain(arguments, &line.to_string());
        serde_json::from_slice(&output.stdout).unwrap()
    };
    assert_eq!(answered(&["--batch", "--plugin", "my_own"])["status"], 200);
    assert_eq!(answered(&["--batch"])["status"], "build_error");
}

#[test]
fn a_model_that_is_no_text_is_answered_as_the_gateway_would() {
    let file = File::new("number", CONFIG);
    let line = json!({"config": file.name(), "path": "/v1/chat/completions", "model": 7});
    let output = explain(&["--batch"], &line.to_string());
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["status"], 400);
}

#[test]
fn whoever_has_read_enough_may_go() {
    let file = File::new("pipe", CONFIG);
    let mut command = example("explain");
    command.args([
        "--config",
        file.name(),
        "--path",
        "/v1/messages",
        "--model",
        "m",
    ]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = command
        .stdout(writer)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{errors}");
}

#[test]
fn a_batch_answers_at_once_and_sees_that_a_file_has_changed() {
    let file = File::new("changing", CONFIG);
    let mut command = example("explain");
    command.arg("--batch").stderr(Stdio::null());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut ask = || {
        let line = json!({"config": file.name(), "path": "/v1/chat/completions", "model": "m"});
        writeln!(input, "{line}").unwrap();
        let mut answer = String::new();
        output.read_line(&mut answer).unwrap();
        serde_json::from_str::<Value>(&answer).unwrap()["downstream"].clone()
    };
    assert_eq!(ask(), "a");
    fs::write(&file.0, CONFIG.replace("id: a", "id: changed")).unwrap();
    assert_eq!(ask(), "changed");
    drop(input);
    assert!(child.wait().unwrap().success());
}
