//! Says where the gateway sends a request, and why, without sending anything.
//!
//! ```sh
//! cargo run --example explain -- --config gateway.yaml --path /v1/chat/completions --model gpt-4o
//! cargo run --example explain -- --batch < requests.jsonl
//! ```
//!
//! Prints one JSON object, an [`Explanation`](tower_llm_gateway::router::Explanation); one with `"downstream":null` if
//! the request leads nowhere. A configuration with errors ends it with status 2 and all of them on standard error,
//! where warnings are too.
//!
//! With `--batch` it reads objects such as `{"config": FILE, "path": PATH, "model": MODEL}`, one a line, to which
//! `headers` (an object of texts), `stream` and `method` may be added. Each is answered by one line: the explanation, or
//! `{"status":"build_error","errors":[…]}`, or `{"status":"error","errors":[…]}` if the line is no such object. A file is
//! read again for each line, and built again if it has changed. A list of files is one configuration, as several
//! `--config` are.
//!
//! Plugins that a program of yours registers are made known with `--plugin ID`.
//!
//! Secrets are not needed: what stands for an environment variable that is not set is never shown.

mod batch;
mod options;
mod question;
mod tables;

use std::{
    env, fs,
    io::{self, ErrorKind, Read as _, Write as _},
    process::ExitCode,
};

use options::{Options, Task, USAGE};
use question::Question;
use tables::Tables;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let done = if arguments.iter().any(|argument| argument == "--help") {
        print(USAGE)
    } else {
        match Options::read(arguments.into_iter()) {
            Ok(Task::Batch { plugins }) => {
                let tables = Tables::with_plugins(&plugins);
                written(batch::run(tables, io::stdin().lock(), io::stdout().lock()))
            }
            Ok(Task::One(options)) => one(options),
            Err(problem) => Err(format!("error: {problem}\n{USAGE}")),
        }
    };
    if let Err(problem) = done {
        complain(&problem);
        return ExitCode::from(2);
    }
    ExitCode::SUCCESS
}

fn one(options: Options) -> Result<(), String> {
    let mut tables = Tables::with_plugins(&options.plugins);
    let ready = tables.get(&options.config);
    let ready = ready.map_err(|errors| errors.join("\n"))?;
    for lint in &ready.lints {
        complain(&format!("warning: {lint}"));
    }
    let body = options.body.as_deref().map(body).transpose()?;
    let question = Question {
        body,
        ..options.question
    };
    let explanation = ready.table.explain_request(&question.request()?);
    let text = serde_json::to_string_pretty(&explanation);
    print(&text.map_err(|error| error.to_string())?)
}

fn print(text: &str) -> Result<(), String> {
    written(writeln!(io::stdout(), "{text}"))
}

/// Whoever has read enough may go.
fn written(done: io::Result<()>) -> Result<(), String> {
    done.or_else(|error| match error.kind() {
        ErrorKind::BrokenPipe => Ok(()),
        _ => Err(format!("error: {error}")),
    })
}

/// Says it on standard error, if anybody listens.
fn complain(text: &str) {
    drop(writeln!(io::stderr(), "{text}"));
}

/// Reads a file, or standard input if it is `-`.
fn body(file: &str) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    let read = match file {
        "-" => io::stdin().read_to_end(&mut body).map(|_| body),
        file => fs::read(file),
    };
    read.map_err(|error| format!("error: {file}: {error}"))
}
