//! Who is told.

use tower_llm_gateway::meter::TracingRecorder;

use super::*;

fn whole() -> Response<Body> {
    response("application/json", Caller::OpenAi.whole())
}

#[tokio::test]
async fn situation_62_a_recorder_that_panics_does_not_disturb_the_request() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let recorder = |_: &Summary| {
        CALLS.fetch_add(1, Ordering::Relaxed);
        panic!("as it is expected to");
    };
    let gateway = Gateway::builder(Config::from_yaml(OWN).unwrap())
        .recorder(recorder)
        .build()
        .unwrap();
    let handler = service_fn(|_: Request<Body>| {
        ready(Ok::<_, Infallible>(response(
            "text/event-stream",
            Caller::OpenAi.stream(),
        )))
    });
    let app = gateway.layer().layer(handler);
    let request = Caller::OpenAi.asks("gpt-4o", "Hi", true);
    let reply = Reply::of(app.clone().oneshot(request).await.unwrap()).await;
    assert_eq!(reply.text(), Caller::OpenAi.stream());
    drop(app.clone().call(Caller::OpenAi.asks("gpt-4o", "Hi", true)));
    assert_eq!(CALLS.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn situation_62_each_of_several_recorders_is_told_whatever_the_others_do() {
    let summaries = [(); 6].map(|()| Summaries::default());
    let [alone, pair, triple, list, shared, single] = summaries.each_ref().map(|summaries| {
        let recorded = Arc::clone(&summaries.0);
        move |summary: &Summary| recorded.lock().unwrap().push(summary.clone())
    });
    let panics = |_: &Summary| panic!("as it is expected to");
    let gateway = Gateway::builder(Config::from_yaml(OWN).unwrap())
        .recorder(panics)
        .recorder(alone)
        .recorder((panics, pair))
        .recorder((panics, panics, triple))
        .recorder(vec![Arc::new(panics) as Arc<dyn Recorder>, Arc::new(list)])
        .recorder(Arc::new(shared))
        .recorder(single)
        .build()
        .unwrap();
    let handler = service_fn(|_: Request<Body>| ready(Ok::<_, BoxError>(whole())));
    let app = BoxCloneSyncService::new(gateway.layer().layer(handler));
    send(app, Caller::OpenAi.asks("gpt-4o", "Hi", false)).await;
    for summaries in summaries {
        assert_eq!(summaries.only().outcome, Outcome::Completed);
    }
}

#[tokio::test]
async fn one_line_of_tracing_has_all_that_is_known() {
    log::keep();
    let config = OWN.replace('}', ", prices: {gpt-4o: {input: 1, output: 1}}}");
    let app = recorded(&config, TracingRecorder, || {
        response("text/event-stream", Caller::OpenAi.stream())
    });
    let mut request = Caller::OpenAi.asks("gpt-4o", "Hi", true);
    let id = "my-id".parse().unwrap();
    request.headers_mut().insert("x-request-id", id);
    send(app, request).await;
    let logged = log::kept();
    let is_ours = |line: &&str| line.contains("tower_llm_gateway::request");
    let line = logged.lines().find(is_ours).unwrap();
    for field in [
        "id=\"my-id\"",
        "client=\"openai\"",
        "provider=\"openai\"",
        "operation=\"generate\"",
        "stream=true",
        "first_content=",
        "total=",
        "input=57",
        "cache_read=1152",
        "output=14",
        "finish_reason=\"end\"",
        "empty=false",
        "cost=0.001223",
    ] {
        assert!(line.contains(field), "{field} in {line}");
    }
    for unknown in ["shadow=", "error=", "arm=", "cache_write=", "None"] {
        assert!(!line.contains(unknown), "{unknown} in {line}");
    }
}

#[tokio::test]
async fn without_a_recorder_a_summary_is_an_event_of_tracing() {
    log::keep();
    let gateway = Gateway::from_yaml(OWN).unwrap();
    let handler = service_fn(|_: Request<Body>| {
        ready(Ok::<_, Infallible>(response(
            "application/json",
            Caller::OpenAi.whole(),
        )))
    });
    for (model, expected) in [
        (
            "gpt-4o",
            " INFO tower_llm_gateway::request: request id=\"1\" outcome=\"completed\" status=200 model=\"gpt-4o\" \
                    client=\"openai\" provider=\"openai\" operation=\"generate\" stream=false \
                    assigned=\"own\" assigned_model=\"gpt-4o\" served=\"own\" served_model=\"gpt-4o\" attempts=1 head=",
        ),
        (
            "other\n",
            " WARN tower_llm_gateway::request: request id=\"1\" outcome=\"refused\" status=404 error=\"model_not_found\" model=\"other\\\\n\" \
                    client=\"openai\" stream=false attempts=0 head=",
        ),
    ] {
        let app = gateway.layer().layer(handler);
        let mut request = Caller::OpenAi.asks(model, "Hi", false);
        let id = "1".parse().unwrap();
        request.headers_mut().insert("x-request-id", id);
        Reply::of(app.oneshot(request).await.unwrap()).await;
        let logged = log::kept();
        assert!(logged.contains(expected), "{logged}");
        assert!(!logged.contains("Fancy"), "{logged}");
    }
}
