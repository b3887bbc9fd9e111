use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use tower::ServiceExt;
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    Body, BoxError,
    guard::{Beyond, Guarded, Owner, guard},
};

use super::Stack;

/// A plugin: a layer over [`Stack`], put around what is below anew for each request by a [`Pipeline`](super::Pipeline).
/// Its errors and panics are those of one request; see the [module](super).
#[derive(Clone)]
pub struct PluginLayer {
    id: Option<Arc<str>>,
    around: Arc<dyn Fn(Stack, Owner) -> Stack + Send + Sync>,
}

impl PluginLayer {
    /// Erases the layer's type.
    pub fn new<L>(layer: L) -> Self
    where
        L: Layer<Stack> + Send + Sync + 'static,
        L::Service: Service<Request<Body>, Response = Response<Body>, Error = BoxError>
            + Clone
            + Send
            + Sync
            + 'static,
        <L::Service as Service<Request<Body>>>::Future: Send + 'static,
    {
        let around = move |inner, owner| Stack::new(Guarded::new(owner, || layer.layer(inner)));
        Self {
            id: None,
            around: Arc::new(around),
        }
    }

    /// Under this name, by which logs and errors call it. A [`Registry`](super::Registry) gives those it makes their own.
    #[must_use]
    pub fn named(self, id: impl Into<Arc<str>>) -> Self {
        let id = Some(id.into());
        Self { id, ..self }
    }

    /// Puts it around the next one, or around [`bottom`], for one request.
    pub(super) fn around(&self, inner: Stack, below: &Beyond) -> Stack {
        let (id, beyond) = (self.id.clone(), below.clone());
        (self.around)(inner, Owner::Plugin { id, beyond })
    }
}

impl fmt::Debug for PluginLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PluginLayer").field(&self.id).finish()
    }
}

/// What the plugins of a request are around. Notes what fails below, and guards what they have made of its body.
pub(super) fn bottom<S, B>(inner: S, above: Beyond, below: &Beyond) -> Stack
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    // Which of them it is that wraps the body, nobody can tell.
    let (id, beyond) = (None, above);
    let somebody = Owner::Plugin { id, beyond };
    let (of_head, of_body) = (below.clone(), below.clone());
    let inner = inner
        .map_request(move |request: Request<Body>| {
            request.map(|body| guard(somebody.clone(), body))
        })
        .map_response(move |response: Response<B>| response.map(|body| of_body.watch(body)))
        .map_err(move |error| of_head.note(error));
    Stack::new(inner)
}
