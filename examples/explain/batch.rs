//! One answer per line.

use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};

use tower_llm_gateway::router::Explanation;

use crate::{question::Question, tables::Tables};

/// A line.
#[derive(Debug, Deserialize)]
struct Line {
    config: Files,
    #[serde(flatten)]
    question: Question,
}

/// One configuration.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Files {
    One(String),
    Several(Vec<String>),
}

/// What is said in place of an explanation.
#[derive(Debug, Serialize)]
struct Failure {
    status: &'static str,
    errors: Vec<String>,
}

impl Failure {
    fn of_line(error: String) -> Self {
        Self {
            status: "error",
            errors: vec![error],
        }
    }
}

/// Answers line after line, each as soon as it is there.
pub(crate) fn run(
    mut tables: Tables,
    mut input: impl BufRead,
    mut output: impl Write,
) -> io::Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let answer = match answer(&mut tables, &line) {
            Ok(explanation) => serde_json::to_string(&explanation),
            Err(failure) => serde_json::to_string(&failure),
        };
        writeln!(output, "{}", answer?)?;
        output.flush()?;
    }
}

fn answer(tables: &mut Tables, line: &[u8]) -> Result<Explanation, Failure> {
    // Without the words of the error, which may be a header's.
    let wrong = |error: serde_json::Error| {
        let column = error.column();
        Failure::of_line(format!(
            "no object with config and path, or what else there is (column {column})"
        ))
    };
    let line: Line = serde_json::from_slice(line).map_err(wrong)?;
    let request = line.question.request().map_err(Failure::of_line)?;
    let files = match line.config {
        Files::One(file) => vec![file],
        Files::Several(files) => files,
    };
    if files.is_empty() {
        return Err(Failure::of_line("config names no file".to_owned()));
    }
    let ready = tables.get(&files).map_err(|errors| Failure {
        status: "build_error",
        errors,
    })?;
    Ok(ready.table.explain_request(&request))
}
