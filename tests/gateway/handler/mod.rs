//! The host's own handler as a downstream, behind the gateway that is in front of it.

mod failures;

use std::{
    convert::Infallible,
    future::{pending, ready},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Extension, Router,
    body::{Body as AxumBody, to_bytes},
    extract::Request as AxumRequest,
    routing::{get, post as on_post, post_service},
};
use http::{HeaderValue, Request, Response, StatusCode, header, request::Parts};
use serde_json::Value;
use tower::{
    Layer, Service, ServiceBuilder, ServiceExt, limit::ConcurrencyLimit, load_shed::LoadShed,
    service_fn,
};
use tower_http::catch_panic::CatchPanicLayer;
use tower_llm_gateway::{
    Body, BoxError, Gateway,
    context::Selected,
    downstream::DownstreamService,
    format::ApiFormat,
    plugin::PipelineLayer,
    router::{RuleRouterLayer, Served},
    translate::TranslateLayer,
};

use crate::{
    bodies::{self, Ask, error_message, path, question, said, streamed},
    caller::{CHAT, Reply, ask, post},
    inner::{Gate, response},
    support::doubles::Double,
};

const OPENAI: ApiFormat = ApiFormat::OPENAI;

/// A gateway whose model `own` is the handler's `model`, in this format.
fn gateway(format: ApiFormat) -> Gateway {
    gateway_with(&format!("api_formats: [{format}]"))
}

fn gateway_with(settings: &str) -> Gateway {
    let config = format!(
        "downstreams:\n\
         - {{id: handler, handler: inner, output_model_ids: [model], {settings}}}\n\
         aliases:\n\
         - {{input_model_id: own, options: [{{downstream_id: handler, output_model_id: model}}]}}\n"
    );
    Gateway::from_yaml(&config).unwrap()
}

fn asks(client: ApiFormat, stream: bool) -> Request<Body> {
    let body = question(client, "own", "Hi", Ask::Plain, stream).to_string();
    post(&path(client, "own", stream), body)
}

/// What the handler was sent.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Option<(Parts, Value)>>>);

impl Seen {
    fn last(&self) -> (Parts, Value) {
        self.0.lock().unwrap().take().expect("it was asked")
    }
}

/// Answers everything as a provider of this format does.
fn model(format: ApiFormat, seen: &Seen) -> Router {
    let seen = seen.clone();
    let answer = async move |request: AxumRequest| {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        let stream = body["stream"] == true || parts.uri.path().contains("stream");
        *seen.0.lock().unwrap() = Some((parts, body));
        let (whole, events) = bodies::answer(format, Ask::Plain);
        let answer = if stream {
            response("text/event-stream", events)
        } else {
            response("application/json", whole)
        };
        answer.map(AxumBody::new)
    };
    Router::new().fallback(move |request| {
        let answer = answer.clone();
        async move { answer(request).await }
    })
}

async fn send<S>(service: S, request: Request<Body>) -> Reply
where
    S: Service<Request<Body>, Response = Response<Body>, Error: std::fmt::Debug>,
{
    Reply::of(service.oneshot(request).await.unwrap()).await
}

/// Every caller with every handler.
fn pairs() -> impl Iterator<Item = (ApiFormat, ApiFormat)> {
    let formats = ApiFormat::BUILT_IN.iter().copied();
    formats.flat_map(|client| ApiFormat::BUILT_IN.iter().map(move |own| (client, *own)))
}

#[tokio::test]
async fn every_caller_gets_the_answer_of_a_handler_of_any_format() {
    for (client, own) in pairs() {
        let app = gateway(own).layer().layer(model(own, &Seen::default()));
        let reply = send(app, asks(client, false)).await;
        assert_eq!(reply.status, 200, "{client} {own} {}", reply.text());
        let expected = said(own, bodies::answer(own, Ask::Plain).0);
        assert_eq!(said(client, &reply.text()), expected, "{client} {own}");
    }
}

#[tokio::test]
async fn every_caller_gets_the_stream_of_a_handler_of_any_format() {
    for (client, own) in pairs() {
        let app = gateway(own).layer().layer(model(own, &Seen::default()));
        let reply = send(app, asks(client, true)).await;
        assert_eq!(reply.status, 200, "{client} {own} {}", reply.text());
        let expected = streamed(own, bodies::answer(own, Ask::Plain).1);
        assert_eq!(streamed(client, &reply.text()), expected, "{client} {own}");
    }
}

