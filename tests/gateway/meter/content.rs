//! What a summary says of the answer itself: tokens, the reason why it ended, how it came along, what it cost.

use tower_llm_gateway::{
    format::{ApiFormat, Operation},
    ir::{StopReason, Usage},
};

use super::*;

/// What the fixtures of a provider say that they took.
pub(super) fn usage(provider: Caller) -> Usage {
    let mut usage = Usage::default();
    (usage.input, usage.cache_read, usage.output) = match provider {
        Caller::OpenAi => (Some(57), Some(1152), Some(14)),
        Caller::Anthropic => (Some(14), Some(1536), Some(17)),
    };
    match provider {
        Caller::OpenAi => usage.reasoning = Some(0),
        Caller::Anthropic => {
            usage.cache_write = Some(118);
            usage.cache_write_5m = Some(118);
            usage.cache_write_1h = Some(0);
        }
    }
    usage
}

/// An answer of the provider's, whole or as a stream.
fn fixture(provider: Caller, stream: bool) -> Response<Body> {
    if stream {
        response("text/event-stream", provider.stream())
    } else {
        response("application/json", provider.whole())
    }
}

#[tokio::test]
async fn situation_66_tokens_are_told_of_every_answer_in_both_lanes() {
    let summaries = Summaries::default();
    for provider in CALLERS {
        for caller in CALLERS {
            for stream in [false, true] {
                let app = answering(provider, &summaries, fixture(provider, stream));
                let reply = send(app, caller.asks("gpt-4o", "Hi", stream)).await;
                assert_eq!(reply.status, 200);
                let summary = summaries.only();
                assert_eq!(summary.usage, usage(provider), "{summary:?}");
                assert_eq!(summary.finish_reason, Some(StopReason::End));
                assert_eq!(summary.is_empty, Some(false));
                assert_eq!(summary.error, None);
                assert_eq!(summary.first_content.is_some(), stream, "{summary:?}");
                assert_eq!(summary.client, Some(caller.format()));
                assert_eq!(summary.provider, Some(provider.format()));
                assert_eq!(summary.operation, Some(Operation::Generate));
                assert_eq!(summary.stream, stream);
            }
        }
    }
}

#[tokio::test]
async fn a_stream_that_the_caller_gets_whole_and_the_reverse_are_counted() {
    let summaries = Summaries::default();
    for provider in CALLERS {
        for caller in CALLERS {
            for stream in [false, true] {
                let app = answering(provider, &summaries, fixture(provider, !stream));
                send(app, caller.asks("gpt-4o", "Hi", stream)).await;
                let summary = summaries.only();
                assert_eq!(summary.usage, usage(provider), "{summary:?}");
                assert_eq!(summary.is_empty, Some(false), "{summary:?}");
                assert_eq!(summary.gap_p50, None, "{summary:?}");
            }
        }
    }
}

/// An answer whose body comes in two pieces.
fn halves(text: &str) -> Body {
    let (begin, end) = text.split_at(text.len() / 2);
    let (gate, body) = Gate::new();
    gate.send(begin.to_owned());
    gate.send(end.to_owned());
    body
}

#[tokio::test]
async fn a_whole_answer_that_passes_is_the_same_byte_for_byte_and_frame_for_frame() {
    let summaries = Summaries::default();
    for caller in CALLERS {
        let answer = response("application/json", halves(caller.whole()));
        let app = answering(caller, &summaries, answer);
        let reply = send(app, caller.asks("gpt-4o", "Hi", false)).await;
        assert_eq!((reply.frames.len(), &*reply.text()), (2, caller.whole()));
        assert_eq!(summaries.only().usage, usage(caller));
    }
}

#[tokio::test]
async fn no_byte_of_a_whole_answer_that_passes_waits_for_another() {
    let summaries = Summaries::default();
    let (gate, body) = Gate::new();
    gate.send("{");
    let answer = response("application/json", body);
    let app = answering(Caller::OpenAi, &summaries, answer);
    let request = Caller::OpenAi.asks("gpt-4o", "Hi", false);
    let mut body = app.oneshot(request).await.unwrap().into_body();
    assert_eq!(crate::inner::next(&mut body).as_deref(), Some("{"));
    gate.send("}");
    assert_eq!(crate::inner::next(&mut body).as_deref(), Some("}"));
}

#[tokio::test]
async fn what_can_t_be_read_is_not_known() {
    let summaries = Summaries::default();
    let numbers = format!("{{\"vector\":[{}0],", "0.125,".repeat(1 << 20));
    let much = Caller::OpenAi.whole().replacen('{', &numbers, 1);
    let cases = [
        response("application/json", much),
        response("application/json", "{}"),
        response("application/json", "no JSON"),
        response("text/plain", Caller::OpenAi.whole()),
    ];
    for answer in cases {
        let app = answering(Caller::OpenAi, &summaries, answer);
        send(app, Caller::OpenAi.asks("gpt-4o", "Hi", false)).await;
        let summary = summaries.only();
        assert_eq!(summary.outcome, Outcome::Completed);
        assert!(summary.usage.is_empty(), "{summary:?}");
        assert_eq!(summary.finish_reason, None);
        assert_eq!(summary.cost, None);
    }
}

