//! A downstream that takes only so many requests at once.

use std::{
    convert::Infallible,
    future::{Future, pending},
    sync::{Arc, Mutex},
};

use http::{Request, Response};
use http_body_util::BodyExt;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_test::{assert_pending, assert_ready, assert_ready_ok, task};
use tower::{Service, service_fn};
use tower_llm_gateway::{
    Body, Error, downstream::DownstreamService, policy::Phase, target::Target,
};

use super::{Frames, body, data, seconds, timed};
use crate::support;

type Answers = UnboundedReceiver<Frames>;
type Response_ = Result<Response<Body>, Error>;

/// A service whose provider answers each request with a body of the test's.
fn service() -> (
    impl Service<
        Request<Body>,
        Response = Response<Body>,
        Error = Error,
        Future: Future<Output = Response_>,
    > + Clone,
    Answers,
) {
    let (sender, answers) = unbounded_channel();
    let client = service_fn(move |_: Request<Body>| {
        let (frames, body) = body();
        sender.send(frames).unwrap();
        std::future::ready(Ok::<_, Infallible>(Response::new(body)))
    });
    (DownstreamService::with_client(client), answers)
}

fn target(places: usize) -> Target {
    let target = Target::new("t", "https://example.com".parse().unwrap());
    target.with_max_in_flight(places)
}

fn request(target: Target) -> Request<Body> {
    let selected = super::selected(target, true, &[]);
    support::request(selected)
}

#[tokio::test]
async fn there_are_never_more_requests_than_places() {
    let (mut service, answers) = service();
    let mut inside = Vec::new();
    for _ in 0..2 {
        inside.push(service.call(request(target(2))).await.unwrap());
    }
    let mut third = task::spawn(service.call(request(target(2))));
    assert_pending!(third.poll());
    assert_eq!(answers.len(), 2);
    inside.pop();
    assert!(third.is_woken());
    assert_ready_ok!(third.poll());
    assert_eq!(answers.len(), 3);
}

#[tokio::test]
async fn who_has_waited_longest_is_next() {
    let (mut service, _answers) = service();
    let inside = service.call(request(target(1))).await.unwrap();
    let mut line: Vec<_> = (0..3)
        .map(|_| task::spawn(service.call(request(target(1)))))
        .collect();
    for waiting in &mut line {
        assert_pending!(waiting.poll());
    }
    drop(inside);
    let [first, second, third] = &mut line[..] else {
        unreachable!()
    };
    assert_pending!(third.poll());
    assert_pending!(second.poll());
    // Who comes only now does not go before them.
    let mut late = task::spawn(service.call(request(target(1))));
    assert_pending!(late.poll());
    assert_ready_ok!(first.poll());
}

#[tokio::test]
async fn who_goes_out_of_the_line_holds_up_nobody() {
    let (mut service, _answers) = service();
    let inside = service.call(request(target(1))).await.unwrap();
    let mut line: Vec<_> = (0..3)
        .map(|_| task::spawn(service.call(request(target(1)))))
        .collect();
    for waiting in &mut line {
        assert_pending!(waiting.poll());
    }
    drop(line.remove(0));
    drop(inside);
    // The next has its place already when it goes, and does not know.
    drop(line.remove(0));
    assert_ready_ok!(line[0].poll());
}

/// A place is held up to the last byte, and no longer.
#[tokio::test]
async fn a_place_is_free_again_with_the_last_byte() {
    let (mut service, mut answers) = service();
    let mut answer = service.call(request(target(1))).await.unwrap();
    let frames = answers.recv().await.unwrap();
    let mut next = task::spawn(service.call(request(target(1))));
    frames.send(data("x")).unwrap();
    answer.body_mut().frame().await.unwrap().unwrap();
    assert_pending!(next.poll());
    drop(frames);
    assert!(answer.body_mut().frame().await.is_none());
    assert_ready_ok!(next.poll());
}

#[tokio::test]
async fn a_place_is_free_again_when_the_answer_breaks() {
    let (mut service, mut answers) = service();
    let mut answer = service.call(request(target(1))).await.unwrap();
    answers
        .recv()
        .await
        .unwrap()
        .send(Err("broken".into()))
        .unwrap();
    let mut next = task::spawn(service.call(request(target(1))));
    assert_pending!(next.poll());
    answer.body_mut().frame().await.unwrap().unwrap_err();
    assert_ready_ok!(next.poll());
}

#[tokio::test(start_paused = true)]
async fn a_place_is_free_again_when_the_time_is_up() {
    let never = service_fn(|request: Request<Body>| async {
        let _request = request;
        pending::<Response_>().await
    });
    let mut service = DownstreamService::with_client(never);
    let mut first = task::spawn(service.call(request(target(1))));
    assert_pending!(first.poll());
    let next = service.call(request(target(1)));
    tokio::time::advance(seconds(300)).await;
    assert!(assert_ready!(first.poll()).is_err());
    let (took, error) = timed(next).await;
    assert_eq!(error.unwrap_err().timeout(), Some(Phase::FirstByte));
    assert_eq!(took, 300, "its time with the provider is not whole");
}

#[tokio::test]
async fn an_answer_whose_bytes_are_all_here_holds_no_place() {
    let client = service_fn(|_: Request<Body>| {
        std::future::ready(Ok::<_, Infallible>(Response::new(Body::from("{}"))))
    });
    let mut service = DownstreamService::with_client(client);
    let _answer = service.call(request(target(1))).await.unwrap();
    let mut next = task::spawn(service.call(request(target(1))));
    assert_ready_ok!(next.poll());
}

