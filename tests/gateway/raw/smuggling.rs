//! Requests of which two servers may think differently where they end.

use super::{World, asks, assert_well_formed, question};

/// What is hidden behind a request. It must never be taken for one.
fn hidden() -> String {
    asks("gpt", "x-hidden: 1\r\n")
}

/// A request with these lines of framing, and behind its head this body.
fn framed(lines: &str, body: &str) -> String {
    format!("POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\n{lines}\r\n{body}")
}

fn length(length: usize) -> String {
    format!("content-length: {length}\r\n")
}

fn coding(coding: &str) -> String {
    format!("transfer-encoding: {coding}\r\n")
}

/// A body in one chunk.
fn chunked() -> String {
    let body = question("gpt");
    format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len())
}

/// Requests that say more than once how long they are, with another behind them for who reads the wrong one.
fn twice() -> Vec<String> {
    let (one, chunk) = (question("gpt").len(), chunked() + &hidden());
    let body = question("gpt") + &hidden();
    let te = coding("chunked");
    let mut twice = vec![
        framed(&(length(chunk.len()) + &te), &chunk),
        framed(&(te.clone() + &length(4)), &chunk),
        framed(&(length(0) + &te), &chunk),
        framed(&(length(one) + &length(body.len())), &body),
        framed(&(length(one) + &length(one) + &length(0)), &body),
        framed(&format!("content-length: {one}, {}\r\n", body.len()), &body),
        framed(&(te.clone() + &coding("identity")), &chunk),
        framed(&format!("x: y\r{te}{}", length(one)), &body),
    ];
    for odd in [
        "identity",
        "chunked, identity",
        "chunked, chunked",
        "xchunked",
        "chunked;x=y",
        "\u{b}chunked",
        "\"chunked\"",
        "chunked\0",
        "",
    ] {
        twice.push(framed(&(length(one) + &coding(odd)), &body));
        twice.push(framed(&(coding(odd) + &length(4)), &chunk));
    }
    for odd in [
        "transfer-encoding : chunked",
        "transfer-encoding:\r\n chunked",
    ] {
        twice.push(framed(&format!("{odd}\r\n{}", length(4)), &chunk));
    }
    twice
}

/// Single requests, with a head or a body that is put in odd words.
fn odd() -> Vec<String> {
    let (body, one) = (question("gpt"), question("gpt").len());
    let line = length(one);
    let mut odd = vec![
        framed(&line, &body).replace("\r\n", "\n"),
        framed(&length(one).repeat(2), &body),
        framed(&(line.clone() + "transfer_encoding: chunked\r\n"), &body),
        framed(&(line.clone() + "content_length: 4\r\n"), &body),
        framed(&coding("gzip, chunked"), &chunked()),
    ];
    let lengths = [
        "+59",
        "-1",
        "0x3b",
        "18446744073709551617",
        "",
        "59;",
        "5 9",
        "\r\n 59",
    ];
    odd.extend(lengths.map(|length| framed(&format!("content-length: {length}\r\n"), &body)));
    for before in [
        "content-length : 59\r\n",
        " x: y\r\n",
        "x-folded: a\r\n b\r\n",
        "x: a\n",
        "x: a\r",
        "x: a\0b\r\n",
        ": x\r\n",
        "content-length 59\r\n",
        "host: other\r\n",
    ] {
        odd.push(framed(&(before.to_owned() + &line), &body));
    }
    for size in [
        "0x3b",
        "-1",
        "+3b",
        "3 b",
        "ffffffffffffffff3b",
        "",
        "3b;\n",
        "3b\n",
    ] {
        let chunk = chunked().replacen("3b", size, 1);
        odd.push(framed(&coding("chunked"), &chunk));
    }
    odd.push(framed(&coding("chunked"), &chunked().replace("\r\n", "\n")));
    for line in [
        "POST  /v1/chat/completions HTTP/1.1",
        "POST /v1/chat/completions HTTP/1.2",
        "POST /v1/chat/completions\tHTTP/1.1",
        "POST /v1/chat/completions",
        "POST http://elsewhere/v1/chat/completions HTTP/1.1",
    ] {
        let said = framed(&length(one), &body);
        odd.push(said.replacen("POST /v1/chat/completions HTTP/1.1", line, 1));
    }
    odd
}

#[tokio::test]
async fn situation_49_a_request_that_ends_twice_hides_no_other() {
    for said in twice() {
        let world = World::start().await;
        let received = world.say(&said).await;
        let answers = received.matches("HTTP/1.1 ").count();
        assert_eq!(answers, 1, "{said}\n{received}");
        for seen in world.seen() {
            assert_well_formed(&seen);
            assert_eq!(seen.header("x-hidden"), None, "{said}");
        }
    }
}

/// What a caller would rather speak, and says behind its request as if it already did.
#[tokio::test]
async fn situation_49_what_follows_an_upgrade_is_not_read() {
    for protocol in ["h2c", "TLS/1.0", "foo", "websocket"] {
        for model in ["gpt", "claude", "unknown"] {
            let world = World::start().await;
            let upgrade = format!("connection: upgrade\r\nupgrade: {protocol}\r\n");
            let received = world.say(asks(model, &upgrade) + &hidden()).await;
            assert_eq!(received.matches("HTTP/1.1 ").count(), 1, "{received}");
            for seen in world.seen() {
                assert_well_formed(&seen);
                assert_eq!(seen.header("x-hidden"), None, "{protocol}");
            }
        }
    }
}

#[tokio::test]
async fn situation_49_of_a_request_in_odd_words_a_provider_sees_a_plain_one_or_none() {
    for said in odd() {
        let world = World::start().await;
        let received = world.say(&said).await;
        let seen = world.seen();
        assert!(seen.len() <= 1, "{said}\n{received}");
        for seen in seen {
            assert_well_formed(&seen);
            assert_eq!(seen.body, question("gpt").as_bytes(), "{said}");
        }
    }
}
