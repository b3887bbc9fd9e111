//! Providers that can't be reached, or that answer with errors.

use http::StatusCode;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::{
    caller::{Caller, PASSED, Reply, SONNET, TRANSLATED, answer, ask, gateway_with},
    support::{
        doubles::Double,
        fault::{Fault, Script},
        page::Page,
    },
};

use Caller::{Anthropic, OpenAi};

#[tokio::test]
async fn situation_11_a_redirect_is_502_and_nobody_is_asked_where_it_leads() {
    let elsewhere = Fault::h1().start().await;
    for status in [301, 302, 303, 307, 308] {
        let redirect = Script::new().status(status);
        let redirect = redirect.header("location", elsewhere.url());
        let provider = Fault::h1().script(redirect).start().await;
        let page = Page::start().await;
        let gateway = gateway_with(&page, |config| {
            let config = config.replace(page.openai.url(), provider.url());
            config.replace(page.anthropic.url(), provider.url())
        });
        for (caller, model) in TRANSLATED.into_iter().chain(PASSED).take(4) {
            for stream in [false, true] {
                let reply = ask(&gateway, caller.asks(model, "Hi", stream)).await;
                assert_eq!(reply.status, 502);
                let (_, message) = reply.error(caller);
                assert!(message.contains("is not followed"), "{message}");
                assert!(!reply.headers.contains_key("location"));
            }
        }
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn a_refused_connection_is_502() {
    let page = Page::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let gateway = gateway_with(&page, |config| {
        let config = config.replace(page.openai.url(), &format!("{nobody}/v1"));
        config.replace(page.anthropic.url(), &nobody)
    });
    for (caller, model) in TRANSLATED.into_iter().chain(PASSED).take(4) {
        for stream in [false, true] {
            let reply = ask(&gateway, caller.asks(model, "Hi", stream)).await;
            assert_eq!(reply.status, 502);
            let (kind, message) = reply.error(caller);
            assert_eq!(
                kind,
                if caller == OpenAi {
                    "server_error"
                } else {
                    "api_error"
                }
            );
            assert_eq!(message, "No connection to the provider.");
        }
    }
}

#[tokio::test]
async fn an_answer_that_does_not_begin_in_time_is_504() {
    let hour = std::time::Duration::from_secs(3600);
    let page = Page::start_with(|_, double| double.first_byte_delay(hour)).await;
    let gateway = gateway_with(&page, |config| {
        config.replace(
            "    output_model_ids",
            "    timeouts: {first_byte: 20ms}\n    output_model_ids",
        )
    });
    for (caller, model) in TRANSLATED.into_iter().chain(PASSED) {
        for stream in [false, true] {
            let reply = ask(&gateway, caller.asks(model, "Hi", stream)).await;
            assert_eq!(reply.status, 504);
            let (kind, message) = reply.error(caller);
            assert_eq!(
                kind,
                if caller == OpenAi {
                    "server_error"
                } else {
                    "timeout_error"
                }
            );
            assert_eq!(message, "No answer from the provider within 20ms.");
        }
    }
}

/// What a translated caller gets for each marker: status, type, a part of the message.
type Expected = (&'static str, u16, &'static str, &'static str);

const FOR_OPENAI: [Expected; 4] = [
    ("[[rate-limit]]", 429, "rate_limit_error", "rate limit"),
    (
        "[[overloaded]]",
        503,
        "service_unavailable_error",
        "Overloaded",
    ),
    (
        "[[server-error]]",
        500,
        "server_error",
        "Internal server error",
    ),
    ("[[html]]", 502, "server_error", "502 Bad Gateway"),
];
const FOR_ANTHROPIC: [Expected; 4] = [
    (
        "[[rate-limit]]",
        429,
        "rate_limit_error",
        "Rate limit reached",
    ),
    ("[[overloaded]]", 529, "overloaded_error", "overloaded"),
    ("[[server-error]]", 500, "api_error", "had an error"),
    ("[[html]]", 502, "api_error", "502 Bad Gateway"),
];

#[tokio::test]
async fn a_provider_s_error_comes_translated_with_the_status_that_goes_with_it() {
    let page = Page::start().await;
    for ((caller, model), expected) in TRANSLATED.into_iter().zip([FOR_OPENAI, FOR_ANTHROPIC]) {
        for (marker, status, kind, words) in expected {
            for stream in [false, true] {
                let reply = answer(&page, caller.asks(model, marker, stream)).await;
                assert_eq!(reply.status, status, "{marker}: {}", reply.text());
                let (got, message) = reply.error(caller);
                assert_eq!(got, kind, "{marker}");
                assert!(message.contains(words), "{marker}: {message}");
            }
        }
    }
}

#[tokio::test]
async fn the_time_to_wait_is_kept_on_every_lane() {
    let page = Page::start().await;
    for (caller, model) in TRANSLATED.into_iter().chain(PASSED) {
        for stream in [false, true] {
            let reply = answer(&page, caller.asks(model, "[[rate-limit]]", stream)).await;
            assert_eq!(reply.status, StatusCode::TOO_MANY_REQUESTS);
            assert_eq!(reply.header("retry-after"), "7");
        }
    }
}

/// What the same request gets from the provider itself.
async fn direct(page: &Page, (caller, model): (Caller, &str), marker: &str) -> Reply {
    let double = match (caller, model) {
        (Anthropic, _) => &page.anthropic,
        (OpenAi, "gpt-4o") => &page.openai,
        (OpenAi, _) => &page.azure,
    };
    let (url, keys) = match caller {
        Anthropic => (
            format!("{}/v1/messages", double.url()),
            ("x-api-key", "sk-ant-..."),
        ),
        OpenAi if model == "gpt-4o" => {
            let url = format!("{}/chat/completions", double.url());
            (url, ("authorization", "Bearer sk-proj-..."))
        }
        OpenAi => {
            let url = format!("{}/v1/chat/completions", double.url());
            (url, ("api-key", "azure-key-..."))
        }
    };
    let model = model
        .trim_start_matches("azure-")
        .replace("gpt4o", "gpt-4o");
    let body = caller.question(&model, marker, false).to_string();
    let request = http::Request::post(url)
        .header("content-type", "application/json")
        .header("anthropic-version", "2023-06-01")
        .header(keys.0, keys.1)
        .body(http_body_util::Full::<bytes::Bytes>::from(body));
    let executor = hyper_util::rt::TokioExecutor::new();
    let client = hyper_util::client::legacy::Client::builder(executor).build_http();
    Reply::of(client.request(request.unwrap()).await.unwrap()).await
}

/// Ids differ from one request to the next.
fn without_id(reply: &Reply) -> String {
    let mut body: Value = match serde_json::from_slice(&reply.bytes()) {
        Ok(body) => body,
        Err(_) => return reply.text(),
    };
    if let Some(object) = body.as_object_mut() {
        object.remove("request_id");
    }
    body.to_string()
}

#[tokio::test]
async fn a_provider_s_error_passes_untouched_to_who_speaks_its_format() {
    let page = Page::start().await;
    for lane in PASSED {
        for marker in ["[[rate-limit]]", "[[overloaded]]", "[[server-error]]"] {
            let expected = direct(&page, lane, marker).await;
            for stream in [false, true] {
                let reply = answer(&page, lane.0.asks(lane.1, marker, stream)).await;
                assert_eq!(reply.status, expected.status, "{lane:?} {marker}");
                assert_eq!(without_id(&reply), without_id(&expected));
                assert_eq!(reply.header("content-type"), "application/json");
            }
        }
    }
}

#[tokio::test]
async fn a_page_of_html_becomes_an_error_where_the_formats_are_equal_too() {
    let page = Page::start().await;
    for (caller, model) in PASSED {
        for stream in [false, true] {
            let reply = answer(&page, caller.asks(model, "[[html]]", stream)).await;
            assert_eq!(reply.status, 502);
            assert_eq!(reply.header("content-type"), "application/json");
            let (_, message) = reply.error(caller);
            assert!(message.contains("502"), "{message}");
        }
    }
}

#[tokio::test]
async fn a_key_that_the_provider_refuses_is_401() {
    let page = Page::start_with(|id, _| match id {
        "anthropic" => Double::anthropic("another"),
        "openai" => Double::openai("another"),
        _ => Double::azure("another"),
    });
    let page = page.await;
    for (caller, model) in TRANSLATED.into_iter().chain(PASSED) {
        for stream in [false, true] {
            let reply = answer(&page, caller.asks(model, "Hi", stream)).await;
            assert_eq!(reply.status, 401, "{}", reply.text());
            let text = reply.text();
            assert!(
                text.contains("\"error\"") && !text.contains("sk-"),
                "{text}"
            );
        }
    }
}

#[tokio::test]
async fn half_an_answer_is_502_when_it_is_translated() {
    let page = Page::start().await;
    for (caller, model) in TRANSLATED {
        for marker in ["[[truncate]]", "[[reset]]"] {
            let reply = answer(&page, caller.asks(model, marker, false)).await;
            assert_eq!(reply.status, 502, "{marker}: {}", reply.text());
            reply.error(caller);
        }
    }
}

#[tokio::test]
async fn half_an_answer_that_passes_is_no_more_than_that() {
    let page = Page::start().await;
    for (caller, model) in PASSED {
        let reply = answer(&page, caller.asks(model, "[[reset]]", false)).await;
        assert!(reply.broken, "{}", reply.text());
    }
}

#[tokio::test]
async fn what_the_provider_does_not_know_is_its_own_error() {
    let page = Page::start().await;
    let gateway = gateway_with(&page, |config| config.replace(SONNET, "claude-9"));
    let reply = ask(&gateway, OpenAi.asks("claude-9", "Hi", false)).await;
    assert_eq!(reply.status, 404);
    assert!(reply.error(OpenAi).1.contains("claude-9"));
}
