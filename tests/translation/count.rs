//! Requests to count tokens: translated like those for answers, or estimated.

use std::{borrow::Cow, sync::Arc};

use bytes::BytesMut;
use http::{HeaderName, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_llm_gateway::{
    Body, BoxError,
    context::Selected,
    format::{
        Api, ApiFormat, Call, Codec, Counter, Dialect, Operation, StreamDecoder, StreamEncoder,
    },
    ir::{self, Error, ErrorKind, Exchange},
    target::{Target, TokenCount},
    translate::TranslateLayer,
};

use crate::{
    bodies::{Ask, directions, error_body, error_message, question},
    layer::{Seen, exchange_at, json_reply, reply},
    support::{ANTHROPIC, OPENAI},
};

/// A format that is like another, and counts tokens.
#[derive(Debug)]
struct Counting {
    base: ApiFormat,
    id: &'static str,
    /// The member that tells the number.
    member: &'static str,
}

static ASKER: Counting = Counting {
    base: ANTHROPIC,
    id: "asker",
    member: "asked",
};
static TELLER: Counting = Counting {
    base: OPENAI,
    id: "teller",
    member: "told",
};

impl Api for Counting {
    fn id(&self) -> &'static str {
        self.id
    }

    fn detect<'a>(&self, path: &'a str) -> Option<Call<'a>> {
        let counts = path.ends_with("/count");
        counts.then_some(Call::new(Operation::CountTokens))
    }

    fn path(&self, operation: Operation, _: &str, _: bool) -> Cow<'static, str> {
        assert_eq!(operation, Operation::CountTokens);
        "/v1/count".into()
    }

    fn credential(&self) -> (HeaderName, &'static str) {
        self.base.api().credential()
    }

    fn header_prefixes(&self) -> &'static [&'static str] {
        &[]
    }

    fn request_id_header(&self) -> HeaderName {
        self.base.api().request_id_header()
    }

    fn preferences(&self) -> &'static [&'static str] {
        &[]
    }

    fn decode_error(&self, status: StatusCode, body: &[u8]) -> Error {
        self.base.api().decode_error(status, body)
    }

    fn encode_error(&self, error: &Error, out: &mut BytesMut) -> StatusCode {
        self.base.api().encode_error(error, out)
    }

    fn codec(&self) -> Option<&'static dyn Codec> {
        Some(if self.id == ASKER.id { &ASKER } else { &TELLER })
    }
}

impl Codec for Counting {
    fn decode_request<'a>(
        &self,
        body: &'a [u8],
        exchange: &mut Exchange,
    ) -> Result<ir::Request<'a>, Error> {
        self.base.codec().unwrap().decode_request(body, exchange)
    }

    fn encode_request(
        &self,
        request: &ir::Request<'_>,
        dialect: &Dialect,
        exchange: &mut Exchange,
        out: &mut BytesMut,
    ) -> Result<(), Error> {
        let codec = self.base.codec().unwrap();
        codec.encode_request(request, dialect, exchange, out)
    }

    fn decode_response<'a>(&self, body: &'a [u8]) -> Result<ir::Response<'a>, Error> {
        self.base.codec().unwrap().decode_response(body)
    }

    fn encode_response(
        &self,
        response: &ir::Response<'_>,
        exchange: &mut Exchange,
        out: &mut BytesMut,
    ) -> Result<(), Error> {
        let codec = self.base.codec().unwrap();
        codec.encode_response(response, exchange, out)
    }

    fn stream_decoder(&self) -> Box<dyn StreamDecoder> {
        self.base.codec().unwrap().stream_decoder()
    }

    fn stream_encoder(&self, exchange: Arc<Exchange>) -> Box<dyn StreamEncoder> {
        self.base.codec().unwrap().stream_encoder(exchange)
    }

    fn counter(&self) -> Option<&'static dyn Counter> {
        Some(if self.id == ASKER.id { &ASKER } else { &TELLER })
    }
}

impl Counter for Counting {
    fn encode_request(
        &self,
        request: &ir::Request<'_>,
        dialect: &Dialect,
        exchange: &mut Exchange,
        out: &mut BytesMut,
    ) -> Result<(), Error> {
        Codec::encode_request(self, request, dialect, exchange, out)
    }

    fn decode_answer(&self, body: &[u8]) -> Result<u64, Error> {
        let body: Value = serde_json::from_slice(body).map_err(Error::undecodable)?;
        let tokens = body[self.member].as_u64();
        tokens.ok_or_else(|| Error::undecodable("there is no number"))
    }

    fn encode_answer(&self, tokens: u64, out: &mut BytesMut) {
        out.extend_from_slice(json!({self.member: tokens}).to_string().as_bytes());
    }
}

const TWO: (ApiFormat, ApiFormat) = (ApiFormat::custom(&ASKER), ApiFormat::custom(&TELLER));

fn prompt(client: ApiFormat) -> Value {
    let client = if client == TWO.0 { ANTHROPIC } else { client };
    let mut body = question(client, "m", "How are you?", Ask::Tools, false);
    let limits = [
        "max_tokens",
        "max_output_tokens",
        "generationConfig",
        "store",
    ];
    let body_members = body.as_object_mut().unwrap();
    for limit in limits {
        body_members.remove(limit);
    }
    if client == ApiFormat::GEMINI {
        body["model"] = json!("models/m");
        return json!({"generateContentRequest": body});
    }
    body
}

fn count_path(client: ApiFormat) -> Cow<'static, str> {
    client.api().path(Operation::CountTokens, "m", false)
}

async fn count(
    (client, provider): (ApiFormat, ApiFormat),
    response: Response<Body>,
) -> (Option<Seen>, Seen) {
    let layer = TranslateLayer::new(client, provider);
    exchange_at(
        layer,
        &count_path(client),
        &prompt(client).to_string(),
        response,
    )
    .await
}

