//! Laws: a stream that was gathered is the whole answer, and one that was written again is the same.

use super::*;

const PARTS: [&str; 4] = [
    r#"{"text":"hm","thought":true,"thoughtSignature":"A"}"#,
    r#"{"text":"né","thoughtSignature":"B"}"#,
    r#"{"functionCall":{"id":"1","name":"f","args":{"a":[1.0]}},"thoughtSignature":"C"}"#,
    r#"{"executableCode":{"code":"1"}}"#,
];

fn stream() -> String {
    let mut chunks: Vec<String> = PARTS
        .iter()
        .map(|part| chunk(&format!("[{part}]")))
        .collect();
    chunks.push(STOP.to_owned());
    let chunks: Vec<&str> = chunks.iter().map(String::as_str).collect();
    sse(&chunks)
}

#[test]
fn a_stream_that_was_gathered_is_the_whole_answer() {
    let fold = folded(&stream());
    let whole = saying(&format!("[{}]", PARTS.join(",")));
    assert_eq!(written(&fold.response()), value(&whole));
}

#[test]
fn a_stream_that_was_written_again_says_the_same() {
    let mut own = exchange();
    own.provider = "gemini";
    let mut encoder = Gemini.stream_encoder(Arc::new(own));
    let mut out = BytesMut::new();
    run(&stream(), StreamEnd::Clean, &mut |event| {
        encoder.event(&event, &mut out);
    });
    let again = String::from_utf8(out.to_vec()).unwrap();
    assert_eq!(
        events_of(&again, StreamEnd::Clean),
        events_of(&stream(), StreamEnd::Clean)
    );
}

#[test]
fn a_whole_answer_that_was_written_again_is_the_same() {
    for body in [
        saying(&format!("[{}]", PARTS.join(","))),
        saying(r#"[{"text":"a"},{"text":"","thoughtSignature":"S"}]"#),
        r#"{"promptFeedback":{"blockReason":"SAFETY","safetyRatings":[]},"usageMetadata":{"promptTokenCount":1}}"#.to_owned(),
        r#"{"candidates":[{"content":{"role":"model","parts":[{"text":"a"}]},"finishReason":"NEW","avgLogprobs":-0.1,"safetyRatings":[],"index":0}],"usageMetadata":{"promptTokenCount":1,"x":2},"modelVersion":"m","createTime":"2026-03-12T18:06:05Z","promptFeedback":{}}"#.to_owned(),
    ] {
        assert_eq!(written(&read(&body)), value(&body), "{body}");
    }
}

#[test]
fn trap_104_where_a_stream_is_cut_does_not_matter() {
    let text = format!("\u{feff}{}", sse(&[&chunk(r#"[{"text":"né 😀"}]"#), STOP]));
    let text = text.replace('\n', "\r\n").replace("data: ", "data:");
    let whole = events_of(&text, StreamEnd::Clean);
    assert_eq!(whole[1..4], ["+0 of 0: Text", "0 né 😀", "-0"]);
    for cut in 0..=text.len() {
        let (mut events, mut parser) = (Vec::new(), Parser::new(1 << 20));
        let mut decoder = Gemini.stream_decoder();
        let mut sink = |event: Event<'_>| events.push(event_line(&event));
        let (head, tail) = text.as_bytes().split_at(cut);
        for piece in [head, tail] {
            parser.push(piece);
            while let Some(item) = parser.next().unwrap() {
                decoder.item(item, &mut sink);
            }
        }
        decoder.finish(StreamEnd::Clean, &mut sink);
        assert_eq!(events, whole, "cut at {cut}");
    }
}
