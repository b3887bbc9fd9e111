use super::*;
use http::HeaderValue;

fn evidence(outcome: Outcome) -> Evidence<'static> {
    Evidence {
        outcome,
        operation: Operation::Generate,
        headers: None,
        said: None,
        statuses: &[],
        has_fresh: false,
        is_asked: true,
    }
}

fn status(status: u16) -> Evidence<'static> {
    evidence(Outcome::Status(StatusCode::from_u16(status).unwrap()))
}

#[test]
fn situation_25_statuses_of_overload_and_failure_are_tried_again() {
    for code in [408, 409, 429, 500, 502, 503, 504, 529] {
        assert_eq!(status(code).verdict(), Verdict::Again, "{code}");
    }
}

#[test]
fn situation_25_what_is_wrong_with_a_request_is_never_asked_again() {
    let mut headers = HeaderMap::new();
    headers.insert("x-should-retry", HeaderValue::from_static("true"));
    for code in [400, 401, 403, 404, 413, 422] {
        let evidence = Evidence {
            headers: Some(&headers),
            ..status(code)
        };
        assert_eq!(evidence.verdict(), Verdict::Keep, "{code}");
        let statuses = [StatusCode::from_u16(code).unwrap()];
        let configured = Evidence {
            statuses: &statuses,
            ..evidence
        };
        assert_eq!(configured.verdict(), Verdict::Next, "{code}");
    }
}

#[test]
fn situation_25_other_failures_of_a_server_are_tried_elsewhere() {
    for (code, expected) in [
        (501, Verdict::Keep),
        (520, Verdict::Next),
        (599, Verdict::Next),
        (402, Verdict::Keep),
        (418, Verdict::Keep),
    ] {
        assert_eq!(status(code).verdict(), expected, "{code}");
    }
}

#[test]
fn a_key_that_is_refused_may_have_another_beside_it() {
    for (code, expected) in [
        (401, Verdict::Beside),
        (403, Verdict::Beside),
        (400, Verdict::Keep),
        (404, Verdict::Keep),
    ] {
        let evidence = Evidence {
            has_fresh: true,
            ..status(code)
        };
        assert_eq!(evidence.verdict(), expected, "{code}");
    }
}

#[test]
fn a_key_that_is_refused_for_good_is_the_next_one_s_if_configured() {
    for code in [401, 403] {
        let statuses = [StatusCode::from_u16(code).unwrap()];
        let configured = |has_fresh| Evidence {
            statuses: &statuses,
            has_fresh,
            ..status(code)
        };
        assert_eq!(configured(true).verdict(), Verdict::Again, "{code}");
        assert_eq!(configured(false).verdict(), Verdict::Next, "{code}");
    }
}

#[test]
fn a_key_that_is_refused_by_what_is_said_is_refused() {
    for (kind, expected) in [
        (ErrorKind::Unauthenticated, Verdict::Beside),
        (ErrorKind::Forbidden, Verdict::Beside),
        (ErrorKind::Billing, Verdict::Again),
        (ErrorKind::BadRequest, Verdict::Keep),
    ] {
        let said = ir::Error::new(kind, "no");
        let evidence = Evidence {
            said: Some(&said),
            has_fresh: true,
            ..status(400)
        };
        assert_eq!(evidence.verdict(), expected, "{kind:?}");
    }
}

#[test]
fn who_took_too_long_or_can_t_be_used_may_have_another_beside_it() {
    for outcome in [
        Outcome::Timeout(Phase::FirstByte),
        Outcome::Timeout(Phase::FirstEvent),
        Outcome::Timeout(Phase::Idle),
        Outcome::Timeout(Phase::Attempt),
        Outcome::Unreadable,
        Outcome::Unusable,
    ] {
        let fresh = Evidence {
            has_fresh: true,
            ..evidence(outcome)
        };
        assert_eq!(fresh.verdict(), Verdict::Again, "{outcome}");
        assert_eq!(evidence(outcome).verdict(), Verdict::Next, "{outcome}");
    }
}

/// What an outcome says of the endpoint.
fn says(evidence: Evidence<'_>) -> Option<bool> {
    evidence.says_of_endpoint(evidence.verdict())
}

