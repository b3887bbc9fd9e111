//! Answers that are long, and come whole: who counts keeps little of them.

use futures_util::stream;
use tower_llm_gateway::ir::StopReason;

use super::{content::usage, *};

/// A body of these, each of which is made when it is asked for.
fn in_pieces(pieces: impl Iterator<Item = Bytes> + Send + Sync + 'static) -> Body {
    let frames = pieces.map(|piece| Ok::<_, BoxError>(Frame::data(piece)));
    Body::new(StreamBody::new(stream::iter(frames)))
}

#[tokio::test]
async fn of_a_long_answer_that_passes_the_same_is_known_as_of_a_short_one() {
    let summaries = Summaries::default();
    for caller in CALLERS {
        let hello = r#"Hello \u00e9 \\ \"quoted\""#;
        let long = caller.whole().replace("Hello", &hello.repeat(1 << 18));
        assert!(long.len() > 4 << 20);
        let pieces = Bytes::from(long.clone());
        let pieces = (0..long.len())
            .step_by(10_000)
            .map(move |start| pieces.slice(start..pieces.len().min(start + 10_000)));
        let answer = response("application/json", in_pieces(pieces));
        let app = answering(caller, &summaries, answer);
        let reply = send(app, caller.asks("gpt-4o", "Hi", false)).await;
        assert_eq!(*reply.text(), *long);
        let summary = summaries.only();
        assert_eq!(summary.usage, usage(caller), "{summary:?}");
        assert_eq!(summary.finish_reason, Some(StopReason::End));
        assert_eq!(summary.is_empty, Some(false));
    }
}

#[test]
fn a_long_answer_that_passes_is_held_nowhere() {
    let summaries = Summaries::default();
    let (begin, end) = Caller::OpenAi.whole().split_once("Hello").unwrap();
    let text = (0..1_000).map(|_| Bytes::from(vec![b'a'; 16 << 10]));
    let pieces = [Bytes::from(begin)]
        .into_iter()
        .chain(text)
        .chain([Bytes::from(end)]);
    let answer = response("application/json", in_pieces(pieces));
    let app = answering(Caller::OpenAi, &summaries, answer);
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_time().build().unwrap();
    let held = allocation_counter::measure(|| {
        runtime.block_on(async {
            let asked = app
                .oneshot(Caller::OpenAi.asks("gpt-4o", "Hi", false))
                .await;
            let mut body = asked.unwrap().into_body();
            while let Some(frame) = body.frame().await {
                drop(frame.unwrap());
            }
        });
    });
    assert!(held.bytes_max < 128 << 10, "{}", held.bytes_max);
    assert_eq!(summaries.only().usage, usage(Caller::OpenAi));
}
