//! Plugins that a configuration names.

use http::{Request, StatusCode};
use tower::{ServiceBuilder, layer::layer_fn, service_fn};
use tower_llm_gateway::{
    Body, BoxError, Gateway,
    config::Config,
    plugin::{PluginLayer, Registry, Stack},
};

use crate::{
    caller::{CALLERS, Caller, SONNET, ask, gateway_with, upstream_calls},
    support::page::Page,
};

/// The page with a rule for everything, whose pipeline is this.
fn everywhere(config: &str, pipeline: &str) -> String {
    format!(
        "{config}\n  - id: everywhere\n    pattern_path: \"*\"\n    pipeline_config: {pipeline}\n"
    )
}

#[tokio::test]
async fn a_custom_header_reaches_the_provider() {
    let page = Page::start().await;
    let gateway = gateway_with(&page, |config| {
        let header =
            r#"[{plugin_id: custom_header, config: {headers: {x-team: "blue", x-gone: null}}}]"#;
        everywhere(&config, header)
    });
    for caller in CALLERS {
        for model in ["gpt-4o", SONNET] {
            let mut request = caller.asks(model, "Hi", false);
            request
                .headers_mut()
                .insert("x-team", "red".parse().unwrap());
            request
                .headers_mut()
                .insert("x-gone", "here".parse().unwrap());
            let reply = ask(&gateway, request).await;
            assert_eq!(reply.status, 200, "{}", reply.text());
        }
    }
    for double in [&page.openai, &page.anthropic] {
        let requests = double.requests();
        assert_eq!(requests.len(), 2);
        for seen in requests {
            assert_eq!(seen.header("x-team"), Some("blue"));
            assert_eq!(seen.header("x-gone"), None);
        }
    }
}

/// The page with a host's plugin `hosts` on every request.
fn with_plugin(page: &Page, plugin: fn() -> PluginLayer) -> Gateway {
    let mut registry = Registry::default();
    registry.register("hosts", move |_| Ok(plugin()));
    let config = everywhere(&page.config(), "[{plugin_id: hosts}]");
    let config = Config::from_yaml(&config).unwrap();
    Gateway::builder(config).plugins(registry).build().unwrap()
}

fn stamping() -> PluginLayer {
    let stamp = |mut request: Request<Body>| {
        request
            .headers_mut()
            .insert("x-host", "yes".parse().unwrap());
        request
    };
    PluginLayer::new(layer_fn(move |inner: Stack| {
        ServiceBuilder::new()
            .map_request(stamp)
            .map_response(|mut response: http::Response<Body>| {
                response.extensions_mut().insert(StatusCode::IM_A_TEAPOT);
                response
            })
            .service(inner)
    }))
}

#[tokio::test]
async fn a_host_s_plugin_runs_around_the_provider() {
    let page = Page::start().await;
    let gateway = with_plugin(&page, stamping);
    for caller in CALLERS {
        let reply = ask(&gateway, caller.asks(SONNET, "Hi", true)).await;
        assert_eq!(reply.status, 200);
    }
    for seen in page.anthropic.requests() {
        assert_eq!(seen.header("x-host"), Some("yes"));
    }
}

fn failing() -> PluginLayer {
    PluginLayer::new(layer_fn(|_: Stack| {
        service_fn(|_: Request<Body>| async { Err(BoxError::from("secret of the host")) })
    }))
}

#[tokio::test]
async fn a_plugin_s_error_is_500_in_the_caller_s_format_and_shows_nothing() {
    let page = Page::start().await;
    let gateway = with_plugin(&page, failing);
    for caller in CALLERS {
        for stream in [false, true] {
            let reply = ask(&gateway, caller.asks(SONNET, "Hi", stream)).await;
            assert_eq!(reply.status, 500);
            let (kind, message) = reply.error(caller);
            assert_eq!(
                kind,
                if caller == Caller::OpenAi {
                    "server_error"
                } else {
                    "api_error"
                }
            );
            assert!(!message.contains("secret"), "{message}");
        }
    }
    assert_eq!(upstream_calls(&page), 0);
}

fn refusing() -> PluginLayer {
    use tower_llm_gateway::ir::{Error, ErrorKind};
    PluginLayer::new(layer_fn(|_: Stack| {
        service_fn(|_: Request<Body>| async {
            Err(BoxError::from(Error::new(
                ErrorKind::Forbidden,
                "Not on Sundays.",
            )))
        })
    }))
}

#[tokio::test]
async fn a_plugin_may_say_itself_what_the_caller_is_told() {
    let page = Page::start().await;
    let gateway = with_plugin(&page, refusing);
    for caller in CALLERS {
        let reply = ask(&gateway, caller.asks(SONNET, "Hi", false)).await;
        assert_eq!(reply.status, 403);
        let expected = ("permission_error".to_owned(), "Not on Sundays.".to_owned());
        assert_eq!(reply.error(caller), expected);
    }
}
