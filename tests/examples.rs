//! The examples as processes: what they print, what they answer, how they end.
#![cfg(all(unix, feature = "client", feature = "yaml"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic fails the test"
)]

use std::{
    env, fs,
    io::{BufRead, BufReader, Lines},
    path::PathBuf,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::{Value, json};
use support::page::Page;
use tonic_health::{
    ServingStatus,
    pb::{HealthCheckRequest, health_client::HealthClient},
};
use tower_llm_gateway::scoreboard::Snapshot;

#[path = "examples/canary.rs"]
mod canary;
#[path = "examples/drain.rs"]
mod drain;
#[path = "examples/explain.rs"]
mod explain;
#[allow(dead_code, reason = "its own tests are run here")]
#[path = "../examples/gateway/files.rs"]
mod files;
#[allow(dead_code, reason = "its own tests are run here")]
#[path = "../examples/gateway/follow.rs"]
mod follow;
#[cfg(feature = "metrics")]
#[path = "examples/metrics.rs"]
mod metrics;
#[path = "examples/reload.rs"]
mod reload;
mod support;
#[path = "examples/translate.rs"]
mod translate;

const SONNET: &str = "claude-sonnet-4-20250514";

/// An example as cargo has built it for these tests.
fn example(name: &str) -> Command {
    let tests = env::current_exe().unwrap();
    let target = tests.parent().unwrap().parent().unwrap();
    let path = target.join("examples").join(name);
    assert!(path.exists(), "{} is not built", path.display());
    Command::new(path)
}

/// A process that is killed when the test is done with it.
struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn start(command: &mut Command) -> Self {
        Self::spawn(command.stderr(Stdio::null()))
    }

    fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The first line from here on with this beginning; what follows it.
    fn line(&mut self, beginning: &str) -> String {
        let lines = self.lines.by_ref().map(Result::unwrap);
        let mut found = lines.filter_map(|line| line.strip_prefix(beginning).map(str::to_owned));
        found
            .next()
            .unwrap_or_else(|| panic!("it ended without {beginning:?}"))
    }

    /// The URL that the first line tells.
    fn url(&mut self) -> String {
        let first = self.lines.next().expect("it prints a line").unwrap();
        first
            .strip_prefix("listening on ")
            .expect(&first)
            .to_owned()
    }

    fn terminate(&self) {
        self.signal("-TERM");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for the end, off the threads of the runtime.
    async fn status(mut self) -> ExitStatus {
        let ended = tokio::task::spawn_blocking(move || self.child.wait());
        ended.await.unwrap().unwrap()
    }
}

async fn send(request: Request<Full<Bytes>>) -> Response<Incoming> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    client.request(request).await.unwrap()
}

async fn text(response: Response<Incoming>) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

async fn get(url: String) -> String {
    text(send(Request::get(url).body(Full::default()).unwrap()).await).await
}

async fn ask(url: &str, text: &str, stream: bool) -> Response<Incoming> {
    let messages = json!([{"role": "user", "content": text}]);
    let body = json!({"model": SONNET, "messages": messages, "stream": stream}).to_string();
    let request = Request::post(format!("{url}/v1/chat/completions"));
    send(request.body(Full::from(body)).unwrap()).await
}

/// Asks for the model whose provider speaks another format.
async fn assert_answers(url: &str) {
    let answer = ask(url, "Hi", false).await;
    assert_eq!(answer.status(), 200);
    let answer: Value = serde_json::from_str(&text(answer).await).unwrap();
    let said = &answer["choices"][0]["message"]["content"];
    assert_eq!(said, "Hello from Anthropic! Fancy a café? 🌿");
}

/// A configuration file that is removed with the test.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let path = directory.join(format!("{name}-{}.yaml", std::process::id()));
        fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn gateway(config: &File) -> Command {
    let mut command = example("gateway");
    command.arg("--config").arg(&config.0);
    command.args(["--listen", "127.0.0.1:0"]);
    command
}

/// The page's gateway without Azure, whose double a process of its own would not find.
async fn page_file(name: &str) -> (Page, File) {
    let page = Page::start().await;
    let file = File::new(name, &page.config());
    (page, file)
}

#[tokio::test]
async fn axum_beside_answers_for_models_beside_its_own_route() {
    let mut running = Running::start(&mut example("axum_beside"));
    let url = running.url();
    assert_eq!(get(format!("{url}/health")).await, "ok");
    assert_answers(&url).await;
}

