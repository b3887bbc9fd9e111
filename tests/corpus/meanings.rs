//! All that a recorded body says arrives in every other format, but for what `allowed_crossings.rs` gives a reason for.

use std::collections::HashMap;

use http::StatusCode;
use tower_llm_gateway::{
    format::ApiFormat,
    ir::{Error, Exchange, Fold},
};

use crate::{
    allowed::Allowed,
    allowed_crossings, allowed_returns,
    compare::complaints,
    crossings::{self, Crossing},
    facts,
    files::codec,
    translate::{Kind, Outcome, Translation, read_stream, stated_status},
};

/// What a body says to those who read its format.
fn said(format: ApiFormat, kind: Kind, body: &[u8]) -> Result<Vec<String>, String> {
    let said = match kind {
        Kind::Request => {
            let mut exchange = Exchange::default();
            let request = codec(format).decode_request(body, &mut exchange);
            request.map(|request| facts::of_request(&request))
        }
        Kind::Response => {
            let response = codec(format).decode_response(body);
            response.map(|response| facts::of_response(&response))
        }
        Kind::Stream => {
            let mut fold = Fold::new(format.id());
            read_stream(body, &mut *codec(format).stream_decoder(), &mut fold);
            let mut lines = facts::of_response(&fold.response());
            if let Some(error) = fold.error() {
                lines.extend(facts::of_error(error));
            }
            Ok(lines)
        }
        Kind::Error => {
            let status = stated_status(format, body);
            let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Ok(facts::of_error(&format.api().decode_error(status, body)))
        }
    };
    said.map_err(|error| format!("unreadable in {format}: {error}"))
}

/// What differs between what was said and what arrived: facts that got lost, facts that are new, and the first whose
/// order changed.
fn differences(said: &[String], arrived: &[String]) -> Vec<String> {
    let (lost, kept) = split(said, arrived);
    let (new, came) = split(arrived, said);
    let mut found: Vec<String> = lost.iter().map(|line| format!("lost {line}")).collect();
    found.extend(new.iter().map(|line| format!("new {line}")));
    let mut pairs = kept.iter().zip(&came);
    if let Some((before, after)) = pairs.find(|(a, b)| a != b) {
        found.push(format!("order: {after} comes where {before} was"));
    }
    found
}

/// The lines that the others lack, and those that they have too.
fn split<'l>(lines: &'l [String], others: &[String]) -> (Vec<&'l String>, Vec<&'l String>) {
    let mut left: HashMap<&String, usize> = HashMap::new();
    for line in others {
        *left.entry(line).or_default() += 1;
    }
    lines.iter().partition(|line| match left.get_mut(line) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    })
}

fn short(line: &str) -> String {
    line.chars().take(200).collect()
}

fn check(kind: Kind, allowed: &[&[Allowed]]) {
    let mut found = Vec::new();
    for crossing in crossings::all() {
        let Crossing {
            translation,
            file,
            outcome,
            ..
        } = crossing;
        let Ok(Outcome::Translated { body, .. }) = outcome else {
            continue;
        };
        if translation.kind != kind {
            continue;
        }
        let before = said(translation.from, kind, &file.bytes);
        let arrived = said(translation.to, kind, body);
        let differences = match (before, arrived) {
            (Ok(before), Ok(arrived)) => differences(&before, &arrived),
            (Err(error), _) | (_, Err(error)) => vec![error],
        };
        let lines = differences
            .iter()
            .map(|line| short(&format!("{crossing}: {line}")));
        found.extend(lines);
    }
    if !crossings::all().is_empty() {
        let complaints = complaints(&found, allowed.iter().copied().flatten());
        assert!(
            complaints.is_empty(),
            "{}\n{}",
            complaints.len(),
            complaints.join("\n")
        );
    }
}

#[test]
fn what_a_recorded_request_says_arrives() {
    check(Kind::Request, &[allowed_crossings::REQUESTS]);
}

#[test]
fn what_a_recorded_answer_says_arrives() {
    check(Kind::Response, allowed_crossings::ANSWERS);
}

#[test]
fn what_a_recorded_stream_says_arrives() {
    check(Kind::Stream, allowed_crossings::STREAMS);
}

#[test]
fn what_a_recorded_error_says_arrives() {
    check(Kind::Error, &[allowed_crossings::ERRORS]);
}

/// From one format to another. The model of a path is one that takes all there is.
fn direction(from: ApiFormat, to: ApiFormat, kind: Kind) -> Translation {
    let model = (to == ApiFormat::GEMINI).then(|| "gemini-3-pro-preview".to_owned());
    Translation {
        from,
        to,
        kind,
        model,
        status: StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn body(outcome: Result<Outcome, Error>) -> Result<Vec<u8>, Error> {
    match outcome? {
        Outcome::Translated { body, .. } => Ok(body),
        Outcome::Refused { error, .. } => Err(error),
    }
}

/// What a body that goes to another format, back, and there again says the first time and the second.
fn said_twice(there: &Translation, back: &Translation, first: &[u8]) -> Result<Vec<String>, Error> {
    let returned = body(back.run(first))?;
    let second = body(there.run(&returned))?;
    let [first, second] = [first, &second].map(|body| said(there.to, there.kind, body).unwrap());
    Ok(differences(&first, &second))
}

/// What another format can carry comes back whole.
fn check_return(kind: Kind, allowed: &[Allowed]) {
    let mut found = Vec::new();
    for crossing in crossings::all() {
        let (from, to) = (crossing.translation.from, crossing.translation.to);
        if crossing.translation.kind != kind {
            continue;
        }
        let [there, back] = [direction(from, to, kind), direction(to, from, kind)];
        let Ok(first) = body(there.run(&crossing.file.bytes)) else {
            continue;
        };
        let differences = said_twice(&there, &back, &first);
        let differences = differences.unwrap_or_else(|error| vec![format!("refused {error}")]);
        let lines = differences
            .iter()
            .map(|line| short(&format!("{crossing}: {line}")));
        found.extend(lines);
    }
    if !crossings::all().is_empty() {
        let complaints = complaints(&found, allowed);
        assert!(
            complaints.is_empty(),
            "{}\n{}",
            complaints.len(),
            complaints.join("\n")
        );
    }
}

#[test]
fn a_recorded_request_that_went_there_comes_back() {
    check_return(Kind::Request, allowed_returns::REQUESTS);
}

#[test]
fn a_recorded_answer_that_went_there_comes_back() {
    check_return(Kind::Response, allowed_returns::ANSWERS);
}
