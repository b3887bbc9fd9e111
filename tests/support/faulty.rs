//! A plugin that fails where a test wants it to.

// Each test binary that takes this in uses a part of it.
#![allow(dead_code, unreachable_pub)]

use std::{
    future::Future,
    panic,
    pin::Pin,
    sync::Once,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Body as HttpBody, Frame};
use tower::{Service, layer::layer_fn};
use tower_llm_gateway::{
    Body, BoxError,
    plugin::{PluginLayer, Stack},
};

/// What it says when it fails. No caller may see it.
pub const SECRET: &str = "canary of the plugin";

/// Where it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Layer,
    Ready,
    Call,
    Poll,
    Frame(Cut),
    /// In the body of the request, where that is read.
    Upload,
    /// When somebody asks whether the body is at its end, or how long it is.
    Hint,
    DropService,
    DropFuture,
    DropBody,
}

/// Where a body fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Behind so many frames.
    Behind(usize),
    /// Within the next one.
    Within(usize),
}

/// How it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Panics,
    Errs,
}

impl Way {
    fn fail<T>(self) -> Result<T, BoxError> {
        match self {
            Self::Panics => panic!("{SECRET}"),
            Self::Errs => Err(SECRET.into()),
        }
    }
}

/// The places before the head of an answer; a layer can't err.
pub fn before_the_head() -> impl Iterator<Item = (Phase, Way)> {
    let phases = [Phase::Layer, Phase::Ready, Phase::Call, Phase::Poll];
    let ways = [Way::Panics, Way::Errs];
    let all = phases
        .into_iter()
        .flat_map(move |phase| ways.map(|way| (phase, way)));
    all.filter(|place| *place != (Phase::Layer, Way::Errs))
}

/// Leaves out of the output what is meant to panic.
pub fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            // `assert_ne!` says more than that, and so with a `String`.
            let text = panic.payload().downcast_ref::<String>();
            if !text.is_some_and(|text| text.contains(SECRET)) {
                others(panic);
            }
        }));
    });
}

/// A plugin that fails there, and else does nothing.
pub fn faulty(phase: Phase, way: Way) -> PluginLayer {
    quiet();
    PluginLayer::new(layer_fn(move |inner: Stack| {
        assert_ne!(phase, Phase::Layer, "{SECRET}");
        Faulty { inner, phase, way }
    }))
}

#[derive(Clone)]
struct Faulty {
    inner: Stack,
    phase: Phase,
    way: Way,
}

impl Service<Request<Body>> for Faulty {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = FaultyFuture;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        if self.phase == Phase::Ready {
            self.way.fail::<()>()?;
        }
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> FaultyFuture {
        let request = match self.phase {
            Phase::Upload => request.map(|inner| self.body(inner)),
            _ => request,
        };
        let inner = self.inner.call(request);
        let here = (self.phase, self.way);
        assert_ne!(here, (Phase::Call, Way::Panics), "{SECRET}");
        FaultyFuture {
            inner,
            phase: self.phase,
            way: self.way,
        }
    }
}

impl Faulty {
    fn body(&self, inner: Body) -> Body {
        let at_once = Phase::Frame(Cut::Behind(0));
        Body::new(FaultyBody::new(inner, at_once, self.way))
    }
}

impl Drop for Faulty {
    fn drop(&mut self) {
        assert_ne!(self.phase, Phase::DropService, "{SECRET}");
    }
}

struct FaultyFuture {
    inner: <Stack as Service<Request<Body>>>::Future,
    phase: Phase,
    way: Way,
}

impl Future for FaultyFuture {
    type Output = Result<Response<Body>, BoxError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (phase, way) = (self.phase, self.way);
        if phase == Phase::Call {
            way.fail::<()>()?;
        }
        if phase == Phase::Poll {
            // The request is on its way.
            let _ = self.inner.as_mut().poll(cx);
            way.fail::<()>()?;
        }
        let response = ready!(self.inner.as_mut().poll(cx))?;
        let wraps = matches!(phase, Phase::Frame(_) | Phase::Hint | Phase::DropBody);
        Poll::Ready(Ok(response.map(|inner| {
            if wraps {
                Body::new(FaultyBody::new(inner, phase, way))
            } else {
                inner
            }
        })))
    }
}

impl Drop for FaultyFuture {
    fn drop(&mut self) {
        assert_ne!(self.phase, Phase::DropFuture, "{SECRET}");
    }
}

struct FaultyBody {
    inner: Body,
    phase: Phase,
    way: Way,
    /// How many frames have passed.
    passed: usize,
    /// A part of one has passed.
    within: bool,
}

impl FaultyBody {
    fn new(inner: Body, phase: Phase, way: Way) -> Self {
        Self {
            inner,
            phase,
            way,
            passed: 0,
            within: false,
        }
    }
}

impl HttpBody for FaultyBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Phase::Frame(cut) = self.phase else {
            return Pin::new(&mut self.inner).poll_frame(cx);
        };
        if self.within || cut == Cut::Behind(self.passed) {
            return Poll::Ready(Some(self.way.fail()));
        }
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        let data = frame.and_then(|frame| frame.ok()?.into_data().ok());
        let data = data.expect("it fails before the end");
        self.within = cut == Cut::Within(self.passed);
        self.passed += 1;
        let passes = if self.within { data.slice(..9) } else { data };
        Poll::Ready(Some(Ok(Frame::data(passes))))
    }

    fn is_end_stream(&self) -> bool {
        assert_ne!(self.phase, Phase::Hint, "{SECRET}");
        false
    }
}

impl Drop for FaultyBody {
    fn drop(&mut self) {
        assert_ne!(self.phase, Phase::DropBody, "{SECRET}");
    }
}
