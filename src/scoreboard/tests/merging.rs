use super::*;

/// What some of the requests that there are have come to.
fn part(board: &Scoreboard, units: impl IntoIterator<Item = u64>) {
    for unit in units {
        let arm = if unit % 2 == 0 {
            "control"
        } else {
            "challenger"
        };
        let mut summary = request(arm, unit % 5000, 100 + unit * unit % 900);
        summary.outcome = match unit % 11 {
            0 => Outcome::Failed,
            1 => Outcome::Refused,
            _ => Outcome::Completed,
        };
        summary.error = (unit % 11 == 0).then(|| format!("class {}", unit % 3).into());
        summary.cost = Some(0.25 + statistics::float(unit % 4));
        board.record(&summary);
        if unit % 3 == 0 {
            board
                .feedback(&summary.id, statistics::float(unit % 2))
                .unwrap();
        }
    }
}

/// A snapshot on its way through JSON.
fn sent(board: &Scoreboard) -> Snapshot {
    let json = serde_json::to_string(&board.snapshot()).unwrap();
    serde_json::from_str(&json).unwrap()
}

/// The order of a sum shows in its last digits.
fn rounded(mut arms: Vec<ArmReport>) -> Vec<ArmReport> {
    for arm in &mut arms {
        for times in [&mut arm.first_content, &mut arm.total] {
            times.mean = times.mean.map(|mean| (mean * 1e9).round() / 1e9);
        }
    }
    arms
}

#[test]
fn what_two_processes_have_counted_is_what_one_would_have() {
    let [all, one, other] = [(); 3].map(|()| Scoreboard::new());
    part(&all, 0..6000);
    part(&one, 0..2500);
    part(&other, 2500..6000);
    let mut merged = Snapshot::default();
    merged.merge(&sent(&one));
    merged.merge(&sent(&other));
    let (merged, all) = (only(merged.report()), only(all.report()));
    assert_eq!(rounded(merged.arms), rounded(all.arms));
    assert_eq!(merged.mismatch, all.mismatch);
    assert_eq!(merged.excluded, all.excluded);
    for (merged, all) in merged.comparisons.iter().zip(&all.comparisons) {
        assert_eq!(
            (merged.verdict, &merged.sentence),
            (all.verdict, &all.sentence)
        );
    }
}

#[test]
fn a_scoreboard_goes_on_where_it_was_before_a_restart() {
    let [all, before, after] = [(); 3].map(|()| Scoreboard::new());
    part(&all, 0..3000);
    part(&before, 0..1500);
    let kept = sent(&before);
    after.absorb(&kept);
    part(&after, 1500..3000);
    let (after_it, all) = (only(after.report()), only(all.report()));
    assert_eq!(rounded(after_it.arms), rounded(all.arms));
}

#[test]
fn a_scoreboard_has_counted_since_the_first_of_what_it_goes_on_from() {
    let mut kept = serde_json::to_value(Scoreboard::new().snapshot()).unwrap();
    kept["since"] = 1000.0.into();
    let board = Scoreboard::new();
    board.absorb(&serde_json::from_value(kept).unwrap());
    assert!((board.report().since - 1000.0).abs() < 1e-6);
}

#[test]
fn a_snapshot_of_another_version_is_not_read() {
    let json = serde_json::to_string(&Scoreboard::new().snapshot()).unwrap();
    assert!(json.contains(r#""version":1"#), "{json}");
    let other = json.replace(r#""version":1"#, r#""version":2"#);
    let problem = serde_json::from_str::<Snapshot>(&other)
        .unwrap_err()
        .to_string();
    assert!(problem.contains("version 2"), "{problem}");
}

#[test]
fn the_weights_are_those_of_the_later_snapshot() {
    let weighted = |control: f64| {
        let board = Scoreboard::new();
        let mut summary = request("control", 1, 100);
        let arms = [("control", control), ("challenger", 1.0 - control)];
        summary.arm.as_mut().unwrap().arms = shares(&arms);
        board.record(&summary);
        board.snapshot()
    };
    let (early, late) = (weighted(0.9), weighted(0.5));
    for (mut first, second) in [(early.clone(), &late), (late.clone(), &early)] {
        first.merge(second);
        assert_eq!(only(first.report()).arms[0].share.to_string(), "0.5");
    }
}

#[test]
fn what_nobody_can_have_counted_breaks_nothing() {
    let board = Scoreboard::new();
    part(&board, 0..10);
    let json = serde_json::to_string(&board.snapshot()).unwrap();
    let absurd = json
        .replace(r#""requests":5"#, r#""requests":18446744073709551615"#)
        .replace(r#""completed":"#, r#""unheard_of":"#);
    let absurd: Snapshot = serde_json::from_str(&absurd).unwrap();
    board.absorb(&absurd);
    board.absorb(&absurd);
    let arm = &only(board.report()).arms[0];
    assert_eq!(arm.requests, u64::MAX);
    assert!(arm.outcomes["other"] > 0);
}
