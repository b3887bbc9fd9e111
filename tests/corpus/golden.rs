//! Streams of which each is written in several formats: translated, one must become the other, however its bytes come.

use std::{env, fs, path::Path};

use http::StatusCode;
use tower_llm_gateway::format::ApiFormat;

use crate::{
    files,
    golden_events::{joined, said},
    streams::{pieces, translate},
    translate::{Kind, Outcome, Translation},
};

/// What a provider says, in each of these formats, and what its callers are told in every format.
struct Case {
    says: &'static str,
    by: &'static [ApiFormat],
    told: &'static str,
}

const O: ApiFormat = ApiFormat::OPENAI;
const R: ApiFormat = ApiFormat::OPENAI_RESPONSES;
const A: ApiFormat = ApiFormat::ANTHROPIC;
const G: ApiFormat = ApiFormat::GEMINI;

const CASES: &[Case] = &[
    Case::new("text_2tools", &[O, R, A, G]),
    Case::new("text", &[O, R, A, G]),
    Case::new("empty", &[O, R, A, G]),
    Case::new("thinking_of_anthropic", &[A]),
    Case::new("thinking_of_responses", &[R]),
    Case::new("thinking_of_gemini", &[G]),
    Case::new("refusal", &[O, R]),
    Case::new("refusal_explained", &[A]),
    Case::new("filtered", &[G]),
    Case::new("blocked_prompt", &[G]),
    Case::new("cut_in_arguments", &[O, R, A]),
    Case::new("interleaved_tools", &[O]),
    Case::new("citations", &[O, R, G]),
    Case::new("citations_of_anthropic", &[A]),
    Case::new("error_in_stream", &[O, R, A, G]),
    Case::new("truncated", &[O, R, A, G]).told("truncated_told"),
    Case::new("usage_on_every_chunk", &[O, G]).told("text"),
];

impl Case {
    const fn new(says: &'static str, by: &'static [ApiFormat]) -> Self {
        Self {
            says,
            by,
            told: says,
        }
    }

    const fn told(self, told: &'static str) -> Self {
        Self { told, ..self }
    }
}