#[tokio::test]
async fn a_handler_is_asked_at_the_path_and_for_the_model_that_it_has() {
    for (client, own) in pairs() {
        for stream in [false, true] {
            let seen = Seen::default();
            send(
                gateway(own).layer().layer(model(own, &seen)),
                asks(client, stream),
            )
            .await;
            let (parts, body) = seen.last();
            assert_eq!(parts.method, "POST");
            assert_eq!(
                parts.uri.to_string(),
                path(own, "model", stream),
                "{client}"
            );
            if own != ApiFormat::GEMINI {
                assert_eq!(body["model"], "model", "{client} {own}");
            }
        }
    }
}

#[tokio::test]
async fn a_handler_sees_what_the_host_has_written_into_the_request() {
    #[derive(Debug, Clone, PartialEq)]
    struct User(&'static str);

    let seen = Seen::default();
    let app = ServiceBuilder::new()
        .layer(Extension(User("ann")))
        .layer(gateway(OPENAI).layer())
        .service(model(OPENAI, &seen));
    for client in ApiFormat::BUILT_IN {
        send(app.clone(), asks(*client, false)).await;
        let (parts, _) = seen.last();
        assert_eq!(parts.extensions.get::<User>(), Some(&User("ann")));
        let selected = Selected::of(&parts.extensions).unwrap();
        assert_eq!(selected.client(), *client);
        assert_eq!(&**selected.target().id(), "handler");
    }
}

#[tokio::test]
async fn a_handler_sees_no_credential_of_the_caller_and_nothing_of_its_connection() {
    let seen = Seen::default();
    let app = gateway(OPENAI).layer().layer(model(OPENAI, &seen));
    let gone = [
        "authorization",
        "x-api-key",
        "x-goog-api-key",
        "cookie",
        "connection",
        "keep-alive",
    ];
    for client in ApiFormat::BUILT_IN {
        let mut request = asks(*client, false);
        for name in gone {
            request
                .headers_mut()
                .insert(name, HeaderValue::from_static("CANARY"));
        }
        for name in ["host", "x-own"] {
            request
                .headers_mut()
                .insert(name, HeaderValue::from_static("stays"));
        }
        send(app.clone(), request).await;
        let (parts, _) = seen.last();
        for name in gone {
            assert!(!parts.headers.contains_key(name), "{name}");
        }
        for name in ["host", "x-own"] {
            assert_eq!(parts.headers[name], "stays");
        }
    }
}

#[tokio::test]
async fn no_byte_changes_where_the_caller_speaks_the_handler_s_format() {
    let echo = Router::new().route(CHAT, on_post(async |body: AxumBody| body));
    let app = gateway(OPENAI).layer().layer(echo);
    let body = r#"{ "messages":[], "temperature":1.0, "model":"model" , "unknown":[1 ,2]}"#;
    let reply = send(app, post(CHAT, body)).await;
    assert_eq!(reply.text(), body);
}

#[tokio::test]
async fn within_an_axum_router_the_model_s_route_is_found_whatever_the_caller_s_path() {
    let model = model(OPENAI, &Seen::default());
    let host = Router::new()
        .route("/", get(|| async { "home" }))
        .route(CHAT, post_service(model));
    let app: Router = Router::new().fallback_service(gateway(OPENAI).layer().layer(host));
    for client in ApiFormat::BUILT_IN {
        let request = asks(*client, false).map(AxumBody::new);
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200, "{client}");
        let served = Served::of(response.extensions()).unwrap();
        assert_eq!(&**served.selected().target().id(), "handler");
    }
    let home = Request::get("/").body(AxumBody::empty()).unwrap();
    let home = Reply::of(app.oneshot(home).await.unwrap()).await;
    assert_eq!(home.text(), "home");
}

#[tokio::test]
async fn an_alias_switches_between_the_handler_and_a_provider() {
    let double = Double::openai("CANARY-ours").start().await;
    let config = format!(
        "downstreams:\n\
         - {{id: own, handler: inner, api_formats: [anthropic], output_model_ids: [model]}}\n\
         - {{id: openai, base_url: '{}', api_key: CANARY-ours, api_formats: [openai], output_model_ids: [gpt-4o]}}\n\
         aliases:\n\
         - input_model_id: own\n\
         \x20 options:\n\
         \x20 - {{id: control, downstream_id: openai, output_model_id: gpt-4o}}\n\
         \x20 - {{id: challenger, downstream_id: own, output_model_id: model}}\n",
        double.url()
    );
    let gateway = Gateway::from_yaml(&config).unwrap();
    let own = ApiFormat::ANTHROPIC;
    let app = gateway.layer().layer(model(own, &Seen::default()));
    for (option, format) in [
        ("control", OPENAI),
        ("challenger", own),
        ("control", OPENAI),
    ] {
        gateway.activate_alias(option).unwrap();
        for client in ApiFormat::BUILT_IN {
            let reply = send(app.clone(), asks(*client, false)).await;
            let expected = said(format, bodies::answer(format, Ask::Plain).0);
            assert_eq!(said(*client, &reply.text()), expected, "{client} {option}");
        }
    }
}

