//! Callers who leave before the end.

use super::*;

/// Whoever is dropped with `future`, or with its answer, was there before, and was given up by the caller.
#[track_caller]
fn assert_cancelled<T>(summaries: &Summaries, held: T, attempts: usize) {
    summaries.assert_none();
    drop(held);
    let summary = summaries.only();
    assert_eq!(summary.outcome, Outcome::ClientCancelled, "{summary:?}");
    assert_eq!(summary.attempts, attempts, "{summary:?}");
    assert_eq!(summary.served.is_some(), attempts > 0, "{summary:?}");
}

#[test]
fn situation_31_a_caller_who_leaves_before_anything_was_done_has_one_summary() {
    let summaries = Summaries::default();
    for stream in [false, true] {
        let mut app = app(Caller::OpenAi, &summaries, || Box::pin(pending()));
        let future = app.call(Caller::OpenAi.asks("gpt-4o", "Hi", stream));
        assert_cancelled(&summaries, future, 0);
    }
}

#[tokio::test]
async fn situation_31_a_caller_who_leaves_while_it_sends_has_one_summary() {
    let summaries = Summaries::default();
    for caller in CALLERS {
        let (gate, body) = Gate::new();
        gate.send("{");
        let mut app = app(Caller::OpenAi, &summaries, || Box::pin(pending()));
        let mut future = task::spawn(app.call(post(caller.path(), body)));
        assert_pending!(future.poll());
        assert_cancelled(&summaries, future, 0);
    }
}

#[tokio::test]
async fn situation_31_a_caller_who_leaves_before_the_head_has_one_summary() {
    let summaries = Summaries::default();
    for provider in CALLERS {
        for (caller, model) in TRANSLATED {
            let mut app = app(provider, &summaries, || Box::pin(pending()));
            let mut future = task::spawn(app.call(caller.asks(model, "Hi", true)));
            assert_pending!(future.poll());
            assert_cancelled(&summaries, future, 1);
        }
    }
}

#[tokio::test]
async fn situation_31_a_caller_who_leaves_before_the_first_event_has_one_summary() {
    let summaries = Summaries::default();
    for caller in CALLERS {
        let (gate, body) = Gate::new();
        gate.send(": keep-alive\n\n");
        let answer = response("text/event-stream", body);
        let mut app = answering(caller.other(), &summaries, answer);
        let mut future = task::spawn(app.call(caller.asks("gpt-4o", "Hi", true)));
        assert_pending!(future.poll());
        assert_cancelled(&summaries, future, 1);
    }
}

#[tokio::test]
async fn situation_31_a_caller_who_leaves_in_mid_stream_has_one_summary() {
    let summaries = Summaries::default();
    for provider in CALLERS {
        for caller in CALLERS {
            let (gate, body) = Gate::new();
            gate.send(open_events(provider));
            let app = answering(provider, &summaries, response("text/event-stream", body));
            let answer = app
                .oneshot(caller.asks("gpt-4o", "Hi", true))
                .await
                .unwrap();
            let mut body = answer.into_body();
            assert!(body.frame().await.unwrap().is_ok());
            assert_cancelled(&summaries, body, 1);
        }
    }
}

#[tokio::test]
async fn situation_31_a_caller_who_never_reads_the_answer_has_one_summary() {
    let summaries = Summaries::default();
    for caller in CALLERS {
        let answer = response("text/event-stream", Caller::OpenAi.stream());
        let app = answering(Caller::OpenAi, &summaries, answer);
        let answer = app
            .oneshot(caller.asks("gpt-4o", "Hi", true))
            .await
            .unwrap();
        assert_cancelled(&summaries, answer, 1);
    }
}

#[tokio::test]
async fn situation_32_a_caller_who_leaves_a_whole_answer_has_one_summary() {
    let summaries = Summaries::default();
    for (caller, provider, content_type) in [
        (Caller::OpenAi, Caller::Anthropic, "application/json"),
        (Caller::Anthropic, Caller::OpenAi, "application/json"),
        (Caller::OpenAi, Caller::Anthropic, "text/event-stream"),
    ] {
        let (_gate, body) = Gate::new();
        let mut app = answering(provider, &summaries, response(content_type, body));
        let mut future = task::spawn(app.call(caller.asks("gpt-4o", "Hi", false)));
        assert_pending!(future.poll());
        assert_cancelled(&summaries, future, 1);
    }
    // Where nothing is translated, the head goes ahead.
    let (_gate, body) = Gate::new();
    let answer = response("application/json", body);
    let mut app = answering(Caller::OpenAi, &summaries, answer);
    let mut future = task::spawn(app.call(Caller::OpenAi.asks("gpt-4o", "Hi", false)));
    let answer = assert_ready!(future.poll()).unwrap();
    assert_cancelled(&summaries, answer, 1);
}

/// A provider that makes the caller wait at every step of its answer.
fn hesitant(provider: Caller) -> Answer {
    Box::pin(async move {
        tokio::task::yield_now().await;
        let events = provider.stream().split_inclusive("\n\n");
        let frames = futures_util::stream::unfold(events, |mut events| async move {
            tokio::task::yield_now().await;
            let frame = Frame::data(Bytes::from(events.next()?));
            Some((Ok::<_, BoxError>(frame), events))
        });
        let body = Body::new(StreamBody::new(frames));
        Ok(response("text/event-stream", body))
    })
}

#[tokio::test]
async fn situation_66_whenever_a_caller_leaves_there_is_exactly_one_summary() {
    for provider in CALLERS {
        for caller in CALLERS {
            let mut outcomes = Vec::new();
            for steps in 1.. {
                let summaries = Summaries::default();
                let app = app(provider, &summaries, move || hesitant(provider));
                let mut exchange = task::spawn(send(app, caller.asks("gpt-4o", "Hi", true)));
                let done = (0..steps).any(|_| exchange.poll().is_ready());
                assert_eq!(summaries.0.lock().unwrap().len(), usize::from(done));
                drop(exchange);
                outcomes.push(summaries.only().outcome);
                if done {
                    break;
                }
            }
            // Somewhere on the way was the last word.
            outcomes.dedup();
            assert_eq!(outcomes, [Outcome::ClientCancelled, Outcome::Completed]);
        }
    }
}
