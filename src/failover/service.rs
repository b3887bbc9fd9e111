use std::{
    mem,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use tokio::time::Instant;
use tower_service::Service;

use crate::{Body, BoxError, context::Selected, policy::Phase};

use super::{Attempts, FailoverLayer, Fallbacks, ResponseFuture, call::Call, policy::Policy};

/// Tries a request's [`Selected`] target again when it fails, and then its [`Fallbacks`]. Made by [`FailoverLayer`]. The
/// [module](super) says for which failures, and what the caller gets in the end.
///
/// # When
///
/// Every attempt goes through the whole inner service: plugins, translation into its own target's format, the call. A
/// request body that comes as a stream is collected first where it is a question to a model; of other operations it is
/// sent as it comes, once. The head of a stream is [held](FailoverLayer::head_hold) until there is content. All attempts
/// together have the [`Total`](Phase::Total) time of the first target; each is told what is left of it, or what its own
/// target says if that is less.
///
/// What was tried is in the response's [`Attempts`]. A request without a [`Selected`] passes untouched.
///
/// # Alone
///
/// ```
/// use std::sync::Arc;
/// use tower::ServiceBuilder;
/// use tower_llm_gateway::{
///     Body, context::Selected, downstream::DownstreamService, failover::{FailoverLayer, Fallbacks},
///     format::ApiFormat, plugin::PipelineLayer, target::Target, translate::TranslateLayer,
/// };
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let stack = ServiceBuilder::new()
///     .layer(FailoverLayer::new())
///     .layer(PipelineLayer::caller_side())
///     .layer(TranslateLayer::selected())
///     .layer(PipelineLayer::new())
///     .service(DownstreamService::new());
///
/// let claude = Target::new("anthropic", "https://api.anthropic.com".parse()?).with_formats(vec![ApiFormat::ANTHROPIC]);
/// let gpt = Target::new("openai", "https://api.openai.com/v1".parse()?).with_formats(vec![ApiFormat::OPENAI]);
/// let caller = ApiFormat::ANTHROPIC;
/// let fallback = Selected::new(Arc::new(gpt), caller).with_model("gpt-4o");
///
/// let mut request = http::Request::post("/v1/messages").body(Body::from("…"))?;
/// let extensions = request.extensions_mut();
/// extensions.insert(Selected::new(Arc::new(claude), caller));
/// extensions.insert(Fallbacks([fallback.into()].into()));
/// # let _ = (stack, request);
/// # Ok(())
/// # }
/// ```
///
/// # Readiness
///
/// Ready when the inner service is. The instance that was ready makes the first attempt; further ones wait until it is
/// ready again.
///
/// # Errors
///
/// The inner service's, if no provider said anything; [`Error`](crate::Error) if the time for all attempts is over; an
/// [`ir::Error`](crate::ir::Error) with the code `all_ejected` and the time to wait, if all targets are left alone and
/// [the policy](crate::policy::AllEjected) is to refuse then. `RuleRouter` answers that with the caller's status for an
/// overload, which is 503, and 529 for Anthropic's.
///
/// # Cancel safety
///
/// Dropping the future drops what goes on, in any phase, and nothing follows. No task is spawned.
#[derive(Debug, Clone)]
pub struct Failover<S> {
    inner: S,
    layer: FailoverLayer,
}

impl<S> Failover<S> {
    pub(super) fn new(inner: S, layer: FailoverLayer) -> Self {
        Self { inner, layer }
    }

    /// The inner service.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The inner service, to change it.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Gives the inner service back.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, ReqBody> Service<Request<ReqBody>> for Failover<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone,
    S::Error: Into<BoxError>,
    ReqBody: HttpBody<Data = Bytes> + Send + 'static,
    ReqBody::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = ResponseFuture<S>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let (mut head, body) = request.into_parts();
        let body = Body::new(body);
        let Some(selected) = Selected::of(&head.extensions).cloned() else {
            let request = Request::from_parts(head, body);
            return ResponseFuture::pass(self.inner.call(request));
        };
        let attempts = head.extensions.remove::<Attempts>().unwrap_or_default();
        let fallbacks = head.extensions.remove::<Fallbacks>();
        let limit = selected.limit(Phase::Total);
        let deadline = limit.map(|limit| Instant::now() + limit);
        let mut policy = Policy::new(&self.layer, attempts, deadline, fallbacks);
        let mut call = Call {
            selected,
            head,
            body,
            is_forced: false,
            kept: None,
        };
        if let Err(error) = policy.start(&mut call) {
            return ResponseFuture::refused(policy.attempts, error);
        }
        // The ready service goes into the future; a clone, not yet ready, stays here.
        let clone = self.inner.clone();
        let ready = mem::replace(&mut self.inner, clone);
        ResponseFuture::tried(ready, policy, call, (limit, self.layer.body_limit))
    }
}