#[tokio::test]
async fn a_handler_that_is_off_is_not_asked() {
    let gateway = gateway_with("api_formats: [openai], is_enabled: false");
    for client in ApiFormat::BUILT_IN {
        let seen = Seen::default();
        let app = gateway.layer().layer(model(OPENAI, &seen));
        let reply = send(app, asks(*client, false)).await;
        assert_eq!(reply.status, 404);
        assert!(error_message(*client, &reply.json()).contains("own"));
        assert!(seen.0.lock().unwrap().is_none());
    }
}

#[tokio::test]
async fn a_gateway_that_stands_alone_says_so() {
    for (client, own) in pairs() {
        let reply = ask(&gateway(own), asks(client, false)).await;
        assert_eq!(reply.status, 502);
        assert!(error_message(client, &reply.json()).starts_with("The gateway stands alone"));
    }
    let reply = ask(&gateway(OPENAI), asks(OPENAI, false)).await;
    assert_eq!(reply.json()["error"]["code"], "no_handler");
}

#[tokio::test]
async fn a_caller_who_goes_away_takes_the_handler_s_stream_along() {
    for client in ApiFormat::BUILT_IN {
        let (gate, body) = Gate::new();
        let (_, events) = bodies::answer(OPENAI, Ask::Plain);
        // The head comes with the first words.
        for event in events.split_inclusive("\n\n").take(2) {
            gate.send(event);
        }
        let body = Arc::new(Mutex::new(Some(body)));
        let handler = service_fn(move |_: Request<Body>| {
            let body = body.lock().unwrap().take().expect("asked once");
            ready(Ok::<_, Infallible>(response("text/event-stream", body)))
        });
        let app = gateway(OPENAI).layer().layer(handler);
        let reply = app.oneshot(asks(*client, true)).await.unwrap();
        assert!(gate.is_held(), "{client}");
        drop(reply);
        assert!(!gate.is_held(), "{client}");
    }
}

#[tokio::test]
async fn a_stack_made_by_hand_has_a_handler_too() {
    let seen = Seen::default();
    let stack = ServiceBuilder::new()
        .layer(RuleRouterLayer::new(gateway(OPENAI).table()))
        .layer(TranslateLayer::selected())
        .layer(PipelineLayer::new())
        .service(DownstreamService::new().with_handler(model(OPENAI, &seen)));
    for client in ApiFormat::BUILT_IN {
        let reply = send(stack.clone(), asks(*client, true)).await;
        assert_eq!(reply.status, 200);
        assert_eq!(seen.last().0.uri.path(), CHAT);
    }
}

#[tokio::test]
async fn the_host_gets_its_own_requests_with_all_their_headers() {
    let shows = Router::new().fallback(async |request: AxumRequest| {
        let header = request.headers().get(header::AUTHORIZATION).cloned();
        header.map_or(String::new(), |value| value.to_str().unwrap().to_owned())
    });
    let app = gateway(OPENAI).layer().layer(shows);
    for (method, path) in [("GET", CHAT), ("POST", "/own"), ("DELETE", "/v1/own")] {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("authorization", "Basic own");
        let reply = send(app.clone(), request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.text(), "Basic own", "{path}");
    }
}

#[tokio::test]
async fn what_somebody_has_routed_already_is_the_gateway_s_whatever_its_path() {
    let gateway = gateway(OPENAI);
    let shows = Router::new().fallback(async |request: AxumRequest| {
        let credential = request.headers().contains_key(header::AUTHORIZATION);
        credential.to_string()
    });
    let app = gateway.layer().layer(shows);
    let target = gateway.table().load().targets()[0].clone();
    for (routed, credential) in [(false, "true"), (true, "false")] {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = "/own".parse().unwrap();
        let own = "Basic own".parse().unwrap();
        request.headers_mut().insert(header::AUTHORIZATION, own);
        if routed {
            let selected = Selected::new(target.clone(), OPENAI);
            request.extensions_mut().insert(selected);
        }
        assert_eq!(send(app.clone(), request).await.text(), credential);
    }
}
