//! The backends side by side, on the same prompts.

use std::{error::Error, time::Duration};

use crate::{
    exchange::{Answer, Caller, Question},
    table::{Table, count, millis},
};

/// How often each model is asked.
pub(crate) const ROUNDS: usize = 20;

const HEADS: [&str; 9] = [
    "model",
    "answers",
    "errors",
    "TTFT p50",
    "TTFT p95",
    "total p50",
    "total p95",
    "tokens in",
    "tokens out",
];

/// Asks each model in turn, so that what slows one down slows down all.
pub(crate) async fn table(
    caller: &Caller,
    models: &[&'static str],
) -> Result<Table, Box<dyn Error>> {
    let mut answers: Vec<Vec<Answer>> = models.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for (model, answers) in models.iter().copied().zip(&mut answers) {
            let question = Question {
                model,
                stream: true,
                tools: false,
            };
            let answer = caller.ask(question).await?;
            if let (Some(error), true) = (&answer.error, answers.is_empty()) {
                println!("{model}: {error}\n");
            }
            answers.push(answer);
        }
    }
    let mut table = Table::new(&HEADS);
    for (model, answers) in models.iter().zip(&answers) {
        table.row(row(model, answers));
    }
    Ok(table)
}

/// Only whole answers are timed: a backend that fails fast is not a fast one.
fn row(model: &str, answers: &[Answer]) -> Vec<String> {
    let whole: Vec<&Answer> = answers
        .iter()
        .filter(|answer| answer.error.is_none())
        .collect();
    let first_bytes: Vec<Duration> = whole.iter().map(|answer| answer.first_byte).collect();
    let totals: Vec<Duration> = whole.iter().map(|answer| answer.total).collect();
    let tokens = |pick: fn((u64, u64)) -> u64| {
        let counts = whole.iter().filter_map(|answer| answer.tokens);
        counts.map(pick).sum()
    };
    let time =
        |times: &[Duration], percent| quantile(times, percent).map_or("-".to_owned(), millis);
    vec![
        model.to_owned(),
        answers.len().to_string(),
        (answers.len() - whole.len()).to_string(),
        time(&first_bytes, 50),
        time(&first_bytes, 95),
        time(&totals, 50),
        time(&totals, 95),
        count(tokens(|(input, _)| input)),
        count(tokens(|(_, output)| output)),
    ]
}

/// The value that `percent` of the values do not exceed.
fn quantile(values: &[Duration], percent: usize) -> Option<Duration> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}
