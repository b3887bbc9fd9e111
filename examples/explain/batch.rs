//! One answer per line.

use std::io::{self, BufRead, Write};

use serde::Deserialize;
use serde_json::json;

use crate::{question::Question, tables::Tables};

/// A line.
#[derive(Debug, Deserialize)]
struct Line {
    config: String,
    #[serde(flatten)]
    question: Question,
}

/// Answers line after line, each as soon as it is there.
pub(crate) fn run(mut input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    let mut tables = Tables::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        writeln!(output, "{}", answer(&mut tables, &line))?;
        output.flush()?;
    }
}

fn answer(tables: &mut Tables, line: &[u8]) -> String {
    let failed =
        |status: &str, errors: &[String]| json!({"status": status, "errors": errors}).to_string();
    let read = || {
        // Without the words of the error, which may be a header's.
        let wrong = |error: serde_json::Error| {
            format!("no object with config and path (column {})", error.column())
        };
        let line: Line = serde_json::from_slice(line).map_err(wrong)?;
        Ok((line.question.request()?, line.config))
    };
    let (request, config) = match read() {
        Ok(read) => read,
        Err::<_, String>(error) => return failed("error", &[error]),
    };
    let ready = match tables.get(&config) {
        Ok(ready) => ready,
        Err(errors) => return failed("build_error", &errors),
    };
    serde_json::to_string(&ready.table.explain_request(&request))
        .unwrap_or_else(|error| failed("error", &[error.to_string()]))
}
