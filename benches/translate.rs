//! What translation costs beside its floor, and how often it allocates.
//!
//! ```sh
//! cargo bench --bench translate
//! ```
//!
//! Only the ratios within one run mean something.

mod support;

use std::{hint::black_box, sync::Arc, time::Duration};

use bytes::BytesMut;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use support::{ANSWER, FloorAnswer, FloorEvent, FloorRequest, rewrite};
use tower_llm_gateway::{
    format::{ApiFormat, Codec, Dialect, StreamEnd},
    ir::{Event, Exchange},
    sse::{Item, Parser},
};

/// One direction of translation.
#[derive(Clone, Copy)]
struct Direction {
    from: ApiFormat,
    to: ApiFormat,
}

impl Direction {
    fn all() -> impl Iterator<Item = Self> {
        let formats = ApiFormat::BUILT_IN;

        formats.iter().flat_map(move |from| {
            let others = formats.iter().filter(move |to| *to != from);
            others.map(move |to| Self {
                from: *from,
                to: *to,
            })
        })
    }

    fn name(self, what: &str) -> String {
        format!("{what} {} to {}", self.from, self.to)
    }

    fn request(self, body: &[u8], out: &mut BytesMut) {
        let mut exchange = Exchange::new(0, 1);
        let mut request = codec(self.from)
            .decode_request(body, &mut exchange)
            .expect("a good request");
        if request.model.is_empty() {
            request.model = "model".into();
        }
        codec(self.to)
            .encode_request(&request, &Dialect::default(), &mut exchange, out)
            .expect("a request that can be said");
    }

    fn answer(self, body: &[u8], out: &mut BytesMut) {
        let mut exchange = Exchange::new(0, 1);
        let answer = codec(self.from)
            .decode_response(body)
            .expect("a good answer");
        codec(self.to)
            .encode_response(&answer, &mut exchange, out)
            .expect("an answer that can be said");
    }

    fn stream(self, events: &[Vec<u8>], out: &mut BytesMut) {
        let mut encoder = codec(self.to).stream_encoder(Arc::new(Exchange::new(0, 1)));
        let mut decoder = codec(self.from).stream_decoder();
        let mut parser = Parser::new(1 << 24);
        let mut sink = |event: Event<'_>| encoder.event(&event, out);
        for event in events {
            parser.push(event);
            while let Ok(Some(item)) = parser.next() {
                decoder.item(item, &mut sink);
            }
        }
        decoder.finish(StreamEnd::Clean, &mut sink);
    }
}

fn codec(format: ApiFormat) -> &'static dyn Codec {
    format.codec().expect("it has one")
}

/// A body in `format`, made of one in another by `translate`.
fn body_in(
    format: ApiFormat,
    from: ApiFormat,
    body: &str,
    translate: fn(Direction, &[u8], &mut BytesMut),
) -> Vec<u8> {
    if format == from {
        return body.as_bytes().to_vec();
    }
    let mut out = BytesMut::new();
    translate(Direction { from, to: format }, body.as_bytes(), &mut out);
    out.to_vec()
}

/// A stream in `format`, event by event.
fn stream_in(format: ApiFormat, deltas: usize) -> Vec<Vec<u8>> {
    let events = support::stream(deltas);
    let events: Vec<Vec<u8>> = events.into_iter().map(String::into_bytes).collect();
    if format == ApiFormat::ANTHROPIC {
        return events;
    }
    let mut out = BytesMut::new();
    let direction = Direction {
        from: ApiFormat::ANTHROPIC,
        to: format,
    };
    direction.stream(&events, &mut out);
    let text = String::from_utf8(out.to_vec()).expect("events are text");
    let events = text.split_inclusive("\n\n");
    events.map(|event| event.as_bytes().to_vec()).collect()
}

