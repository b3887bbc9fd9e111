//! Up to the head of the answer.

use std::{future::pending, sync::Arc};

use http::{Request, Response};
use http_body::Body as _;
use http_body_util::{BodyExt, Limited};
use tokio_test::{assert_pending, task};
use tower::{Service, ServiceExt, service_fn};
use tower_llm_gateway::{
    Body, Error,
    context::Selected,
    downstream::DownstreamService,
    policy::{Phase, Timeouts},
    target::Target,
};

use super::{answered, body, data, every, request, seconds, selected, timed};
use crate::support::{self, Server, http2};

/// Reads the request, and answers at once.
async fn reads(request: Request<Body>) -> Response<Body> {
    // A caller's body that breaks off is the caller's.
    let _ = request.into_body().collect().await;
    Response::new(Body::empty())
}

fn phase(result: Result<Response<Body>, Error>) -> Option<Phase> {
    result.expect_err("it is cut").timeout()
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_does_not_go_on_is_told_so() {
    let (frames, body) = body();
    frames.send(data("{")).unwrap();
    let request = request(false, &[]).map(|_| body);
    let (took, result) = timed(answered(request, reads)).await;
    let error = result.unwrap_err();
    assert!(error.is_request_stalled() && error.timeout().is_none());
    assert_eq!(took, 30);
    assert!(frames.is_closed(), "the caller's body is held");
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_goes_on_slowly_is_waited_for() {
    let request = request(false, &[(Phase::FirstByte, 1)]).map(|_| every(29, 5));
    let (took, result) = timed(answered(request, reads)).await;
    result.unwrap();
    assert_eq!(took, 29 * 5);
}

/// Takes a frame of the request per interval, so many of them, and never answers.
async fn takes(request: Request<Body>, interval: u64, frames: usize) -> Response<Body> {
    let mut body = request.into_body();
    for _ in 0..frames {
        tokio::time::sleep(seconds(interval)).await;
        body.frame().await.unwrap().unwrap();
    }
    let _body = body;
    pending().await
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_does_not_go_on_reading_is_given_up() {
    let (frames, body) = body();
    for _ in 0..5 {
        frames.send(data("x")).unwrap();
    }
    let request = request(false, &[]).map(|_| body);
    let (took, result) = timed(answered(request, |request| takes(request, 29, 3))).await;
    assert_eq!(phase(result), Some(Phase::RequestWrite));
    assert_eq!(took, 29 * 3 + 30);
}

#[tokio::test(start_paused = true)]
async fn a_large_body_is_handed_over_in_pieces_so_that_a_stall_is_seen() {
    let request = request(false, &[]).map(|_| Body::from(vec![b'x'; 1 << 20]));
    let (took, result) = timed(answered(request, |request| takes(request, 29, 3))).await;
    assert_eq!(phase(result), Some(Phase::RequestWrite));
    assert_eq!(took, 29 * 3 + 30);
}

#[tokio::test]
async fn pieces_make_up_the_body_of_which_they_are() {
    let whole: Vec<u8> = (0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let sent = whole.clone();
    let request = request(false, &[]).map(|_| Body::from(sent));
    let result = answered(request, move |request| {
        let whole = whole.clone();
        async move {
            let mut body = request.into_body();
            let mut read = Vec::new();
            while !body.is_end_stream() {
                let left = (whole.len() - read.len()) as u64;
                assert_eq!(body.size_hint().exact(), Some(left));
                read.extend(body.frame().await.unwrap().unwrap().into_data().unwrap());
            }
            assert!(read == whole);
            Response::new(Body::empty())
        }
    });
    result.await.unwrap();
}

#[tokio::test]
async fn a_handler_gets_a_large_body_in_one_piece() {
    let handler = service_fn(async |request: Request<Body>| {
        let frame = request.into_body().frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap().len(), 1 << 20);
        Ok::<_, Error>(Response::new(Body::empty()))
    });
    let selected = selected(Target::handler("own"), false, &[]);
    let request = support::request(selected).map(|_| Body::from(vec![b'x'; 1 << 20]));
    let service = DownstreamService::new().with_handler(handler);
    service.oneshot(request).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_answer_is_waited_for_from_the_end_of_the_request_on() {
    for (wait, expected) in [(8, None), (10, Some(Phase::FirstByte))] {
        let request = request(true, &[(Phase::FirstByte, 9)]).map(|_| every(20, 3));
        let result = answered(request, move |request| async move {
            let response = reads(request).await;
            tokio::time::sleep(seconds(wait)).await;
            response
        });
        let (took, result) = timed(result).await;
        assert_eq!(result.err().and_then(|error| error.timeout()), expected);
        assert_eq!(took, 60 + wait.min(9));
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_whole_is_waited_for_longer() {
    for (stream, limit) in [(true, 300), (false, 600)] {
        let never = |_| pending();
        let (took, result) = timed(answered(request(stream, &[]), never)).await;
        assert_eq!(phase(result), Some(Phase::FirstByte));
        assert_eq!(took, limit);
    }
}

/// A model in the same process may know without reading what it is going to say.
#[tokio::test(start_paused = true)]
async fn a_handler_that_does_not_read_is_not_one_that_stalls() {
    let handler = service_fn(async |request: Request<Body>| {
        tokio::time::sleep(seconds(599)).await;
        drop(request);
        Ok::<_, Error>(Response::new(Body::empty()))
    });
    let service = DownstreamService::new().with_handler(handler);
    let request = support::request(selected(Target::handler("own"), false, &[]));
    service.oneshot(request).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_never_answers_is_given_up() {
    let handler = service_fn(|request: Request<Body>| async {
        let _request = request;
        pending::<Result<Response<Body>, Error>>().await
    });
    let service = DownstreamService::new().with_handler(handler);
    let request = support::request(selected(Target::handler("own"), true, &[]));
    let (took, result) = timed(service.oneshot(request)).await;
    assert_eq!(phase(result), Some(Phase::FirstByte));
    assert_eq!(took, 300);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_has_read_enough_is_not_one_that_stalls() {
    let handler = service_fn(async |request: Request<Body>| {
        let mut body = request.into_body();
        body.frame().await.unwrap().unwrap();
        drop(body);
        tokio::time::sleep(seconds(599)).await;
        Ok::<_, Error>(Response::new(Body::empty()))
    });
    let (frames, body) = body();
    frames.send(data("x")).unwrap();
    let service = DownstreamService::new().with_handler(handler);
    let request = support::request(selected(Target::handler("own"), false, &[]));
    service.oneshot(request.map(|_| body)).await.unwrap();
}

/// Whoever waits for the answer sleeps until then, unless the body wakes it.
#[tokio::test(start_paused = true)]
async fn a_stall_is_seen_where_the_body_is_sent_in_another_task() {
    let (frames, body) = body();
    frames.send(data("{")).unwrap();
    let request = request(false, &[]).map(|_| body);
    let result = answered(request, |request| async {
        tokio::spawn(async {
            tokio::time::sleep(seconds(5)).await;
            reads(request).await
        });
        pending().await
    });
    let (took, result) = timed(result).await;
    assert!(result.unwrap_err().is_request_stalled());
    assert_eq!(took, 5 + 30);
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_is_dropped_with_the_error_and_not_with_the_future() {
    let (frames, body) = body();
    let client = service_fn(|request: Request<Body>| async {
        let _request = request;
        pending::<Result<Response<Body>, Error>>().await
    });
    let request = request(true, &[]).map(|_| body);
    let mut service = DownstreamService::with_client(client);
    let mut response = task::spawn(service.call(request));
    assert_pending!(response.poll());
    tokio::time::advance(seconds(301)).await;
    assert!(response.is_woken());
    assert!(response.poll().is_ready());
    assert!(frames.is_closed());
}

#[test]
fn without_limits_no_clock_is_needed() {
    let limits = Phase::ALL
        .into_iter()
        .fold(Timeouts::new(), |limits, phase| {
            limits.with(phase, Timeouts::NEVER)
        });
    let target = Target::new("t", "https://example.com".parse().unwrap()).with_timeouts(limits);
    let selected = Selected::new(
        Arc::new(target),
        tower_llm_gateway::format::ApiFormat::OPENAI,
    );
    let (_frames, body) = body();
    let answer = Arc::new(std::sync::Mutex::new(Some(body)));
    let client = service_fn(move |_: Request<Body>| {
        let body = answer.lock().unwrap().take().unwrap();
        std::future::ready(Ok::<_, Error>(Response::new(body)))
    });
    let mut service = DownstreamService::with_client(client);
    let mut response = task::spawn(service.call(support::request(selected)));
    let response = tokio_test::assert_ready_ok!(response.poll());
    assert_pending!(task::spawn(response.into_body().frame()).poll());
}

/// Over HTTP/2 the connection does not tell why the body broke.
#[tokio::test]
async fn a_body_that_is_too_large_is_the_callers_fault_over_either_version() {
    for service in [DownstreamService::new(), http2()] {
        let server = Server::start(reads_all).await;
        let (frames, body) = body();
        frames.send(data("four")).unwrap();
        let body = Body::new(Limited::new(body, 3));
        let request = support::request(selected(server.target(), false, &[])).map(|_| body);
        let error = service.oneshot(request).await.unwrap_err();
        assert!(error.is_request_broken(), "{error:?}");
        let said = std::error::Error::source(&error).unwrap().to_string();
        assert!(said.contains("length limit exceeded"), "{said}");
    }
}

async fn reads_all(request: Request<hyper::body::Incoming>) -> Response<Body> {
    let _ = request.into_body().collect().await;
    Response::new(Body::empty())
}
