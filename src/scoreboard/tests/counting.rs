use crate::ir::StopReason;

use super::*;

fn arm(board: &Scoreboard, id: &str) -> ArmReport {
    let mut arms = only(board.report()).arms.into_iter();
    arms.find(|arm| &*arm.id == id).unwrap()
}

fn recorded(summaries: impl IntoIterator<Item = Summary>) -> Scoreboard {
    let board = Scoreboard::new();
    for summary in summaries {
        board.record(&summary);
    }
    board
}

fn ended(outcome: Outcome, error: Option<&str>) -> Summary {
    let mut summary = request("control", 1, 100);
    summary.outcome = outcome;
    summary.error = error.map(Into::into);
    summary
}

#[test]
fn a_request_counts_for_the_arm_that_it_was_assigned_to() {
    let mut summary = request("challenger", 1, 250);
    summary.usage.input = Some(90);
    summary.usage.output = Some(10);
    summary.cost = Some(0.25);
    summary.finish_reason = Some(StopReason::End);
    let board = recorded([summary]);
    assert_eq!(arm(&board, "control").requests, 0);
    let arm = arm(&board, "challenger");
    assert_eq!((arm.requests, arm.share), (1, 0.5));
    assert_eq!(arm.downstream.as_deref(), Some("challenger"));
    assert_eq!(arm.outcomes["completed"], 1);
    assert_eq!(arm.finish_reasons["end"], 1);
    assert_eq!(arm.first_content.mean, Some(0.25));
    assert_eq!((arm.total.count, arm.total.mean), (1, Some(2.5)));
    assert_eq!(
        (arm.tokens.known, arm.tokens.input, arm.tokens.output),
        (1, 90, 10)
    );
    assert_eq!((arm.cost.known, arm.cost.sum), (1, 0.25));
}

#[test]
fn control_comes_first() {
    let report = only(recorded([request("challenger", 1, 100)]).report());
    let ids: Vec<&str> = report.arms.iter().map(|arm| &*arm.id).collect();
    assert_eq!(ids, ["control", "challenger"]);
}

#[test]
fn neither_a_callers_mistake_nor_a_caller_who_leaves_is_an_error() {
    let outcomes = [
        ended(Outcome::Completed, None),
        ended(Outcome::Refused, Some("invalid_request")),
        ended(Outcome::ClientCancelled, None),
        ended(Outcome::Failed, Some("overloaded")),
        ended(Outcome::Broken, None),
        ended(Outcome::Completed, None),
    ];
    let arm = arm(&recorded(outcomes), "control");
    assert_eq!(arm.error_rate, Some(0.5));
    assert_eq!(arm.requests, 6);
    assert_eq!(arm.errors["overloaded"], 1);
    assert_eq!(arm.errors["invalid_request"], 1);
    assert_eq!(arm.errors["other"], 1);
    assert_eq!(arm.total.count, 2);
}

#[test]
fn errors_of_ever_new_classes_are_others() {
    let summaries = (0..1000).map(|class| ended(Outcome::Failed, Some(&class.to_string())));
    let long = ended(Outcome::Failed, Some(&"x".repeat(1000)));
    let arm = arm(&recorded(summaries.chain([long])), "control");
    assert_eq!(arm.errors.len(), 32);
    assert_eq!(arm.errors.values().sum::<u64>(), 1001);
    assert_eq!(arm.errors["other"], 970);
}

#[test]
fn a_fallback_counts_for_the_arm_that_needed_it() {
    let mut summary = request("control", 1, 100);
    summary.served = Some(Destination::new(&"another".into(), None));
    let arm = arm(&recorded([summary]), "control");
    assert_eq!((arm.requests, arm.fallbacks), (1, 1));
}

#[test]
fn empty_answers_are_a_part_of_the_whole_ones() {
    let answers = [Some(true), Some(false), Some(false), Some(false), None].map(|is_empty| {
        let mut summary = request("control", 1, 100);
        summary.is_empty = is_empty;
        summary
    });
    assert_eq!(arm(&recorded(answers), "control").empty_rate, Some(0.25));
}

#[test]
fn who_was_not_drawn_is_counted_apart() {
    let kept_out = [
        AssignedBy::Holdout,
        AssignedBy::Coverage,
        AssignedBy::Override,
    ];
    let board = recorded(kept_out.map(|by| {
        let mut summary = request("control", 1, 100);
        summary.arm.as_mut().unwrap().by = by;
        summary
    }));
    let report = only(board.report());
    assert_eq!(report.excluded, 3);
    assert!(report.arms.iter().all(|arm| arm.requests == 0));
}

#[test]
fn copies_and_requests_without_an_experiment_are_not_counted() {
    let mut shadow = request("control", 1, 100);
    shadow.is_shadow = true;
    let board = recorded([shadow, Summary::new("plain")]);
    assert!(board.report().experiments.is_empty());
}

#[test]
fn more_arms_than_there_is_room_for_take_the_place_of_those_that_are_gone() {
    let summaries = (0..40).map(|number: u64| {
        let mut summary = request("control", number, 100);
        let assignment = summary.arm.as_mut().unwrap();
        assignment.arm = format!("arm {number}").into();
        assignment.arms = [Share::new(Arc::clone(&assignment.arm), 1.0)].into();
        summary
    });
    let report = only(recorded(summaries).report());
    assert_eq!((report.arms.len(), report.excluded), (16, 0));
    assert_eq!(&*report.arms[0].id, "arm 39");
}

