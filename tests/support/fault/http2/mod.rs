//! HTTP/2, as far as the h2 crate can be made to misbehave.

mod exchange;
mod fields;
mod reader;

use std::{
    future,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use h2::{
    RecvStream,
    server::{self, SendResponse},
};
use http::Request;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
};

use super::{
    script::Cut,
    upstream::Server,
    wire::{Stream, Wire},
};
use exchange::Exchange;

/// What the steps of one stream want of the whole connection.
enum Order {
    /// To be told when all that was queued is written.
    Flush(oneshot::Sender<()>),
    GoAway,
    Cut(Cut),
}

enum Next {
    Request(Box<Request<RecvStream>>, SendResponse<Bytes>),
    Order(Order),
    Closed,
}

/// Serves requests until one of the two leaves.
pub(super) async fn serve<S: Stream>(wire: Wire<S>, server: &Arc<Server>) {
    let resets = wire.resets();
    let number = server.records.connect();
    let Ok(h2) = server::handshake(wire).await else {
        return;
    };
    let (orders, inbox) = mpsc::unbounded_channel();
    let mut connection = Connection {
        h2,
        inbox,
        order: None,
    };
    let mut streams = JoinSet::new();
    let cut = loop {
        match connection.next().await {
            Next::Request(request, respond) => {
                let exchange = Exchange::new(Arc::clone(server), respond, orders.clone());
                streams.spawn(exchange.run(number, *request));
            }
            Next::Order(Order::Flush(done)) => drop(done.send(())),
            Next::Order(Order::GoAway) => connection.h2.graceful_shutdown(),
            Next::Order(Order::Cut(cut)) => break Some(cut),
            Next::Closed => break None,
        }
        while streams.try_join_next().is_some() {}
    };
    if let Some(cut) = cut {
        // Before the connection: it is not the peer who leaves the other streams.
        streams.shutdown().await;
        if cut == Cut::Rst {
            resets.set();
        }
    }
    drop(connection);
    while streams.join_next().await.is_some() {}
}

struct Connection<S: Stream> {
    h2: server::Connection<Wire<S>, Bytes>,
    inbox: mpsc::UnboundedReceiver<Order>,
    order: Option<Order>,
}

impl<S: Stream> Connection<S> {
    async fn next(&mut self) -> Next {
        future::poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        loop {
            match self.h2.poll_accept(cx) {
                Poll::Ready(Some(Ok((request, respond)))) => {
                    return Poll::Ready(Next::Request(Box::new(request), respond));
                }
                Poll::Ready(Some(Err(_)) | None) => return Poll::Ready(Next::Closed),
                Poll::Pending => {}
            }
            // An order is obeyed one round after it came: what was queued before it is written by then.
            if let Some(order) = self.order.take() {
                return Poll::Ready(Next::Order(order));
            }
            self.order = ready!(self.inbox.poll_recv(cx));
        }
    }
}
