//! How the gateway ends while requests are on their way.

use std::{
    io::{ErrorKind, Read},
    process::Stdio,
    time::Duration,
};

use http::Response;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::{net::TcpStream, time::sleep};

use crate::{File, Page, Running, ask, gateway, page_file, text};

/// A gateway, and a stream through it that has begun and does not go on.
struct Stalled {
    running: Running,
    url: String,
    answer: Option<Response<Incoming>>,
    /// What it needs to run.
    _world: (Page, File),
}

impl Stalled {
    async fn start(name: &str, drain: &str) -> Self {
        let world = page_file(name).await;
        let mut command = gateway(&world.1);
        command.args(["--drain", drain]).stderr(Stdio::piped());
        let mut running = Running::spawn(&mut command);
        let url = running.url();
        let mut answer = ask(&url, "[[stall]]", true).await;
        assert!(answer.frame().await.unwrap().is_ok());
        Self {
            running,
            url,
            answer: Some(answer),
            _world: world,
        }
    }

    /// Asks it to end, and waits until it has heard that: it takes in no more connections then.
    async fn terminate(&self) {
        self.running.terminate();
        let address = self.url.strip_prefix("http://").unwrap();
        let refused = loop {
            match TcpStream::connect(address).await {
                Ok(_) => sleep(Duration::from_millis(1)).await,
                // It was in line when the door was closed.
                Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
                Err(error) => break error,
            }
        };
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    }

    /// Waits for the end; the status, and what was said on stderr.
    async fn end(mut self) -> (Option<i32>, String) {
        let mut errors = self.running.child.stderr.take().unwrap();
        let status = self.running.status().await;
        let mut said = String::new();
        errors.read_to_string(&mut said).unwrap();
        (status.code(), said)
    }
}

#[tokio::test]
async fn situation_58_gateway_takes_in_no_more_connections_and_waits_for_its_callers() {
    let mut stalled = Stalled::start("waits", "30").await;
    stalled.terminate().await;
    assert!(stalled.running.child.try_wait().unwrap().is_none());
    // The caller goes away.
    stalled.answer = None;
    let (status, said) = stalled.end().await;
    assert_eq!(status, Some(0), "{said}");
    assert!(!said.contains("requests cut"), "{said}");
}

#[tokio::test]
async fn situation_58_gateway_tells_a_stream_that_goes_on_too_long() {
    let mut stalled = Stalled::start("too-long", "200ms").await;
    stalled.running.terminate();
    let rest = text(stalled.answer.take().unwrap()).await;
    assert!(rest.contains("The gateway is shutting down."), "{rest}");
    assert!(!rest.contains("[DONE]"), "{rest}");
    let (status, said) = stalled.end().await;
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("requests cut after 200ms: 1\n"), "{said}");
}

#[tokio::test]
async fn situation_58_gateway_ends_at_once_at_a_second_signal() {
    let stalled = Stalled::start("second", "30").await;
    stalled.terminate().await;
    stalled.running.terminate();
    let (status, said) = stalled.end().await;
    assert_eq!(status, Some(1));
    assert!(said.contains("ended by a second signal"), "{said}");
}
