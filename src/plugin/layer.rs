use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use tower::ServiceExt;
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    Body, BoxError,
    guard::{Below, Guarded, Owner, guard_request},
};

use super::Stack;

/// A plugin: a layer over [`Stack`]. A panic of its is an error of one request; see the [module](super).
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

    pub(super) fn around(&self, inner: Stack, below: &Below) -> Stack {
        let (id, below) = (self.id.clone(), below.clone());
        (self.around)(inner, Owner::Plugin { id, below })
    }
}

impl Layer<Stack> for PluginLayer {
    type Service = Stack;

    fn layer(&self, inner: Stack) -> Stack {
        let below = Below::default();
        self.around(bottom(inner, &below), &below)
    }
}

impl fmt::Debug for PluginLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PluginLayer").field(&self.id).finish()
    }
}

/// What plugins are around: notes that an error comes from here, and guards what a plugin has made of the request's body.
pub(super) fn bottom<S, B>(inner: S, below: &Below) -> Stack
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let (of_head, of_body) = (below.clone(), below.clone());
    let inner = inner
        .map_request(|request: Request<Body>| request.map(guard_request))
        .map_response(move |response: Response<B>| response.map(|body| of_body.watch(body)))
        .map_err(move |error| of_head.note(error));
    Stack::new(inner)
}
