use super::{
    super::{ExperimentReport, Mismatch, Verdict},
    *,
};

fn page(experiments: Vec<ExperimentReport>) -> String {
    render(&sample::report(experiments))
}

/// What a reader sees of it, in one line.
fn text(page: &str) -> String {
    let body = page.split_once("<main").unwrap().1;
    let body = body.split_once("<footer").unwrap().0;
    let pieces = body.split('<').map(|piece| piece.split_once('>'));
    let text: Vec<&str> = pieces
        .map(|piece| piece.map_or("", |(_, text)| text))
        .collect();
    let text = text.join(" ").replace('\u{a0}', " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn assert_shows(page: &str, words: &str) {
    let text = text(page);
    assert!(text.contains(words), "no {words:?} in {text}");
}

#[test]
fn a_headline_says_what_has_been_decided_and_what_has_not() {
    let page = page(vec![sample::experiment("assistant")]);
    assert_shows(
        &page,
        "challenger starts 29 % sooner, finishes 14 % sooner and writes 14 % more, but costs 2.1× as much.",
    );
    assert_shows(
        &page,
        "Not decided yet: time between pieces, error rate and empty answers.",
    );
    assert_shows(&page, "812 requests had no part in it.");
}

#[test]
fn each_comparison_has_its_verdict_its_sentence_and_its_means() {
    let mut experiment = sample::experiment("assistant");
    experiment.comparisons[0].sentence = "challenger answers 180 ms sooner".into();
    let page = page(vec![experiment]);
    assert_shows(&page, "Time to first content 432 ms against 612 ms");
    assert_shows(&page, "−180 ms, between −240 ms and −120 ms.");
    assert_shows(&page, "Better challenger answers 180 ms sooner");
    assert_shows(&page, "Cost per request $0.0107 against $0.00510");
}

#[test]
fn each_arm_has_its_figures() {
    let page = page(vec![sample::experiment("assistant")]);
    assert_shows(&page, "challenger anthropic claude-sonnet-4-20250514");
    assert_shows(&page, "12,345 50 % of the traffic");
    assert_shows(&page, "432 ms p90 676 ms · p99 976 ms");
    assert_shows(&page, "1.2 % idle_timeout 30 · overloaded_error 118");
    assert_shows(&page, "$0.0107 $130.41 in all");
    assert_shows(&page, "2,604,118 402,000 of them reasoning");
    assert_shows(&page, "stop 94 % length 5 % · tool use 1 %");
}

#[test]
fn where_nothing_differs_yet_nothing_is_claimed() {
    let mut experiment = sample::experiment("assistant");
    for comparison in &mut experiment.comparisons {
        comparison.verdict = Verdict::Undecided;
    }
    assert_shows(
        &page(vec![experiment]),
        "challenger and control do not differ yet.",
    );
}

#[test]
fn too_few_requests_are_no_verdict() {
    let mut experiment = sample::experiment("assistant");
    experiment.too_few = true;
    experiment.arms[1].requests = 34;
    for comparison in &mut experiment.comparisons {
        comparison.verdict = Verdict::TooFew;
    }
    let page = page(vec![experiment]);
    assert_shows(&page, "Too early to tell how challenger does.");
    assert_shows(
        &page,
        "A verdict needs 100 requests of each arm; challenger has 34.",
    );
}

#[test]
fn a_split_that_is_off_is_all_that_the_headline_says() {
    let mut experiment = sample::experiment("assistant");
    experiment.mismatch = Mismatch {
        p: 2e-7,
        alarm: true,
        seen: vec![5_412, 4_600],
        expected: vec![5_006.0; 2],
    };
    let page = page(vec![experiment]);
    assert_shows(&page, "The split is off: trust none of these comparisons.");
    assert_shows(&page, "challenger has 4,600 callers and should have 5,006.");
    assert_shows(&page, "one in 5 million");
    assert!(!text(&page).contains("Better"));
    assert!(!text(&page).contains("starts 29"));
}

#[test]
fn without_requests_there_is_nothing_yet() {
    let report = text(&page(vec![sample::untouched("new")]));
    assert!(report.ends_with("new No request yet."), "{report}");
    let report = text(&page(Vec::new()));
    assert!(report.contains("Nothing yet"), "{report}");
}

#[test]
fn several_experiments_have_a_list_with_what_became_of_each() {
    let two = page(vec![
        sample::experiment("assistant"),
        sample::untouched("new"),
    ]);
    assert_shows(&two, "assistant 2 better, 1 worse new too early to tell");
    for number in [1, 2] {
        assert!(two.contains(&format!("href=\"#experiment-{number}\"")));
        assert!(two.contains(&format!("id=\"experiment-{number}\"")));
    }
    assert!(!page(vec![sample::experiment("assistant")]).contains("class=\"index\""));
}

#[test]
fn names_are_shown_and_never_read_as_markup() {
    let name = "<script>alert(1)</script>\" onload='x'";
    let mut experiment = sample::experiment(name);
    for arm in &mut experiment.arms {
        arm.id = name.into();
        arm.downstream = Some(name.into());
        arm.model = Some(name.into());
        arm.errors = [(name.into(), 1)].into();
    }
    for comparison in &mut experiment.comparisons {
        comparison.arm = name.into();
        comparison.sentence = name.into();
    }
    let page = page(vec![experiment, sample::untouched(name)]);
    // Its own, at the end.
    assert_eq!(page.matches("<script").count(), 1);
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;x&#39;"));
    assert!(!page.contains("onload='") && !page.contains("\" onload"));
}

#[test]
fn the_page_asks_for_nothing_else() {
    let page = page(vec![sample::experiment("assistant")]);
    let page = page.replace("xmlns='http://www.w3.org/2000/svg'", "");
    for reference in ["http://", "https://", "url(", "@import", " src=", " style="] {
        assert!(!page.contains(reference), "{reference}");
    }
}

#[test]
fn no_two_elements_have_the_same_name_and_what_is_named_is_there() {
    let page = page(vec![sample::experiment("a"), sample::experiment("b")]);
    let values = |name: &str| -> Vec<&str> {
        let all = page.split(name).skip(1);
        all.flat_map(|rest| rest.split('"').next().unwrap().split(' '))
            .collect()
    };
    let mut ids = values(" id=\"");
    for named in values(" aria-labelledby=\"") {
        assert!(ids.contains(&named), "{named}");
    }
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

#[test]
fn numbers_that_are_none_do_no_harm() {
    let mut experiment = sample::experiment("assistant");
    experiment.arms[0].first_content.bins.clear();
    for comparison in &mut experiment.comparisons {
        comparison.control = Some(0.0);
        let interval = comparison.difference.as_mut().unwrap();
        interval.low = f64::NEG_INFINITY;
        interval.high = f64::NAN;
        interval.estimate = 0.0;
    }
    let page = page(vec![experiment]);
    let drawn = page.split_once("<main").unwrap().1;
    for nonsense in ["NaN", "inf%", "-inf"] {
        assert!(!drawn.contains(nonsense), "{nonsense}");
    }
}
