//! Answers that break off, in all formats.

use http::Request;
use tower::ServiceExt;
use tower_llm_gateway::{
    Body, Gateway,
    config::Config,
    downstream::{DownstreamService, HyperClient},
    format::ApiFormat,
};

use crate::{
    bodies::{Ask, path, question, streamed},
    caller::{Reply, post},
    support::{
        doubles::Format,
        fault::{Cut, Fault, Gate, Script, Upstream},
    },
};

const FORMATS: [(ApiFormat, Format); 4] = [
    (ApiFormat::OPENAI, Format::OpenAi),
    (ApiFormat::OPENAI_RESPONSES, Format::Responses),
    (ApiFormat::ANTHROPIC, Format::Anthropic),
    (ApiFormat::GEMINI, Format::Gemini),
];

/// A gateway before this provider of the model `m`, which speaks HTTP/2 if it is to.
fn gateway(provider: ApiFormat, upstream: &Upstream, is_h2: bool) -> Gateway {
    let url = upstream.url();
    let config = format!(
        "downstreams: [{{id: a, base_url: '{url}', api_formats: [{provider}], output_model_ids: [m]}}]"
    );
    let client = HyperClient::builder();
    let client = if is_h2 {
        client.with_http2_only()
    } else {
        client
    };
    Gateway::builder(Config::from_yaml(&config).unwrap())
        .downstream(DownstreamService::with_client(client.build()))
        .build()
        .unwrap()
}

fn asks(client: ApiFormat, stream: bool) -> Request<Body> {
    let body = question(client, "m", "Hi", Ask::Plain, stream).to_string();
    post(&path(client, "m", stream), body)
}

/// Every caller with every provider.
fn pairs() -> impl Iterator<Item = (ApiFormat, (ApiFormat, Format))> {
    let callers = FORMATS.into_iter().map(|(client, _)| client);
    callers.flat_map(|client| FORMATS.map(|provider| (client, provider)))
}

/// `INTERNAL_ERROR`, of RFC 9113, section 7.
const RESET: Cut = Cut::H2Reset(2);

#[tokio::test]
async fn situation_28_a_stream_that_breaks_after_content_ends_in_an_error_in_every_format() {
    for (client, (provider, format)) in pairs() {
        for (is_h2, cut) in [
            (false, Cut::Fin),
            (false, Cut::Rst),
            (true, Cut::Fin),
            (true, RESET),
        ] {
            let gate = Gate::new();
            let upstream = if is_h2 { Fault::h2() } else { Fault::h1() };
            let script = Script::stream_start(format).wait(&gate).cut(cut);
            let upstream = upstream.script(script).start().await;
            let service = gateway(provider, &upstream, is_h2).service();
            let response = service.oneshot(asks(client, true)).await.unwrap();
            // A reset takes along what the kernel has not handed over, so the head has to be here.
            gate.open();
            let reply = Reply::of(response).await;
            let case = format!("{client} {provider} {cut:?}: {}", reply.text());
            assert_eq!(
                (reply.status.as_u16(), reply.broken),
                (200, false),
                "{case}"
            );
            let error = streamed(client, &reply.text()).expect_err(&case);
            assert!(error.contains("before its answer was complete"), "{case}");
            for end in ["[DONE]", "message_stop", "response.completed", "STOP"] {
                assert!(!reply.text().contains(end), "{case}");
            }
            assert_eq!(upstream.attempts(), 1, "{case}");
        }
    }
}