#[tokio::test]
async fn who_gives_up_before_the_answer_leaves_its_place() {
    let never = service_fn(|_: Request<Body>| pending::<Response_>());
    let asked = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&asked);
    let client = tower::ServiceBuilder::new()
        .map_request(move |request: Request<Body>| {
            *counted.lock().unwrap() += 1;
            request
        })
        .service(never);
    let mut service = DownstreamService::with_client(client);
    for number in 1..4 {
        let mut asks = task::spawn(service.call(request(target(1))));
        assert_pending!(asks.poll());
        assert_eq!(*asked.lock().unwrap(), number);
    }
}

#[tokio::test(start_paused = true)]
async fn a_place_is_waited_for_so_long_and_no_longer() {
    let (mut service, _answers) = service();
    let _inside = service.call(request(target(1))).await.unwrap();
    let (took, error) = timed(service.call(request(target(1)))).await;
    let error = error.unwrap_err();
    assert_eq!((took, error.timeout()), (5, Some(Phase::PoolWait)));
    assert!(!error.is_connect());

    let inside = service.call(request(target(2))).await.unwrap();
    let leaves = async {
        tokio::time::sleep(seconds(4)).await;
        drop(inside);
    };
    let (answer, ()) = tokio::join!(service.call(request(target(2))), leaves);
    answer.unwrap();
}

#[tokio::test(start_paused = true)]
async fn waiting_is_a_part_of_the_whole() {
    let (mut service, _answers) = service();
    let _inside = service.call(request(target(1))).await.unwrap();
    for phase in [Phase::Attempt, Phase::Total] {
        let selected = super::selected(target(1), true, &[(phase, 3)]);
        let (took, error) = timed(service.call(support::request(selected))).await;
        assert_eq!((took, error.unwrap_err().timeout()), (3, Some(phase)));
    }
}

#[tokio::test]
async fn each_downstream_has_its_own_places_and_many_have_none() {
    let (mut service, _answers) = service();
    let _inside = service.call(request(target(1))).await.unwrap();
    let other = Target::new("other", "https://example.com".parse().unwrap());
    for target in [other.clone().with_max_in_flight(1), other] {
        let mut answer = task::spawn(service.call(request(target)));
        assert_ready_ok!(answer.poll());
    }
    let unlimited = Target::new("t", "https://example.com".parse().unwrap());
    assert_ready_ok!(task::spawn(service.call(request(unlimited))).poll());
}

#[tokio::test]
async fn clones_share_the_places() {
    let (service, _answers) = service();
    let _inside = service.clone().call(request(target(1))).await.unwrap();
    let mut next = task::spawn(service.clone().call(request(target(1))));
    assert_pending!(next.poll());
}

#[tokio::test(start_paused = true)]
async fn a_handler_has_places_too() {
    let handler = service_fn(|_: Request<Body>| pending::<Response_>());
    let mut service = DownstreamService::new().with_handler(handler);
    let own = || request(Target::handler("own").with_max_in_flight(1));
    let mut inside = task::spawn(service.call(own()));
    assert_pending!(inside.poll());
    let (took, error) = timed(service.call(own())).await;
    assert_eq!(
        (took, error.unwrap_err().timeout()),
        (5, Some(Phase::PoolWait))
    );
}

#[tokio::test]
async fn more_places_are_there_at_once() {
    let (mut service, _answers) = service();
    let _inside = service.call(request(target(1))).await.unwrap();
    let mut waiting = task::spawn(service.call(request(target(1))));
    assert_pending!(waiting.poll());
    let mut news = task::spawn(service.call(request(target(3))));
    let _second = assert_ready_ok!(waiting.poll());
    let _third = assert_ready_ok!(news.poll());
    let mut fourth = task::spawn(service.call(request(target(3))));
    assert_pending!(fourth.poll());
}

#[tokio::test]
async fn fewer_places_put_nobody_out_and_let_nobody_in() {
    let (mut service, _answers) = service();
    let mut inside = Vec::new();
    for _ in 0..3 {
        inside.push(service.call(request(target(3))).await.unwrap());
    }
    let mut waiting = task::spawn(service.call(request(target(1))));
    for _ in 0..3 {
        assert_pending!(waiting.poll());
        inside.pop();
    }
    let _only = assert_ready_ok!(waiting.poll());
    let mut next = task::spawn(service.call(request(target(1))));
    assert_pending!(next.poll());
}

#[tokio::test]
async fn places_that_come_back_are_not_counted_twice() {
    let (mut service, _answers) = service();
    let mut inside = Vec::new();
    for _ in 0..3 {
        inside.push(service.call(request(target(3))).await.unwrap());
    }
    let mut line: Vec<_> = (0..2)
        .map(|_| task::spawn(service.call(request(target(1)))))
        .collect();
    for waiting in &mut line {
        assert_pending!(waiting.poll());
    }
    let mut more = task::spawn(service.call(request(target(4))));
    let _fourth = assert_ready_ok!(line[0].poll());
    assert_pending!(line[1].poll());
    assert_pending!(more.poll());
    inside.clear();
    let _fifth = assert_ready_ok!(line[1].poll());
    assert_ready_ok!(more.poll());
}

#[tokio::test]
async fn places_that_nobody_has_are_gone_at_once() {
    let (mut service, _answers) = service();
    drop(service.call(request(target(3))).await);
    let _only = service.call(request(target(1))).await.unwrap();
    let mut next = task::spawn(service.call(request(target(1))));
    assert_pending!(next.poll());
}