#[test]
fn more_arms_than_there_is_room_for_at_once_are_not_counted() {
    let ids: Vec<String> = (0..20).map(|number| format!("arm {number}")).collect();
    let all: Arc<[Share]> = ids.iter().map(|id| Share::new(&**id, 0.05)).collect();
    let summaries = ids.iter().map(|id| {
        let mut summary = request("control", 1, 100);
        let assignment = summary.arm.as_mut().unwrap();
        assignment.arm = (&**id).into();
        assignment.arms = Arc::clone(&all);
        summary
    });
    let report = only(recorded(summaries).report());
    assert_eq!(
        report.arms.iter().filter(|arm| arm.requests == 1).count(),
        16
    );
    assert_eq!(report.excluded, 4);
}

#[test]
fn a_score_is_a_mean_of_what_was_said_last_of_each_request() {
    let board = recorded([request("control", 1, 100), request("control", 2, 100)]);
    board.feedback("control-1", 0.0).unwrap();
    board.feedback("control-2", 0.5).unwrap();
    board.feedback("control-1", 1.0).unwrap();
    let score = arm(&board, "control").score;
    assert_eq!((score.known, score.mean), (2, Some(0.75)));
}

#[test]
fn feedback_is_for_requests_that_were_counted_and_from_0_to_1() {
    let mut kept_out = request("control", 2, 100);
    kept_out.arm.as_mut().unwrap().by = AssignedBy::Holdout;
    let board = recorded([request("control", 1, 100), kept_out]);
    for unknown in ["", "nobody", "control-2"] {
        assert_eq!(
            board.feedback(unknown, 1.0),
            Err(FeedbackError::UnknownRequest)
        );
    }
    for score in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        assert_eq!(
            board.feedback("control-1", score),
            Err(FeedbackError::InvalidScore)
        );
    }
    assert_eq!(arm(&board, "control").score.known, 0);
}

#[test]
fn an_experiment_that_made_room_takes_no_feedback() {
    let board = recorded([request("control", 1, 100)]);
    for number in 0..40 {
        let mut summary = request("control", 2, 100);
        summary.arm.as_mut().unwrap().experiment = number.to_string().into();
        board.record(&summary);
    }
    assert_eq!(
        board.feedback("control-1", 1.0),
        Err(FeedbackError::UnknownRequest)
    );
    assert_eq!(board.report().experiments.len(), 32);
}

#[test]
fn counting_allocates_nothing_once_all_is_there() {
    let mut answered = request("control", 1, 100);
    answered.usage.output = Some(10);
    answered.cost = Some(0.1);
    let failed = ended(Outcome::Failed, None);
    let classes = (0..100).map(|class| ended(Outcome::Failed, Some(&class.to_string())));
    let unheard_of = ended(Outcome::Failed, Some("unheard of"));
    let board = recorded(classes.chain([answered.clone(), failed.clone()]));
    for summary in [answered, failed, unheard_of] {
        let info = allocation_counter::measure(|| board.record(&summary));
        assert_eq!(info.count_total, 0, "{:?}", summary.error);
    }
}

/// A request that was drawn with these weights.
fn drawn(arm: &str, unit: u64, weights: &[(&str, f64)]) -> Summary {
    let mut summary = request(arm, unit, 100);
    summary.arm.as_mut().unwrap().arms = shares(weights);
    summary
}

#[test]
fn a_request_that_only_one_arm_can_serve_is_like_none_of_the_others() {
    let only_one = drawn("challenger", 1, &[("control", 0.0), ("challenger", 1.0)]);
    let report = only(recorded([only_one]).report());
    assert_eq!(report.excluded, 1);
    assert_eq!(report.mismatch.seen, [0, 0]);
}

#[test]
fn a_request_that_not_all_arms_can_serve_says_nothing_of_the_weights_but_many_do() {
    let all = [("control", 0.5), ("challenger", 0.25), ("third", 0.25)];
    let some = [("control", 0.5), ("challenger", 0.5), ("third", 0.0)];
    let board = recorded([drawn("control", 1, &all), drawn("control", 2, &some)]);
    let share = || arm(&board, "third").share.to_string();
    assert_eq!(share(), "0.25");
    for unit in 3..200 {
        board.record(&drawn("control", unit, &some));
    }
    assert_eq!(share(), "0");
}

#[test]
fn an_arm_takes_a_bounded_room() {
    let mut summary = request("control", 1, 100);
    summary.gap_p50 = Some(Duration::from_millis(20));
    summary.usage.output = Some(10);
    summary.is_empty = Some(false);
    summary.cost = Some(0.1);
    let board = Scoreboard::new();
    let room = allocation_counter::measure(|| {
        board.record(&summary);
        board.feedback(&summary.id, 1.0).unwrap();
    });
    println!("an arm: {} bytes", room.bytes_current);
    assert!(room.bytes_current < 80 << 10);
}