#[tokio::test]
async fn a_request_to_count_is_translated_there_and_back() {
    let (seen, back) = count(TWO, json_reply(&json!({"told": 728}))).await;
    let seen = seen.unwrap();
    assert_eq!(seen.path, "/v1/count");
    let asked = seen.json();
    assert_eq!(asked["messages"][0]["content"], "Be kind.");
    assert_eq!(asked["tools"].as_array().unwrap().len(), 2);
    assert_eq!((back.status, back.text.as_str()), (200, r#"{"asked":728}"#));
    assert_eq!(back.headers["content-type"], "application/json");
}

#[tokio::test]
async fn what_goes_wrong_in_counting_is_told_in_the_callers_words() {
    let mut refusal = json_reply(
        &json!({"error": {"message": "Slow down", "type": "rate_limit_error", "code": null, "param": null}}),
    );
    *refusal.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    let (_, back) = count(TWO, refusal).await;
    assert_eq!(back.status, 429);
    assert_eq!(error_message(ANTHROPIC, &back.json()), "Slow down");
    for body in ["", "[]", "{}", "<html>"] {
        let (_, back) = count(TWO, reply(200, "application/json", body)).await;
        assert_eq!(back.status, 502, "{body}");
        error_message(ANTHROPIC, &back.json());
    }
}

#[tokio::test]
async fn a_provider_that_can_t_count_is_a_501_and_is_not_asked() {
    for client in ApiFormat::BUILT_IN.iter().copied() {
        if client == OPENAI {
            continue;
        }
        let (seen, back) = count((client, OPENAI), json_reply(&json!({}))).await;
        assert!(seen.is_none());
        assert_eq!(back.status, 501);
        error_message(client, &back.json());
    }
}

/// An answer to a request to count, and what is to be in the request.
fn counted(provider: ApiFormat) -> Value {
    match provider.id() {
        "anthropic" => json!({"input_tokens": 728}),
        "openai_responses" => json!({"object": "response.input_tokens", "input_tokens": 728}),
        _ => json!({"totalTokens": 728}),
    }
}

#[tokio::test]
async fn trap_122_every_pair_counts_instructions_and_tools() {
    for (client, provider) in directions() {
        if client == OPENAI || provider == OPENAI {
            continue;
        }
        let (seen, back) = count((client, provider), json_reply(&counted(provider))).await;
        let seen = seen.unwrap_or_else(|| panic!("{client} to {provider}: {}", back.text));
        assert_eq!(seen.path, count_path(provider), "{client} to {provider}");
        for said in [
            "Be kind.",
            "How are you?",
            "get_weather",
            "get_time",
            "timezone",
        ] {
            assert!(
                seen.text.contains(said),
                "{client} to {provider}: {}",
                seen.text
            );
        }
        assert_eq!(back.json(), counted(client), "{client} to {provider}");

        let (_, error) = error_body(provider, &Error::new(ErrorKind::RateLimited, "Slow down"));
        let (_, back) = count((client, provider), reply(429, "application/json", error)).await;
        assert_eq!(error_message(client, &back.json()), "Slow down");
    }
}

/// What the caller is told when the target is one that never counts.
async fn estimate(client: ApiFormat, provider: ApiFormat, body: String) -> Seen {
    let target = Target::new("t", "https://example.com".parse().unwrap())
        .with_formats(vec![provider])
        .with_token_count(TokenCount::Estimate);
    let selected = Selected::new(Arc::new(target), client).with_operation(Operation::CountTokens);
    let mut request = Request::post(&*count_path(client))
        .body(Body::from(body))
        .unwrap();
    request.extensions_mut().insert(selected);
    let nobody = service_fn(|_: Request<Body>| async {
        panic!("the provider is asked");
        #[allow(unreachable_code, reason = "tells the type")]
        Ok::<Response<Body>, BoxError>(Response::default())
    });
    let answered = TranslateLayer::selected().layer(nobody).oneshot(request);
    let (parts, body) = answered.await.unwrap().into_parts();
    let text = body.collect().await.unwrap().to_bytes();
    Seen {
        status: parts.status.as_u16(),
        headers: parts.headers,
        text: String::from_utf8(text.to_vec()).unwrap(),
        ..Seen::default()
    }
}

#[tokio::test]
async fn trap_122_an_estimate_counts_instructions_tools_and_turns() {
    let of = |body: Value| async move {
        let back = estimate(TWO.0, OPENAI, body.to_string()).await;
        assert_eq!(back.headers["x-token-count"], "estimated");
        assert_eq!(back.status, 200);
        back.json()["asked"].as_u64().unwrap()
    };
    let bare = json!({"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "12345678"}]});
    assert_eq!(of(bare.clone()).await, 2);
    let mut with_system = bare.clone();
    with_system["system"] = json!("1234\u{e9}6789");
    assert_eq!(of(with_system.clone()).await, 5);
    let mut with_tools = with_system.clone();
    with_tools["tools"] =
        json!([{"name": "name", "description": "12345678", "input_schema": {"type": "object"}}]);
    assert_eq!(of(with_tools).await, 12);
    let mut with_turns = bare;
    with_turns["messages"] = json!([
        {"role": "user", "content": "12345678"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "name", "input": {"a": 1}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "12345678"}]},
    ]);
    assert_eq!(of(with_turns).await, 7);
}

#[tokio::test]
async fn a_prompt_that_can_t_be_read_is_not_estimated() {
    let back = estimate(TWO.0, OPENAI, "{".to_owned()).await;
    assert_eq!(back.status, 400);
    error_message(ANTHROPIC, &back.json());
}