#[test]
fn situation_35_what_is_wrong_with_a_request_says_nothing_of_the_endpoint() {
    for code in [400, 404, 413, 422] {
        let statuses = [StatusCode::from_u16(code).unwrap()];
        let configured = Evidence {
            statuses: &statuses,
            has_fresh: true,
            ..status(code)
        };
        for evidence in [status(code), configured] {
            assert_eq!(says(evidence), None, "{code}");
        }
    }
}

#[test]
fn a_key_that_is_refused_speaks_against_the_endpoint_where_another_is_tried() {
    for code in [401, 403] {
        let evidence = Evidence {
            has_fresh: true,
            ..status(code)
        };
        assert_eq!(says(evidence), Some(false), "{code}");
        assert_eq!(says(status(code)), None, "{code}");
    }
}

#[test]
fn only_an_answer_speaks_for_the_endpoint() {
    assert_eq!(says(evidence(Outcome::Answered)), Some(true));
    assert_eq!(says(evidence(Outcome::Unusable)), Some(false));
    for code in [429, 500, 503, 529] {
        assert_eq!(says(status(code)), Some(false), "{code}");
    }
    for code in [418, 501] {
        assert_eq!(says(status(code)), None, "{code}");
    }
}

#[test]
fn what_was_made_on_the_way_says_nothing_of_the_endpoint() {
    for evidence in [
        evidence(Outcome::Answered),
        evidence(Outcome::Broken),
        status(429),
        status(503),
    ] {
        let unasked = Evidence {
            is_asked: false,
            ..evidence
        };
        assert_eq!(says(unasked), None, "{}", evidence.outcome);
    }
    let refused = Evidence {
        is_asked: false,
        has_fresh: true,
        ..status(401)
    };
    assert_eq!(refused.verdict(), Verdict::Keep);
}

#[test]
fn what_the_provider_says_of_another_try_is_obeyed() {
    for (said, code, expected) in [
        ("false", 503, Verdict::Next),
        ("false", 429, Verdict::Next),
        ("true", 501, Verdict::Again),
        ("true", 418, Verdict::Again),
        ("perhaps", 503, Verdict::Again),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert("x-should-retry", HeaderValue::from_static(said));
        let evidence = Evidence {
            headers: Some(&headers),
            ..status(code)
        };
        assert_eq!(evidence.verdict(), expected, "{said} of {code}");
    }
}

#[test]
fn an_account_without_money_is_not_asked_again() {
    let said = ir::Error::new(ErrorKind::Billing, "quota");
    for code in [402, 429] {
        let evidence = Evidence {
            said: Some(&said),
            ..status(code)
        };
        assert_eq!(evidence.verdict(), Verdict::Next, "{code}");
    }
}

#[test]
fn who_was_waited_for_is_not_waited_for_again() {
    for phase in Phase::ALL {
        let expected = match phase {
            Phase::Connect => Verdict::Again,
            _ => Verdict::Next,
        };
        assert_eq!(
            evidence(Outcome::Timeout(phase)).verdict(),
            expected,
            "{phase}"
        );
    }
}

#[test]
fn what_may_make_something_is_asked_again_only_if_nothing_was_done() {
    let undone = [
        evidence(Outcome::Connect),
        evidence(Outcome::Timeout(Phase::Connect)),
        evidence(Outcome::Timeout(Phase::PoolWait)),
        status(429),
    ];
    let done = [
        evidence(Outcome::Broken),
        evidence(Outcome::Unreadable),
        evidence(Outcome::Timeout(Phase::FirstByte)),
        status(409),
        status(500),
        status(503),
    ];
    let makes = [
        "/v1/videos",
        ":asyncBatchEmbedContent",
        ":batchGenerateContent",
        ":predictLongRunning",
    ];
    let makes = makes.map(Operation::Other);
    for operation in makes.into_iter().chain([Operation::Unknown]) {
        let makes = |evidence| Evidence {
            operation,
            ..evidence
        };
        for evidence in undone {
            assert_eq!(makes(evidence).verdict(), evidence.verdict());
        }
        for evidence in done {
            assert_eq!(makes(evidence).verdict(), Verdict::Keep);
        }
    }
}
