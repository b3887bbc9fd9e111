use super::*;
use crate::{ir::Audio, json::Text};

fn recording<'a>(media_type: &'a str, data: &'a str) -> Audio<'a> {
    Audio {
        data: data.into(),
        media_type: media_type.into(),
        ..Audio::default()
    }
}

fn saying_audio(audio: Audio<'_>) -> Request<'_> {
    foreign(vec![user(vec![Part::text("Listen."), Part::Audio(audio)])])
}

#[test]
fn a_recording_is_read() {
    let body = saying(
        r#"[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"mp3"}}]}]"#,
    );
    let request = decode(&body);
    let Part::Audio(audio) = &request.turns[0].parts[0] else {
        panic!("{:?}", request.turns[0].parts);
    };
    assert_eq!(
        (&audio.data, &audio.media_type),
        (&Text::from("AAAA"), &Text::from("audio/mp3"))
    );
}

#[test]
fn a_recording_without_a_format_is_refused() {
    let body = saying(
        r#"[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA"}}]}]"#,
    );
    assert_eq!(
        refused(&body).param.as_deref(),
        Some("messages[0].content[0].input_audio.format")
    );
}

#[test]
fn a_recording_is_written_in_the_word_for_its_type() {
    for (media_type, format) in [
        ("audio/wav", "wav"),
        ("audio/x-wav", "wav"),
        ("audio/mp3", "mp3"),
        ("audio/MPEG;rate=44100", "mp3"),
    ] {
        let sent = sent(&saying_audio(recording(media_type, "AAAA")));
        assert_eq!(
            sent["messages"][0]["content"][1],
            value(format!(
                r#"{{"type":"input_audio","input_audio":{{"data":"AAAA","format":"{format}"}}}}"#
            ))
        );
    }
}

#[test]
fn a_recording_in_the_alphabet_of_addresses_is_brought_into_the_standard_one() {
    let sent = sent(&saying_audio(recording("audio/wav", "-_8")));
    assert_eq!(
        sent["messages"][0]["content"][1]["input_audio"]["data"],
        "+/8="
    );
}

#[test]
fn a_recording_of_another_type_is_refused() {
    let error = rejected(&saying_audio(recording("audio/ogg", "AAAA")));
    assert_eq!(error.param.as_deref(), Some("turns[0].parts[1]"));
}
