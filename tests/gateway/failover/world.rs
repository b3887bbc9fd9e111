//! Providers within the process, each of which does what it is told, one thing for each request.

use std::{
    collections::HashMap,
    future::pending,
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::time::{Instant, sleep};
use tower::{Service, ServiceBuilder, ServiceExt, service_fn, util::BoxCloneService};
use tower_llm_gateway::{
    Body, BoxError,
    context::Selected,
    downstream::DownstreamService,
    failover::{Alternative, Attempts, FailoverLayer, Fallbacks},
    format::ApiFormat,
    plugin::PipelineLayer,
    policy::{Ejection, Phase, Retry, Timeouts},
    target::Target,
    translate::TranslateLayer,
};

use crate::{
    bodies::{self, Ask, path, question},
    caller::{Reply, post},
};

pub(super) const OPENAI: ApiFormat = ApiFormat::OPENAI;

/// What a provider does with one request.
#[derive(Clone)]
pub(super) struct Step {
    delay: Duration,
    then: Then,
}

#[derive(Clone)]
enum Then {
    Answer(Arc<dyn Fn() -> Response<Body> + Send + Sync>),
    Break,
    Hang,
}

impl Step {
    pub(super) fn answer(response: impl Fn() -> Response<Body> + Send + Sync + 'static) -> Self {
        Self::then(Then::Answer(Arc::new(response)))
    }

    /// The fixture of this format.
    pub(super) fn good(format: ApiFormat) -> Self {
        Self::body("application/json", bodies::answer(format, Ask::Plain).0)
    }

    /// The fixture of this format, as a stream.
    pub(super) fn stream(format: ApiFormat) -> Self {
        Self::body("text/event-stream", bodies::answer(format, Ask::Plain).1)
    }

    pub(super) fn body(content_type: &'static str, body: &'static str) -> Self {
        Self::answer(move || {
            let response = Response::builder().header("content-type", content_type);
            response.body(Body::from(body)).unwrap()
        })
    }

    /// An error with this status.
    pub(super) fn status(status: u16) -> Self {
        Self::refusal(
            status,
            &[],
            r#"{"error":{"message":"no","type":"t","param":null,"code":null}}"#,
        )
    }

    pub(super) fn refusal(
        status: u16,
        headers: &[(&'static str, &str)],
        body: &'static str,
    ) -> Self {
        let headers = headers
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        let headers: Vec<_> = headers.collect();
        Self::answer(move || {
            let mut response = Response::builder()
                .status(status)
                .header("content-type", "application/json");
            for (name, value) in &headers {
                response = response.header(*name, value);
            }
            response.body(Body::from(body)).unwrap()
        })
    }

    /// The connection breaks before there is an answer.
    pub(super) fn breaks() -> Self {
        Self::then(Then::Break)
    }

    /// There is never an answer.
    pub(super) fn hangs() -> Self {
        Self::then(Then::Hang)
    }

    pub(super) fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    fn then(then: Then) -> Self {
        Self {
            delay: Duration::ZERO,
            then,
        }
    }
}

/// A request that has reached a provider.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// When, from the beginning of the world.
    pub(super) at: Duration,
    pub(super) provider: String,
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// There until it is answered or given up.
    alive: Weak<()>,
}

impl Seen {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(super) fn is_alive(&self) -> bool {
        self.alive.strong_count() > 0
    }
}

/// All providers, by their hosts' names; of each list of steps the last is repeated.
#[derive(Clone)]
pub(super) struct World {
    steps: Arc<HashMap<&'static str, Vec<Step>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    beginning: Instant,
    layer: FailoverLayer,
}

impl World {
    pub(super) fn new<const N: usize>(steps: [(&'static str, Vec<Step>); N]) -> Self {
        Self {
            steps: Arc::new(HashMap::from(steps)),
            seen: Arc::default(),
            beginning: Instant::now(),
            layer: FailoverLayer::new(),
        }
    }

    pub(super) fn with(self, layer: FailoverLayer) -> Self {
        Self { layer, ..self }
    }

    /// The requests that have reached a provider.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// To whom they went, one letter each.
    pub(super) fn course(&self) -> String {
        self.seen().iter().map(|seen| &*seen.provider).collect()
    }

    /// How long was waited in front of each but the first.
    pub(super) fn pauses(&self) -> Vec<Duration> {
        let seen = self.seen();
        let pairs = seen.windows(2);
        pairs
            .map(|pair| pair[1].at.checked_sub(pair[0].at).unwrap())
            .collect()
    }

    async fn serve(self, request: Request<Body>) -> Result<Response<Body>, BoxError> {
        let (parts, body) = request.into_parts();
        let provider = parts.uri.host().unwrap().to_owned();
        let body = body.collect().await?.to_bytes();
        let held = Arc::new(());
        let number = {
            let mut all = self.seen.lock().unwrap();
            let same = all.iter().filter(|seen| seen.provider == provider);
            let number = same.count();
            all.push(Seen {
                at: self.beginning.elapsed(),
                provider: provider.clone(),
                path: parts.uri.path().to_owned(),
                headers: parts.headers,
                body,
                alive: Arc::downgrade(&held),
            });
            number
        };
        let steps = &self.steps[&*provider];
        let step = steps.get(number).or(steps.last()).unwrap().clone();
        if !step.delay.is_zero() {
            sleep(step.delay).await;
        }
        let answer = match step.then {
            Then::Answer(response) => Ok(response()),
            Then::Break => Err("reset by peer".into()),
            Then::Hang => pending().await,
        };
        drop(held);
        answer
    }

    /// What belongs to an attempt.
    fn attempt(
        &self,
    ) -> impl Service<Request<Body>, Response = Response<Body>, Error = BoxError, Future: Send>
    + Clone
    + Send
    + Sync
    + 'static {
        let world = self.clone();
        ServiceBuilder::new()
            .layer(PipelineLayer::caller_side())
            .layer(TranslateLayer::selected())
            .layer(PipelineLayer::new())
            .service(DownstreamService::with_client(service_fn(move |request| {
                world.clone().serve(request)
            })))
    }

    pub(super) fn stack(&self) -> BoxCloneService<Request<Body>, Response<Body>, BoxError> {
        let stack = ServiceBuilder::new()
            .layer(self.layer.clone())
            .service(self.attempt());
        BoxCloneService::new(stack)
    }

    pub(super) async fn call(&self, request: Request<Body>) -> Result<Response<Body>, BoxError> {
        self.stack().oneshot(request).await
    }

    /// What comes of a request, and what was tried for it.
    pub(super) async fn ask(&self, request: Request<Body>) -> (Reply, String) {
        let response = self.call(request).await.unwrap();
        let outcomes = outcomes(Attempts::of(response.extensions()).unwrap());
        (Reply::of(response).await, outcomes)
    }

    pub(super) async fn status(&self, request: Request<Body>) -> StatusCode {
        self.ask(request).await.0.status
    }
}

/// The attempts in words.
pub(super) fn outcomes(attempts: &Attempts) -> String {
    let attempts = attempts.to_vec().into_iter();
    let attempts = attempts.map(|tried| format!("{}: {}", tried.downstream, tried.outcome));
    attempts.collect::<Vec<_>>().join(", ")
}

/// A request to be built.
#[derive(Clone)]
pub(super) struct Asks {
    client: ApiFormat,
    stream: bool,
    retry: Retry,
    timeouts: Timeouts,
    ejection: Ejection,
    places: Option<usize>,
    targets: Vec<(&'static str, ApiFormat)>,
}

/// What is tried for a request shall depend on nothing that came before it.
fn never_ejected() -> Ejection {
    let mut ejection = Ejection::new();
    ejection.enabled = Some(false);
    ejection
}

impl Asks {
    /// For these providers in this order, all of which speak the caller's format.
    pub(super) fn of(targets: &[&'static str]) -> Self {
        Self {
            client: OPENAI,
            stream: false,
            retry: Retry::new(),
            timeouts: Timeouts::new(),
            ejection: never_ejected(),
            places: None,
            targets: targets.iter().map(|target| (*target, OPENAI)).collect(),
        }
    }

    pub(super) fn between(client: ApiFormat, targets: &[(&'static str, ApiFormat)]) -> Self {
        Self {
            client,
            targets: targets.to_vec(),
            ..Self::of(&[])
        }
    }

    pub(super) fn stream(self) -> Self {
        Self {
            stream: true,
            ..self
        }
    }

    pub(super) fn retry(mut self, change: impl FnOnce(&mut Retry)) -> Self {
        change(&mut self.retry);
        self
    }

    pub(super) fn limit(mut self, phase: Phase, limit: Duration) -> Self {
        self.timeouts = self.timeouts.with(phase, limit);
        self
    }

    /// With targets that are left alone as this says.
    pub(super) fn ejecting(self, ejection: Ejection) -> Self {
        Self { ejection, ..self }
    }

    pub(super) fn selected(&self) -> Vec<Selected> {
        let targets = self.targets.iter().map(|(id, provider)| {
            let url = format!("https://{id}").parse().unwrap();
            let mut target = Target::new(*id, url).with_ejection(self.ejection);
            if let Some(places) = self.places {
                target = target.with_max_in_flight(places);
            }
            Selected::new(Arc::new(target), self.client)
                .with_provider(*provider)
                .with_stream(self.stream)
                .with_retry(self.retry.clone())
                .with_timeouts(self.timeouts)
        });
        targets.collect()
    }

    /// Where each provider has so many places.
    pub(super) fn places(self, places: usize) -> Self {
        Self {
            places: Some(places),
            ..self
        }
    }

    /// With this body in place of the caller's question.
    pub(super) fn request_with(&self, body: impl Into<Body>) -> Request<Body> {
        let mut request = post(&path(self.client, "m", self.stream), body);
        let mut selected = self.selected().into_iter();
        request.extensions_mut().insert(selected.next().unwrap());
        let rest: Vec<Alternative> = selected.map(Alternative::from).collect();
        if !rest.is_empty() {
            request.extensions_mut().insert(Fallbacks(rest.into()));
        }
        request
    }

    pub(super) fn request(&self) -> Request<Body> {
        let question = question(self.client, "m", "Hi", Ask::Plain, self.stream);
        self.request_with(question.to_string())
    }
}
