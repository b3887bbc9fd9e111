//! Configurations are swapped while requests and streams are on their way.

use std::{
    collections::HashSet,
    convert::Infallible,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use axum::{Router, body::Body as AxumBody, response::IntoResponse, routing::any};
use futures_util::{StreamExt, future::join_all, stream};
use http::{Extensions, HeaderMap};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tower::ServiceExt;
use tower_llm_gateway::{Body, Gateway, config::Config, router::SharedTable, target::Target};

use crate::caller::{CALLERS, Caller, Reply, ask};

const STREAMS: usize = 200;
const SWAPS: usize = 1000;

/// Stays open until all are let go.
const HELD: &str = "[[hold]]";

/// What an answer says when all that decided it is of one configuration.
fn whole(name: &str) -> String {
    format!("{name} served-by-{name} {name} Bearer key-{name}.")
}

/// A provider that says who it is, and what it was sent: model, the plugin's header, key.
async fn provider(name: &'static str, go: watch::Receiver<bool>) -> String {
    let answer = move |headers: HeaderMap, body: String| async move {
        let asked: Value = serde_json::from_str(&body).unwrap();
        let header = |name: &str| headers[name].to_str().unwrap();
        let config = header("x-config");
        // No answer tells a key.
        let key = header("authorization").replace("CANARY", "key");
        let said = format!(
            "{name} {} {config} {key}.",
            asked["model"].as_str().unwrap()
        );
        let chunk = |delta: Value, reason: Value| {
            let choice = json!({"index": 0, "delta": delta, "finish_reason": reason});
            json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]})
        };
        let first = chunk(json!({"role": "assistant", "content": said}), Value::Null);
        let last = chunk(json!({}), json!("stop"));
        let mut go = go.clone();
        let rest = async move {
            if body.contains(HELD) {
                go.wait_for(|go| *go).await.unwrap();
            }
            format!("data: {last}\n\ndata: [DONE]\n\n")
        };
        let begun = stream::once(async move { format!("data: {first}\n\n") });
        let events = begun.chain(stream::once(rest)).map(Ok::<_, Infallible>);
        (
            [("content-type", "text/event-stream")],
            AxumBody::from_stream(events),
        )
            .into_response()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(any(answer));
    tokio::spawn(async { axum::serve(listener, app).await });
    url
}

fn downstream(name: &str, url: &str) -> String {
    format!(
        "- {{id: {name}, base_url: '{url}', api_formats: [openai], api_key: CANARY-{name}, output_model_ids: [served-by-{name}]}}\n"
    )
}

/// A rule for a model, which tells by a header whose it is.
fn rule(name: &str, model: &str) -> String {
    let plugin = format!("{{plugin_id: custom_header, config: {{headers: {{x-config: {name}}}}}}}");
    format!(
        "- {{id: rule-{name}, pattern_path: '*', pattern_model: {model}, match_downstreams: [{name}], output_model: served-by-{name}, pipeline_config: [{plugin}]}}\n"
    )
}

/// Sends the one model to one provider.
fn config(name: &str, url: &str) -> Config {
    let text = format!(
        "downstreams:\n{}rules:\n{}",
        downstream(name, url),
        rule(name, "m")
    );
    Config::from_yaml(&text).unwrap()
}

/// The table that decides now, as long as anybody needs it.
fn weak(table: &SharedTable) -> Weak<Target> {
    Arc::downgrade(&table.load().targets()[0])
}

/// A stream whose answer is there and whose end is not.
struct Stream {
    caller: Caller,
    reply: Reply,
    body: Body,
    _decision: Extensions,
}

impl Stream {
    async fn begin(gateway: &Gateway, caller: Caller) -> Self {
        let response = gateway
            .service()
            .oneshot(caller.asks("m", HELD, true))
            .await;
        let (parts, body) = response.unwrap_or_else(|never| match never {}).into_parts();
        let reply = Reply {
            status: parts.status,
            headers: parts.headers,
            frames: Vec::new(),
            broken: false,
        };
        let mut stream = Self {
            caller,
            reply,
            body,
            _decision: parts.extensions,
        };
        while !stream.reply.said().ends_with('.') {
            assert!(stream.next().await, "{:?}", stream.reply);
        }
        stream
    }

    async fn next(&mut self) -> bool {
        match self.body.frame().await {
            Some(Ok(frame)) => self.reply.frames.extend(frame.into_data().ok()),
            Some(Err(_)) => self.reply.broken = true,
            None => return false,
        }
        true
    }

    async fn end(mut self) -> String {
        while self.next().await {}
        assert_whole(&self.reply, self.caller);
        self.reply.said()
    }
}

#[track_caller]
fn assert_whole(reply: &Reply, caller: Caller) {
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(!reply.broken, "{reply:?}");
    assert!(reply.text().contains(caller.terminal()), "{reply:?}");
}

