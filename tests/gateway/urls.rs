//! Addresses in requests: of images and files, which nobody fetches here, and of other providers.

use http::Request;
use serde_json::{Value, json};
use tower_llm_gateway::{
    Body, Gateway,
    config::Config,
    downstream::{DownstreamService, HyperClient},
    format::ApiFormat,
};

use crate::{
    bodies::{self, Ask, error_message},
    caller::{ask, post},
    support::{
        doubles::Format,
        fault::{Fault, Script, Seen, Upstream},
    },
};

/// A host whose name leads to loopback, for who asks.
const TRAP: &str = "images.example.com";

/// A gateway before a provider of each format, and a server that nobody has any business with.
struct World {
    gateway: Gateway,
    providers: Vec<(ApiFormat, Upstream)>,
    trap: Upstream,
}

impl World {
    async fn start() -> Self {
        let mut providers = Vec::new();
        let mut config = "retry: {attempts: 1}\ndownstreams:\n".to_owned();
        for (format, double) in ApiFormat::BUILT_IN.iter().zip([
            Format::OpenAi,
            Format::Responses,
            Format::Anthropic,
            Format::Gemini,
        ]) {
            let answer = move |_, seen: &Seen| Script::reply(double, seen);
            let provider = Fault::h1().each(answer).start().await;
            let entry = format!(
                "- {{id: {format}, base_url: '{}', api_key: CANARY-ours, api_formats: [{format}], output_model_ids: [m-{format}]}}\n",
                provider.url()
            );
            config.push_str(&entry);
            providers.push((*format, provider));
        }
        let client = HyperClient::builder().with_address(TRAP, [127, 0, 0, 1].into());
        let gateway = Gateway::builder(Config::from_yaml(&config).unwrap())
            .downstream(DownstreamService::with_client(client.build()))
            .build();
        Self {
            gateway: gateway.unwrap(),
            providers,
            trap: Fault::h1().start().await,
        }
    }

    /// Addresses that lead where no provider is, in all spellings, and what they are of.
    fn addresses(&self) -> Vec<String> {
        let port = self.trap.address().port();
        let hosts = [
            "127.0.0.1",
            "localhost",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "2130706433",
            "0x7f.1",
            "0",
            TRAP,
        ];
        let http = hosts.map(|host| format!("http://{host}:{port}/latest/meta-data"));
        let others = [
            "file:///etc/passwd",
            "http://169.254.169.254/latest/meta-data",
            "gopher://127.0.0.1/x",
            "//127.0.0.1/x",
            "ftp://127.0.0.1/x",
        ];
        http.into_iter().chain(others.map(str::to_owned)).collect()
    }

    fn requests(&self, format: ApiFormat) -> Vec<Seen> {
        let mut providers = self.providers.iter();
        let (_, provider) = providers.find(|(of, _)| *of == format).unwrap();
        provider.seen()
    }
}

/// Questions about what is at an address: an image and a document, as a caller of this format puts them.
fn about(client: ApiFormat, model: &str, url: &str) -> Vec<Value> {
    let mut question = bodies::question(client, model, "Hi", Ask::Plain, false);
    let parts = match client.id() {
        "openai" => vec![json!({"type": "image_url", "image_url": {"url": url}})],
        "openai_responses" => vec![
            json!({"type": "input_image", "image_url": url, "detail": "auto"}),
            json!({"type": "input_file", "file_url": url}),
        ],
        "anthropic" => vec![
            json!({"type": "image", "source": {"type": "url", "url": url}}),
            json!({"type": "document", "source": {"type": "url", "url": url}}),
        ],
        _ => vec![
            json!({"fileData": {"fileUri": url, "mimeType": "image/png"}}),
            json!({"fileData": {"fileUri": url, "mimeType": "application/pdf"}}),
        ],
    };
    let with = |part| {
        match client.id() {
            "openai" => question["messages"][1]["content"] = json!([part]),
            "openai_responses" => question["input"] = json!([{"role": "user", "content": [part]}]),
            "anthropic" => question["messages"][0]["content"] = json!([part]),
            _ => question["contents"][0]["parts"] = json!([part]),
        }
        question.clone()
    };
    parts.into_iter().map(with).collect()
}