#[tokio::test]
async fn axum_in_front_answers_for_models_in_front_of_the_app() {
    let mut running = Running::start(&mut example("axum_in_front"));
    let url = running.url();
    assert_eq!(get(format!("{url}/")).await, "the app's own page");
    let upload = Request::post(format!("{url}/echo")).body(Full::from("as it is"));
    assert_eq!(text(send(upload.unwrap()).await).await, "as it is");
    assert_answers(&url).await;
}

#[tokio::test]
async fn tonic_beside_answers_for_models_and_in_grpc_on_one_port() {
    let mut running = Running::start(&mut example("tonic_beside"));
    let url = running.url();
    let endpoint = tonic::transport::Endpoint::from_shared(url.clone()).unwrap();
    let mut client = HealthClient::new(endpoint.connect().await.unwrap());
    let request = HealthCheckRequest::default();
    let status = client.check(request).await.unwrap().into_inner().status;
    assert_eq!(status, ServingStatus::Serving as i32);
    assert_answers(&url).await;
}

#[test]
fn own_model_is_reached_through_every_format_and_so_is_the_provider_beside_it() {
    let output = example("own_model").output().unwrap();
    assert!(output.status.success());
    let output = String::from_utf8(output.stdout).unwrap();
    let (control, challenger) = output.split_once("assistant is own/parrot\n").unwrap();
    let control = control
        .strip_prefix("assistant is openai/gpt-4o\n")
        .unwrap();
    for (lines, said) in [
        (control, "Hello from OpenAI! Fancy a café? 👋"),
        (challenger, "Good morning to you"),
    ] {
        assert_eq!(lines.lines().count(), 8, "{lines}");
        for line in lines.lines() {
            assert!(line.starts_with("  200 OK /v1"), "{line}");
            assert!(line.ends_with(said), "{line}");
        }
    }
}

#[test]
fn fallback_shows_a_provider_that_fails_its_stand_in_and_that_it_is_left_alone_in_the_end() {
    let output = example("fallback").output().unwrap();
    assert!(output.status.success());
    let output = String::from_utf8(output.stdout).unwrap();
    let answers = output
        .lines()
        .filter(|line| line.contains("200 OK: \"Hello"));
    assert_eq!(answers.count(), 4, "{output}");
    assert!(output.contains("   openai: ejected\n"), "{output}");
    assert!(
        output.ends_with("openai was asked 5 times, anthropic 4\n"),
        "{output}"
    );
}

#[test]
fn split_shows_a_canary_that_grows_by_new_users_and_shrinks_to_those_it_had() {
    let output = example("split").output().unwrap();
    assert!(output.status.success());
    let output = String::from_utf8(output.stdout).unwrap();
    let users = output.lines().filter_map(|line| {
        let (_, users) = line.split_once("the canary has users ")?;
        Some(serde_json::from_str::<Vec<u32>>(users).unwrap())
    });
    let [few, more, again] = &users.collect::<Vec<_>>()[..] else {
        panic!("{output}");
    };
    assert!(!few.is_empty() && few.len() < more.len(), "{output}");
    assert!(few.iter().all(|user| more.contains(user)), "{output}");
    assert_eq!(few, again);
    let anthropic = 2 * few.len() + more.len();
    let asked = format!(
        "openai was asked {} times, anthropic {anthropic}\n",
        300 - anthropic
    );
    assert!(output.ends_with(&asked), "{output}");
}

#[test]
fn timeouts_shows_what_a_caller_hears_of_three_ways_not_to_answer() {
    let output = example("timeouts").output().unwrap();
    assert!(output.status.success());
    let output = String::from_utf8(output.stdout).unwrap();
    let heard = [
        ("mute: 504 Gateway Timeout", "\"first_byte_timeout\""),
        ("hesitant: 504 Gateway Timeout", "\"first_event_timeout\""),
        ("silent: 200 OK", "\"idle_timeout\""),
    ];
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(lines.len(), 2 * heard.len(), "{output}");
    for (lines, (status, code)) in lines.chunks(2).zip(heard) {
        assert_eq!(lines[0], status);
        assert!(lines[1].contains(code), "{output}");
    }
}

