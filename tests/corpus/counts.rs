//! How much of the recorded traffic crosses, as a table: in the test's output and in the README.

use std::{
    env,
    fmt::Write as _,
    fs,
    io::{self, Write as _},
};

use tower_llm_gateway::format::ApiFormat;

use crate::{
    crossings::{self, Crossing, KINDS},
    refusals::{reasons, refused},
    translate::Outcome,
};

const BEGIN: &str = "<!-- the recorded traffic, written by tests/corpus/counts.rs -->\n";
const END: &str = "<!-- end of the recorded traffic -->\n";

/// The tables, in Markdown.
fn tables() -> String {
    let mut text =
        String::from("| | files × targets | translated | refused |\n|---|---|---|---|\n");
    for (_, folder) in KINDS {
        row(&mut text, folder, |crossing| crossing.folder == folder);
    }
    for format in ApiFormat::BUILT_IN {
        row(&mut text, &format!("from `{format}`"), |crossing| {
            crossing.translation.from == *format
        });
    }
    row(&mut text, "all", |_| true);
    text.push_str("\n| refused because | |\n|---|---|\n");
    let refused = refused();
    for reason in reasons() {
        let explained = refused
            .iter()
            .filter(|(crossing, error)| reason.explains(crossing, error));
        writeln!(text, "| {} | {} |", reason.why, explained.count()).unwrap();
    }
    text
}

fn row(text: &mut String, name: &str, wanted: impl Fn(&Crossing) -> bool) {
    let all = crossings::all().iter().filter(|crossing| wanted(crossing));
    let translated = all
        .clone()
        .filter(|crossing| matches!(crossing.outcome, Ok(Outcome::Translated { .. })));
    let refused = all
        .clone()
        .filter(|crossing| matches!(crossing.outcome, Ok(Outcome::Refused { .. })));
    let targets = ApiFormat::BUILT_IN.len() - 1;
    let all = all.count();
    writeln!(
        text,
        "| {name} | {} × {targets} = {all} | {} | {} |",
        all / targets,
        translated.count(),
        refused.count()
    )
    .unwrap();
}

#[test]
fn the_readme_tells_how_much_of_the_recorded_traffic_crosses() {
    if crossings::all().is_empty() {
        return;
    }
    let tables = tables();
    // Not by `println!`, which the harness would swallow.
    writeln!(io::stderr(), "\n{tables}").expect("stderr takes it");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = fs::read_to_string(path).unwrap();
    let (head, rest) = readme.split_once(BEGIN).expect("the README has the tables");
    let (written, tail) = rest.split_once(END).expect("the tables end");
    if env::var_os("UPDATE_README").is_some() {
        fs::write(path, format!("{head}{BEGIN}\n{tables}\n{END}{tail}")).unwrap();
        return;
    }
    assert_eq!(
        written.trim(),
        tables.trim(),
        "run the test again with UPDATE_README=1 to write them"
    );
}