#[tokio::test]
async fn an_answer_that_says_nothing_is_empty_and_no_error() {
    let summaries = Summaries::default();
    for caller in CALLERS {
        let answer = Caller::OpenAi
            .whole()
            .replace("Hello from OpenAI! Fancy a café? 👋", " ");
        let app = answering(
            Caller::OpenAi,
            &summaries,
            response("application/json", answer),
        );
        send(app, caller.asks("gpt-4o", "Hi", false)).await;
        let summary = summaries.only();
        assert_eq!(
            (summary.outcome, summary.is_empty),
            (Outcome::Completed, Some(true))
        );
    }
}

#[tokio::test]
async fn a_stream_of_gemini_as_an_array_is_counted() {
    let summaries = Summaries::default();
    let app = answering(Caller::OpenAi, &summaries, fixture(Caller::OpenAi, true));
    let question = r#"{"contents":[{"role":"user","parts":[{"text":"Hi"}]}]}"#;
    let path = "/v1beta/models/gpt-4o:streamGenerateContent";
    assert_eq!(send(app, post(path, question)).await.status, 200);
    let summary = summaries.only();
    assert_eq!(summary.client, Some(ApiFormat::GEMINI));
    assert_eq!(summary.usage, usage(Caller::OpenAi));
    assert!(summary.first_content.is_some(), "{summary:?}");
}

#[tokio::test]
async fn situation_66_a_caller_who_leaves_keeps_what_was_told_of_tokens() {
    let summaries = Summaries::default();
    for caller in CALLERS {
        let (gate, body) = Gate::new();
        gate.send(open_events(Caller::Anthropic));
        let answer = response("text/event-stream", body);
        let app = answering(Caller::Anthropic, &summaries, answer);
        let request = caller.asks("gpt-4o", "Hi", true);
        let mut body = app.oneshot(request).await.unwrap().into_body();
        body.frame().await;
        drop(body);
        let summary = summaries.only();
        assert_eq!(summary.outcome, Outcome::ClientCancelled);
        assert_eq!(summary.usage.cache_read, Some(1536));
        assert!(summary.first_content.is_some());
        assert_eq!((summary.finish_reason, summary.is_empty), (None, None));
        // The output was not counted to its end.
        assert_eq!(summary.cost, None);
    }
}

/// A body that says less of its end than its headers do, as a server sees it that reads no further.
#[tokio::test]
async fn a_whole_answer_is_known_when_its_last_byte_has_gone() {
    let summaries = Summaries::default();
    let whole = Caller::OpenAi.whole();
    let answer = response(
        "application/json",
        Body::new(Sized(halves(whole), whole.len())),
    );
    let app = answering(Caller::OpenAi, &summaries, answer);
    let request = Caller::OpenAi.asks("gpt-4o", "Hi", false);
    let mut body = app.oneshot(request).await.unwrap().into_body();
    assert!(body.frame().await.unwrap().is_ok());
    assert!(body.frame().await.unwrap().is_ok());
    summaries.assert_none();
    drop(body);
    let summary = summaries.only();
    assert_eq!(summary.outcome, Outcome::Completed);
    assert_eq!(summary.usage, usage(Caller::OpenAi));
}

/// A body that knows how long it is, and not that it has ended.
struct Sized(Body, usize);

impl HttpBody for Sized {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let next = std::task::ready!(Pin::new(&mut self.0).poll_frame(cx));
        if let Some(Ok(frame)) = &next {
            self.1 -= frame.data_ref().map_or(0, Bytes::len);
        }
        std::task::Poll::Ready(next)
    }

    fn size_hint(&self) -> http_body::SizeHint {
        http_body::SizeHint::with_exact(self.1 as u64)
    }
}

/// A stream whose events come a time apart: `head`, then the first words, then each further one.
fn paced(head: u64, first: u64, gaps: impl IntoIterator<Item = u64>) -> Answer {
    let wait = |millis| tokio::time::sleep(Duration::from_millis(millis));
    let gaps: Vec<u64> = gaps.into_iter().collect();
    Box::pin(async move {
        wait(head).await;
        let (gate, body) = Gate::new();
        gate.send(
            open_events(Caller::OpenAi)
                .split_inclusive("\n\n")
                .next()
                .unwrap(),
        );
        tokio::spawn(async move {
            wait(first).await;
            let words = open_events(Caller::OpenAi)
                .split_inclusive("\n\n")
                .last()
                .unwrap();
            gate.send(words);
            for gap in gaps {
                wait(gap / 2).await;
                gate.send(": keep-alive\n\n");
                wait(gap - gap / 2).await;
                gate.send(words);
            }
            gate.send("data: [DONE]\n\n");
        });
        Ok(response("text/event-stream", body))
    })
}