#[test]
fn ab_testing_loses_nothing_while_providers_fail_in_every_way() {
    let output = example("ab_testing").arg("--chaos").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let end = "lost: 0, duplicated: 0, silently truncated: 0\n";
    assert!(text.ends_with(end), "{text}");
    // Had nothing failed, nothing would be shown.
    let attempts = text.lines().find(|line| line.ends_with("for 900 requests"));
    let attempts = attempts.unwrap().split(' ').next().unwrap();
    let attempts: u64 = attempts.replace(',', "").parse().unwrap();
    assert!((950..1_200).contains(&attempts), "{text}");
}

#[tokio::test]
async fn doubles_says_where_each_provider_is() {
    let mut running = Running::start(&mut example("doubles"));
    let openai = running.line("openai ");
    running.line("anthropic ");
    running.line("azure ");
    let refused = get(format!("{openai}/nothing")).await;
    assert!(refused.contains("Invalid URL"), "{refused}");
    running.terminate();
    assert!(running.status().await.success());
}

#[test]
fn the_examples_that_show_how_little_it_takes_are_short() {
    for name in [
        "axum_beside",
        "axum_in_front",
        "fallback",
        "otlp",
        "own_model",
        "prometheus",
        "split",
        "timeouts",
        "tonic_beside",
    ] {
        let path = format!("{}/examples/{name}.rs", env!("CARGO_MANIFEST_DIR"));
        let lines = fs::read_to_string(path).unwrap().lines().count();
        assert!(lines < 60, "{name} has {lines} lines");
    }
}

#[tokio::test]
async fn gateway_serves_the_configuration_file_until_it_is_told_to_end() {
    let (_page, file) = page_file("serves").await;
    let mut running = Running::start(&mut gateway(&file));
    let url = running.url();
    assert_eq!(get(format!("{url}/health")).await, "ok");
    assert_answers(&url).await;
    running.terminate();
    assert_eq!(running.status().await.code(), Some(0));
}

#[tokio::test]
async fn gateway_ends_when_the_stream_that_runs_is_whole() {
    let interval = std::time::Duration::from_millis(50);
    let page = Page::start_with(|_, double| double.event_interval(interval)).await;
    let file = File::new("stream", &page.config());
    let mut running = Running::start(&mut gateway(&file));
    let answer = ask(&running.url(), "Hi", true).await;
    running.terminate();
    let streamed = text(answer).await;
    assert!(streamed.ends_with("data: [DONE]\n\n"), "{streamed}");
    assert_eq!(running.status().await.code(), Some(0));
}

#[tokio::test]
async fn gateway_ends_when_the_caller_of_a_stream_without_end_goes_away() {
    let (_page, file) = page_file("stall").await;
    let mut running = Running::start(&mut gateway(&file));
    let answer = ask(&running.url(), "[[stall]]", true).await;
    assert_eq!(answer.status(), 200);
    running.terminate();
    drop(answer);
    assert_eq!(running.status().await.code(), Some(0));
}

#[test]
fn gateway_refuses_a_bad_file_with_the_place_of_every_error() {
    let config = "downstreams:\n  - id: a\n    base_url: ftp://a\n    nonsense: 1\nrules:\n  \
                  - id: r\n    match_downstreams: [b]\n    is_enabled: perhaps\n";
    let file = File::new("bad", config);
    let output = gateway(&file).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let errors = String::from_utf8(output.stderr).unwrap();
    for place in ["3:15", "4:5", "7:25", "8:17"] {
        assert!(errors.contains(place), "no {place} in {errors}");
    }
}

#[test]
fn gateway_says_how_it_is_called() {
    for arguments in [
        &[][..],
        &["--config"],
        &["--listen", "x"],
        &["--what"],
        &["--watch", "soon"],
        &["--drain", "later"],
    ] {
        let output = example("gateway").args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(errors.contains("usage: gateway --config FILE"), "{errors}");
    }
}

#[test]
fn gateway_cannot_serve_a_file_that_is_not_there() {
    let nowhere = ["--config", "nowhere.yaml"];
    let output = example("gateway").args(nowhere).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("nowhere.yaml"), "{errors}");
}

/// The rows of a table that was printed, as cells.
fn rows<'a>(output: &'a str, model: &'a str) -> impl Iterator<Item = Vec<&'a str>> {
    let cells = |line: &'a str| {
        line.split("  ")
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
    };
    let rows = output
        .lines()
        .map(move |line| cells(line).collect::<Vec<_>>());
    rows.filter(move |cells| cells.first() == Some(&model))
}

