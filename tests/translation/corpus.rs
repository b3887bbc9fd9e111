//! Recorded traffic, read where it lies as `tests/corpus` does: each body goes to the other API and back, and must say
//! the same.

use tower_llm_gateway::{
    format::{ApiFormat, StreamEnd},
    ir::{Exchange, Fold},
};

use crate::{
    files::{File, recorded},
    meaning,
    support::{
        ANTHROPIC, OPENAI, PAIRS, Sent, answer_text, codec, decode, plain_exchange, stream_of,
        try_send,
    },
};

/// Members for which a request is refused: without them the answer would be another one.
const REFUSED: [&str; 7] = [
    "n",
    "audio",
    "mcp_servers",
    "tools[0].type",
    "tools[2].type",
    // Files in the provider's store, or at an address.
    "messages[0].content[",
    // Recorded with its refusal: it is no request.
    "messages[0]",
];

fn text(file: &File) -> &str {
    std::str::from_utf8(&file.bytes).unwrap()
}

/// The recorded requests that can be translated.
fn translated(own: ApiFormat, other: ApiFormat) -> Vec<(File, Sent)> {
    let all = recorded(own, "request").into_iter();
    let sent = all.filter_map(|file| match try_send(own, other, text(&file), false) {
        Ok(sent) => Some((file, sent)),
        Err(error) => {
            let param = error.param.clone().unwrap_or_default();
            let known = REFUSED
                .iter()
                .any(|known| param == *known || known.ends_with('[') && param.starts_with(known));
            assert!(known, "{}: {error}", file.name);
            None
        }
    });
    sent.collect()
}

/// What a request says, whatever its calls are called, who gives instructions in mid-conversation, and wherever a
/// tool's images are.
fn request_meaning(format: ApiFormat, body: &str) -> Vec<String> {
    let request = codec(format).decode_request(body.as_bytes(), &mut Exchange::default());
    let mut lines = meaning::of_request(&request.unwrap());
    let ids: Vec<String> = lines
        .iter()
        .filter_map(|line| {
            Some(
                line.strip_prefix("Assistant: calls ")?
                    .split(' ')
                    .next()?
                    .to_owned(),
            )
        })
        .collect();
    for line in &mut lines {
        for start in ["Assistant: calls ", "User: got "] {
            let Some((id, rest)) = line
                .strip_prefix(start)
                .and_then(|rest| rest.split_once(' '))
            else {
                continue;
            };
            let number = ids.iter().position(|known| known == id);
            *line = format!("{start}{number:?} {rest}");
        }
        *line = line
            .replace("User: says [system note]\n", "System: says ")
            .replace("\n[see the next user message]", "")
            .replace("[see the next user message]", "");
    }
    lines
}

/// The words that differ between two requests which say the same; each with the reason.
fn is_allowed(line: &str) -> bool {
    const ALLOWED: [(&str, &str); 7] = [
        ("model ", "the limit is added, or clamped to the model's"),
        (
            "temperature ",
            "the other API, or the model, takes no such value",
        ),
        (
            "effort ",
            "the model does not think, or not in this conversation",
        ),
        ("schema ", "only what the other API can enforce is sent"),
        ("tool ", "a schema without a type gets one"),
        (
            "user ",
            "the choice is spelled out where there are no tools",
        ),
        ("User: says .", "a turn that may not be empty"),
    ];
    ALLOWED.iter().any(|(start, _)| line.starts_with(start))
}

