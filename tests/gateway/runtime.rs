//! A gateway whose runtime goes away while it works.

use std::{
    future::poll_fn,
    panic,
    pin::pin,
    sync::{Arc, Mutex, Once, PoisonError, Weak},
    task::Context,
    thread,
    time::Duration,
};

use http::{Request, Response};
use http_body_util::BodyExt;
use tokio::{
    runtime::{Builder, Runtime, RuntimeFlavor},
    sync::{
        Notify,
        mpsc::{UnboundedReceiver, unbounded_channel},
    },
};
use tokio_test::{assert_ready, task};
use tower::ServiceExt;
use tower_llm_gateway::{
    Body, Gateway,
    config::Config,
    meter::{Outcome, Summary},
};

use crate::{
    caller::{CHAT, Caller, Reply, post},
    inner::Gate,
    support::fault::{self, Fault, Format, Left, Nobody, Script, Upstream},
};

/// The runtime that goes away. Its threads have this name.
fn runtimes() -> [Runtime; 2] {
    let mut builders = [Builder::new_current_thread(), Builder::new_multi_thread()];
    for builder in &mut builders {
        builder.enable_all().worker_threads(2).thread_name(NAME);
    }
    builders.map(|mut builder| builder.build().unwrap())
}

const NAME: &str = "situation-59";

/// Where those upstreams are that stay.
fn elsewhere() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().unwrap()
}

/// Who has panicked, from the first call on.
fn panicked() -> Vec<String> {
    static ONCE: Once = Once::new();
    static NAMES: Mutex<Vec<String>> = Mutex::new(Vec::new());
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let name = thread::current().name().unwrap_or_default().to_owned();
            NAMES
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(name);
            before(info);
        }));
    });
    NAMES.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Nobody on the runtime's threads, and nobody on this one.
#[track_caller]
fn assert_no_panic() {
    let this = thread::current().name().unwrap_or_default().to_owned();
    let panicked = panicked();
    assert!(
        !panicked.contains(&NAME.to_owned()) && !panicked.contains(&this),
        "{panicked:?}"
    );
}

/// A gateway with one provider, and what is there as long as any part of it is.
struct World {
    gateway: Gateway,
    outcomes: UnboundedReceiver<Outcome>,
    alive: Weak<()>,
}

impl World {
    /// The provider speaks Anthropic's format.
    fn new(url: &str) -> Self {
        let _ = panicked();
        let config = format!(
            "downstreams: [{{id: a, base_url: '{url}', api_formats: [anthropic], output_model_ids: [m]}}]"
        );
        let (sender, outcomes) = unbounded_channel();
        let held = Arc::new(());
        let alive = Arc::downgrade(&held);
        let recorder = move |summary: &Summary| {
            // Held for as long as the recorder is.
            let _ = (Arc::as_ptr(&held), sender.send(summary.outcome));
        };
        let builder = Gateway::builder(Config::from_yaml(&config).unwrap()).recorder(recorder);
        Self {
            gateway: builder.build().unwrap(),
            outcomes,
            alive,
        }
    }

    async fn ask(gateway: Gateway, request: Request<Body>) -> Response<Body> {
        let response = gateway.service().oneshot(request).await;
        response.unwrap_or_else(|never| match never {})
    }

    /// Drops the runtime: nothing panics, nothing stays, and the request has its summary.
    #[track_caller]
    fn assert_gone_with(mut self, runtime: Runtime) {
        let flavor = runtime.handle().runtime_flavor();
        drop(runtime);
        assert_no_panic();
        drop(self.gateway);
        assert_eq!(self.alive.strong_count(), 0);
        let outcome = self.outcomes.try_recv();
        assert!(outcome.is_ok() && self.outcomes.try_recv().is_err());
        // With several threads, one of them may see a connection go before its own task does.
        if flavor == RuntimeFlavor::CurrentThread {
            assert_eq!(outcome, Ok(Outcome::ClientCancelled));
        }
    }
}

/// A task of the runtime that asks, reads what comes, and never gets to the end. Returns when `reached` does.
fn run(
    runtime: &Runtime,
    world: &World,
    request: Request<Body>,
    reached: impl Future<Output = ()>,
) {
    let asked = World::ask(world.gateway.clone(), request);
    let begun = Arc::new(Notify::new());
    let begins = Arc::clone(&begun);
    runtime.block_on(async {
        tokio::spawn(async move {
            let mut exchange = pin!(async { Reply::of(asked.await).await });
            let poll = |cx: &mut Context<'_>| {
                let polled = exchange.as_mut().poll(cx);
                begins.notify_one();
                polled
            };
            poll_fn(poll).await
        });
        begun.notified().await;
        reached.await;
    });
}

