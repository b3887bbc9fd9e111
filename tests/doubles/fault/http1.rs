//! HTTP/1, byte for byte.

use std::{io::ErrorKind, time::Duration};

use tokio::time::timeout;

use super::{REQUEST, Raw, said};
use crate::support::fault::{Cut, Fault, Gate, Script};

#[tokio::test]
async fn a_whole_body_announces_its_length() {
    let script = Script::new().status(503).header("retry-after", "2");
    let (text, end) = said(script.body("sorry").close()).await;
    assert_eq!(
        text,
        "HTTP/1.1 503 Service Unavailable\r\nretry-after: 2\r\ncontent-length: 5\r\n\
         connection: close\r\n\r\nsorry"
    );
    assert!(end.is_ok());
}

#[tokio::test]
async fn parts_of_a_body_are_chunks() {
    let script = Script::new().chunk("one").chunks(["two", "", "three"]);
    let (text, _) = said(script.finish().cut(Cut::Fin)).await;
    assert_eq!(
        text,
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
         3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n"
    );
}

#[tokio::test]
async fn trailers_follow_the_last_chunk() {
    let script = Script::new().chunk("a").trailers(&[("x-sum", "1")]);
    let (text, _) = said(script.cut(Cut::Fin)).await;
    assert!(text.ends_with("1\r\na\r\n0\r\nx-sum: 1\r\n\r\n"), "{text}");
}

#[tokio::test]
async fn an_answer_without_a_body_says_so() {
    let (text, _) = said(Script::new().status(502).close()).await;
    assert!(text.contains("content-length: 0\r\n"), "{text}");
    let (text, _) = said(Script::new().status(204).close()).await;
    assert_eq!(text, "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
}

#[tokio::test]
async fn a_length_may_be_a_lie() {
    let script = Script::new().header("content-length", "100").body("few");
    let (text, end) = said(script.cut(Cut::Fin)).await;
    assert!(text.ends_with("content-length: 100\r\n\r\nfew"), "{text}");
    assert!(end.is_ok());
}

#[tokio::test]
async fn a_fin_may_come_at_any_place() {
    let places = [
        (Script::new(), ""),
        (Script::new().half_head(), "HTTP/1.1 200 OK\r\ntransf"),
        (
            Script::new().head(),
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        ),
        (
            Script::new().chunk("a"),
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n",
        ),
    ];
    for (script, expected) in places {
        let (text, end) = said(script.cut(Cut::Fin)).await;
        assert_eq!(text, expected);
        assert!(end.is_ok());
    }
}

#[tokio::test]
async fn a_reset_is_one() {
    for script in [Script::new(), Script::new().chunk("a")] {
        let (_, end) = said(script.cut(Cut::Rst)).await;
        assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset);
    }
}

#[tokio::test]
async fn garbage_takes_the_place_of_a_head() {
    let script = Script::new().garbage("\0SSH-2.0\r\n").chunk("a");
    let (text, _) = said(script.close()).await;
    assert_eq!(text, "\0SSH-2.0\r\na");
    let interim = Script::new().raw("HTTP/1.1 100 Continue\r\n\r\n");
    let (text, _) = said(interim.body("a").close()).await;
    assert!(
        text.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"),
        "{text}"
    );
}

#[tokio::test]
async fn a_gate_orders_what_is_said() {
    let gate = Gate::new();
    let script = Script::stream().chunk("one\n").wait(&gate).chunk("two\n");
    let upstream = Fault::h1().script(script.close()).start().await;
    let mut raw = Raw::ask(&upstream).await;
    raw.hear("one\n\r\n").await;
    gate.reached(1).await;
    assert!(!upstream.seen()[0].finished);
    gate.open();
    let (text, _) = raw.rest().await;
    assert_eq!(text, "4\r\ntwo\n\r\n0\r\n\r\n");
}

#[tokio::test]
async fn a_stall_is_silent_until_the_peer_leaves() {
    let upstream = Fault::h1().script(Script::new().chunk("a\n").stall());
    let upstream = upstream.start().await;
    let mut raw = Raw::ask(&upstream).await;
    raw.hear("a\n\r\n").await;
    let more = timeout(Duration::from_millis(20), raw.hear("!"));
    assert!(more.await.is_err());
    drop(raw);
    upstream.left(0).await;
    assert!(!upstream.seen()[0].finished);
}

#[tokio::test]
async fn each_request_has_its_script_and_the_last_repeats() {
    let upstream = Fault::h1()
        .script(Script::new().body("first\n"))
        .then(Script::new().body("others\n"))
        .start()
        .await;
    let mut raw = Raw::connect(&upstream).await;
    for line in ["first\n", "others\n", "others\n"] {
        raw.say(REQUEST).await;
        raw.hear(line).await;
    }
    assert_eq!((upstream.connections(), upstream.attempts()), (1, 3));
}