#[test]
fn recorded_requests_say_to_the_provider_what_the_caller_said() {
    let mut wrong = Vec::new();
    for (own, other) in PAIRS {
        for (file, sent) in translated(own, other) {
            let (here, there) = (
                request_meaning(own, text(&file)),
                request_meaning(other, &sent.text),
            );
            let lost = here
                .iter()
                .filter(|line| !there.contains(line) && !is_allowed(line));
            wrong.extend(lost.map(|line| format!("{}: lost {line:.300}", file.name)));
            let new = there
                .iter()
                .filter(|line| !here.contains(line) && !is_allowed(line));
            wrong.extend(new.map(|line| format!("{}: new {line:.300}", file.name)));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn recorded_requests_that_go_there_and_back_say_the_same_to_the_provider() {
    for (own, other) in PAIRS {
        for (file, sent) in translated(own, other) {
            let back = try_send(other, own, &sent.text, false).unwrap();
            let again = try_send(own, other, &back.text, false).unwrap();
            let strip = |body: &str| -> Vec<String> {
                let lines = request_meaning(other, body).into_iter();
                lines.filter(|line| !is_allowed(line)).collect()
            };
            assert_eq!(strip(&sent.text), strip(&again.text), "{}", file.name);
        }
    }
}

#[test]
fn trap_125_recorded_requests_give_the_same_bytes_twice() {
    for (own, other) in PAIRS {
        for (file, sent) in translated(own, other) {
            let again = try_send(own, other, text(&file), false).unwrap();
            assert_eq!(sent.text, again.text, "{}", file.name);
        }
    }
}

#[test]
fn recorded_answers_say_to_the_caller_what_the_provider_said() {
    for (client, provider) in PAIRS {
        for file in recorded(provider, "json") {
            let body =
                answer_text(provider, client, text(&file), plain_exchange(provider)).unwrap();
            let said = meaning::of_response(&codec(provider).decode_response(&file.bytes).unwrap());
            let heard =
                meaning::of_response(&codec(client).decode_response(body.as_bytes()).unwrap());
            assert_eq!(spoken(said), spoken(heard), "{}", file.name);
        }
    }
}

/// Without what a refusal says, which is text to Anthropic and tells why to OpenAI.
fn spoken(lines: Vec<String>) -> Vec<String> {
    let refused = lines.iter().any(|line| line.contains("Refusal"));
    lines
        .into_iter()
        .filter(|line| !refused || line.starts_with("Some("))
        .collect()
}

#[test]
fn recorded_streams_say_to_the_caller_what_the_provider_said() {
    for (client, provider) in PAIRS {
        for file in recorded(provider, "stream") {
            let told = stream_of(provider, client, [&*file.bytes], plain_exchange(provider));
            let fold = |format: ApiFormat, bytes: &[u8]| {
                let mut fold = Fold::new(format.id());
                decode(format, [bytes], StreamEnd::Clean, &mut fold);
                assert!(fold.is_complete(), "{}: {:?}", file.name, fold.error());
                let lines = meaning::of_response(&fold.response()).into_iter();
                // Only an Anthropic caller has seals in a stream that can be read again.
                lines.filter(|line| !line.starts_with("thinks ")).collect()
            };
            let (said, heard) = (fold(provider, &file.bytes), fold(client, told.as_bytes()));
            let (mut said, mut heard) = (spoken(said), spoken(heard));
            // A count that nobody knows is none to Anthropic's clients, which insist on one.
            for lines in [&mut said, &mut heard] {
                lines
                    .last_mut()
                    .unwrap()
                    .retain(|character| !"Soment(Non0)".contains(character));
            }
            assert_eq!(said, heard, "{}", file.name);
        }
    }
}

#[test]
fn trap_104_where_a_recorded_stream_is_cut_does_not_matter() {
    for (client, provider) in PAIRS {
        for file in recorded(provider, "stream") {
            let whole = stream_of(provider, client, [&*file.bytes], plain_exchange(provider));
            for size in [1, 7] {
                let pieces = file.bytes.chunks(size);
                let cut = stream_of(provider, client, pieces, plain_exchange(provider));
                assert!(cut == whole, "{}, in pieces of {size}", file.name);
            }
        }
    }
}

#[test]
fn recorded_errors_keep_their_message() {
    for (client, provider) in [(OPENAI, ANTHROPIC), (ANTHROPIC, OPENAI)] {
        for file in recorded(provider, "error") {
            let error = provider
                .api()
                .decode_error(http::StatusCode::BAD_REQUEST, &file.bytes);
            let (status, body) = client.error_body(&error);
            let again = client.api().decode_error(status, &body);
            assert!(again.message.starts_with(&error.message), "{}", file.name);
            assert_eq!(again.kind, error.kind, "{}", file.name);
        }
    }
}
