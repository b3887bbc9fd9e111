use std::{
    collections::HashMap,
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use hyper_util::client::legacy::connect::dns::{GaiAddrs, GaiFuture, GaiResolver, Name};
use tower_service::Service;

/// Finds the addresses of hosts: those that were given one have that, the system knows the others.
#[derive(Debug, Clone)]
pub(super) struct Resolver {
    given: Arc<HashMap<String, IpAddr>>,
    system: GaiResolver,
}

impl Resolver {
    pub(super) fn new(given: HashMap<String, IpAddr>) -> Self {
        Self {
            given: Arc::new(given),
            system: GaiResolver::new(),
        }
    }
}

impl Service<Name> for Resolver {
    type Response = Addresses;
    type Error = io::Error;
    type Future = Resolving;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.system.poll_ready(cx)
    }

    fn call(&mut self, host: Name) -> Resolving {
        match self.given.get(host.as_str()) {
            Some(address) => Resolving::Given(*address),
            None => Resolving::System(self.system.call(host)),
        }
    }
}

/// Future of a [`Resolver`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub(super) enum Resolving {
    /// It was given.
    Given(IpAddr),
    /// The system is asked.
    System(GaiFuture),
}

impl Future for Resolving {
    type Output = io::Result<Addresses>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(Ok(match &mut *self {
            Self::Given(address) => Addresses::Given(Some(*address)),
            Self::System(future) => Addresses::System(ready!(Pin::new(future).poll(cx))?),
        }))
    }
}

/// The addresses of a host. The connector puts the port in.
#[derive(Debug)]
pub(super) enum Addresses {
    /// The one that was given.
    Given(Option<IpAddr>),
    /// Those that the system knows.
    System(GaiAddrs),
}

impl Iterator for Addresses {
    type Item = SocketAddr;

    fn next(&mut self) -> Option<SocketAddr> {
        match self {
            Self::Given(address) => address.take().map(|address| (address, 0).into()),
            Self::System(addresses) => addresses.next(),
        }
    }
}
