//! The whole gateway over sockets.

use tokio::{io::AsyncWriteExt, net::TcpListener};
use tower::ServiceExt;
use tower_llm_gateway::{Gateway, failover::Attempts};

use super::world::outcomes;
use crate::{
    caller::{CHAT, Caller, Reply, post},
    support::{
        doubles::Format,
        fault::{Cut, Fault, Left, Script, Upstream},
    },
};

/// `m` is `a`'s at this address, and if `a` fails, `b`'s.
fn gateway(a: &str, b: &Upstream) -> Gateway {
    let b = b.url();
    let config = format!(
        "downstreams:
- {{id: a, base_url: '{a}', api_formats: [openai], api_key: CANARY, output_model_ids: [m], timeouts: {{connect: 300ms}}}}
- {{id: b, base_url: '{b}', api_formats: [openai], api_key: CANARY}}
rules:
- {{id: r, pattern_model: m, fallback: [b]}}
retry: {{backoff: 1ms}}
"
    );
    Gateway::from_yaml(&config).unwrap()
}

fn asks(stream: bool) -> http::Request<tower_llm_gateway::Body> {
    post(CHAT, Caller::OpenAi.question("m", "Hi", stream).to_string())
}

async fn ask(gateway: &Gateway, stream: bool) -> (Reply, String) {
    let response = gateway.service().oneshot(asks(stream)).await;
    let response = response.unwrap_or_else(|never| match never {});
    let outcomes = outcomes(Attempts::of(response.extensions()).unwrap());
    (Reply::of(response).await, outcomes)
}

fn answers() -> Fault {
    Fault::h1().each(|_, request| Script::reply(Format::OpenAi, request))
}

/// The address of somebody who greets in plain text.
async fn speaks_no_tls() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"220 mail ready\r\n").await;
        }
    });
    format!("http://{address}")
}

#[tokio::test]
async fn situation_23_a_provider_that_is_not_there_is_asked_again_and_then_another() {
    let (nobody, silent) = (Fault::unreachable().await, Fault::black_hole());
    let plain = speaks_no_tls().await;
    let tls = |url: &str| url.replace("http:", "https:");
    let addresses = [
        (Fault::refused().url(), "connect"),
        (nobody.url(), "timeout connect"),
        (tls(&silent.url()), "timeout connect"),
        (tls(&plain), "connect"),
    ];
    for (address, outcome) in addresses {
        let b = answers().start().await;
        let gateway = gateway(&address, &b);
        let (reply, tried) = ask(&gateway, false).await;
        assert_eq!(reply.status, 200, "{address}: {tried}");
        assert_eq!(
            tried,
            format!("a: {outcome}, a: {outcome}, a: {outcome}, b: answered")
        );
        assert_eq!(b.attempts(), 1);
    }
}

#[tokio::test]
async fn situation_27_a_reset_before_the_first_content_is_not_the_caller_s() {
    let begun = || Script::stream().chunk(": keep-alive\n\n").cut(Cut::Rst);
    let a = Fault::h1().script(begun()).start().await;
    let b = answers().start().await;
    let (reply, tried) = ask(&gateway(a.url(), &b), true).await;
    assert_eq!(reply.status, 200);
    assert_eq!(tried, "a: broken, a: broken, a: broken, b: answered");
    assert_eq!(reply.text().matches("data: [DONE]").count(), 1);
    assert!(!reply.broken);
}

#[tokio::test]
async fn situation_28_a_reset_after_content_is_the_caller_s() {
    let begun = Script::stream_start(Format::OpenAi).cut(Cut::Rst);
    let a = Fault::h1().script(begun).start().await;
    let b = answers().start().await;
    let (reply, tried) = ask(&gateway(a.url(), &b), true).await;
    assert_eq!(tried, "a: answered");
    reply.last_error(Caller::OpenAi);
    assert_eq!((a.attempts(), b.attempts()), (1, 0));
}

#[tokio::test]
async fn situation_31_and_32_a_caller_that_leaves_takes_the_provider_s_request_along() {
    for stream in [false, true] {
        let a = Fault::h1().script(Script::new().stall()).start().await;
        let b = answers().start().await;
        let gateway = gateway(a.url(), &b);
        let mut call = Box::pin(gateway.service().oneshot(asks(stream)));
        tokio::select! {
            _ = &mut call => panic!("nobody answers"),
            _ = a.body(0) => {}
        }
        drop(call);
        assert!(matches!(a.left(0).await, Left::Fin | Left::Rst));
        assert_eq!((a.attempts(), b.attempts()), (1, 0));
    }
}

#[tokio::test]
async fn situation_31_a_caller_that_leaves_in_mid_answer_takes_the_provider_s_along() {
    let begun = Script::stream_start(Format::OpenAi).stall();
    let a = Fault::h1().script(begun).start().await;
    let b = answers().start().await;
    let gateway = gateway(a.url(), &b);
    let response = gateway.service().oneshot(asks(true)).await;
    drop(response);
    assert!(matches!(a.left(0).await, Left::Fin | Left::Rst));
    assert_eq!((a.attempts(), b.attempts()), (1, 0));
}