/// Starts half of the streams, which read on by themselves.
async fn streams(gateway: &Gateway) -> Vec<JoinHandle<String>> {
    let callers = CALLERS.iter().cycle().take(STREAMS / 2);
    let begun = callers.map(|caller| Stream::begin(gateway, *caller));
    let begun = join_all(begun).await.into_iter();
    begun.map(|stream| tokio::spawn(stream.end())).collect()
}

/// Asks on and on until told to stop; gives all that was said.
fn asking(
    gateway: &Gateway,
    caller: Caller,
    done: &Arc<AtomicBool>,
) -> JoinHandle<HashSet<String>> {
    let (gateway, done) = (gateway.clone(), Arc::clone(done));
    tokio::spawn(async move {
        let mut said = HashSet::new();
        while !done.load(Relaxed) {
            let reply = ask(&gateway, caller.asks("m", "Hi", true)).await;
            assert_whole(&reply, caller);
            said.insert(reply.said());
        }
        said
    })
}

fn assert_none_mixed(said: &HashSet<String>) {
    let expected = HashSet::from(["a", "b"].map(whole));
    assert!(said.is_subset(&expected), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_swaps_under_two_hundred_streams_mix_cut_and_leak_nothing() {
    let (go, held) = watch::channel(false);
    let urls = [provider("a", held.clone()).await, provider("b", held).await];
    let configs = [config("a", &urls[0]), config("b", &urls[1])];
    let gateway = Gateway::builder(configs[0].clone()).build().unwrap();

    let first = (streams(&gateway).await, weak(gateway.table()));
    gateway.reload(&configs[1]).unwrap();
    let second = (streams(&gateway).await, weak(gateway.table()));

    let done = Arc::new(AtomicBool::new(false));
    let asking = CALLERS.map(|caller| asking(&gateway, caller, &done));
    let mut old = Vec::new();
    for (swap, (name, config)) in ["a", "b"]
        .iter()
        .zip(&configs)
        .cycle()
        .take(SWAPS)
        .enumerate()
    {
        gateway.reload(config).unwrap();
        // The very next request is decided by it.
        if swap % 20 < 2 {
            let reply = ask(&gateway, CALLERS[swap / 20 % 2].asks("m", "Hi", true)).await;
            assert_eq!(reply.said(), whole(name));
        }
        tokio::task::yield_now().await;
        old.push(weak(gateway.table()));
    }
    done.store(true, Relaxed);
    for said in join_all(asking).await {
        assert_none_mixed(&said.unwrap());
    }

    let current = old.pop().unwrap();
    freed(&old).await;
    assert!(first.1.strong_count() > 0 && second.1.strong_count() > 0);
    go.send(true).unwrap();
    for (name, streams) in [("a", first.0), ("b", second.0)] {
        for said in join_all(streams).await {
            assert_eq!(said.unwrap(), whole(name));
        }
    }
    freed(&[first.1, second.1]).await;
    assert!(current.strong_count() > 0);
}

/// Waits until nobody holds what is old. The connections let go of a request a moment after its answer is read.
async fn freed(old: &[Weak<Target>]) {
    let gone = async {
        while old.iter().any(|target| target.strong_count() > 0) {
            tokio::task::yield_now().await;
        }
    };
    let gone = tokio::time::timeout(std::time::Duration::from_secs(10), gone);
    assert!(gone.await.is_ok(), "an old table is still there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_option_of_an_alias_a_request_sees_it_sees_as_a_whole() {
    let (_go, held) = watch::channel(false);
    let mut text = String::from("downstreams:\n");
    for name in ["a", "b"] {
        text += &downstream(name, &provider(name, held.clone()).await);
    }
    text += "aliases:\n- input_model_id: m\n  options:\n";
    for name in ["a", "b"] {
        let option = format!(
            "  - {{id: to-{name}, downstream_id: {name}, output_model_id: served-by-{name}}}\n"
        );
        text += &option;
    }
    text += "rules:\n";
    for name in ["a", "b"] {
        text += &rule(name, &format!("served-by-{name}"));
    }
    let config = Config::from_yaml(&text).unwrap();
    let gateway = Gateway::builder(config.clone()).build().unwrap();

    let done = Arc::new(AtomicBool::new(false));
    let asking = CALLERS.map(|caller| asking(&gateway, caller, &done));
    for (step, name) in ["b", "a"].iter().cycle().take(SWAPS).enumerate() {
        gateway.activate_alias(&format!("to-{name}")).unwrap();
        if step % 3 == 0 {
            gateway.reload(&config).unwrap();
        }
        // The very next request sees it, and a reload keeps it.
        if step % 20 < 2 {
            let reply = ask(&gateway, CALLERS[step / 20 % 2].asks("m", "Hi", true)).await;
            assert_eq!(reply.said(), whole(name));
        }
        tokio::task::yield_now().await;
    }
    done.store(true, Relaxed);
    for said in join_all(asking).await {
        assert_none_mixed(&said.unwrap());
    }
}
