//! Every recorded body in every other format, as the command `translate` writes it.

use std::{fmt, sync::OnceLock};

use http::StatusCode;
use tower_llm_gateway::{format::ApiFormat, ir::Error};

use crate::{
    files::{File, recorded},
    translate::{Kind, Outcome, Translation},
};

/// The kinds of bodies, each with the name of its folder.
pub(crate) const KINDS: [(Kind, &str); 4] = [
    (Kind::Request, "request"),
    (Kind::Response, "json"),
    (Kind::Stream, "stream"),
    (Kind::Error, "error"),
];

/// One body on its way to another format.
pub(crate) struct Crossing {
    pub(crate) translation: Translation,
    pub(crate) folder: &'static str,
    pub(crate) file: File,
    pub(crate) outcome: Result<Outcome, Error>,
}

impl Crossing {
    fn new(
        from: ApiFormat,
        to: ApiFormat,
        (kind, folder): (Kind, &'static str),
        file: File,
    ) -> Self {
        let translation = Translation {
            from,
            to,
            kind,
            model: None,
            status: StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self {
            outcome: translation.run(&file.bytes),
            translation,
            folder,
            file,
        }
    }

    /// The file, as `refusals.txt` names it.
    pub(crate) fn path(&self) -> String {
        let (name, _) = self.file.name.rsplit_once('.').unwrap();
        format!("{}/{}/{name}", self.translation.from, self.folder)
    }
}

impl fmt::Display for Crossing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.path(), self.translation.to)
    }
}

/// All of them; none without the corpus.
pub(crate) fn all() -> &'static [Crossing] {
    static ALL: OnceLock<Vec<Crossing>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all = Vec::new();
        for from in ApiFormat::BUILT_IN {
            for kind in KINDS {
                for to in ApiFormat::BUILT_IN.iter().filter(|to| *to != from) {
                    let files = recorded(*from, kind.1).into_iter();
                    all.extend(files.map(|file| Crossing::new(*from, *to, kind, file)));
                }
            }
        }
        all
    })
}

#[test]
fn every_recorded_body_is_translated_or_refused() {
    let unread = all().iter().filter_map(|crossing| {
        let error = crossing.outcome.as_ref().err()?;
        Some(format!("{crossing}: {error}"))
    });
    let unread: Vec<String> = unread.collect();
    assert!(unread.is_empty(), "{}", unread.join("\n"));
}

#[test]
fn trap_125_the_same_body_becomes_the_same_bytes_twice() {
    for crossing in all() {
        let again = crossing.translation.run(&crossing.file.bytes);
        if let (Ok(Outcome::Translated { body, .. }), Ok(Outcome::Translated { body: twice, .. })) =
            (&crossing.outcome, again)
        {
            assert!(*body == twice, "{crossing}");
        }
    }
}