fn stream_floor(events: &[Vec<u8>], out: &mut Vec<u8>) {
    let mut parser = Parser::new(1 << 24);
    for event in events {
        parser.push(event);
        while let Ok(Some(item)) = parser.next() {
            match item {
                Item::Event { data, .. } if data != b"[DONE]" => {
                    rewrite::<FloorEvent<'_>>(data, out);
                }
                _ => {}
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

/// Measures `work` beside `floor`; both append to what they are given.
fn beside_floor(
    criterion: &mut Criterion,
    name: &str,
    throughput: Throughput,
    floor: impl Fn(&mut Vec<u8>),
    work: impl Fn(&mut BytesMut),
) {
    let (mut floor_out, mut out) = (Vec::new(), BytesMut::new());
    floor(&mut floor_out);
    work(&mut out);
    floor_out.clear();
    out.clear();
    allocations(name, || floor(&mut floor_out), || work(&mut out));
    let mut group = criterion.benchmark_group(name);
    group.throughput(throughput);
    group.bench_function("floor", |bencher| {
        bencher.iter(|| {
            floor_out.clear();
            floor(black_box(&mut floor_out));
        });
    });
    group.bench_function("translate", |bencher| {
        bencher.iter(|| {
            out.clear();
            work(black_box(&mut out));
        });
    });
}

fn requests(criterion: &mut Criterion) {
    for (size, label) in [(1_000, "1 KB"), (200_000, "200 KB")] {
        let chat = support::request(size);
        for direction in Direction::all() {
            let body = body_in(direction.from, ApiFormat::OPENAI, &chat, Direction::request);
            beside_floor(
                criterion,
                &direction.name(&format!("request {label}")),
                Throughput::Bytes(body.len() as u64),
                |out| rewrite::<FloorRequest<'_>>(&body, out),
                |out| direction.request(&body, out),
            );
        }
    }
}

fn answers(criterion: &mut Criterion) {
    for direction in Direction::all() {
        let body = body_in(
            direction.from,
            ApiFormat::ANTHROPIC,
            ANSWER,
            Direction::answer,
        );
        beside_floor(
            criterion,
            &direction.name("answer"),
            Throughput::Bytes(body.len() as u64),
            |out| rewrite::<FloorAnswer<'_>>(&body, out),
            |out| direction.answer(&body, out),
        );
    }
}

fn streams(criterion: &mut Criterion) {
    for direction in Direction::all() {
        let events = stream_in(direction.from, 1_000);
        beside_floor(
            criterion,
            &direction.name("stream of 1,000 deltas,"),
            Throughput::Elements(1_000),
            |out| stream_floor(&events, out),
            |out| direction.stream(&events, out),
        );
    }
}

/// Per byte, which should not depend on how many there are.
fn sizes(criterion: &mut Criterion) {
    let direction = Direction {
        from: ApiFormat::OPENAI,
        to: ApiFormat::ANTHROPIC,
    };
    for size in [10_000, 100_000, 1_000_000, 10_000_000] {
        let body = support::request(size).into_bytes();
        per_byte(
            criterion,
            &format!("request of {size} bytes"),
            body.len(),
            |out| {
                direction.request(&body, out);
            },
        );
    }
    for size in [10_000, 100_000, 1_000_000, 10_000_000] {
        // As many deltas as come to that.
        let events = stream_in(ApiFormat::ANTHROPIC, size / 115);
        streamed(criterion, &format!("stream of {size} bytes"), &events);
    }
    let text = ["word ".repeat(200_000)].into_iter();
    let events = support::stream_of(text).concat().into_bytes();
    let frames: Vec<Vec<u8>> = events.chunks(16 << 10).map(<[u8]>::to_vec).collect();
    streamed(criterion, "one event of 1,000,000 bytes", &frames);
    let events = stream_in(ApiFormat::ANTHROPIC, 870).concat();
    let frames: Vec<Vec<u8>> = events.chunks(1).map(<[u8]>::to_vec).collect();
    streamed(criterion, "100,000 bytes one by one", &frames);
}

/// A stream of Anthropic's in these pieces.
fn streamed(criterion: &mut Criterion, name: &str, pieces: &[Vec<u8>]) {
    let direction = Direction {
        from: ApiFormat::ANTHROPIC,
        to: ApiFormat::OPENAI,
    };
    let length = pieces.iter().map(Vec::len).sum();
    per_byte(criterion, name, length, |out| direction.stream(pieces, out));
}

fn per_byte(criterion: &mut Criterion, name: &str, bytes: usize, work: impl Fn(&mut BytesMut)) {
    let mut out = BytesMut::new();
    let mut group = criterion.benchmark_group("sizes");
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            out.clear();
            work(black_box(&mut out));
        });
    });
}

criterion_group! {
    name = benches;
    // Seventy measurements, and only ratios count.
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(700));
    targets = requests, answers, streams, sizes
}
criterion_main!(benches);
