//! What an upstream remembers.

use super::{REQUEST, Raw};
use crate::support::fault::{Cut, Fault, Left, Script};

#[tokio::test]
async fn a_request_is_remembered_as_it_came() {
    let upstream = Fault::h1().script(Script::new()).start().await;
    let mut raw = Raw::connect(&upstream).await;
    raw.say(
        "PUT /a?b=c HTTP/1.1\r\nX-Odd:  one\r\nhost: a\r\nx-odd: two\r\n\
         Transfer-Encoding: chunked\r\n\r\n3;q=1\r\nabc\r\n2\r\nde\r\n0\r\nx-t: 1\r\n\r\n",
    )
    .await;
    raw.say(REQUEST).await;
    assert_eq!(upstream.requests(2).await[1].target(), "/v1/messages");
    let seen = upstream.seen().remove(0);
    assert!(
        seen.head
            .starts_with(b"PUT /a?b=c HTTP/1.1\r\nX-Odd:  one\r\n")
    );
    assert!(seen.head.ends_with(b"chunked\r\n\r\n"));
    assert_eq!(seen.line, "PUT /a?b=c HTTP/1.1");
    assert_eq!((seen.method(), seen.target()), ("PUT", "/a?b=c"));
    assert_eq!(seen.all("x-odd"), ["one", "two"]);
    assert_eq!(seen.header("HOST"), Some("a"));
    assert_eq!(seen.headers[0].0, "X-Odd");
    assert_eq!(
        (seen.body.as_slice(), seen.body_complete),
        (&b"abcde"[..], true)
    );
}

#[tokio::test]
async fn all_credentials_are_found() {
    let upstream = Fault::h1().script(Script::new()).start().await;
    let mut raw = Raw::connect(&upstream).await;
    raw.say(
        "GET /m?alt=sse&key=1 HTTP/1.1\r\nAuthorization: Bearer 2\r\nX-API-Key: 3\r\napi-key: 4\r\n\
         x-goog-api-key: 5\r\nCookie: a=6\r\nx-api-key: 7\r\naccept: */*\r\n\r\n",
    )
    .await;
    let found = upstream.requests(1).await.remove(0).credentials();
    let found: Vec<_> = found
        .iter()
        .map(|(name, it)| format!("{name}={it}"))
        .collect();
    let expected = [
        "authorization=Bearer 2",
        "x-api-key=3",
        "api-key=4",
        "x-goog-api-key=5",
        "cookie=a=6",
        "x-api-key=7",
        "?key=1",
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn who_does_not_read_blocks_the_upstream() {
    let size = 64 * 1024 * 1024;
    let script = Script::new().body(vec![b'a'; size]);
    let upstream = Fault::h1().script(script).with_buffers(4096).start().await;
    let raw = Raw::ask(&upstream).await;
    let seen = upstream.blocked(0).await;
    assert!(0 < seen.written && seen.written < size, "{}", seen.written);
    drop(raw);
    upstream.left(0).await;
}

#[tokio::test]
async fn a_reader_unblocks_the_upstream() {
    let size = 256 * 1024;
    let script = Script::new().body(vec![b'a'; size]).close();
    let upstream = Fault::h1().script(script).with_buffers(4096).start().await;
    let mut raw = Raw::ask(&upstream).await;
    upstream.blocked(0).await;
    let (text, _) = raw.rest().await;
    let seen = upstream.finished(0).await;
    assert_eq!((seen.written, seen.blocked), (text.len(), false));
}

#[tokio::test]
async fn a_peer_who_closes_left_by_fin() {
    let upstream = Fault::h1().script(Script::new().stall()).start().await;
    let raw = Raw::ask(&upstream).await;
    let seen = upstream.requests(1).await.remove(0);
    assert_eq!((seen.left, seen.left_at), (Left::StillThere, None));
    drop(raw);
    assert_eq!(upstream.left(0).await, Left::Fin);
    assert!(upstream.seen()[0].left_at.is_some());
}

#[tokio::test]
async fn a_peer_who_resets_left_by_rst() {
    let upstream = Fault::h1().script(Script::new().stall()).start().await;
    let raw = Raw::ask(&upstream).await;
    upstream.requests(1).await;
    raw.0.set_zero_linger().unwrap();
    drop(raw);
    assert_eq!(upstream.left(0).await, Left::Rst);
}

#[tokio::test]
async fn who_goes_on_to_another_request_has_not_left_the_first() {
    let upstream = Fault::h1().script(Script::new().body("a\n")).start().await;
    let mut raw = Raw::ask(&upstream).await;
    raw.hear("a\n").await;
    raw.say(REQUEST).await;
    raw.hear("a\n").await;
    drop(raw);
    assert_eq!(upstream.left(1).await, Left::Fin);
    assert_eq!(upstream.seen()[0].left, Left::StillThere);
}

#[tokio::test]
async fn who_is_cut_off_has_not_left() {
    let upstream = Fault::h1()
        .script(Script::new().cut(Cut::Rst))
        .start()
        .await;
    let mut raw = Raw::ask(&upstream).await;
    assert!(raw.rest().await.1.is_err());
    let seen = upstream.finished(0).await;
    assert_eq!(seen.left, Left::StillThere);
}
