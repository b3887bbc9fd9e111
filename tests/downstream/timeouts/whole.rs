//! The limits of the whole: of an attempt, and of all that is done for a request.

use std::future::{pending, ready};

use bytes::Bytes;
use futures_util::stream;
use http::Response;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tower_llm_gateway::{
    Body, BoxError, Error, context::Selected, format::Operation, policy::Phase,
};

use super::{answered, every, request, seconds, timed};

const BOTH: [Phase; 2] = [Phase::Attempt, Phase::Total];

/// A body that says something each second and never ends.
async fn until_cut(body: Body) -> Option<Phase> {
    let mut body = body;
    loop {
        if let Err(error) = body.frame().await.expect("it never ends") {
            return error.downcast::<Error>().unwrap().timeout();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_over_before_the_head() {
    for phase in BOTH {
        let never = |_| pending();
        let (took, result) = timed(answered(request(true, &[(phase, 9)]), never)).await;
        assert_eq!((took, result.unwrap_err().timeout()), (9, Some(phase)));
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_over_while_the_caller_writes() {
    for phase in BOTH {
        let request = request(true, &[(phase, 9)]).map(|_| every(1, usize::MAX));
        let result = answered(request, |request| async {
            let _ = request.into_body().collect().await;
            Response::new(Body::empty())
        });
        let (took, result) = timed(result).await;
        assert_eq!((took, result.unwrap_err().timeout()), (9, Some(phase)));
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_over_in_the_body_counted_from_the_call() {
    for phase in BOTH {
        let (took, cut) = timed(async {
            let response = answered(request(true, &[(phase, 9)]), |_| async {
                tokio::time::sleep(seconds(5)).await;
                Response::new(every(1, usize::MAX))
            });
            until_cut(response.await.unwrap().into_body()).await
        })
        .await;
        assert_eq!((took, cut), (9, Some(phase)));
    }
}

/// A provider that never pauses must not outlive a limit because nobody waits for it.
#[tokio::test(start_paused = true)]
async fn it_is_over_where_nothing_is_waited_for() {
    let response = answered(request(true, &[(Phase::Total, 9)]), |_| {
        let frames = stream::repeat_with(|| Ok::<_, BoxError>(Frame::data(Bytes::from("x"))));
        ready(Response::new(Body::new(StreamBody::new(frames))))
    });
    let mut body = response.await.unwrap().into_body();
    body.frame().await.unwrap().unwrap();
    tokio::time::advance(seconds(9)).await;
    let error = body.frame().await.unwrap().unwrap_err();
    let error = error.downcast::<Error>().unwrap();
    assert_eq!(error.timeout(), Some(Phase::Total));
    assert!(body.frame().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn only_an_answer_that_comes_whole_has_a_limit_of_its_own_accord() {
    for (stream, limit) in [(false, Some(600)), (true, None)] {
        let response = answered(request(stream, &[]), |_| {
            ready(Response::new(every(10, 1000)))
        });
        let mut body = response.await.unwrap().into_body();
        let (took, cut) = timed(async {
            while let Some(frame) = body.frame().await {
                if let Err(error) = frame {
                    return error.downcast::<Error>().unwrap().timeout();
                }
            }
            None
        })
        .await;
        assert_eq!(cut, limit.map(|_| Phase::Total));
        assert_eq!(took, limit.unwrap_or(10_000));
    }
}

/// A file may take as long as it has bytes, and nobody has looked whether something else is a stream.
#[tokio::test(start_paused = true)]
async fn what_is_no_answer_of_a_model_s_has_no_limit_of_its_own_accord() {
    for operation in [Operation::Other("/v1/files"), Operation::Unknown] {
        let mut request = request(false, &[]);
        let selected = Selected::of(request.extensions()).unwrap().clone();
        let selected = selected.with_operation(operation);
        request.extensions_mut().insert(selected);
        let response = answered(request, |_| ready(Response::new(every(10, 1000))));
        let body = response.await.unwrap().into_body();
        let (took, read) = timed(body.collect()).await;
        assert_eq!((took, read.is_ok()), (10_000, true));
    }
}