#[tokio::test]
async fn situation_10_what_is_at_an_address_is_fetched_by_nobody_here() {
    let world = World::start().await;
    for client in ApiFormat::BUILT_IN.iter().copied() {
        for provider in ApiFormat::BUILT_IN.iter().copied() {
            let model = format!("m-{provider}");
            let path = bodies::path(client, &model, false);
            for url in world.addresses() {
                for question in about(client, &model, &url) {
                    let before = world.requests(provider).len();
                    let reply = ask(&world.gateway, post(&path, question.to_string())).await;
                    let sent = world.requests(provider);
                    match reply.status.as_u16() {
                        200 => assert!(
                            sent.last().unwrap().json().to_string().contains(&url),
                            "{client} {provider} {question} {}",
                            sent.last().unwrap().json()
                        ),
                        400 => {
                            error_message(client, &reply.json());
                            assert_eq!(sent.len(), before);
                        }
                        other => panic!("{other}: {}", reply.text()),
                    }
                }
            }
        }
    }
    assert_eq!(world.trap.connections(), 0);
}

/// A request that names the trap wherever somebody might look for an address or a key.
fn misled(world: &World, client: ApiFormat, model: &str) -> Request<Body> {
    let trap = world.trap.url();
    let mut body = bodies::question(client, model, "Hi", Ask::Plain, false);
    for name in [
        "api_base",
        "base_url",
        "api_key",
        "api_version",
        "custom_llm_provider",
        "organization",
        "model_list",
        "fallbacks",
        "endpoint",
    ] {
        body[name] = json!(trap);
    }
    for name in [
        "extra_headers",
        "headers",
        "litellm_params",
        "default_headers",
    ] {
        body[name] =
            json!({"authorization": "Bearer CANARY-theirs", "host": trap, "api_base": trap});
    }
    let mut request = post(&bodies::path(client, model, false), body.to_string());
    let address = world.trap.address().to_string();
    for name in [
        "host",
        "x-forwarded-host",
        "x-host",
        "x-original-host",
        "x-original-url",
        "x-rewrite-url",
        "forwarded",
        "x-openai-base-url",
        "x-anthropic-base-url",
        "x-api-base",
        "x-base-url",
        "x-llm-base-url",
        "x-portkey-custom-host",
        "helicone-target-url",
        "x-target-url",
        "openai-base-url",
    ] {
        request.headers_mut().insert(name, address.parse().unwrap());
    }
    let path = request.uri().clone();
    let query = format!(
        "base_url={trap}&api_base={trap}&key=CANARY-theirs&api_key=CANARY-theirs&endpoint={trap}"
    );
    *request.uri_mut() = format!("{trap}{path}?{query}").parse().unwrap();
    request
}

#[tokio::test]
async fn situation_09_nothing_in_a_request_says_where_it_goes_or_with_which_key() {
    let world = World::start().await;
    for client in ApiFormat::BUILT_IN.iter().copied() {
        for (provider, upstream) in &world.providers {
            let model = format!("m-{provider}");
            let before = upstream.attempts();
            let reply = ask(&world.gateway, misled(&world, client, &model)).await;
            assert_eq!(reply.status, 200, "{client} {provider} {}", reply.text());
            let seen = upstream.seen().pop().unwrap();
            assert_eq!(upstream.attempts(), before + 1);
            assert_eq!(seen.header("host"), Some(&*upstream.address().to_string()));
            let credentials = seen.credentials();
            assert_eq!(credentials.len(), 1, "{credentials:?}");
            assert!(credentials[0].1.ends_with("CANARY-ours"), "{credentials:?}");
        }
    }
    assert_eq!(world.trap.connections(), 0);
}
