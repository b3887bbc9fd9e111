//! Where the recorded traffic is.

use std::{
    env, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use tower_llm_gateway::format::{ApiFormat, Codec};

/// One recorded body.
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// The folder of the corpus, if there is one.
pub(crate) fn corpus() -> Option<PathBuf> {
    folder("corpus", env::var_os("LLM_CORPUS_DIR").map(PathBuf::from))
}

/// The folder of the streams that say the same in several formats.
pub(crate) fn golden() -> Option<PathBuf> {
    let beside = env::var_os("LLM_CORPUS_DIR").map(|corpus| Path::new(&corpus).join("../golden"));
    folder("golden", beside)
}

fn folder(name: &str, named: Option<PathBuf>) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared")
        .join(name);
    let folder = named.unwrap_or(beside);
    if folder.is_dir() {
        return Some(folder);
    }
    let message = format!(
        "NO RECORDED TRAFFIC at {}: set LLM_CORPUS_DIR",
        folder.display()
    );
    assert!(env::var("CI").as_deref() != Ok("true"), "{message}");
    // Not by `eprintln!`, which the harness would swallow.
    let said = writeln!(
        io::stderr(),
        "\n*** {message}; this test checks nothing ***\n"
    );
    said.expect("stderr takes a line");
    None
}

/// The recorded bodies of one kind, in the order of their names.
pub(crate) fn recorded(format: ApiFormat, kind: &str) -> Vec<File> {
    let Some(corpus) = corpus() else {
        return Vec::new();
    };
    let folder = corpus.join("dev").join(format.id()).join(kind);
    let entries =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<File> = entries
        .map(|entry| {
            let path = entry.unwrap().path();
            File {
                name: path.file_name().unwrap().to_string_lossy().into_owned(),
                bytes: fs::read(&path).unwrap(),
            }
        })
        .collect();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

pub(crate) fn codec(format: ApiFormat) -> &'static dyn Codec {
    format.codec().expect("it has one")
}
