//! Where each model goes, and what happens on the way.

use std::error::Error;

use crate::{
    exchange::{Answer, Caller, Question},
    table::{Table, count, millis},
};

const HEADS: [&str; 11] = [
    "model",
    "asked",
    "rule",
    "downstream",
    "model sent",
    "request",
    "response",
    "status",
    "first byte",
    "total",
    "tokens in/out",
];

/// Asks each model plainly and as a stream, for text and with tools.
pub(crate) async fn table(
    caller: &Caller,
    models: &[&'static str],
) -> Result<Table, Box<dyn Error>> {
    let mut table = Table::new(&HEADS);
    for model in models.iter().copied() {
        for (stream, tools) in [(false, false), (true, false), (false, true), (true, true)] {
            let question = Question {
                model,
                stream,
                tools,
            };
            let answer = caller.ask(question).await?;
            table.row(row(question, &answer));
        }
    }
    Ok(table)
}

fn row(question: Question, answer: &Answer) -> Vec<String> {
    let shape = if question.stream { "stream" } else { "plain" };
    let content = if question.tools { "tools" } else { "text" };
    let sent = match answer.header("x-model-sent") {
        "" => question.model,
        renamed => renamed,
    };
    vec![
        question.model.to_owned(),
        format!("{shape}, {content}"),
        answer.header("x-rules").to_owned(),
        answer.header("x-downstream").to_owned(),
        sent.to_owned(),
        answer.header("x-request-legs").to_owned(),
        answer.header("x-response-legs").to_owned(),
        answer.status.as_u16().to_string(),
        millis(answer.first_byte),
        millis(answer.total),
        answer
            .tokens
            .map_or("unknown".to_owned(), |(input, output)| {
                format!("{}/{}", count(input), count(output))
            }),
    ]
}
