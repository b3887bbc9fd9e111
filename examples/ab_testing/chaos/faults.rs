//! Three providers that answer most of the time.

use std::time::Duration;

use crate::support::fault::{Cut, Fault, Format, Script, Seen, Upstream};
use crate::table::{Table, count};

/// What the providers answer when they do.
pub(super) const TEXTS: [&str; 2] = [
    "Hello from OpenAI! Fancy a café? 👋",
    "Hello from Anthropic! Fancy a café? 🌿",
];

/// The providers, by the word that stands for their address.
pub(super) struct Providers([(&'static str, Upstream); 3]);

impl Providers {
    pub(super) async fn start() -> Self {
        let faulty = |format, seed| {
            Fault::h1().each(move |number, request| script(format, seed + number as u64, request))
        };
        Self([
            ("OPENAI", faulty(Format::OpenAi, 1_000).start().await),
            ("ANTHROPIC", faulty(Format::Anthropic, 2_000).start().await),
            ("AZURE", faulty(Format::OpenAi, 3_000).start().await),
        ])
    }

    pub(super) fn put_into(&self, config: &str) -> String {
        let all = self.0.iter();
        all.fold(config.to_owned(), |config, (word, upstream)| {
            config.replace(word, upstream.url())
        })
    }

    pub(super) fn print(&self, requests: u64) {
        let mut table = Table::new(&["provider", "attempts", "connections"]);
        for (word, upstream) in &self.0 {
            let attempts = count(upstream.attempts() as u64);
            let connections = count(upstream.connections() as u64);
            table.row(vec![word.to_lowercase(), attempts, connections]);
        }
        println!();
        table.print();
        let attempts: usize = self.0.iter().map(|(_, it)| it.attempts()).sum();
        println!(
            "\n{} attempts for {} requests",
            count(attempts as u64),
            count(requests)
        );
    }
}

/// What is done with a request: one of five is failed, each time in another way.
fn script(format: Format, number: u64, request: &Seen) -> Script {
    let draw = mixed(number);
    if !draw.is_multiple_of(5) {
        return Script::reply(format, request);
    }
    let begun = || Script::stream_start(format);
    match (draw >> 8) % 13 {
        0 => Script::error(format, 500),
        1 => Script::error(format, 503).header("retry-after-ms", "20"),
        2 => Script::error(format, 429).header("retry-after", "60"),
        3 => Script::error(format, 429).header("retry-after-ms", "50"),
        4 => Script::new().cut(Cut::Rst),
        5 => Script::new().half_head().cut(Cut::Fin),
        6 => Script::new().garbage("SSH-2.0-OpenSSH_9.9\r\n"),
        7 => Script::new()
            .status(502)
            .header("content-type", "text/html")
            .body("<h1>Bad"),
        8 => Script::new().delay(Duration::from_secs(4)).cut(Cut::Fin),
        _ if !request.wants_stream() => Script::json("{\"id\":\"half")
            .header("content-length", "999")
            .cut(Cut::Fin),
        9 => begun().cut(Cut::Rst),
        10 => begun().cut(Cut::Fin),
        11 => begun().stall(),
        _ => Script::error_event(format),
    }
}

/// Looks like chance, and is the same in each run (`SplitMix64`).
fn mixed(number: u64) -> u64 {
    let mut bits = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
