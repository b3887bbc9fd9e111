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
            answers.push(caller.ask(question).await?);
        }
    }
    let mut table = Table::new(&HEADS);
    for (model, answers) in models.iter().zip(&answers) {
        table.row(row(model, answers));
    }
    Ok(table)
}

fn row(model: &str, answers: &[Answer]) -> Vec<String> {
    let errors = answers
        .iter()
        .filter(|answer| !answer.status.is_success())
        .count();
    let first_bytes: Vec<Duration> = answers.iter().map(|answer| answer.first_byte).collect();
    let totals: Vec<Duration> = answers.iter().map(|answer| answer.total).collect();
    let tokens = |pick: fn((u64, u64)) -> u64| {
        answers
            .iter()
            .filter_map(|answer| answer.tokens)
            .map(pick)
            .sum()
    };
    vec![
        model.to_owned(),
        answers.len().to_string(),
        errors.to_string(),
        millis(quantile(&first_bytes, 50)),
        millis(quantile(&first_bytes, 95)),
        millis(quantile(&totals, 50)),
        millis(quantile(&totals, 95)),
        count(tokens(|(input, _)| input)),
        count(tokens(|(_, output)| output)),
    ]
}

/// The value that `percent` of the values do not exceed.
fn quantile(values: &[Duration], percent: usize) -> Duration {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}
