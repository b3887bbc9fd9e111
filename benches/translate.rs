//! What translation costs beside its floor, and how often it allocates.
//!
//! ```sh
//! cargo bench --bench translate
//! ```
//!
//! Only the ratios within one run mean something.

mod support;

use std::{hint::black_box, sync::Arc};

use bytes::BytesMut;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use support::{ANSWER, FloorAnswer, FloorEvent, FloorRequest, rewrite};
use tower_llm_gateway::{
    format::{ApiFormat, Codec, Dialect, StreamEnd},
    ir::{Event, Exchange},
    sse::{Item, Parser},
};

fn codec(format: ApiFormat) -> &'static dyn Codec {
    format.codec().expect("it has one")
}

fn request_to_anthropic(body: &[u8], out: &mut BytesMut) {
    let mut exchange = Exchange::new(0, 1);
    let request = codec(ApiFormat::OPENAI)
        .decode_request(body, &mut exchange)
        .expect("a good request");
    let encoded = codec(ApiFormat::ANTHROPIC).encode_request(
        &request,
        &Dialect::default(),
        &mut exchange,
        out,
    );
    encoded.expect("a request that can be said");
}

fn answer_to_openai(body: &[u8], out: &mut BytesMut) {
    let mut exchange = Exchange::new(0, 1);
    let answer = codec(ApiFormat::ANTHROPIC)
        .decode_response(body)
        .expect("a good answer");
    let encoded = codec(ApiFormat::OPENAI).encode_response(&answer, &mut exchange, out);
    encoded.expect("an answer that can be said");
}

fn stream_to_openai(events: &[String], out: &mut BytesMut) {
    let mut encoder = codec(ApiFormat::OPENAI).stream_encoder(Arc::new(Exchange::new(0, 1)));
    let mut decoder = codec(ApiFormat::ANTHROPIC).stream_decoder();
    let mut parser = Parser::new(1 << 20);
    let mut sink = |event: Event<'_>| encoder.event(&event, out);
    for event in events {
        parser.push(event.as_bytes());
        while let Ok(Some(item)) = parser.next() {
            decoder.item(item, &mut sink);
        }
    }
    decoder.finish(StreamEnd::Clean, &mut sink);
}

fn stream_floor(events: &[String], out: &mut Vec<u8>) {
    let mut parser = Parser::new(1 << 20);
    for event in events {
        parser.push(event.as_bytes());
        while let Ok(Some(item)) = parser.next() {
            if let Item::Event { data, .. } = item {
                rewrite::<FloorEvent<'_>>(data, out);
            }
        }
    }
}

/// Prints how often `work` allocates, beside its floor.
fn allocations(name: &str, floor: impl FnOnce(), work: impl FnOnce()) {
    let [floor, ours] = [
        allocation_counter::measure(floor).count_total,
        allocation_counter::measure(work).count_total,
    ];
    println!("{name}: {ours} allocations, floor {floor}");
}

fn requests(criterion: &mut Criterion) {
    for size in [1_000, 200_000] {
        let body = support::request(size).into_bytes();
        let name = format!("request openai to anthropic, {} bytes", body.len());
        let mut floor_out = Vec::with_capacity(2 * body.len());
        let mut out = BytesMut::with_capacity(2 * body.len());
        allocations(
            &name,
            || rewrite::<FloorRequest<'_>>(&body, &mut floor_out),
            || request_to_anthropic(&body, &mut out),
        );
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_function("floor", |bencher| {
            bencher.iter(|| {
                floor_out.clear();
                rewrite::<FloorRequest<'_>>(black_box(&body), &mut floor_out);
            });
        });
        group.bench_function("translate", |bencher| {
            bencher.iter(|| {
                out.clear();
                request_to_anthropic(black_box(&body), &mut out);
            });
        });
    }
}

fn answers(criterion: &mut Criterion) {
    let (mut floor_out, mut out) = (Vec::with_capacity(4096), BytesMut::with_capacity(4096));
    let name = "answer anthropic to openai";
    allocations(
        name,
        || rewrite::<FloorAnswer<'_>>(ANSWER.as_bytes(), &mut floor_out),
        || answer_to_openai(ANSWER.as_bytes(), &mut out),
    );
    let mut group = criterion.benchmark_group(name);
    group.bench_function("floor", |bencher| {
        bencher.iter(|| {
            floor_out.clear();
            rewrite::<FloorAnswer<'_>>(black_box(ANSWER.as_bytes()), &mut floor_out);
        });
    });
    group.bench_function("translate", |bencher| {
        bencher.iter(|| {
            out.clear();
            answer_to_openai(black_box(ANSWER.as_bytes()), &mut out);
        });
    });
}

fn streams(criterion: &mut Criterion) {
    let events = support::stream(1_000);
    let (mut floor_out, mut out) = (
        Vec::with_capacity(1 << 20),
        BytesMut::with_capacity(1 << 20),
    );
    let name = "stream anthropic to openai, 1000 deltas";
    allocations(
        name,
        || stream_floor(&events, &mut floor_out),
        || stream_to_openai(&events, &mut out),
    );
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(events.len() as u64));
    group.bench_function("floor", |bencher| {
        bencher.iter(|| {
            floor_out.clear();
            stream_floor(black_box(&events), &mut floor_out);
        });
    });
    group.bench_function("translate", |bencher| {
        bencher.iter(|| {
            out.clear();
            stream_to_openai(black_box(&events), &mut out);
        });
    });
}

criterion_group!(benches, requests, answers, streams);
criterion_main!(benches);
