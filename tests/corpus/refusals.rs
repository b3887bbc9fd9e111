//! What is refused, and why: only what `refusals.txt` lists, and all of it.

use tower_llm_gateway::ir::Error;

use crate::{
    compare::glob,
    crossings::{self, Crossing},
    translate::Outcome,
};

/// A reason to refuse, with the section of the specification that gives it.
pub(crate) struct Reason {
    pub(crate) why: &'static str,
    /// What is refused for it.
    listed: Vec<Listed>,
}

/// The field of a body that these targets can't say.
struct Listed {
    line: &'static str,
    file: &'static str,
    field: &'static str,
    targets: Vec<&'static str>,
}

/// The list: under each reason, indented, `FILE FIELD: TARGET…`; `*` stands for any characters.
pub(crate) fn reasons() -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    let lines = include_str!("refusals.txt").lines();
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line.starts_with(' ') {
            reasons.last_mut().unwrap().listed.push(listed(line.trim()));
        } else {
            let listed = Vec::new();
            reasons.push(Reason { why: line, listed });
        }
    }
    reasons
}

fn listed(line: &'static str) -> Listed {
    let (head, targets) = line.split_once(": ").expect(line);
    let (file, field) = head.split_once(' ').expect(line);
    let targets = targets.split(' ').collect();
    Listed {
        line,
        file,
        field,
        targets,
    }
}

impl Reason {
    /// Whether this is why.
    pub(crate) fn explains(&self, crossing: &Crossing, error: &Error) -> bool {
        self.listed
            .iter()
            .any(|listed| listed.explains(crossing, error))
    }
}

impl Listed {
    fn explains(&self, crossing: &Crossing, error: &Error) -> bool {
        let field = error.param.as_deref().unwrap_or("-");
        self.targets.contains(&crossing.translation.to.id())
            && glob(self.file, &crossing.path())
            && glob(self.field, field)
    }
}

/// What was refused, with the error.
pub(crate) fn refused() -> Vec<(&'static Crossing, &'static Error)> {
    let refused = crossings::all()
        .iter()
        .filter_map(|crossing| match &crossing.outcome {
            Ok(Outcome::Refused { error, .. }) => Some((crossing, error)),
            _ => None,
        });
    refused.collect()
}

#[test]
fn what_is_refused_is_listed_with_the_reason() {
    let reasons = reasons();
    let unlisted = refused().into_iter().filter(|(crossing, error)| {
        !reasons
            .iter()
            .any(|reason| reason.explains(crossing, error))
    });
    let unlisted: Vec<String> = unlisted
        .map(|(crossing, error)| {
            let field = error.param.as_deref().unwrap_or("-");
            let Crossing { translation, .. } = crossing;
            format!(
                "  {} {field}: {}   ({error})",
                crossing.path(),
                translation.to
            )
        })
        .collect();
    assert!(
        unlisted.is_empty(),
        "not in refusals.txt:\n{}",
        unlisted.join("\n")
    );
}

#[test]
fn what_is_listed_is_refused() {
    let refused = refused();
    if crossings::all().is_empty() {
        return;
    }
    let mut idle = Vec::new();
    for listed in reasons().iter().flat_map(|reason| &reason.listed) {
        for target in &listed.targets {
            let happens = refused.iter().any(|(crossing, error)| {
                crossing.translation.to.id() == *target && listed.explains(crossing, error)
            });
            if !happens {
                idle.push(format!("{} does not refuse {}", target, listed.line));
            }
        }
    }
    assert!(idle.is_empty(), "{}", idle.join("\n"));
}

#[test]
fn a_refusal_is_an_error_that_its_caller_can_read() {
    for (crossing, _) in refused() {
        let Ok(Outcome::Refused { body, error }) = &crossing.outcome else {
            continue;
        };
        let caller = crossing.translation.caller();
        let read = caller.api().decode_error(caller.error_body(error).0, body);
        assert!(
            read.message.starts_with(&error.message),
            "{crossing}: {read}"
        );
    }
}