fn asks(caller: Caller, stream: bool) -> Request<Body> {
    caller.asks("m", "Hi", stream)
}

fn start(elsewhere: &Runtime, script: Script) -> Upstream {
    elsewhere.block_on(Fault::h1().script(script).start())
}

#[test]
fn situation_59_while_a_request_comes_in() {
    for runtime in runtimes() {
        let world = World::new("http://127.0.0.1:1");
        let (gate, body) = Gate::new();
        gate.send("{");
        run(&runtime, &world, post(CHAT, body), settle());
        world.assert_gone_with(runtime);
        assert!(!gate.is_held());
    }
}

#[test]
fn situation_59_while_a_connection_comes_up() {
    let elsewhere = elsewhere();
    for runtime in runtimes() {
        let nobody: Nobody = elsewhere.block_on(Fault::unreachable());
        let world = World::new(&nobody.url());
        run(&runtime, &world, asks(Caller::OpenAi, true), settle());
        world.assert_gone_with(runtime);
    }
}

/// Lets the runtime's tasks take note of what there is.
async fn settle() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}

/// What a provider does up to the gate, where it stops; and whether a stream is asked for.
fn stops(gate: &fault::Gate) -> [(Script, bool); 5] {
    let again = Script::error(Format::Anthropic, 503).header("retry-after", "9");
    let json = Script::new().header("content-type", "application/json");
    [
        (again.finish(), true),
        (Script::new(), true),
        (Script::stream().chunk(": keep-alive\n\n"), true),
        (Script::stream_start(Format::Anthropic), true),
        (json.chunk("{"), false),
    ]
    .map(|(script, stream)| (script.wait(gate), stream))
}

#[test]
fn situation_59_while_a_provider_is_waited_for() {
    let elsewhere = elsewhere();
    for case in 0..5 {
        for caller in [Caller::OpenAi, Caller::Anthropic] {
            for runtime in runtimes() {
                let gate = fault::Gate::new();
                let (script, stream) = stops(&gate)[case].clone();
                let upstream = start(&elsewhere, script);
                let world = World::new(upstream.url());
                run(&runtime, &world, asks(caller, stream), async {
                    gate.reached(1).await;
                    settle().await;
                });
                world.assert_gone_with(runtime);
                let left = elsewhere.block_on(upstream.left(0));
                assert_ne!(left, Left::StillThere);
            }
        }
    }
}

#[test]
fn situation_59_a_stream_that_outlives_its_runtime_ends_in_an_error() {
    let elsewhere = elsewhere();
    for caller in [Caller::OpenAi, Caller::Anthropic] {
        for runtime in runtimes() {
            let script = Script::stream_start(Format::Anthropic).stall();
            let upstream = start(&elsewhere, script);
            let mut world = World::new(upstream.url());
            let asked = World::ask(world.gateway.clone(), asks(caller, true));
            let mut body = runtime.block_on(asked).into_body();
            runtime.block_on(body.frame());
            drop(runtime);
            let mut said = Vec::new();
            // There is no runtime here at all.
            while let Some(frame) = assert_ready!(task::spawn(body.frame()).poll()) {
                said.extend(frame.unwrap().into_data().unwrap());
            }
            let said = String::from_utf8(said).unwrap();
            assert!(said.contains("before its answer was complete"), "{said}");
            assert_eq!(world.outcomes.try_recv(), Ok(Outcome::Broken));
            assert_no_panic();
        }
    }
}

#[test]
fn situation_59_a_gateway_goes_on_with_another_runtime() {
    let elsewhere = elsewhere();
    let upstream = start(&elsewhere, Script::answer(Format::Anthropic));
    let world = World::new(upstream.url());
    for runtime in runtimes().into_iter().chain(runtimes()) {
        let asked = World::ask(world.gateway.clone(), asks(Caller::OpenAi, false));
        let reply = runtime.block_on(async { Reply::of(asked.await).await });
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
    // Each runtime takes its connections with it.
    assert_eq!(upstream.connections(), 4);
    assert_no_panic();
}

#[test]
fn situation_59_while_it_drains() {
    let elsewhere = elsewhere();
    for runtime in runtimes() {
        let script = Script::stream_start(Format::Anthropic).stall();
        let upstream = start(&elsewhere, script);
        let world = World::new(upstream.url());
        let drain = world.gateway.clone();
        run(&runtime, &world, asks(Caller::OpenAi, true), async {
            upstream.requests(1).await;
            tokio::spawn(world.gateway.drain(Duration::from_secs(60)));
            settle().await;
        });
        drop(runtime);
        let [runtime, _] = runtimes();
        let drained = runtime.block_on(drain.drain(Duration::MAX));
        assert_eq!((drained.finished, drained.cut), (0, 0));
        drop(drain);
        world.assert_gone_with(runtime);
    }
}
