//! Headers of one connection, on their way to another.

use super::{HOP_BY_HOP, World, asks, posts, question, streamed};

const MODELS: [&str; 3] = ["gpt", "claude", "gemini-x"];

#[tokio::test]
async fn situation_01_what_speaks_of_the_caller_s_connection_goes_no_further() {
    let lines = "connection: x-private, Keep-Alive\r\nConnection: X-Other\r\n\
        x-private: 1\r\nx-other: 1\r\nx-kept: 1\r\n";
    let others = HOP_BY_HOP[1..].iter();
    let others = others.map(|name| format!("{name}: x-private\r\n"));
    let lines = lines.to_owned() + &others.collect::<String>();
    for model in MODELS {
        let world = World::start().await;
        let received = world.say(asks(model, &lines)).await;
        assert!(received.starts_with("HTTP/1.1 200 "), "{received}");
        let seen = world.one();
        for name in ["x-private", "x-other"] {
            assert_eq!(seen.header(name), None, "{name}");
        }
        assert_eq!(seen.header("x-kept"), Some("1"));
    }
}

#[tokio::test]
async fn situation_01_what_speaks_of_the_provider_s_connection_goes_no_further() {
    let world = World::start_with(|script| {
        let script = script
            .header("connection", "x-private, keep-alive")
            .header("x-private", "1");
        let names = HOP_BY_HOP[1..].iter();
        names.fold(script, |script, name| script.header(name, "x-private"))
    });
    let world = world.await;
    for model in MODELS {
        for (stream, body) in [(false, question(model)), (true, streamed(model))] {
            let received = world.say(posts(&body, "")).await;
            let (head, _) = received.split_once("\r\n\r\n").unwrap();
            let head = head.to_ascii_lowercase();
            assert!(head.starts_with("http/1.1 200 "), "{received}");
            assert_eq!(
                head.contains("transfer-encoding: chunked"),
                stream,
                "{head}"
            );
            for name in HOP_BY_HOP.iter().chain(&["x-private"]) {
                assert!(!head.contains(&format!("\r\n{name}:")), "{head}");
            }
        }
    }
}
