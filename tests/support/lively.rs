//! Upstreams whose answers differ from each other as those of providers do: in how long they take, how long they are, and
//! whether they come at all. What they say means nothing.

use std::{
    convert::Infallible,
    future::IntoFuture,
    iter,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
    serve::ListenerExt,
};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::{net::TcpListener, time::sleep};

/// A provider of streams, not yet listening.
#[derive(Clone, Copy, Debug)]
pub struct Lively {
    /// Whether it speaks Anthropic's Messages API; else it is OpenAI's chat.
    pub is_anthropic: bool,
    /// The median time to the first piece.
    pub first: Duration,
    /// The median time between two pieces.
    pub gap: Duration,
    /// The median number of pieces.
    pub pieces: f64,
    /// The part of requests that it is overloaded for.
    pub overloaded: f64,
}

impl Lively {
    /// Listens on a free port of 127.0.0.1 as long as the process lives; returns where.
    pub async fn start(self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("loopback has a free port");
        let address = listener.local_addr().expect("it is bound");
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let paths = ["/v1/chat/completions", "/v1/messages"];
        let router = paths.into_iter().fold(Router::new(), |router, path| {
            router.route(path, post(move || self.answer()))
        });
        tokio::spawn(axum::serve(listener, router).into_future());
        format!("http://{address}")
    }

    async fn answer(self) -> Response {
        sleep(spread(self.first, 0.35)).await;
        if chance() < self.overloaded {
            return refusal();
        }
        let pieces = around(self.pieces, 0.4).max(1.0);
        let mut events = vec![(Duration::ZERO, self.beginning())];
        let pace = spread(self.gap, 0.25);
        let words = iter::successors(Some(1.0), |number| Some(number + 1.0));
        for _ in words.take_while(|number| *number <= pieces) {
            events.push((spread(pace, 0.5), self.piece()));
        }
        events.push((Duration::ZERO, self.end(pieces)));
        let events = stream::iter(events).then(|(wait, event)| async move {
            sleep(wait).await;
            Ok::<_, Infallible>(event)
        });
        let content_type = [(header::CONTENT_TYPE, "text/event-stream")];
        (content_type, Body::from_stream(events)).into_response()
    }

    fn beginning(self) -> String {
        if !self.is_anthropic {
            return chunk(&json!({"role": "assistant", "content": ""}), None);
        }
        let usage =
            json!({"input_tokens": 1100, "cache_read_input_tokens": 220, "output_tokens": 1});
        let message = json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4",
            "content": [], "stop_reason": null, "stop_sequence": null, "usage": usage});
        let block = json!({"type": "text", "text": ""});
        event("message_start", json!({"message": message}))
            + &event(
                "content_block_start",
                json!({"index": 0, "content_block": block}),
            )
    }

    fn piece(self) -> String {
        if !self.is_anthropic {
            return chunk(&json!({"content": "word "}), None);
        }
        let delta = json!({"type": "text_delta", "text": "word "});
        event("content_block_delta", json!({"index": 0, "delta": delta}))
    }

    fn end(self, pieces: f64) -> String {
        let is_cut = chance() < 0.04;
        if !self.is_anthropic {
            let reason = if is_cut { "length" } else { "stop" };
            let details = json!({"cached_tokens": 896});
            let usage = json!({"prompt_tokens": 1210, "completion_tokens": pieces.floor(),
                "total_tokens": 1210.0 + pieces.floor(), "prompt_tokens_details": details});
            let mut last = frame();
            last["usage"] = usage;
            let reason = chunk(&json!({}), Some(reason));
            return format!("{reason}data: {last}\n\ndata: [DONE]\n\n");
        }
        let reason = if is_cut { "max_tokens" } else { "end_turn" };
        let delta = json!({"stop_reason": reason, "stop_sequence": null});
        let usage = json!({"output_tokens": pieces.floor()});
        event("content_block_stop", json!({"index": 0}))
            + &event("message_delta", json!({"delta": delta, "usage": usage}))
            + &event("message_stop", json!({}))
    }
}

fn refusal() -> Response {
    let error = json!({"type": "overloaded_error", "message": "Overloaded", "code": "overloaded"});
    let body = json!({"type": "error", "error": error}).to_string();
    let content_type = [(header::CONTENT_TYPE, "application/json")];
    (StatusCode::SERVICE_UNAVAILABLE, content_type, body).into_response()
}

fn chunk(delta: &Value, finish_reason: Option<&str>) -> String {
    let mut chunk = frame();
    chunk["choices"] = json!([{"index": 0, "delta": delta, "finish_reason": finish_reason}]);
    format!("data: {chunk}\n\n")
}

fn frame() -> Value {
    json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_795_685_055, "model": "gpt-4o", "choices": []})
}

fn event(kind: &str, mut data: Value) -> String {
    data["type"] = kind.into();
    format!("event: {kind}\ndata: {data}\n\n")
}

/// A time around a median, as times are: seldom much shorter, and sometimes much longer.
fn spread(median: Duration, width: f64) -> Duration {
    Duration::from_secs_f64(around(median.as_secs_f64(), width))
}

fn around(median: f64, width: f64) -> f64 {
    // A sum of twelve is normal enough.
    let normal = (0..12).map(|_| chance()).sum::<f64>() - 6.0;
    median * (normal * width).exp()
}

/// A number from 0 to 1, the same ones in each process.
pub fn chance() -> f64 {
    static STATE: AtomicU64 = AtomicU64::new(0);
    // SplitMix64.
    let state = STATE.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    #[allow(clippy::cast_precision_loss, reason = "53 bits have room")]
    let part = ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64;
    part
}
