use std::{
    mem,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response, Version, request::Parts};
use http_body::Body as HttpBody;
use tokio::time::Instant;
use tower_service::Service;

use crate::{
    Body, BoxError, Error,
    context::{ConfiguredHeaders, Progress, Selected},
};

use super::{
    HyperClient, ResponseFuture, Shutdown, WithHandler,
    deadline::Limits,
    future::Exchange,
    headers,
    places::{Entry, Places},
    upload::{PIECE, Upload},
};

/// The service at the bottom: sends a request to the [`Target`](crate::target::Target) that is
/// [`Selected`] for it, over an http client `C`.
///
/// # When
///
/// The request gets the target's URL, loses what is only the caller's (credentials, cookies, addresses, hop-by-hop
/// headers, trailers), gets the target's key, and goes out. The response's head comes back without the provider's
/// hop-by-hop headers and cookies; its body and trailers are not touched. Of an error that is compressed, which was not
/// asked for, only the head comes back.
///
/// # Alone
///
/// Any service that inserts a `Selected` can stand in front:
///
/// ```
/// # use std::sync::Arc;
/// # use http::Request;
/// # use tower_llm_gateway::{Body, context::Selected, downstream::DownstreamService, format::ApiFormat, target::Target};
/// # use tower::ServiceExt;
/// # async fn example() -> Result<(), tower_llm_gateway::Error> {
/// let target = Target::new("openai", "https://api.openai.com/v1".parse().unwrap()).with_key("sk-…".into());
/// let mut request = Request::post("/").body(Body::from(r#"{"model":"gpt-4o","messages":[]}"#)).unwrap();
/// request.extensions_mut().insert(Selected::new(Arc::new(target), ApiFormat::OPENAI));
/// let response = DownstreamService::new().oneshot(request).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Readiness
///
/// Always ready: connections are pooled per host, and which host is meant is known only with the request. The client
/// is driven to readiness in the future. A target that takes only
/// [so many requests at once](crate::target::Target::with_max_in_flight) is waited for in the future too. To limit or
/// shed load whatever the target, put `ConcurrencyLimit` and `LoadShed` in front.
///
/// # Errors
///
/// [`Error`], if there is no `Selected`, the target's URL or key can't be used, no connection could be made, a part of
/// the exchange took longer than [it may](crate::policy::Phase), the caller's body broke, the connection broke, or the
/// response is compressed, or a redirect: the key belongs to one host, and no other is called. What takes too long after
/// the head ends the response's body with the same error.
///
/// # Logs
///
/// At no level is the key, another header's value or a body in what is logged, which holds for hyper-util and h2 as
/// well: they log addresses, sizes and the kinds of frames. Of hyper and rustls nothing is logged unless a host builds
/// them so (`--cfg hyper_unstable_tracing`, rustls's feature `logging`); that is not tested here.
///
/// # Cancel safety
///
/// No task is spawned for a request. Dropping the future, or the response's body, gives the request up: an HTTP/1
/// connection is closed, an HTTP/2 stream is reset.
#[derive(Debug, Clone)]
pub struct DownstreamService<C = HyperClient> {
    client: C,
    places: Places,
}

impl DownstreamService {
    /// Over the built-in client with its defaults.
    pub fn new() -> Self {
        Self::with_client(HyperClient::default())
    }
}

// Only for the built-in client, so that `DownstreamService::default()` needs no type beside it.
impl Default for DownstreamService {
    fn default() -> Self {
        Self::new()
    }
}

impl<C> DownstreamService<C> {
    /// Over this client, which must not follow redirects and must be cheap to clone.
    pub fn with_client(client: C) -> Self {
        Self {
            client,
            places: Places::default(),
        }
    }

    /// With the host's own handler beside the client: requests that are for
    /// [`Target::handler`](crate::target::Target::handler) go there. Without one they fail.
    ///
    /// The handler gets them as a provider would: at the path of the format that the target declares, without the
    /// caller's credentials, within the target's first-byte timeout. The request's extensions are all there. If it
    /// panics, this request fails and no other.
    ///
    /// ```
    /// use axum::{Router, routing::post};
    /// use tower_llm_gateway::downstream::DownstreamService;
    ///
    /// let model: Router = Router::new().route("/v1/chat/completions", post(|| async { "…" }));
    /// let leaf = DownstreamService::new().with_handler(model);
    /// ```
    pub fn with_handler<H>(self, handler: H) -> DownstreamService<WithHandler<H, C>> {
        DownstreamService {
            client: WithHandler::new(handler, self.client),
            places: self.places,
        }
    }

    /// The client.
    pub fn get_ref(&self) -> &C {
        &self.client
    }

    /// The client, to change it.
    pub fn get_mut(&mut self) -> &mut C {
        &mut self.client
    }

    /// Gives the client back.
    pub fn into_inner(self) -> C {
        self.client
    }
}

impl<C, ReqBody, ResBody> Service<Request<ReqBody>> for DownstreamService<C>
where
    C: Service<Request<Body>, Response = Response<ResBody>> + Clone,
    C::Error: Into<BoxError>,
    ReqBody: HttpBody<Data = Bytes> + Send + 'static,
    ReqBody::Error: Into<BoxError>,
    ResBody: HttpBody<Data = Bytes> + Send + 'static,
    ResBody::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = Error;
    type Future = ResponseFuture<C>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let Some(selected) = parts.extensions.get::<Selected>().cloned() else {
            return ResponseFuture::failed(Error::not_selected());
        };
        if let Err(error) = prepare(&mut parts, &selected) {
            return ResponseFuture::failed(error);
        }
        // In a trailer could be whatever was taken out of the head.
        let body = Body::new(body).without_trailers();
        // A handler reads what is there anyway; pieces would only have to be put together again.
        let piece = if selected.target().is_handler() {
            usize::MAX
        } else {
            PIECE
        };
        let now = Instant::now();
        let upload = Upload::new(body, piece, now);
        let entry = self.places.enter(selected.target());
        let mut exchange = Exchange {
            limits: Limits::of(selected, now),
            sending: upload.sending(),
            progress: Progress::of(&parts.extensions).cloned(),
            place: None,
            shutdown: Shutdown::of(&parts.extensions).cloned(),
        };
        let request = Request::from_parts(parts, Body::of(upload));
        let clone = self.client.clone();
        let client = mem::replace(&mut self.client, clone);
        match entry {
            Entry::Free => {}
            Entry::Taken(place) => exchange.place = Some(place),
            Entry::Waiting(waiting) => {
                return ResponseFuture::queued(waiting, client, request, exchange);
            }
        }
        ResponseFuture::sent(client, request, exchange)
    }
}

/// Makes the caller's head the provider's.
fn prepare(parts: &mut Parts, selected: &Selected) -> Result<(), Error> {
    let (path, query) = (parts.uri.path(), parts.uri.query());
    parts.uri = selected.url(path, query).map_err(Error::target)?;
    // The caller's version says nothing about the provider; the client speaks the best one that both have.
    parts.version = Version::HTTP_11;
    let configured = parts.extensions.get::<ConfiguredHeaders>();
    headers::request(&mut parts.headers, selected, configured)
}