/// A golden file; nothing if it is one of those that lie beside the corpus, and there are none.
fn read(name: &str, format: ApiFormat, ending: &str) -> Option<Vec<u8>> {
    let format = match format.id() {
        "openai_responses" => "responses",
        id => id,
    };
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let folder = match name {
        "text_2tools" => files::golden()?,
        _ => ours,
    };
    let path = folder.join(format!("{name}.{format}.{ending}"));
    Some(fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// Each stream that is told in another format: its name, both formats and its bytes.
fn each(mut check: impl FnMut(&Case, ApiFormat, ApiFormat, &[u8])) {
    for case in CASES {
        for from in case.by {
            let Some(stream) = read(case.says, *from, "sse") else {
                continue;
            };
            for to in ApiFormat::BUILT_IN.iter().filter(|to| *to != from) {
                check(case, *from, *to, &stream);
            }
        }
    }
}

fn translation(from: ApiFormat, to: ApiFormat) -> Translation {
    Translation {
        from,
        to,
        kind: Kind::Stream,
        model: None,
        status: StatusCode::BAD_GATEWAY,
    }
}

#[test]
fn the_golden_streams_become_each_other() {
    let mut wrong = Vec::new();
    each(|case, from, to, stream| {
        let Ok(Outcome::Translated { body, .. }) = translation(from, to).run(stream) else {
            return wrong.push(format!("{} from {from} to {to} is refused", case.says));
        };
        let told = read(case.told, to, "sse").expect("all formats have one, or none has");
        let (now, wanted) = (said(&body), said(&told));
        let is_equal = if from == G {
            joined(now) == joined(wanted)
        } else {
            now == wanted
        };
        if !is_equal {
            let body = String::from_utf8_lossy(&body);
            wrong.push(format!("{} from {from} to {to}:\n{body}", case.says));
        }
    });
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_golden_errors_are_told_instead_of_a_stream() {
    for from in ApiFormat::BUILT_IN {
        let stream = read("error_first", *from, "sse").unwrap();
        for to in ApiFormat::BUILT_IN.iter().filter(|to| *to != from) {
            let Ok(Outcome::Refused { body, error }) = translation(*from, *to).run(&stream) else {
                panic!("from {from} to {to}: it is no error");
            };
            let told = to.api().decode_error(to.error_body(&error).0, &body);
            let known = to.api().decode_error(
                StatusCode::TOO_MANY_REQUESTS,
                &read("error_first", *to, "json").unwrap(),
            );
            assert_eq!((told.kind, told.message), (known.kind, known.message));
        }
    }
}

#[test]
fn the_golden_streams_are_written_again_as_they_are() {
    // The others say what no encoder would.
    let is_proper = |case: &&Case| !["truncated", "usage_on_every_chunk"].contains(&case.says);
    for case in CASES.iter().filter(is_proper) {
        for format in case.by {
            let Some(stream) = read(case.says, *format, "sse") else {
                continue;
            };
            let written = translate(*format, *format, [&*stream]);
            let text = String::from_utf8_lossy(&written);
            assert_eq!(
                said(&written),
                said(&stream),
                "{} in {format}:\n{text}",
                case.says
            );
        }
    }
}

#[test]
fn trap_104_golden_streams_do_not_depend_on_how_their_bytes_are_cut() {
    each(|case, from, to, stream| {
        let whole = translate(from, to, [stream]);
        let one_by_one = translate(from, to, stream.chunks(1));
        assert!(
            one_by_one == whole,
            "{} from {from} to {to}, byte by byte",
            case.says
        );
        for seed in 0..20 {
            let cut = translate(from, to, at_random(stream, seed));
            assert!(
                cut == whole,
                "{} from {from} to {to}, seed {seed}",
                case.says
            );
        }
    });
}

/// The bytes in pieces of one to forty, by a generator of its own: the same pieces every time.
fn at_random(mut bytes: &[u8], seed: u64) -> Vec<&[u8]> {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut pieces = Vec::new();
    while !bytes.is_empty() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let length = usize::try_from(state >> 33).unwrap() % 40 + 1;
        let (piece, rest) = bytes.split_at(length.min(bytes.len()));
        pieces.push(piece);
        bytes = rest;
    }
    pieces
}

#[test]
fn trap_104_golden_streams_do_not_depend_on_how_their_lines_are_written() {
    each(|case, from, to, stream| {
        let text = String::from_utf8(stream.to_vec()).unwrap();
        let whole = translate(from, to, [stream]);
        for (name, spelling) in [
            ("CRLF", text.replace('\n', "\r\n")),
            ("CR", text.replace('\n', "\r")),
            ("a byte order mark", format!("\u{feff}{text}")),
            (
                "no space behind the colon",
                text.replace("\ndata: ", "\ndata:"),
            ),
            ("data in lines", in_lines(&text)),
        ] {
            let told = translate(from, to, [spelling.as_bytes()]);
            let text = String::from_utf8_lossy(&told);
            assert!(
                told == whole,
                "{} from {from} to {to}, {name}:\n{text}",
                case.says
            );
        }
    });
}

/// The same events with their data in several lines: each breaks where JSON may have white space.
fn in_lines(stream: &str) -> String {
    let lines = stream.lines().map(|line| {
        let (mut broken, mut is_text, mut is_escaped) = (String::new(), false, false);
        for character in line.chars() {
            broken.push(character);
            match character {
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = true,
                '"' => is_text = !is_text,
                ',' if !is_text && line.starts_with("data: ") => broken.push_str("\ndata: "),
                _ => {}
            }
        }
        broken + "\n"
    });
    lines.collect()
}

#[test]
fn signs_of_life_in_golden_streams_change_nothing_that_is_said() {
    each(|case, from, to, stream| {
        let mut alive = Vec::new();
        for event in pieces(stream) {
            alive.extend_from_slice(b": still here\n\nevent: ping\n\n");
            alive.extend_from_slice(event);
        }
        let (told, whole) = (
            translate(from, to, [&*alive]),
            translate(from, to, [stream]),
        );
        assert_eq!(
            said(&told),
            said(&whole),
            "{} from {from} to {to}",
            case.says
        );
    });
}
