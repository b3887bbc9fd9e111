//! Every suite once more, with all logged that can be: no key is in what it logs, says or prints.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::LazyLock,
};

use memchr::memmem;
use serde_json::Value;

use crate::support::log::{self, VARIABLE};

/// Every key of the tests has the first in it; the others begin those of the README's configuration.
const CANARIES: [&str; 4] = ["CANARY", "sk-proj-", "sk-ant-", "azure-key"];

/// These know no key, so they have none to show. `examples` is this one.
const KEYLESS: [&str; 4] = ["architecture", "corpus", "examples", "translation"];

/// Nor do these modules of the library, whose own tests take long.
const SKIPPED: [&str; 3] = ["format::", "json::", "sse::"];

/// These send requests with keys over sockets.
const SENDING: [&str; 3] = ["doubles", "downstream", "gateway"];

/// As many characters of standard base64 as a text has of its own, whatever comes after it.
fn base64(text: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bit = |at: usize| text[at / 8] >> (7 - at % 8) & 1;
    let sextets = (0..text.len() * 8 / 6).map(|sextet| sextet * 6..sextet * 6 + 6);
    let indices = sextets.map(|bits| bits.fold(0, |index, at| index << 1 | bit(at)));
    indices
        .map(|index| char::from(ALPHABET[usize::from(index)]))
        .collect()
}

/// How a canary looks: as it is, in numbers and in base64, in which three bytes always become four characters.
fn forms(canary: &str) -> Vec<String> {
    let bytes = canary.as_bytes();
    let hex = bytes.iter().map(|byte| format!("{byte:02x}"));
    let list = format!("{bytes:?}");
    let numbers = list.trim_matches(['[', ']']).to_owned();
    let encoded = (0..3).map(|skipped| base64(&bytes[skipped..]));
    let others = [canary.to_owned(), hex.collect(), numbers];
    others.into_iter().chain(encoded).collect()
}

/// The lines in which a canary is, in any form.
fn sightings(bytes: &[u8]) -> Vec<String> {
    static FINDERS: LazyLock<Vec<memmem::Finder<'static>>> = LazyLock::new(|| {
        let forms = CANARIES.into_iter().flat_map(forms);
        let finder = |form: String| memmem::Finder::new(&form).into_owned();
        forms.map(finder).collect()
    });
    let ends_line = |byte: &u8| *byte == b'\n';
    let line = |at: usize| {
        let (before, after) = bytes.split_at(at);
        let start = before.iter().rposition(ends_line).map_or(0, |it| it + 1);
        let end = after.iter().position(ends_line).unwrap_or(after.len());
        String::from_utf8_lossy(&bytes[start..at + end]).into_owned()
    };
    let places = FINDERS.iter().flat_map(|finder| finder.find_iter(bytes));
    places.map(line).collect()
}

/// What a process left behind.
struct Traces {
    log: Vec<u8>,
    printed: Vec<u8>,
}

impl Traces {
    fn of(command: &mut Command, name: &str) -> Self {
        let file = format!("canary-{name}-{}.log", std::process::id());
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
        let command = command.arg("--nocapture").env(VARIABLE, &file);
        let output = command.stdin(Stdio::null()).output().unwrap();
        // Who logs nothing makes none.
        let log = fs::read(&file).unwrap_or_default();
        let _ = fs::remove_file(&file);
        let printed = [output.stdout, output.stderr].concat();
        Self { log, printed }
    }
}

/// The test binaries of this build, by name.
fn suites() -> Vec<(String, PathBuf)> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["test", "--no-run", "--tests", "--offline"]);
    cargo.args(["--message-format=json", "--target-dir"]);
    cargo.arg(Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap());
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    // Else build scripts that look at them would run anew.
    let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for name in names.filter(|it| it.starts_with("CARGO_PKG_") || it.starts_with("CARGO_MANIFEST_"))
    {
        cargo.env_remove(name);
    }
    let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let output = output.unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let messages = output.stdout.split(|byte| *byte == b'\n');
    let messages = messages.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let suite = |message: Value| {
        let binary = message["executable"].as_str()?;
        let name = message["target"]["name"].as_str()?;
        Some((name.to_owned(), binary.into()))
    };
    messages.filter_map(suite).collect()
}

#[test]
fn situation_07_no_key_is_in_what_any_suite_logs_says_or_prints() {
    let mut suites = suites();
    suites.retain(|(name, _)| !KEYLESS.contains(&name.as_str()));
    let mut sending = 0;
    for (name, binary) in suites {
        let mut command = Command::new(binary);
        for module in SKIPPED {
            command.args(["--skip", module]);
        }
        let traces = Traces::of(command.current_dir(env!("CARGO_MANIFEST_DIR")), &name);
        // Whether it succeeds is for its own run to say.
        let ended = memmem::find(&traces.printed, b"test result: ").is_some();
        assert!(ended, "{name} did not come to its end");
        for (place, bytes) in [("log", &traces.log), ("output", &traces.printed)] {
            let sightings = sightings(bytes);
            assert!(sightings.is_empty(), "{name}'s {place}: {sightings:#?}");
        }
        if SENDING.contains(&name.as_str()) {
            let client = memmem::find(&traces.log, b"TRACE hyper_util::client");
            assert!(client.is_some(), "{name} logged nothing of the client");
            sending += 1;
        }
    }
    assert_eq!(sending, SENDING.len());
}

#[test]
fn a_key_that_is_logged_told_or_printed_is_seen() {
    let test = ["canary::shows_keys", "--exact", "--ignored"];
    let mut command = Command::new(env::current_exe().unwrap());
    let traces = Traces::of(command.args(test), "shows-keys");
    let seen = |bytes: &[u8], marks: &[&str]| {
        let sightings = sightings(bytes);
        marks
            .iter()
            .all(|mark| sightings.iter().any(|line| line.contains(mark)))
    };
    assert!(seen(&traces.log, &["logged", "told"]));
    assert!(seen(&traces.printed, &["printed", "panicked"]));
}

#[test]
#[ignore = "what shows keys, for the test above"]
fn shows_keys() {
    log::observe();
    tracing::trace!("logged Bearer CANARY");
    log::note(&"Bearer CANARY");
    println!("printed CANARY");
    panic!("panicked with a CANARY");
}

#[test]
fn a_key_is_seen_in_every_form() {
    for form in [
        "Bearer CANARY-1",
        r#"b"\0CANARY""#,
        "sk-proj-1",
        "[0, 67, 65, 78, 65, 82, 89, 45]",
        "43414e4152592d31",
        // Behind "Bearer ", "k:" and nothing.
        "QmVhcmVyIENBTkFSWS0x",
        "azpDQU5BUlktMQ==",
        "Q0FOQVJZLTE=",
    ] {
        assert_eq!(sightings(form.as_bytes()).len(), 1, "{form}");
    }
    assert!(sightings(b"a canary, Bearer ***").is_empty());
}
