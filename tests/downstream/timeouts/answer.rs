//! From the head of the answer on.

use http::{Request, Response};
use http_body_util::BodyExt;
use tokio_test::{assert_pending, task};
use tower_llm_gateway::{
    Body, Error,
    context::Progress,
    policy::{Phase, Timeouts},
};

use super::{Frames, answered, body, data, every, request, seconds, timed};

/// The body of an answer to this request.
async fn answer(request: Request<Body>, body: Body) -> Body {
    let body = std::sync::Arc::new(std::sync::Mutex::new(Some(body)));
    let response = answered(request, move |_| {
        let body = body.lock().unwrap().take().expect("asked once");
        std::future::ready(Response::new(body))
    });
    response.await.unwrap().into_body()
}

/// Reads a body to its end or its error.
async fn read(body: &mut Body) -> Result<(), Error> {
    while let Some(frame) = body.frame().await {
        frame.map_err(|error| *error.downcast::<Error>().expect("it is ours"))?;
    }
    Ok(())
}

fn phase(result: Result<(), Error>) -> Option<Phase> {
    result.expect_err("it is cut").timeout()
}

#[tokio::test(start_paused = true)]
async fn silence_is_not_waited_out() {
    for stream in [false, true] {
        let (frames, body) = body();
        frames.send(data("x")).unwrap();
        let mut body = answer(request(stream, &[]), body).await;
        let (took, result) = timed(read(&mut body)).await;
        assert_eq!((took, phase(result)), (300, Some(Phase::Idle)));
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_ends_the_body_and_lets_go_of_the_provider() {
    let (frames, body) = body();
    let mut body = answer(request(true, &[]), body).await;
    read(&mut body).await.unwrap_err();
    assert!(frames.is_closed(), "the provider's body is held");
    assert!(http_body::Body::is_end_stream(&body));
    for _ in 0..2 {
        assert!(body.frame().await.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_in_time_is_never_cut() {
    for stream in [false, true] {
        let body = every(59, 9);
        let mut body = answer(request(stream, &[]), body).await;
        read(&mut body).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn each_silence_is_counted_from_its_own_beginning() {
    let (frames, body) = body();
    let mut body = answer(request(true, &[]), body).await;
    for pause in [10, 299, 1, 30, 299] {
        let sending = async {
            tokio::time::sleep(seconds(pause)).await;
            frames.send(data("x")).unwrap();
        };
        let ((), frame) = tokio::join!(sending, body.frame());
        frame.unwrap().unwrap();
    }
    assert_eq!(timed(read(&mut body)).await.0, 300);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_reads_slowly_is_no_silence_of_the_provider_s() {
    let (frames, body) = body();
    let mut body = answer(request(true, &[]), body).await;
    for _ in 0..3 {
        frames.send(data("x")).unwrap();
        tokio::time::sleep(seconds(3600)).await;
        body.frame().await.unwrap().unwrap();
        // It asks for more, and for an hour there is nobody who would take it.
        let _ = futures_util::FutureExt::now_or_never(body.frame());
    }
}

/// An answer whose content is looked for, and what says that there is some.
async fn awaited() -> (Frames, Progress, Body) {
    let progress = Progress::new();
    progress.await_content();
    let mut request = request(true, &[(Phase::FirstEvent, 40)]);
    request.extensions_mut().insert(progress.clone());
    let (frames, body) = body();
    (frames, progress, answer(request, body).await)
}

#[tokio::test(start_paused = true)]
async fn keep_alives_are_no_content() {
    let (frames, _progress, mut body) = awaited().await;
    let keep_alives = async {
        while frames.send(data(": keep-alive\n\n")).is_ok() {
            tokio::time::sleep(seconds(7)).await;
        }
    };
    let ((took, result), ()) = tokio::join!(timed(read(&mut body)), keep_alives);
    assert_eq!((took, phase(result)), (40, Some(Phase::FirstEvent)));
}

#[tokio::test(start_paused = true)]
async fn after_the_first_content_only_silence_counts() {
    let (frames, progress, mut body) = awaited().await;
    frames.send(data("x")).unwrap();
    progress.content();
    let (took, result) = timed(read(&mut body)).await;
    assert_eq!((took, phase(result)), (300, Some(Phase::Idle)));
}

#[tokio::test(start_paused = true)]
async fn content_that_nobody_looks_for_is_not_waited_for() {
    let mut request = request(true, &[(Phase::FirstEvent, 1)]);
    request.extensions_mut().insert(Progress::new());
    let body = every(5, 5);
    read(&mut answer(request, body).await).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn situation_22_a_healthy_stream_is_never_cut() {
    let half_an_hour = 30 * 60;
    let body = every(5, half_an_hour / 5);
    let mut body = answer(request(true, &[]), body).await;
    let (took, result) = timed(read(&mut body)).await;
    result.unwrap();
    assert_eq!(took, half_an_hour as u64);
}

#[tokio::test(start_paused = true)]
async fn situation_44_keep_alives_are_signs_of_life_and_silence_is_not() {
    let (frames, body) = body();
    let mut body = answer(request(true, &[]), body).await;
    let keep_alives = async {
        for _ in 0..10 {
            tokio::time::sleep(seconds(30)).await;
            frames.send(data(": keep-alive\n\n")).unwrap();
        }
    };
    let ((took, result), ()) = tokio::join!(timed(read(&mut body)), keep_alives);
    assert_eq!((took, phase(result)), (10 * 30 + 300, Some(Phase::Idle)));
}

#[tokio::test]
async fn situation_61_a_limit_that_no_clock_counts_to_is_none() {
    for limit in [std::time::Duration::from_millis(u64::MAX), Timeouts::NEVER] {
        let limits = Phase::ALL.into_iter();
        let limits = limits.fold(Timeouts::new(), |limits, phase| limits.with(phase, limit));
        let mut request = request(true, &[]);
        let selected = request
            .extensions_mut()
            .remove::<tower_llm_gateway::context::Selected>();
        request
            .extensions_mut()
            .insert(selected.unwrap().with_timeouts(limits));
        let (frames, body) = body();
        let mut body = answer(request, body).await;
        assert_pending!(task::spawn(body.frame()).poll());
        frames.send(data("x")).unwrap();
        body.frame().await.unwrap().unwrap();
    }
}
