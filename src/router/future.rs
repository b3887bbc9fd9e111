use std::{
    convert::Infallible,
    fmt,
    future::Future,
    hash::{BuildHasher, RandomState},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, Uri, header, request::Parts};
use http_body::Body as HttpBody;
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{
    Body, BoxError,
    body::ToBytes,
    format::{ApiFormat, Content, Named, Operation},
    ir,
};

use super::{
    Concern, Decision, Facts, Served, Table, Trail,
    chosen::{ARM, ARM_KEY},
    concern::MODEL,
    failure,
    loops::Loops,
    matter::{self, Nobody},
    path,
};

pin_project! {
    /// Response future of [`RuleRouter`](super::RuleRouter).
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the inner service's future.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S: Service<Request<Body>>> {
        format: Option<ApiFormat>,
        // The caller wanted to speak something else next.
        closes: bool,
        #[pin]
        state: State<S, S::Future>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, F> {
        // The body comes in.
        Collect { collect: ToBytes<Body>, job: Option<Box<Job<S>>> },
        // The inner service works.
        Call { #[pin] future: F, served: Option<Served>, nobody: Option<Nobody> },
        Ready { response: Option<Response<Body>> },
    }
}

/// What is routed, once as much of it is there as must be read.
pub(super) struct Job<S> {
    pub(super) table: Table,
    pub(super) loops: Loops,
    pub(super) format: ApiFormat,
    pub(super) operation: Operation,
    pub(super) ready: S,
    /// With the canonical path.
    pub(super) parts: Parts,
}

/// What becomes of a request.
struct Decided {
    served: Served,
    /// The path to go on with, if that is another.
    uri: Option<Uri>,
    /// Where the body names the model, if it is to name another.
    named: Option<Named>,
}

impl<S: Service<Request<Body>>> ResponseFuture<S> {
    /// For a request that somebody has routed already.
    pub(super) fn pass(format: Option<ApiFormat>, future: S::Future) -> Self {
        Self {
            format,
            closes: false,
            state: State::Call {
                future,
                served: None,
                nobody: None,
            },
        }
    }

    /// For a request that is not ours.
    pub(super) fn host(nobody: Nobody, future: S::Future) -> Self {
        Self {
            format: None,
            closes: false,
            state: State::Call {
                future,
                served: None,
                nobody: Some(nobody),
            },
        }
    }

    pub(super) fn answered(response: Response<Body>) -> Self {
        Self::ready(None, response)
    }

    pub(super) fn failed(format: Option<ApiFormat>, error: &BoxError) -> Self {
        Self::ready(format, failure::answer(format, None, error))
    }

    pub(super) fn route(job: Box<Job<S>>, body_limit: usize, body: Body) -> Self {
        let format = job.format;
        let closes = matter::wants_upgrade(&job.parts);
        let needs_body = match job.needs_body() {
            Ok(needs_body) => needs_body,
            Err(error) => {
                let refused = Self::ready(Some(format), format.error_response(&error));
                return Self { closes, ..refused };
            }
        };
        let state = if needs_body {
            State::Collect {
                collect: ToBytes::new(body, body_limit),
                job: Some(job),
            }
        } else {
            let decided = job.decide(&Bytes::new());
            job.run(decided, body)
        };
        Self {
            format: Some(format),
            closes,
            state,
        }
    }

    fn ready(format: Option<ApiFormat>, response: Response<Body>) -> Self {
        Self {
            format,
            closes: false,
            state: State::Ready {
                response: Some(response),
            },
        }
    }
}

impl<S: Service<Request<Body>>> fmt::Debug for ResponseFuture<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

impl<S, ResBody> Future for ResponseFuture<S>
where
    S: Service<Request<Body>, Response = Response<ResBody>>,
    S::Error: Into<BoxError>,
    ResBody: HttpBody<Data = Bytes> + Send + 'static,
    ResBody::Error: Into<BoxError>,
{
    type Output = Result<Response<Body>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        const ONCE: &str = "taken once, then the state changes";
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                StateProj::Collect { collect, job } => {
                    let body = ready!(Pin::new(collect).poll(cx));
                    job.take().expect(ONCE).collected(body)
                }
                StateProj::Call {
                    future,
                    served,
                    nobody,
                } => {
                    let mut response = match ready!(future.poll(cx)).map_err(Into::into) {
                        Ok(response) => response.map(Body::new),
                        Err(error) => match nobody {
                            Some(nobody) if failure::is_nobody(&error) => nobody.answer(),
                            _ => failure::answer(*this.format, served.as_ref(), &error),
                        },
                    };
                    if let Some(served) = served.take() {
                        response.extensions_mut().insert(served);
                    }
                    return Poll::Ready(Ok(matter::last(response, *this.closes)));
                }
                StateProj::Ready { response } => {
                    let response = response.take().expect(ONCE);
                    return Poll::Ready(Ok(matter::last(response, *this.closes)));
                }
            };
            this.state.set(next);
        }
    }
}

