//! How streams are read, whatever their lines end in and wherever they are cut.

use super::*;

type Owned = Vec<(Option<String>, String)>;

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn keep(item: Item<'_>, into: &mut Owned) {
    into.push(match item {
        Item::Event { name, data } => (name.map(text), text(data)),
        Item::Comment => (None, ":".into()),
    });
}

fn parsed<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Owned {
    let mut parser = Parser::new(1 << 16);
    let mut items = Vec::new();
    for piece in pieces {
        parser.push(piece);
        while let Some(item) = parser.next().unwrap() {
            keep(item, &mut items);
        }
    }
    if let Some(item) = parser.finish() {
        keep(item, &mut items);
    }
    items
}

fn events(stream: &str) -> Owned {
    parsed([stream.as_bytes()])
}

fn unnamed(data: &str) -> (Option<String>, String) {
    (None, data.to_owned())
}

#[test]
fn an_event_ends_with_a_blank_line() {
    assert_eq!(
        events("data: a\n\ndata: b\n\n"),
        [unnamed("a"), unnamed("b")]
    );
}

#[test]
fn the_space_behind_the_colon_is_optional() {
    assert_eq!(
        events("data:a\n\ndata:  b\n\n"),
        [unnamed("a"), unnamed(" b")]
    );
}

#[test]
fn an_event_has_the_name_it_was_given() {
    assert_eq!(
        events("event: ping\ndata: {}\n\n"),
        [(Some("ping".into()), "{}".into())]
    );
}

#[test]
fn a_name_does_not_outlive_its_event() {
    assert_eq!(events("event: ping\n\ndata: a\n\n"), [unnamed("a")]);
}

#[test]
fn data_lines_are_joined() {
    assert_eq!(events("data: a\ndata: b\ndata:\n\n"), [unnamed("a\nb\n")]);
}

#[test]
fn comments_are_signs_of_life() {
    assert_eq!(
        events(": keep-alive\n\ndata: a\n: x\ndata: b\n\n"),
        [unnamed(":"), unnamed(":"), unnamed("a\nb")]
    );
}

#[test]
fn trap_093_an_event_without_data_is_none() {
    assert_eq!(events("event: ping\n\ndata: a\n\n"), [unnamed("a")]);
}

#[test]
fn the_last_blank_line_may_be_missing() {
    assert_eq!(events("data: a\n\ndata: b"), [unnamed("a"), unnamed("b")]);
}

#[test]
fn other_fields_and_line_separators_of_unicode_mean_nothing() {
    assert_eq!(
        events("id: 1\nretry: 2\nx\ndata: a\u{2028}b\n\n"),
        [unnamed("a\u{2028}b")]
    );
}

const STREAM: &str = "\u{FEFF}event: é\ndata: {\"😀\":1}\n\n: c\r\n\r\ndata: a\r\ndata: b\r\n\r\nevent: x\rdata: y\r\rdata: end";

#[test]
fn all_line_ends_and_a_byte_order_mark_are_understood() {
    assert_eq!(
        events(STREAM),
        [
            (Some("é".into()), "{\"😀\":1}".into()),
            unnamed(":"),
            unnamed("a\nb"),
            (Some("x".into()), "y".into()),
            unnamed("end"),
        ]
    );
}

#[test]
fn where_the_bytes_are_cut_does_not_matter() {
    let whole = events(STREAM);
    for cut in 0..=STREAM.len() {
        let (head, tail) = STREAM.as_bytes().split_at(cut);
        assert_eq!(parsed([head, tail]), whole, "cut at {cut}");
    }
    assert_eq!(parsed(STREAM.as_bytes().chunks(1)), whole);
}

#[test]
fn an_event_over_the_limit_is_an_error_and_not_kept() {
    for stream in [
        "data: 0123456789",
        "data: 01\ndata: 23\ndata: 45\ndata: 67\n\n",
    ] {
        let mut parser = Parser::new(12);
        parser.push(stream.as_bytes());
        assert_eq!(parser.next(), Err(EventTooLong { limit: 12 }), "{stream}");
    }
}

#[test]
fn between_events_nothing_is_kept() {
    for end in ["\n", "\r\n", "\r"] {
        let mut parser = Parser::new(100);
        for (piece, between) in [("data: a", false), ("\n\n", true), ("event: x\n", false)] {
            parser.push(piece.replace('\n', end).as_bytes());
            while parser.next().unwrap().is_some() {}
            assert_eq!(parser.is_between_events(), between, "after {piece:?}");
        }
    }
}

#[test]
fn many_short_events_in_one_piece_are_within_the_limit() {
    let mut parser = Parser::new(12);
    parser.push("data: 1\n\n".repeat(100).as_bytes());
    let mut count = 0;
    while parser.next().unwrap().is_some() {
        count += 1;
    }
    assert_eq!(count, 100);
}

#[test]
fn trap_103_bare_json_is_an_event_wherever_it_is_cut() {
    let error = "{\n  \"error\": {\n    \"code\": 503,\r\n    \"message\": \"data: x\"\n  }\n}";
    let lines = error.replace('\r', "");
    for (stream, expected) in [
        (error.to_owned(), vec![unnamed(&lines)]),
        (format!("\n{error}\n"), vec![unnamed(&lines)]),
        (
            format!("data: a\n\n{error}\n\ndata: b\n\n"),
            vec![unnamed("a"), unnamed(&lines), unnamed("b")],
        ),
        (
            format!("{error}\r\ndata: [DONE]\r\n\r\n"),
            vec![unnamed(&lines), unnamed("[DONE]")],
        ),
        (
            format!("event: error\n{error}\n: x\n\n"),
            vec![(Some("error".into()), lines.clone()), unnamed(":")],
        ),
    ] {
        assert_eq!(events(&stream), expected, "{stream:?}");
        assert_eq!(parsed(stream.as_bytes().chunks(1)), expected, "{stream:?}");
    }
}

/// The items of pieces, and whether one was too long.
fn under_limit<'a>(
    pieces: impl Iterator<Item = &'a [u8]>,
    limit: usize,
    at_once: bool,
) -> (Owned, bool) {
    let mut parser = Parser::new(limit);
    let mut items = Vec::new();
    for mut piece in pieces {
        while at_once && let Some((item, rest)) = parser.at_once(piece) {
            keep(item, &mut items);
            piece = rest;
        }
        parser.push(piece);
        loop {
            match parser.next() {
                Ok(Some(item)) => keep(item, &mut items),
                Ok(None) => break,
                Err(_) => return (items, true),
            }
        }
    }
    (items, false)
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 2000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn lines_of_any_kind_are_the_same_events_byte_by_byte_and_under_the_same_limit(
        lines in proptest::collection::vec(proptest::sample::select(vec![
            "data: ab", "data: ", "data:x", "event: e", "event: ", "", "", "\r", "a\r", ":", "id: 1", "{\"a\"", "}", " ",
            "data: a\n", "event: e\ndata: b\n", "data: abcdefgh\n",
        ]), 0..9),
        limit in 6..20_usize,
        size in 1..60_usize,
    ) {
        let stream = lines.join("\n") + "\n";
        let bytes = stream.as_bytes();
        let expected = under_limit(bytes.chunks(1), limit, false);
        let events = stream.split_inclusive("\n\n").map(str::as_bytes);
        proptest::prop_assert_eq!(&under_limit([bytes].into_iter(), limit, false), &expected);
        proptest::prop_assert_eq!(&under_limit(bytes.chunks(size), limit, true), &expected);
        proptest::prop_assert_eq!(&under_limit(events, limit, true), &expected);
    }
}
