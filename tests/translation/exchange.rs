//! What the layer does beside the bodies, in all directions: heads, statuses, limits, refusals.

use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::json;
use tower_llm_gateway::{
    format::ApiFormat,
    ir::{Error, ErrorKind},
    translate::TranslateLayer,
};

use crate::{
    bodies::{Ask, answer, directions, error_body, error_message, path, question},
    layer::{Seen, exchange_at, json_reply, reply},
    support::NEW,
};

/// What comes back, and whether the provider was asked.
async fn ask(
    (client, provider): (ApiFormat, ApiFormat),
    stream: bool,
    response: http::Response<tower_llm_gateway::Body>,
) -> (Option<Seen>, Seen) {
    let body = question(client, NEW, "Hi", Ask::Plain, stream).to_string();
    let layer = TranslateLayer::new(client, provider);
    exchange_at(layer, &path(client, NEW, stream), &body, response).await
}

#[tokio::test]
async fn a_request_goes_where_the_provider_listens() {
    for pair in directions() {
        for stream in [false, true] {
            let (whole, _) = answer(pair.1, Ask::Plain);
            let (seen, _) = ask(pair, stream, reply(200, "application/json", whole)).await;
            assert_eq!(seen.unwrap().path, path(pair.1, NEW, stream), "{pair:?}");
        }
    }
}

#[tokio::test]
async fn trap_106_the_content_type_may_have_parameters_and_any_case() {
    for pair in directions() {
        for content_type in [
            "text/event-stream; charset=utf-8",
            "TEXT/EVENT-STREAM;charset=UTF-8",
        ] {
            let (_, stream) = answer(pair.1, Ask::Plain);
            let (_, back) = ask(pair, true, reply(200, content_type, stream)).await;
            assert_eq!(back.status, 200, "{pair:?} {}", back.text);
            assert_eq!(back.headers["content-type"], "text/event-stream");
        }
    }
}

#[tokio::test]
async fn trap_095_an_error_that_comes_behind_signs_of_life_is_no_stream() {
    let error = Error::new(ErrorKind::Overloaded, "Busy");
    for pair in directions() {
        let (_, body) = error_body(pair.1, &error);
        let stream = format!(": hi\n\n: hi\n\nevent: error\ndata: {body}\n\n");
        let (_, back) = ask(pair, true, reply(200, "text/event-stream", stream)).await;
        assert_eq!(back.status, pair.0.error_body(&error).0, "{pair:?}");
        assert_eq!(back.headers["content-type"], "application/json");
        assert_eq!(error_message(pair.0, &back.json()), "Busy");
    }
}

#[tokio::test]
async fn trap_095_a_tier_that_is_told_before_an_error_begins_no_stream() {
    let stream = "data: {\"id\":\"1\",\"model\":\"m\",\"service_tier\":\"default\",\"choices\":[]}\n\n\
        data: {\"error\":{\"message\":\"Busy\",\"type\":\"server_error\",\"code\":\"server_is_overloaded\"}}\n\n";
    for client in [
        ApiFormat::OPENAI_RESPONSES,
        ApiFormat::ANTHROPIC,
        ApiFormat::GEMINI,
    ] {
        let response = reply(200, "text/event-stream", stream);
        let (_, back) = ask((client, ApiFormat::OPENAI), true, response).await;
        assert!(back.status >= 500, "{client} {}", back.text);
        assert_eq!(error_message(client, &back.json()), "Busy");
    }
}

#[tokio::test]
async fn trap_096_a_stream_that_is_cut_within_an_event_was_cut() {
    for pair in directions() {
        let (_, stream) = answer(pair.1, Ask::Plain);
        let (start, _) = stream.match_indices("data:").nth(1).unwrap();
        let cut = stream[..start + 20].to_owned();
        let (_, back) = ask(pair, true, reply(200, "text/event-stream", cut)).await;
        let told = "ended before the answer was complete";
        assert!(back.text.contains(told), "{pair:?} {}", back.text);
    }
}

#[tokio::test]
async fn trap_110_an_endless_line_is_an_error() {
    for (client, provider) in directions() {
        for (content_type, start) in [
            ("text/event-stream", "data: "),
            ("application/json", "[{\""),
        ] {
            let endless = format!("{start}{}", "x".repeat(5000));
            let layer = TranslateLayer::new(client, provider).event_limit(1000);
            let body = question(client, NEW, "Hi", Ask::Plain, true).to_string();
            let response = reply(200, content_type, endless);
            let (_, back) = exchange_at(layer, &path(client, NEW, true), &body, response).await;
            assert_eq!(back.status, 502);
            assert!(error_message(client, &back.json()).contains("1000 bytes"));
        }
    }
}

