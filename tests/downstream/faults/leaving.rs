//! A caller who goes takes the request along, in whatever phase it is, and at once.

use std::time::Duration;

use http_body_util::BodyExt;
use tokio_test::{assert_pending, task};
use tower::Service;
use tower_llm_gateway::{
    Body,
    downstream::DownstreamService,
    format::ApiFormat,
    policy::{Phase, Timeouts},
    target::Target,
};

use super::{request, selected, stalling, versions};
use crate::{
    fault::{Fault, Gate, Left, Script, Seen},
    support::{self, http2},
};

/// CANCEL, of RFC 9113, section 7.
const CANCEL: Left = Left::H2Reset(8);

/// Whether the request was given up, and no more than that.
fn is_given_up(left: Left) -> bool {
    // HTTP/1 has no other way than to close the connection; with bytes unread that is a reset.
    matches!(left, Left::Fin | Left::Rst) || left == CANCEL
}

#[tokio::test]
async fn while_the_request_is_written() {
    for (mut service, upstream) in versions() {
        let upstream = upstream.script(Script::new()).start().await;
        let request = request(&upstream).map(|_| stalling("{"));
        let response = service.call(request);
        tokio::select! {
            _ = response => panic!("answered"),
            () = upstream.until(|seen| seen.first().is_some_and(|seen| seen.body == b"{")) => {}
        }
        let left = upstream.left(0).await;
        assert!(is_given_up(left), "{left:?}");
    }
}

#[tokio::test]
async fn while_the_answer_is_waited_for() {
    for (mut service, upstream) in versions() {
        let upstream = upstream.script(Script::new().stall()).start().await;
        let response = service.call(request(&upstream));
        tokio::select! {
            _ = response => panic!("answered"),
            _ = upstream.body(0) => {}
        }
        let left = upstream.left(0).await;
        assert!(is_given_up(left), "{left:?}");
    }
}

#[tokio::test]
async fn in_the_answer() {
    for (mut service, upstream) in versions() {
        let script = Script::stream().chunk("data: x\n\n").stall();
        let upstream = upstream.script(script).start().await;
        let mut response = service.call(request(&upstream)).await.unwrap();
        response.body_mut().frame().await.unwrap().unwrap();
        drop(response);
        let left = upstream.left(0).await;
        assert!(is_given_up(left), "{left:?}");
    }
}

#[tokio::test]
async fn when_the_time_is_up_in_the_answer() {
    for (mut service, upstream) in versions() {
        let script = Script::stream().chunk("data: x\n\n").stall();
        let upstream = upstream.script(script).start().await;
        let timeouts = Timeouts::new().with(Phase::Idle, Duration::from_millis(20));
        let request = support::request(selected(upstream.url(), timeouts));
        let mut response = service.call(request).await.unwrap();
        let body = response.body_mut();
        while let Some(Ok(_)) = body.frame().await {}
        // The body is still there, and the provider's is not.
        let left = upstream.left(0).await;
        assert!(is_given_up(left), "{left:?}");
        assert!(response.body_mut().frame().await.is_none());
    }
}

#[tokio::test]
async fn while_it_waits_for_a_place_nobody_hears_of_it() {
    let gate = Gate::new();
    let script = Script::stream().chunk("data: x\n\n").wait(&gate);
    let upstream = Fault::h1().script(script).start().await;
    let target = Target::new("t", upstream.url().parse().unwrap()).with_max_in_flight(1);
    let selected = support::selected(target, ApiFormat::OPENAI);
    let request = || support::request(selected.clone());
    let mut service = DownstreamService::new();
    let inside = service.call(request()).await.unwrap();
    let mut waiting = task::spawn(service.call(request()));
    assert_pending!(waiting.poll());
    drop(waiting);
    gate.open();
    inside.into_body().collect().await.unwrap();
    let next = service.call(request()).await;
    next.unwrap().into_body().collect().await.unwrap();
    assert_eq!(upstream.attempts(), 2);
}

#[tokio::test]
async fn situation_33_a_stream_is_reset_and_its_connection_used_again() {
    let first = Script::stream().chunk("data: x\n\n").stall();
    for phase in ["writing", "waiting", "reading"] {
        let script = if phase == "waiting" {
            Script::new().stall()
        } else {
            first.clone()
        };
        let upstream = Fault::h2().script(script).then(Script::json("{}")).start();
        let upstream = upstream.await;
        let mut service = http2();
        let body = if phase == "writing" {
            stalling("{")
        } else {
            Body::from("{}")
        };
        let mut response = Box::pin(service.call(request(&upstream).map(|_| body)));
        if phase == "reading" {
            let mut response = response.await.unwrap();
            response.body_mut().frame().await.unwrap().unwrap();
            drop(response);
        } else {
            let came = |seen: &Seen| !seen.body.is_empty();
            tokio::select! {
                _ = &mut response => panic!("answered"),
                _ = upstream.request(0, came) => {}
            }
            drop(response);
        }
        assert_eq!(upstream.left(0).await, CANCEL, "{phase}");
        let next = service.call(request(&upstream)).await.unwrap();
        next.into_body().collect().await.unwrap();
        assert_eq!(upstream.get(1).connection, 0, "{phase}");
        assert_eq!(upstream.connections(), 1, "{phase}");
    }
}