impl<S> Job<S> {
    /// Whether the body must be read before anything can be decided; an error if it must, and can't.
    fn needs_body(&self) -> Result<bool, ir::Error> {
        let concern = self.concern();
        let headers = &self.parts.headers;
        let mut facts = Facts::of_head(&concern, headers)?;
        // Who may not choose is told so before anything is read.
        facts.ask_for_arm(&self.table, &self.parts.extensions)?;
        let needs_body = facts.needs_body(&concern);
        match ir::Error::of_encoding(headers) {
            Some(error) if needs_body => Err(error),
            // Nobody's request is refused for the sake of an experiment.
            Some(_) => Ok(false),
            None => Ok(needs_body || facts.is_drawn_from_body(&self.table)),
        }
    }

    fn concern(&self) -> Concern<'_> {
        Concern::again(self.parts.uri.path(), self.format, self.operation)
    }

    fn decide(&self, body: &Bytes) -> Result<Decided, ir::Error> {
        let concern = self.concern();
        let mut facts = Facts::of_head(&concern, &self.parts.headers)?;
        facts.look_into(&concern, body)?;
        facts.keep_name(&self.table);
        if let (Some(trail), Some(model)) = (Trail::of(&self.parts.extensions), &facts.asked) {
            trail.asks_for(model);
        }
        facts.ask_for_arm(&self.table, &self.parts.extensions)?;
        if self.table.inner().has_trials() {
            facts.random = random();
        }
        // Where it stays, for it is large.
        let served = Served::new(self.loops.decide(&self.table, &mut facts)?);
        let plain = facts.plain_path();
        let uri = plain.and_then(|plain| path::replaced(&self.parts.uri, &plain));
        let selected = served.selected();
        let is_renamed = selected.model().is_some() && selected.client() == selected.provider();
        let name = facts.name.filter(|_| is_renamed);
        let named = name.and_then(|name| Named::new(body, name));
        Ok(Decided { served, uri, named })
    }
}

impl<S: Service<Request<Body>>> Job<S> {
    fn collected(self: Box<Self>, body: Result<Bytes, BoxError>) -> State<S, S::Future> {
        let body = body.map_err(|error| ir::Error::unreadable_request(&error));
        let decided = match &body {
            Ok(body) => self.decide(body),
            Err(error) => Err(error.clone()),
        };
        self.run(decided, Body::full(body.unwrap_or_default()))
    }

    #[expect(clippy::boxed_local, reason = "it would be moved once more")]
    fn run(
        mut self: Box<Self>,
        decided: Result<Decided, ir::Error>,
        body: Body,
    ) -> State<S, S::Future> {
        match decided {
            Ok(decided) => {
                if let Some(uri) = decided.uri {
                    self.parts.uri = uri;
                }
                let served = decided.served;
                write_down(&served, &mut self.parts);
                if let Some(named) = decided.named {
                    self.parts.extensions.insert(named);
                }
                if let Some(trail) = Trail::of(&self.parts.extensions) {
                    trail.goes(&served);
                }
                let request = Request::from_parts(self.parts, body);
                State::Call {
                    future: self.ready.call(request),
                    served: Some(served),
                    nobody: None,
                }
            }
            Err(error) => State::Ready {
                response: Some(self.format.error_response(&error)),
            },
        }
    }
}

/// A number that nobody can tell beforehand: each state has keys of its own.
fn random() -> u64 {
    RandomState::new().hash_one(0)
}

/// Tells the layers below.
fn write_down(decision: &Decision, parts: &mut Parts) {
    let selected = decision.selected();
    parts.extensions.insert(selected.clone());
    if let Some(plugins) = decision.caller_plugins() {
        parts.extensions.insert(plugins.clone());
    }
    if let Some(plugins) = decision.plugins() {
        parts.extensions.insert(plugins.clone());
    }
    if let Some(fallbacks) = decision.fallbacks() {
        parts.extensions.insert(fallbacks.clone());
    }
    if let Some(copied) = decision.copied() {
        parts.extensions.insert(copied.clone());
    }
    remove_ours(&mut parts.headers);
    // What `curl -d` says of all it sends, and providers go by it.
    let form = |content_type| content_type == "application/x-www-form-urlencoded";
    let is_untold = parts.headers.get(header::CONTENT_TYPE).is_none_or(form);
    if is_untold && Content::of(selected.operation(), &parts.headers) == Content::Json {
        let json = HeaderValue::from_static("application/json");
        parts.headers.insert(header::CONTENT_TYPE, json);
    }
}

/// What is for the router alone. Most requests have nothing of it.
fn remove_ours(headers: &mut HeaderMap) {
    let is_ours = |name: &HeaderName| name.as_str().starts_with("x-llm-");
    if headers.keys().any(is_ours) {
        for name in [MODEL, ARM, ARM_KEY] {
            headers.remove(name);
        }
    }
}
