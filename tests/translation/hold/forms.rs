//! Streams that are no events, or do not say so.

use super::*;

#[test]
fn an_array_is_held_like_a_stream_of_events() {
    let path = path(GEMINI, "m", true);
    let (path, _) = path.split_once('?').unwrap();
    for provider in ALL {
        let request = || request_at((GEMINI, provider), path, true);
        let content_type = if provider == GEMINI {
            "application/json; charset=UTF-8"
        } else {
            "text/event-stream"
        };
        let (_, stream) = answer(provider, Ask::Plain);
        let stream = if provider == GEMINI {
            array(stream)
        } else {
            stream.to_owned()
        };
        let (mut attempt, gate) = Attempt::of(request(), content_type);
        let (before, behind) = stream.split_at(stream.find(first_content(provider)).unwrap());
        gate.send(before.to_owned());
        attempt.is_waiting();
        gate.send(behind.to_owned());
        drop(gate);
        let seen = seen(attempt.answers());
        assert_eq!(
            seen.headers["content-type"]
                .to_str()
                .unwrap()
                .split(';')
                .next(),
            Some("application/json")
        );
        assert!(seen.json().is_array(), "{provider}");
        if provider == GEMINI {
            assert_eq!(seen.text, stream);
        }
        assert_eq!(attempt.progress.end(), End::Complete);

        let (mut attempt, gate) = Attempt::of(request(), content_type);
        let (_, error) = error_body(provider, &overloaded());
        gate.send(if provider == GEMINI {
            format!("[{error}")
        } else {
            format!("data: {error}\n\n")
        });
        let seen = attempt.fails();
        assert_eq!(seen.status, 503);
        assert_eq!(error_message(GEMINI, &seen.json()), "Busy");
    }
}

#[test]
fn a_stream_that_does_not_call_itself_one_is_held_too() {
    for pair in pairs() {
        let (_, stream) = answer(pair.1, Ask::Plain);
        for (stream, is_array) in [(stream.to_owned(), false), (array(stream), true)] {
            let (mut attempt, gate) = Attempt::of(request(pair, true), "text/plain");
            let before = stream.find(first_content(pair.1)).unwrap();
            gate.send("\n ");
            attempt.is_waiting();
            gate.send(stream[..before].to_owned());
            attempt.is_waiting();
            gate.send(stream[before..].to_owned());
            drop(gate);
            let seen = seen(attempt.answers());
            assert_eq!(attempt.progress.end(), End::Complete);
            if pair.0 == pair.1 {
                assert_eq!(seen.text, format!("\n {stream}"));
            } else if !is_array || pair.0 != GEMINI {
                assert!(streamed(pair.0, &seen.text).is_ok(), "{pair:?}");
            }
        }
        let (mut attempt, gate) = Attempt::of(request(pair, true), "text/plain");
        gate.send(KEEP_ALIVE);
        attempt.is_waiting();
        gate.send(error_event(pair.1, &overloaded()));
        assert_eq!(error_message(pair.0, &attempt.fails().json()), "Busy");
    }
}

#[test]
fn a_whole_answer_that_comes_after_the_head_was_to_go_is_one() {
    for pair in pairs() {
        let (whole, _) = answer(pair.1, Ask::Plain);
        let (mut attempt, gate) = Attempt::of(request(pair, true), "application/json");
        attempt.is_waiting();
        attempt.progress.commit();
        attempt.is_waiting();
        gate.send(whole);
        drop(gate);
        let seen = seen(attempt.answers());
        let told = streamed(pair.0, &seen.text);
        assert_eq!(told, Ok(said(pair.1, whole)), "{pair:?}");
    }
}

#[test]
fn what_can_t_be_looked_into_passes() {
    let path = path(GEMINI, "m", true);
    let (path, _) = path.split_once('?').unwrap();
    let request = request_at((GEMINI, GEMINI), path, true);
    let (mut attempt, gate) = Attempt::of(request, "application/json");
    gate.send("{\"not\":\"an array\"");
    let mut body = attempt.answers().into_body();
    assert!(!attempt.progress.awaits_content());
    assert_eq!(next(&mut body).unwrap(), "{\"not\":\"an array\"");
    // It must not look whole when it breaks.
    gate.breaks();
    let broken = assert_ready!(task::spawn(body.frame()).poll());
    assert!(broken.unwrap().is_err());
    assert_eq!(attempt.progress.end(), End::Failed);
}