#[tokio::test]
async fn trap_118_trap_121_heads_are_those_of_the_callers_api() {
    let error = Error::new(ErrorKind::RateLimited, "No.");
    for pair in directions() {
        let theirs = pair.1.api().request_id_header();
        let ours = pair.0.api().request_id_header();
        let mut response = reply(429, "application/json", error_body(pair.1, &error).1);
        for (name, value) in [
            ("retry-after", "3"),
            ("retry-after-ms", "2500"),
            (theirs.as_str(), "req_1"),
            ("set-cookie", "a=b"),
            ("server", "x"),
        ] {
            let name: HeaderName = name.parse().unwrap();
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        let (_, back) = ask(pair, false, response).await;
        assert_eq!(back.status, 429);
        for (name, value) in [
            ("retry-after", "3"),
            ("retry-after-ms", "2500"),
            (ours.as_str(), "req_1"),
            ("x-upstream-request-id", "req_1"),
        ] {
            assert_eq!(back.headers[name], value, "{pair:?} {name}");
        }
        for name in ["set-cookie", "server"] {
            assert!(!back.headers.contains_key(name), "{pair:?} {name}");
        }
        assert!(
            theirs == ours || !back.headers.contains_key(theirs),
            "{pair:?}"
        );
        if pair.0 == ApiFormat::ANTHROPIC {
            assert_eq!(back.json()["request_id"], "req_1");
        }
    }
}

#[tokio::test]
async fn trap_119_the_time_to_wait_crosses_between_header_and_body() {
    let mut error = Error::new(ErrorKind::RateLimited, "No.");
    error.retry_after = Some(std::time::Duration::from_millis(33_100));
    let body_of = |format| error_body(format, &error).1;
    for pair in directions() {
        let (client, provider) = pair;
        if provider == ApiFormat::GEMINI {
            let response = reply(429, "application/json", body_of(provider));
            let (_, back) = ask(pair, true, response).await;
            assert_eq!(back.headers["retry-after"], "34", "{pair:?}");
        }
        if client == ApiFormat::GEMINI {
            for (name, value, delay) in [
                ("retry-after", "7", "7s"),
                ("retry-after-ms", "2500", "2.5s"),
            ] {
                let mut response = reply(
                    429,
                    "application/json",
                    error_body(provider, &Error::new(ErrorKind::RateLimited, "No.")).1,
                );
                response
                    .headers_mut()
                    .insert(name, HeaderValue::from_static(value));
                let (_, back) = ask(pair, false, response).await;
                let details = &back.json()["error"]["details"];
                assert_eq!(details[0]["retryDelay"], delay, "{pair:?}");
                assert_eq!(back.headers[name], value);
            }
        }
    }
}

#[tokio::test]
async fn trap_120_any_body_of_a_failure_becomes_an_error_of_the_callers() {
    for pair in directions() {
        for (content_type, body) in [
            ("text/html", "<html><body>Bad gateway</body></html>"),
            ("application/json", ""),
            ("application/json", "[]"),
            ("application/json", "[{\"error\":7}]"),
            ("application/json", "null"),
            ("text/plain", "\u{0}\u{1}"),
        ] {
            for stream in [false, true] {
                let (_, back) = ask(pair, stream, reply(500, content_type, body)).await;
                assert_eq!(back.status, 500, "{pair:?} {body}");
                assert_eq!(back.headers["content-type"], "application/json");
                assert!(!error_message(pair.0, &back.json()).is_empty());
            }
        }
    }
}

#[tokio::test]
async fn an_answer_that_can_t_be_read_is_a_502() {
    for pair in directions() {
        for (content_type, body) in [
            ("text/html", "<html>Welcome</html>"),
            ("application/json", ""),
            ("application/json", "{"),
            ("application/json", "[]"),
            ("text/event-stream", ""),
            ("text/event-stream", "data: {\n\n"),
        ] {
            for stream in [false, true] {
                let (_, back) = ask(pair, stream, reply(200, content_type, body)).await;
                assert_eq!(back.status, 502, "{pair:?} {stream} {content_type} {body}");
                error_message(pair.0, &back.json());
            }
        }
    }
}

#[tokio::test]
async fn trap_124_what_the_layer_refuses_is_refused_in_the_callers_words() {
    for (client, provider) in directions() {
        for body in [
            "",
            "{",
            "[]",
            r#"{"model":"m","messages":7,"input":7,"contents":7}"#,
        ] {
            let layer = TranslateLayer::new(client, provider);
            let response = json_reply(&json!({}));
            let (seen, back) = exchange_at(layer, &path(client, NEW, false), body, response).await;
            assert!(
                seen.is_none() && back.status == 400,
                "{client} {provider} {body}"
            );
            error_message(client, &back.json());
            assert_eq!(back.headers["x-should-retry"], "false");
        }
    }
}

#[tokio::test]
async fn an_endpoint_that_the_provider_hasn_t_is_a_501_in_the_callers_words() {
    for (client, provider) in directions() {
        let other = match client.id() {
            "openai" => "/v1/embeddings",
            "openai_responses" => "/v1/responses/compact",
            "gemini" => "/v1beta/models/m:embedContent",
            _ => continue,
        };
        let layer = TranslateLayer::new(client, provider);
        let response = json_reply(&json!({}));
        let (seen, back) = exchange_at(layer, other, "{}", response).await;
        assert!(seen.is_none());
        assert_eq!(back.status, StatusCode::NOT_IMPLEMENTED.as_u16());
        error_message(client, &back.json());
    }
}