#[tokio::test]
async fn scripts_may_be_chosen_by_the_request() {
    let upstream = Fault::h1().each(|number, seen| {
        let body = String::from_utf8_lossy(&seen.body);
        Script::new().body(format!("{number} {body}\n"))
    });
    let upstream = upstream.start().await;
    let mut raw = Raw::ask(&upstream).await;
    raw.hear("0 {}\n").await;
    raw.say(REQUEST).await;
    raw.hear("1 {}\n").await;
}

#[tokio::test]
async fn an_idle_connection_closes_when_its_time_has_come() {
    let script = Script::new().body("a\n");
    let script = script.close_idle_after(Duration::from_millis(1));
    let (text, end) = said(script).await;
    assert!(text.ends_with("\r\n\r\na\n") && !text.contains("close"));
    assert!(end.is_ok());
}

#[tokio::test]
async fn a_request_keeps_an_idle_connection_open() {
    let gate = Gate::new();
    let upstream = Fault::h1()
        .script(Script::new().body("a\n").finish().wait(&gate).cut(Cut::Rst))
        .then(Script::new().body("b\n").close())
        .start()
        .await;
    let mut raw = Raw::ask(&upstream).await;
    raw.hear("a\n").await;
    gate.reached(1).await;
    raw.say(REQUEST).await;
    raw.hear("b\n").await;
    gate.open();
    assert!(raw.rest().await.1.is_ok());
}

#[tokio::test]
async fn an_answer_waits_for_the_body_unless_it_is_early() {
    let gate = Gate::new();
    let upstream = Fault::h1().script(Script::new().wait(&gate));
    let upstream = upstream.start().await;
    let mut raw = Raw::connect(&upstream).await;
    raw.say("POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\n")
        .await;
    upstream.requests(1).await;
    let answer = timeout(Duration::from_millis(20), gate.reached(1));
    assert!(answer.await.is_err());
    raw.say("abc").await;
    gate.reached(1).await;
}

#[tokio::test]
async fn an_early_answer_does_not_wait_for_the_body() {
    let upstream = Fault::h1().script(Script::new().status(413).early().body("no\n"));
    let upstream = upstream.start().await;
    let mut raw = Raw::connect(&upstream).await;
    raw.say("POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\n")
        .await;
    raw.hear("no\n").await;
    raw.say("abc").await;
    assert_eq!(upstream.body(0).await, b"abc");
    // What was late is not taken for a request.
    raw.say(REQUEST).await;
    assert_eq!(upstream.requests(2).await[1].target(), "/v1/messages");
}

#[tokio::test]
async fn a_body_is_read_from_when_the_gate_opens() {
    let gate = Gate::new();
    let script = Script::new().read_from(&gate).stall();
    let upstream = Fault::h1().script(script).start().await;
    let mut raw = Raw::connect(&upstream).await;
    let size = 32 * 1024 * 1024;
    raw.say(&format!(
        "POST / HTTP/1.1\r\ncontent-length: {size}\r\n\r\n"
    ))
    .await;
    upstream.requests(1).await;
    let body = "b".repeat(size);
    let sending = timeout(Duration::from_millis(50), raw.say(&body));
    assert!(sending.await.is_err(), "somebody reads");
    assert!(upstream.get(0).body.is_empty());
    drop(raw);
    gate.open();
    upstream.left(0).await;
    let seen = upstream.seen().remove(0);
    assert!(!seen.body.is_empty() && seen.body.len() < size && !seen.body_complete);
}

#[tokio::test]
async fn a_slow_reader_takes_bytes_by_the_interval() {
    let script = Script::new().slow_read(10, Duration::from_millis(1));
    let upstream = Fault::h1().script(script.body("done\n")).start().await;
    let mut raw = Raw::connect(&upstream).await;
    raw.say("POST / HTTP/1.1\r\ncontent-length: 35\r\n\r\n")
        .await;
    upstream.requests(1).await;
    raw.say(&"b".repeat(35)).await;
    let mut sizes = vec![0];
    upstream
        .until(|seen| {
            sizes.push(seen[0].body.len());
            seen[0].body_complete
        })
        .await;
    assert!(
        sizes.windows(2).all(|pair| pair[1] - pair[0] <= 10),
        "{sizes:?}"
    );
    raw.hear("done\n").await;
}

#[tokio::test]
async fn an_upstream_may_close_before_it_has_read_all() {
    let script = Script::new().status(413).early().body("no\n").close();
    let upstream = Fault::h1().script(script).start().await;
    let mut raw = Raw::connect(&upstream).await;
    raw.say("POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\n")
        .await;
    let (text, end) = raw.rest().await;
    assert!(text.ends_with("no\n") && end.is_ok(), "{text}");
    assert!(!upstream.seen()[0].body_complete);
}
