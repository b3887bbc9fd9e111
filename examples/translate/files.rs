//! Where bodies come from and where they go.

use std::{
    collections::HashSet,
    fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use serde_json::json;
use tower_llm_gateway::ir::{Error, Losses};

use crate::{
    bodies::{Outcome, Translation},
    options::Options,
};

/// One body to translate.
#[derive(Debug)]
pub(crate) struct Job {
    /// Where it is read; standard input if nowhere.
    file: Option<PathBuf>,
    /// Where it goes; standard output if nowhere.
    target: Option<PathBuf>,
}

impl Job {
    /// One for each file. Each must have a place of its own to go to.
    pub(crate) fn all(options: &Options) -> Result<Vec<Self>, String> {
        if options.files.is_empty() {
            return Ok(vec![Self {
                file: None,
                target: None,
            }]);
        }
        let mut targets = HashSet::new();
        let jobs = options.files.iter().map(|file| {
            let target = options.out.as_deref().map(|out| target(out, file));
            let target = target.transpose()?;
            match &target {
                Some(target) if !targets.insert(target.clone()) => Err(format!(
                    "two files would be written to {}",
                    target.display()
                )),
                _ => Ok(Self {
                    file: Some(file.clone()),
                    target,
                }),
            }
        });
        jobs.collect()
    }

    /// What messages call it.
    pub(crate) fn name(&self) -> String {
        let name = self.file.as_ref().map(|file| file.display().to_string());
        name.unwrap_or_else(|| "-".to_owned())
    }

    /// Translates it, and writes what comes of it and what was lost.
    pub(crate) fn run(&self, translation: &Translation) -> Result<(), String> {
        let body = self.read().map_err(|error| error.to_string())?;
        match translation.run(&body).map_err(|error| error.message)? {
            Outcome::Translated { body, losses } => {
                self.report(&losses);
                self.write(&body, Ending::Translated)
            }
            Outcome::Refused { body, error } => {
                self.report_refusal(&error);
                self.write(&body, Ending::Refused)
            }
        }
    }

    fn read(&self) -> io::Result<Vec<u8>> {
        let Some(file) = &self.file else {
            let mut body = Vec::new();
            io::stdin().read_to_end(&mut body)?;
            return Ok(body);
        };
        fs::read(file)
    }

    fn report(&self, losses: &Losses) {
        for loss in losses {
            self.line(&loss.path, &loss.action.to_string(), &loss.reason);
        }
    }

    fn report_refusal(&self, error: &Error) {
        let path = error.param.as_deref().unwrap_or_default();
        self.line(path, "refused", &error.message);
    }

    fn line(&self, path: &str, action: &str, reason: &str) {
        let file = self.name();
        eprintln!(
            "{}",
            json!({"file": file, "path": path, "action": action, "reason": reason})
        );
    }

    fn write(&self, body: &[u8], ending: Ending) -> Result<(), String> {
        let Some(target) = &self.target else {
            // Of several bodies each ends its line.
            let is_one_of_many = self.file.is_some() && !body.ends_with(b"\n");
            let end: &[u8] = if is_one_of_many { b"\n" } else { b"" };
            let written = io::stdout().write_all(&[body, end].concat());
            return written.map_err(|error| format!("standard output: {error}"));
        };
        let mut refused = target.clone().into_os_string();
        refused.push(".refused");
        let refused = PathBuf::from(refused);
        let (path, stale) = match ending {
            Ending::Translated => (target, &refused),
            Ending::Refused => (&refused, target),
        };
        // What an earlier run came to must not stand beside it.
        let _ = fs::remove_file(stale);
        fs::write(path, body).map_err(|error| format!("{}: {error}", path.display()))
    }
}

#[derive(Debug, Clone, Copy)]
enum Ending {
    Translated,
    Refused,
}

/// The file's place in the folder, which is made.
fn target(out: &Path, file: &Path) -> Result<PathBuf, String> {
    fs::create_dir_all(out).map_err(|error| format!("{}: {error}", out.display()))?;
    let name = file
        .file_name()
        .ok_or(format!("{} is no file", file.display()))?;
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    match (fs::canonicalize(folder), fs::canonicalize(out)) {
        (Ok(folder), Ok(out)) if folder == out => Err(format!(
            "{} would be written over: choose another folder for --out",
            file.display()
        )),
        _ => Ok(out.join(name)),
    }
}
