use super::*;

fn sentence(board: &Scoreboard, metric: Metric) -> String {
    comparison(board.report(), metric).sentence
}

/// A board on which the challenger's first content comes so much later.
fn later(millis: u64) -> Scoreboard {
    board(1000, |_, arm, summary| {
        if arm == "challenger" {
            let first = summary.first_content.unwrap() + Duration::from_millis(millis);
            summary.first_content = Some(first);
        }
    })
}

#[test]
fn an_arm_that_is_slower_is_worse() {
    let found = comparison(later(100).report(), Metric::FirstContent);
    assert_eq!(found.verdict, Verdict::Worse);
    let difference = found.difference.unwrap();
    assert!((difference.estimate - 0.1).abs() < 1e-9);
    assert!(difference.low < 0.1 && difference.high > 0.1 && difference.low > 0.09);
    assert_eq!(
        found.sentence,
        "challenger answers 100 ms later (95 % CI 96–104)"
    );
}

#[test]
fn arms_that_are_alike_do_not_differ_yet() {
    let found = comparison(board(1000, |_, _, _| ()).report(), Metric::Total);
    assert_eq!(found.verdict, Verdict::Undecided);
    assert_eq!(
        found.sentence,
        "times to the end do not differ yet (95 % CI −41 to +41 ms)"
    );
}

#[test]
fn no_errors_on_either_side_are_no_proof_that_there_are_none() {
    let board = board(200, |_, _, _| ());
    let found = comparison(board.report(), Metric::ErrorRate);
    assert_eq!(found.verdict, Verdict::Undecided);
    assert!(found.difference.unwrap().high > 0.01);
    assert_eq!(
        found.sentence,
        "error rates do not differ yet (95 % CI −2.8 to +2.8 percentage points)"
    );
}

#[test]
fn costs_are_told_as_times_control_and_in_dollars() {
    let board = board(500, |unit, arm, summary| {
        let each = if arm == "control" { 0.010 } else { 0.021 };
        summary.cost = Some(each + 0.0001 * statistics::float(unit % 10));
    });
    assert_eq!(
        sentence(&board, Metric::Cost),
        "challenger costs 2.1× as much, $0.01100 more per request (95 % CI 0.01094–0.01106)"
    );
}

#[test]
fn errors_and_scores_have_a_better_side_and_tokens_have_none() {
    let board = board(1000, |unit, arm, summary| {
        let is_control = arm == "control";
        if is_control && unit % 5 == 0 {
            summary.outcome = Outcome::Failed;
        }
        summary.usage.output = Some(if is_control { 100 } else { 130 } + unit % 7);
    });
    for unit in 0..1000 {
        let up = f64::from(u8::from(unit % 3 == 0));
        board
            .feedback(&format!("control-{}", 2 * unit), up)
            .unwrap();
        board
            .feedback(&format!("challenger-{}", 2 * unit + 1), 1.0 - up)
            .unwrap();
    }
    let of = |metric| comparison(board.report(), metric);
    assert_eq!(of(Metric::ErrorRate).verdict, Verdict::Better);
    assert_eq!(of(Metric::Score).verdict, Verdict::Better);
    assert_eq!(of(Metric::OutputTokens).verdict, Verdict::Differs);
    let errors = of(Metric::ErrorRate).sentence;
    assert!(
        errors.starts_with("challenger fails 20.0 percentage points less often"),
        "{errors}"
    );
    let tokens = of(Metric::OutputTokens).sentence;
    assert!(
        tokens.starts_with("challenger writes 30.0 tokens more"),
        "{tokens}"
    );
    let scores = of(Metric::Score).sentence;
    assert!(
        scores.starts_with("challenger scores 0.332 higher"),
        "{scores}"
    );
}

#[test]
fn a_hundred_requests_of_each_arm_are_the_least() {
    let few = board(99, |_, _, _| ());
    let found = comparison(few.report(), Metric::FirstContent);
    assert_eq!((found.verdict, found.difference), (Verdict::TooFew, None));
    assert_eq!(
        found.sentence,
        "too few requests yet to compare times to the first content: 99 of 100"
    );
    assert!(only(few.report()).too_few);
    let enough = board(100, |_, _, _| ());
    let found = comparison(enough.report(), Metric::FirstContent);
    assert_eq!(found.verdict, Verdict::Undecided);
    assert!(!only(enough.report()).too_few);
}

#[test]
fn many_requests_of_few_callers_are_too_few() {
    let board = board(1000, |unit, _, summary| {
        summary.arm.as_mut().unwrap().unit = Unit(unit % 20);
    });
    let found = comparison(board.report(), Metric::FirstContent);
    assert_eq!(found.verdict, Verdict::TooFew);
    assert_eq!(
        found.sentence,
        "too few different callers yet to compare times to the first content"
    );
}

#[test]
fn of_what_nobody_has_told_nothing_is_known() {
    let found = comparison(board(200, |_, _, _| ()).report(), Metric::Cost);
    assert_eq!(found.verdict, Verdict::TooFew);
    assert_eq!(found.sentence, "nothing is known of costs yet");
}

#[test]
fn more_challengers_make_intervals_wider() {
    let width = |report: ExperimentReport| {
        let all = report.comparisons.into_iter();
        let mut first = all.filter(|it| it.metric == Metric::FirstContent);
        let interval = first.next().unwrap().difference.unwrap();
        interval.high - interval.low
    };
    let three = Scoreboard::new();
    for unit in 0..300 {
        for (place, arm) in [(0, "control"), (1, "challenger"), (9999, "third")] {
            let mut summary = request(arm, 2 * unit + place, 400 + unit % 100);
            let arms = [("control", 0.4), ("challenger", 0.3), ("third", 0.3)];
            summary.arm.as_mut().unwrap().arms = shares(&arms);
            three.record(&summary);
        }
    }
    let two = board(300, |_, _, _| ());
    assert!(width(only(three.report())) > 1.05 * width(only(two.report())));
}

#[test]
fn an_arm_that_loses_its_units_is_a_mismatch() {
    let even = only(board(1000, |_, _, _| ()).report()).mismatch;
    assert!(!even.alarm && even.p > 0.99);
    assert_eq!(
        (even.seen, even.expected),
        (vec![1000, 1000], vec![1000.0, 1000.0])
    );
    let lossy = board(1000, |unit, arm, summary| {
        if arm == "challenger" && unit % 4 == 0 {
            summary.arm = None;
        }
    });
    let lossy = only(lossy.report()).mismatch;
    assert!(lossy.alarm && lossy.p < 0.001);
    assert_eq!(
        (lossy.seen, lossy.expected),
        (vec![1000, 750], vec![875.0, 875.0])
    );
}
