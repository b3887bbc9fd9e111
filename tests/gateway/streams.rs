//! Streams that go wrong, and streams that take their time.

use tower_llm_gateway::translate::TranslateLayer;

use crate::{
    caller::{CALLERS, Caller, PASSED, Reply, TRANSLATED, answer},
    inner::{Gate, next, pairs, response, selected, translated, translated_by},
    support::page::Page,
};

#[tokio::test]
async fn an_error_that_comes_first_is_answered_as_one() {
    let page = Page::start().await;
    let expected = [("service_unavailable_error", 503), ("api_error", 500)];
    for ((caller, model), (kind, status)) in TRANSLATED.into_iter().zip(expected) {
        let reply = answer(&page, caller.asks(model, "[[stream-error-first]]", true)).await;
        assert_eq!(reply.status, status, "{}", reply.text());
        assert_eq!(reply.error(caller).0, kind);
    }
}

#[tokio::test]
async fn an_error_in_mid_stream_ends_it_in_the_caller_s_form() {
    let page = Page::start().await;
    for (caller, model) in TRANSLATED.into_iter().chain(PASSED) {
        let reply = answer(&page, caller.asks(model, "[[stream-error]]", true)).await;
        assert_eq!(reply.status, 200);
        assert!(reply.said().starts_with("Hello"), "{}", reply.text());
        reply.last_error(caller);
    }
}

#[tokio::test]
async fn the_words_of_an_error_in_mid_stream_are_kept() {
    let page = Page::start().await;
    for ((caller, model), words) in TRANSLATED.into_iter().zip(["Overloaded", "had an error"]) {
        let reply = answer(&page, caller.asks(model, "[[stream-error]]", true)).await;
        let (_, message) = reply.last_error(caller);
        assert!(message.contains(words), "{message}");
    }
}

#[tokio::test]
async fn a_stream_that_was_cut_short_ends_in_an_error() {
    let page = Page::start().await;
    for (caller, model) in TRANSLATED.into_iter().chain(PASSED) {
        for marker in ["[[truncate]]", "[[reset]]"] {
            let reply = answer(&page, caller.asks(model, marker, true)).await;
            assert_eq!(reply.status, 200);
            assert!(reply.said().starts_with("Hello"), "{}", reply.text());
            let (_, message) = reply.last_error(caller);
            assert!(message.contains("before"), "{message}");
        }
    }
}

/// A stream of `provider` that ends after this many bytes.
async fn cut(caller: Caller, provider: Caller, bytes: usize) -> Reply {
    let body = &provider.stream().as_bytes()[..bytes];
    let answer = response("text/event-stream", tower_llm_gateway::Body::full(body));
    Reply::of(translated(selected(caller, provider, true), answer).await).await
}

#[tokio::test]
async fn wherever_a_stream_is_cut_it_never_looks_whole() {
    for (caller, provider) in pairs() {
        let stream = provider.stream();
        // What says why the answer ends is the last word that counts.
        let end = match provider {
            Caller::OpenAi => stream.find(r#""finish_reason":"stop""#),
            Caller::Anthropic => stream.find(r#""stop_reason":"end_turn""#),
        };
        let end = end.expect("the answer ends");
        for bytes in 0..end {
            let reply = cut(caller, provider, bytes).await;
            // On the lane that passes, the cut may be within a character.
            let said = String::from_utf8_lossy(&reply.bytes()).into_owned();
            let over = said.contains(caller.terminal());
            let failed = reply.broken || !reply.status.is_success() || said.contains("\"error\"");
            assert!(failed && !over, "{caller:?} {provider:?} {bytes}: {said}");
        }
    }
}

#[tokio::test]
async fn a_stream_that_cannot_be_looked_into_breaks_off_all_the_same() {
    for caller in CALLERS {
        let (gate, body) = Gate::new();
        gate.send(caller.stream().split_inclusive("\n\n").next().unwrap());
        gate.breaks();
        let layer = TranslateLayer::selected().event_limit(8);
        let answer = response("text/event-stream", body);
        let answer = translated_by(layer, selected(caller, caller, true), answer).await;
        let reply = Reply::of(answer).await;
        assert!(reply.broken, "{}", reply.text());
    }
}

#[tokio::test]
async fn a_whole_stream_has_no_error_behind_it() {
    for (caller, provider) in pairs() {
        let reply = cut(caller, provider, provider.stream().len()).await;
        assert!(!reply.broken && !reply.text().contains("\"error\""));
        assert!(reply.text().contains(caller.terminal()));
    }
}

#[tokio::test]
async fn an_event_reaches_the_caller_before_the_next_one_is_sent() {
    for (caller, provider) in pairs() {
        let (gate, body) = Gate::new();
        let mut events = provider.stream().split_inclusive("\n\n");
        let mut text = String::new();
        // What comes before the first words opens the stream.
        for event in events.by_ref().take_while(|event| !event.contains("Hello")) {
            gate.send(event);
        }
        let answer = response("text/event-stream", body);
        let mut body = translated(selected(caller, provider, true), answer)
            .await
            .into_body();
        for event in provider.stream().split_inclusive("\n\n") {
            let words = ["Hello", " from ", "! Fancy a"]
                .into_iter()
                .find(|words| event.contains(words));
            let Some(words) = words else { continue };
            gate.send(event);
            while !text.contains(words) {
                text += &next(&mut body).expect("the stream goes on");
            }
        }
    }
}

#[tokio::test]
async fn the_head_of_a_stream_comes_with_its_first_event() {
    for caller in CALLERS {
        let provider = caller.other();
        let (gate, body) = Gate::new();
        gate.send(provider.stream().split_inclusive("\n\n").next().unwrap());
        let answer = response("text/event-stream", body);
        let reply = translated(selected(caller, provider, true), answer).await;
        assert_eq!(reply.status(), 200);
        assert_eq!(reply.headers()["content-type"], "text/event-stream");
        assert!(!reply.headers().contains_key("content-length"));
    }
}

#[tokio::test]
async fn signs_of_life_before_an_error_do_not_hide_its_status() {
    let (gate, body) = Gate::new();
    for _ in 0..3 {
        gate.send(": keep-alive\n\n");
        gate.send("event: ping\ndata: {\"type\":\"ping\"}\n\n");
    }
    gate.send("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n");
    drop(gate);
    let request = selected(Caller::OpenAi, Caller::Anthropic, true);
    let reply = Reply::of(translated(request, response("text/event-stream", body)).await).await;
    assert_eq!(reply.status, 503);
    let (kind, _) = reply.error(Caller::OpenAi);
    assert_eq!(kind, "service_unavailable_error");
}

#[tokio::test]
async fn a_caller_does_not_wait_for_the_head_for_ever() {
    let (gate, body) = Gate::new();
    for _ in 0..40 {
        gate.send(": keep-alive\n\n");
    }
    let request = selected(Caller::OpenAi, Caller::Anthropic, true);
    let reply = translated(request, response("text/event-stream", body)).await;
    assert_eq!(reply.status(), 200);
    drop(gate);
}

#[tokio::test]
async fn nothing_follows_the_end_whatever_the_provider_still_sends() {
    for caller in CALLERS {
        let provider = caller.other();
        let (gate, body) = Gate::new();
        gate.send(provider.stream());
        gate.send("data: {\"choices\":[]}\n\n");
        gate.breaks();
        let answer = response("text/event-stream", body);
        let reply = translated(selected(caller, provider, true), answer).await;
        let reply = Reply::of(reply).await;
        assert!(!reply.broken && !reply.text().contains("\"error\""));
        assert_eq!(reply.text().matches(caller.terminal()).count(), 1);
    }
}