/// A model, then rule, downstream, model sent, request legs and response legs.
const ROUTES: [(&str, [&str; 5]); 3] = [
    ("gpt-4o", ["gpt4o-rule", "openai", "gpt-4o", "none", "none"]),
    (
        SONNET,
        [
            "sonnet-rule",
            "anthropic",
            SONNET,
            "openai>anthropic (auto)",
            "anthropic>openai (rule)",
        ],
    ),
    (
        "azure-gpt4o",
        ["azure-rule", "azure-openai", "gpt-4o", "none", "none"],
    ),
];

#[test]
fn ab_testing_shows_every_route_and_compares_the_backends() {
    let output = example("ab_testing").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let output = String::from_utf8(output.stdout).unwrap();
    for (model, route) in ROUTES {
        let rows: Vec<_> = rows(&output, model).collect();
        let (routes, comparison) = rows.split_at(4);
        let shapes = [
            "plain, text",
            "stream, text",
            "plain, tools",
            "stream, tools",
        ];
        for (row, shape) in routes.iter().zip(shapes) {
            assert_eq!(row[1], shape, "{output}");
            assert_eq!(row[2..7], route, "{output}");
            assert_eq!(row[7], "200", "{output}");
            assert_ne!(row[10], "unknown", "{output}");
        }
        assert_eq!(comparison.len(), 1, "{output}");
        // Answers and errors.
        assert_eq!(comparison[0][1..3], ["20", "0"], "{output}");
    }
}

#[tokio::test]
async fn ab_testing_keeps_serving_when_told_to() {
    let mut command = example("ab_testing");
    command.args(["--serve", "127.0.0.1:0"]);
    let mut running = Running::start(&mut command);
    let serving = running.line("serving on ");
    let url = serving.split(' ').next().unwrap().to_owned();
    let curl = running.line("curl ");
    assert!(
        curl.starts_with(&format!("{url}/v1/chat/completions ")),
        "{curl}"
    );
    assert_answers(&url).await;
}

#[tokio::test]
async fn ab_testing_serves_the_report_of_an_experiment_that_runs() {
    let mut command = example("ab_testing");
    command.args(["--serve", "127.0.0.1:0"]);
    let mut running = Running::start(&mut command);
    let report = running.line("an experiment is running; its report is at ");
    let figures = loop {
        let figures = get(format!("{report}?format=json")).await;
        let figures: Value = serde_json::from_str(&figures).unwrap();
        let arms = figures["experiments"][0]["arms"].as_array();
        let arms = arms.filter(|arms| arms.len() == 2);
        let has_cost = |arm: &Value| arm["cost"]["known"].as_u64() > Some(0);
        if arms.is_some_and(|arms| arms.iter().all(has_cost)) {
            break figures;
        }
    };
    let arms = &figures["experiments"][0]["arms"];
    assert_eq!(arms[0]["downstream"], "openai");
    assert_eq!(arms[1]["downstream"], "anthropic");
    let page = get(report).await;
    assert!(page.contains("<h2 id=\"experiment-1-name\">assistant-ab</h2>"));
}

/// What a process counts, once both arms have been asked.
async fn snapshot(report: &str) -> Snapshot {
    loop {
        let snapshot = get(format!("{report}?format=snapshot")).await;
        let snapshot: Snapshot = serde_json::from_str(&snapshot).unwrap();
        let experiments = snapshot.report().experiments;
        let arms = experiments.first().map(|experiment| experiment.arms.len());
        if arms == Some(2) {
            return snapshot;
        }
    }
}

#[tokio::test]
async fn what_two_processes_have_counted_can_be_added() {
    let mut processes = [(); 2].map(|()| {
        let mut command = example("ab_testing");
        command.args(["--serve", "127.0.0.1:0"]);
        Running::start(&mut command)
    });
    let (mut merged, mut alone) = (Snapshot::default(), [0, 0]);
    for process in &mut processes {
        let report = process.line("an experiment is running; its report is at ");
        let snapshot = snapshot(&report).await;
        for (sum, arm) in alone.iter_mut().zip(&snapshot.report().experiments[0].arms) {
            *sum += arm.requests;
        }
        merged.merge(&snapshot);
    }
    let arms = &merged.report().experiments[0].arms;
    assert_eq!([arms[0].requests, arms[1].requests], alone);
}
