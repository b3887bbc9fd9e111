use std::{
    convert::Infallible,
    future::{Ready, ready},
    task::{Context, Poll},
};

use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use tower_service::Service;

use crate::Body;

use super::{super::Scoreboard, policy::policy, render};

/// Serves what a [`Scoreboard`] says, at whatever path a host mounts it.
///
/// | request | answer |
/// |---|---|
/// | `GET` or `HEAD` | a page for people: one HTML document that fetches nothing but itself, every five seconds |
/// | with `?format=json`, or `accept: application/json` | the [`Report`](super::super::Report) as JSON |
/// | with `?format=snapshot` | the [`Snapshot`](super::super::Snapshot) as JSON, to be merged with those of other replicas |
/// | another format | 400 |
/// | another method | 405 |
///
/// It is always ready and never fails, and looks at nothing else of a request. Nothing is kept: each answer is what the
/// scoreboard says at that moment.
///
/// # Who may see it
///
/// Everybody who reaches it: **it asks nobody who they are.** It shows the names of experiments, arms, downstreams and
/// models, what they cost and how often they fail, and nothing of a request or of whose it was. A host puts its own
/// authentication in front, as in
///
/// ```
/// use axum::{Router, http::StatusCode, middleware};
/// use tower_llm_gateway::scoreboard::{ReportService, Scoreboard};
///
/// # async fn only_us(request: axum::extract::Request, next: middleware::Next) -> axum::response::Response { next.run(request).await }
/// let report = ReportService::new(Scoreboard::new());
/// let app: Router = Router::new()
///     .nest_service("/report", report)
///     .layer(middleware::from_fn(only_us));
/// ```
#[derive(Debug, Clone)]
pub struct ReportService {
    scoreboard: Scoreboard,
}

impl ReportService {
    /// Serves what this one says, also of what it counts later.
    pub const fn new(scoreboard: Scoreboard) -> Self {
        Self { scoreboard }
    }
}

impl<B> Service<Request<B>> for ReportService {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let is_head = request.method() == Method::HEAD;
        let mut response = match *request.method() {
            Method::GET | Method::HEAD => match Form::asked(&request) {
                Some(form) => self.show(form),
                None => refused(
                    StatusCode::BAD_REQUEST,
                    "format is html, json or snapshot\n",
                ),
            },
            _ => not_allowed(),
        };
        protect(response.headers_mut());
        let body = response.body_mut();
        let length = HeaderValue::from(body.len());
        let text = std::mem::take(body);
        response
            .headers_mut()
            .insert(header::CONTENT_LENGTH, length);
        let response = response.map(|_| if is_head { Body::empty() } else { text.into() });
        ready(Ok(response))
    }
}

impl ReportService {
    fn show(&self, form: Form) -> Response<String> {
        let json = match form {
            Form::Page => {
                let mut response = answer(
                    "text/html; charset=utf-8",
                    render(&self.scoreboard.report()),
                );
                let policy = policy();
                response
                    .headers_mut()
                    .insert(header::CONTENT_SECURITY_POLICY, policy);
                return response;
            }
            Form::Json => serde_json::to_string(&self.scoreboard.report()),
            Form::Snapshot => serde_json::to_string(&self.scoreboard.snapshot()),
        };
        match json {
            Ok(json) => answer("application/json", json),
            Err(_) => refused(
                StatusCode::INTERNAL_SERVER_ERROR,
                "it can't be written as JSON\n",
            ),
        }
    }
}

/// What the report is asked for as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Page,
    Json,
    Snapshot,
}

impl Form {
    /// As the query says, or else the `accept` header; `None` if it is something else.
    fn asked<B>(request: &Request<B>) -> Option<Self> {
        let query = request.uri().query().unwrap_or_default();
        let mut fields = query.split('&');
        match fields.find_map(|field| field.strip_prefix("format=")) {
            Some("html") => Some(Self::Page),
            Some("json") => Some(Self::Json),
            Some("snapshot") => Some(Self::Snapshot),
            Some(_) => None,
            None if wants_json(request.headers()) => Some(Self::Json),
            None => Some(Self::Page),
        }
    }
}

/// Whether JSON is taken and HTML is not: browsers take both, or anything.
fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get_all(header::ACCEPT).into_iter();
    let accept = accept.filter_map(|value| value.to_str().ok());
    let (mut json, mut html) = (false, false);
    for kind in accept.flat_map(|value| value.split(',')) {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        json |= kind.eq_ignore_ascii_case("application/json");
        html |= kind.eq_ignore_ascii_case("text/html");
    }
    json && !html
}

fn answer(content_type: &'static str, text: String) -> Response<String> {
    let mut response = Response::new(text);
    let content_type = HeaderValue::from_static(content_type);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    response
}

fn refused(status: StatusCode, why: &str) -> Response<String> {
    let mut response = answer("text/plain; charset=utf-8", why.to_owned());
    *response.status_mut() = status;
    response
}

fn not_allowed() -> Response<String> {
    let mut response = refused(StatusCode::METHOD_NOT_ALLOWED, "it can only be read\n");
    let allowed = HeaderValue::from_static("GET, HEAD");
    response.headers_mut().insert(header::ALLOW, allowed);
    response
}

/// Nobody keeps it, takes it for something else, or is told where it is.
fn protect(headers: &mut HeaderMap) {
    let values = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::VARY, "accept"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in values {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
