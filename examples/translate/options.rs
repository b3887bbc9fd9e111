//! The command line.

use std::path::PathBuf;

use http::StatusCode;
use tower_llm_gateway::format::ApiFormat;

use crate::bodies::Translation;

pub(crate) const USAGE: &str = "\
usage: translate --from FORMAT --to FORMAT --kind KIND [OPTION…] [FILE…]
  FORMAT         openai, openai_responses, anthropic or gemini
  KIND           request, response, stream (server-sent events, or gemini's JSON array) or error
  --out DIR      write a file of the same name for each FILE, or NAME.refused
  --model MODEL  of a request: the model to ask, instead of the one in the body
  --status CODE  of an error whose body tells none (500)";

/// What the command line asks for.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) translation: Translation,
    pub(crate) out: Option<PathBuf>,
    pub(crate) files: Vec<PathBuf>,
}

impl Options {
    pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut from, mut to, mut kind, mut model, mut out) = (None, None, None, None, None);
        let mut status = StatusCode::INTERNAL_SERVER_ERROR;
        let mut files = Vec::new();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--from" => from = Some(format(&value()?)?),
                "--to" => to = Some(format(&value()?)?),
                "--kind" => kind = Some(value()?.parse()?),
                "--model" => model = Some(value()?),
                "--status" => status = error_status(&value()?)?,
                "--out" => out = Some(PathBuf::from(value()?)),
                "--" => files.extend(arguments.by_ref().map(PathBuf::from)),
                option if option.starts_with('-') => {
                    return Err(format!("unknown option {option}"));
                }
                file => files.push(PathBuf::from(file)),
            }
        }
        if out.is_some() && files.is_empty() {
            return Err("--out needs files".to_owned());
        }
        let translation = Translation {
            from: from.ok_or("--from is missing")?,
            to: to.ok_or("--to is missing")?,
            kind: kind.ok_or("--kind is missing")?,
            model,
            status,
        };
        Ok(Self {
            translation,
            out,
            files,
        })
    }
}

fn format(id: &str) -> Result<ApiFormat, String> {
    id.parse().map_err(|unknown| format!("{unknown}"))
}

fn error_status(text: &str) -> Result<StatusCode, String> {
    let status = text
        .parse()
        .ok()
        .filter(|status: &StatusCode| status.is_client_error() || status.is_server_error());
    status.ok_or(format!("{text:?} is no status of an error"))
}