#[track_caller]
fn assert_near(time: Option<Duration>, millis: u64) {
    let expected = Duration::from_millis(millis);
    let off = time.unwrap_or_default().abs_diff(expected);
    assert!(off <= expected / 31, "{time:?} for {expected:?}");
}

#[tokio::test(start_paused = true)]
async fn a_summary_says_when_the_first_content_went_and_how_far_apart_the_rest_was() {
    let summaries = Summaries::default();
    for caller in CALLERS {
        let app = app(Caller::OpenAi, &summaries, || {
            // 97 of 100 are short, and the keep-alives between them are no content.
            paced(
                2_000,
                500,
                (0..100).map(|number| if number % 33 == 7 { 700 } else { 20 }),
            )
        });
        send(app, caller.asks("gpt-4o", "Hi", true)).await;
        let summary = summaries.only();
        assert_eq!(summary.first_content, Some(Duration::from_millis(2_500)));
        assert_near(summary.gap_p50, 20);
        assert_near(summary.gap_p99, 700);
    }
}

const PRICED: &str = "prices: {gpt-4o: {input: 2.5, output: 10, cache_read: 1.25}}";

/// Of 57 fresh tokens, 1152 from a cache, and 14 of output.
const COST: f64 = (57.0 * 2.5 + 1152.0 * 1.25 + 14.0 * 10.0) / 1e6;

#[tokio::test]
async fn a_request_costs_what_the_prices_of_who_served_it_say() {
    let double = |format, error| {
        let script = match error {
            Some(status) => Script::error(format, status),
            None => Script::answer(format),
        };
        Fault::h1().script(script).start()
    };
    let first = double(Format::OpenAi, Some(503)).await;
    let second = double(Format::OpenAi, None).await;
    let config = format!(
        "retry: {{attempts: 1}}\n\
         downstreams:\n\
         - {{id: first, base_url: '{}', output_model_ids: [gpt-4o], prices: {{gpt-4o: {{input: 1000, output: 1000}}}}}}\n\
         - {{id: second, base_url: '{}', {PRICED}}}\n\
         rules:\n\
         - {{id: r, pattern_path: '*', pattern_model: gpt-4o, fallback: [second]}}\n",
        first.url(),
        second.url(),
    );
    let summaries = Summaries::default();
    let recorded = summaries.0.clone();
    let gateway = Gateway::builder(Config::from_yaml(&config).unwrap())
        .recorder(move |summary: &Summary| recorded.lock().unwrap().push(summary.clone()))
        .build()
        .unwrap();
    for stream in [false, true] {
        ask(&gateway, Caller::OpenAi.asks("gpt-4o", "Hi", stream)).await;
        let summary = summaries.only();
        let usage = summary.usage;
        let expected = |price: f64, tokens: Option<u64>| {
            let tokens = u32::try_from(tokens.unwrap_or(0)).unwrap();
            price * f64::from(tokens) / 1e6
        };
        let expected = expected(2.5, usage.input)
            + expected(1.25, usage.cache_read)
            + expected(10.0, usage.output);
        assert!(expected > 0.0 && !usage.is_empty());
        assert!(
            (summary.cost.unwrap() - expected).abs() < 1e-12,
            "{summary:?}"
        );
    }
}

#[tokio::test]
async fn without_prices_or_tokens_nothing_is_said_of_the_cost() {
    let priced = OWN.replace('}', &format!(", {PRICED}}}"));
    let without_usage = Caller::OpenAi.whole().replace("\"usage\"", "\"other\"");
    let whole = Caller::OpenAi.whole().to_owned();
    for (config, answer, cost) in [
        (&*priced, &whole, Some(COST)),
        (&*priced, &without_usage, None),
        (OWN, &whole, None),
    ] {
        let summaries = Summaries::default();
        let recorded = summaries.0.clone();
        let gateway = Gateway::builder(Config::from_yaml(config).unwrap())
            .recorder(move |summary: &Summary| recorded.lock().unwrap().push(summary.clone()))
            .build()
            .unwrap();
        let answer = answer.clone();
        let handler = service_fn(move |_: Request<Body>| {
            let answer = response("application/json", answer.clone());
            ready(Ok::<_, Infallible>(answer))
        });
        let app = gateway.layer().layer(handler);
        let request = Caller::OpenAi.asks("gpt-4o", "Hi", false);
        Reply::of(app.oneshot(request).await.unwrap()).await;
        let told = summaries.only().cost;
        let is_near = |told: f64| cost.is_some_and(|cost| (told - cost).abs() < 1e-12);
        assert!(told.map_or(cost.is_none(), is_near), "{told:?}");
    }
}
