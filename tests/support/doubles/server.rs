//! The HTTP side: one handler for all providers.

use std::{convert::Infallible, future, io, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    response::Response,
};
use futures_util::stream;
use http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
use serde_json::Value;

use super::{
    Double, Pace, Recorded,
    endpoints::{self, Reply},
    fault::Fault,
    fixture::Answer,
    script::{self, Ending, Failure, Script},
};

const HTML: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
    <center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n\
    </html>\r\n";

/// A router that answers every path, as the provider's own 404 must.
pub fn router(double: Double) -> Router {
    Router::new().fallback(serve).with_state(double)
}

async fn serve(
    State(double): State<Double>,
    request: Request,
) -> Result<Response<Body>, Infallible> {
    let (parts, body) = request.into_parts();
    // A request whose body breaks off is recorded without one and answered as broken JSON.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    double.record(Recorded {
        method: parts.method.clone(),
        target: parts
            .uri
            .path_and_query()
            .map_or("/", |it| it.as_str())
            .to_owned(),
        headers: parts.headers.clone(),
        body: body.clone(),
    });
    let id = double.next_id();
    let mut response = match other(&double, &parts, &body) {
        Some(Ok(reply)) => whole(StatusCode::OK, reply.kind, reply.body.into()),
        Some(Err(fault)) => refuse(&double, &fault, &id),
        None => match accept(&double, &parts, &body) {
            Ok(body) => play(&double, &parts, &body, &id).await,
            Err(fault) => refuse(&double, &fault, &id),
        },
    };
    for (name, value) in double.provider.headers(&id) {
        let value = HeaderValue::try_from(value).expect("the tables hold visible ASCII");
        response
            .headers_mut()
            .append(HeaderName::from_static(name), value);
    }
    Ok(response)
}

/// What an endpoint besides the create endpoint answers, if it is one.
fn other(double: &Double, parts: &Parts, body: &Bytes) -> Option<Result<Reply, Fault>> {
    let provider = double.provider;
    let answer = provider.other(parts, body)?;
    let allowed = endpoints::check_credentials(parts);
    let allowed = allowed.and_then(|()| provider.authorize(&parts.headers, &double.key));
    Some(allowed.and(answer))
}

/// The body, if the request is one the provider would work on.
fn accept(double: &Double, parts: &Parts, body: &[u8]) -> Result<Value, Fault> {
    let provider = double.provider;
    let path = parts.uri.path();
    if !provider.serves(path) {
        return Err(provider.no_such_path(&parts.method, path));
    }
    if parts.method != Method::POST {
        return Err(provider.no_such_method(&parts.method, path));
    }
    provider.authorize(&parts.headers, &double.key)?;
    let body = serde_json::from_slice(body).map_err(|error| provider.not_json(&error))?;
    provider.check(parts, &body)?;
    Ok(body)
}

/// Answers by the script, or with the fixture if there is none.
async fn play(double: &Double, head: &Parts, body: &Value, id: &str) -> Response<Body> {
    let streams = double.provider.streams(head, body);
    let ending = match script::of(body) {
        Some(Script::Fail(failure)) => return fail(double, failure, id),
        Some(Script::Html) => return whole(StatusCode::BAD_GATEWAY, "text/html", HTML.into()),
        Some(Script::Stream(Ending::ErrorEvent | Ending::ErrorFirst)) if !streams => {
            return fail(double, Failure::ServerError, id);
        }
        Some(Script::Stream(ending)) => Some(ending),
        None => None,
    };
    if !double.pace.first_byte.is_zero() {
        tokio::time::sleep(double.pace.first_byte).await;
    }
    let answer = double.provider.answer(body);
    if streams {
        let steps = stream_steps(answer, ending, || double.provider.error_event(id));
        let mut response = Response::new(paced(steps, double.pace));
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("text/event-stream; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, kind);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        return response;
    }
    let body = match ending {
        None => answer.json.into(),
        Some(ending) => paced(half_json(&answer.json, ending), double.pace),
    };
    whole(StatusCode::OK, "application/json", body)
}

fn fail(double: &Double, failure: Failure, id: &str) -> Response<Body> {
    refuse(double, &double.provider.failure(failure), id)
}

fn refuse(double: &Double, fault: &Fault, id: &str) -> Response<Body> {
    let body = double.provider.error_body(fault, id).to_string();
    let mut response = whole(fault.status, "application/json", body.into());
    if let Some(seconds) = fault.retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn whole(status: StatusCode, kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// One step of a body.
enum Step {
    Send(Bytes),
    Break,
    Stall,
}

impl Step {
    /// What follows the first half of a body; a truncated one has nothing more.
    fn after_half(ending: Ending) -> Option<Self> {
        match ending {
            Ending::Reset => Some(Self::Break),
            Ending::Stalled => Some(Self::Stall),
            Ending::Truncated | Ending::ErrorEvent | Ending::ErrorFirst => None,
        }
    }
}

fn stream_steps(
    answer: Answer,
    ending: Option<Ending>,
    error: impl FnOnce() -> Bytes,
) -> Vec<Step> {
    let half = answer.events.len() / 2;
    let kept = match ending {
        None => answer.events.len(),
        Some(Ending::ErrorFirst) => 0,
        Some(_) => half,
    };
    let mut steps: Vec<_> = answer
        .events
        .into_iter()
        .take(kept)
        .map(Step::Send)
        .collect();
    match ending {
        Some(Ending::ErrorEvent | Ending::ErrorFirst) => steps.push(Step::Send(error())),
        Some(ending) => steps.extend(Step::after_half(ending)),
        None => {}
    }
    steps
}

fn half_json(json: &Bytes, ending: Ending) -> Vec<Step> {
    let mut steps = vec![Step::Send(json.slice(..json.len() / 2))];
    steps.extend(Step::after_half(ending));
    steps
}

/// A body that takes one step per frame.
fn paced(steps: Vec<Step>, pace: Pace) -> Body {
    let frames = stream::unfold(
        (steps.into_iter(), Duration::ZERO),
        move |state| async move {
            let (mut steps, wait) = state;
            let step = steps.next()?;
            pause(wait).await;
            let frame = match step {
                Step::Send(bytes) => Ok(bytes),
                Step::Break => Err(io::Error::from(io::ErrorKind::ConnectionReset)),
                Step::Stall => future::pending().await,
            };
            Some((frame, (steps, pace.event)))
        },
    );
    Body::from_stream(frames)
}

/// Yields even if there is nothing to wait for: the server then flushes the frame before.
async fn pause(wait: Duration) {
    if wait.is_zero() {
        tokio::task::yield_now().await;
    } else {
        tokio::time::sleep(wait).await;
    }
}
