//! Translates bodies from one API's format to another's: for people who want to see it, and for scripts.
//!
//! ```sh
//! cargo run --example translate -- --from openai --to anthropic --kind request < request.json
//! cargo run --example translate -- --from gemini --to openai --kind stream --out translated streams/*.sse
//! ```
//!
//! Without files it reads standard input; without `--out` it writes to standard output. With `--out` each file becomes
//! one of the same name in that folder, or `NAME.refused` with the error that the caller would get in its own format:
//! the caller of a request speaks `--from`, that of an answer `--to`.
//!
//! What a translation could not carry over is on standard error, one JSON object per line: `file`, `path`, `action`
//! (`dropped`, `emulated`, or `refused` for the field that was refused) and `reason`. Other lines there begin with
//! `error: ` and name a file that is no body of its format. Such a file ends the command with status 1, but not before
//! all the others are translated; bad arguments end it with 2.

mod bodies;
mod files;
mod options;

use std::{env, process::ExitCode};

use files::Job;
use options::{Options, USAGE};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let jobs =
        Options::read(arguments.into_iter()).and_then(|options| Ok((Job::all(&options)?, options)));
    let (jobs, options) = match jobs {
        Ok(jobs) => jobs,
        Err(problem) => {
            eprintln!("{problem}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let mut failed = false;
    for job in &jobs {
        if let Err(problem) = job.run(&options.translation) {
            eprintln!("error: {}: {problem}", job.name());
            failed = true;
        }
    }
    ExitCode::from(u8::from(failed))
}
