//! A connection that the provider closes in the moment in which it is used again. The provider has a thread of its own:
//! while the test waits for it, nothing is looked at on our side.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
};

use http::{Request, Response};
use http_body_util::BodyExt;
use tokio::io::AsyncReadExt;
use tower::Service;
use tower_llm_gateway::{Body, Error, downstream::DownstreamService, policy::Timeouts};

use super::selected;
use crate::support;

/// A provider that answers the first request of each connection, and closes it when it is told to.
struct Provider {
    address: SocketAddr,
    close: Sender<()>,
    /// One for each connection: whether a request came on it.
    asked: Receiver<bool>,
}

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

impl Provider {
    /// With `answers` it answers so many connections; the later ones it closes at once.
    fn start(answers: usize) -> (Self, std::net::TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (close, closes) = channel::<()>();
        let (asks, asked) = channel();
        let bell = TcpListener::bind("127.0.0.1:0").unwrap();
        let rung = TcpStream::connect(bell.local_addr().unwrap()).unwrap();
        let (mut bell, _) = bell.accept().unwrap();
        thread::spawn(move || {
            for number in 0.. {
                let Ok((mut stream, _)) = listener.accept() else {
                    return;
                };
                if number >= answers {
                    drop(stream);
                    let _ = asks.send(false);
                    continue;
                }
                let read = stream.read(&mut [0; 4096]).unwrap_or(0);
                let _ = stream.write_all(ANSWER);
                let _ = asks.send(read > 0);
                if number == 0 {
                    let _ = closes.recv();
                    drop(stream);
                    let _ = bell.write_all(b"x");
                    let _ = asks.send(true);
                }
            }
        });
        rung.set_nonblocking(true).unwrap();
        let provider = Self {
            address,
            close,
            asked,
        };
        (provider, rung)
    }

    fn request(&self) -> Request<Body> {
        let url = format!("http://{}", self.address);
        support::request(selected(&url, Timeouts::new()))
    }

    /// Waits until it has closed its first connection.
    fn closed(&self) {
        self.close.send(()).unwrap();
        assert!(self.asked.recv().unwrap());
    }
}

async fn read(response: Result<Response<Body>, Error>) {
    let body = response.unwrap().into_body().collect().await.unwrap();
    assert_eq!(body.to_bytes(), "{}");
}

#[tokio::test]
async fn situation_34_a_request_of_which_nothing_was_written_is_sent_once_more() {
    let (provider, rung) = Provider::start(usize::MAX);
    let mut service = DownstreamService::new();
    read(service.call(provider.request()).await).await;
    assert!(provider.asked.recv().unwrap());
    provider.closed();
    // The end of the connection and this byte are noticed in one go, and who waits for the byte is the first to act.
    let mut rung = tokio::net::TcpStream::from_std(rung).unwrap();
    rung.read_u8().await.unwrap();
    read(service.call(provider.request()).await).await;
    assert!(provider.asked.recv().unwrap());
    assert!(
        provider.asked.try_recv().is_err(),
        "there is a third connection"
    );
}

#[tokio::test]
async fn situation_34_a_request_of_which_something_was_written_is_not() {
    let (provider, _rung) = Provider::start(usize::MAX);
    let mut service = DownstreamService::new();
    read(service.call(provider.request()).await).await;
    assert!(provider.asked.recv().unwrap());
    provider.closed();
    let error = service.call(provider.request()).await.unwrap_err();
    assert!(
        !error.is_connect() && error.timeout().is_none(),
        "{error:?}"
    );
    assert!(provider.asked.try_recv().is_err(), "it was sent again");
}

#[tokio::test]
async fn situation_34_a_new_connection_that_is_closed_is_not_made_again() {
    for answers in [0, 1] {
        let (provider, rung) = Provider::start(answers);
        let mut service = DownstreamService::new();
        if answers == 1 {
            read(service.call(provider.request()).await).await;
            assert!(provider.asked.recv().unwrap());
            provider.closed();
            let mut rung = tokio::net::TcpStream::from_std(rung).unwrap();
            rung.read_u8().await.unwrap();
        }
        let error = service.call(provider.request()).await.unwrap_err();
        assert!(!error.is_timeout(), "{error:?}");
        assert!(!provider.asked.recv().unwrap());
        assert!(provider.asked.try_recv().is_err(), "there is another");
    }
}
