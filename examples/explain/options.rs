//! The command line.

use crate::question::Question;

pub(crate) const USAGE: &str = "\
usage: explain --config FILE --path PATH [OPTION…]
       explain --batch [--plugin ID…] < REQUESTS
  --config FILE     the gateway's YAML, several are read as one; a ${NAME} that is not set is replaced by a
                    placeholder, with a warning
  --plugin ID       a plugin of your own program, to which the file may refer; as often as you like
  --path PATH       such as /v1/chat/completions, with a query or without
  --method METHOD   POST if not given
  --model MODEL     instead of the body's; a model in the path comes before it
  --stream          as if the body said so
  --header 'K: V'   as often as you like
  --body FILE       the request's body; - is standard input
  --batch           one request per line, one answer per line: {\"config\": FILE or [FILE…], \"path\": PATH,
                    \"model\": MODEL}, and if you like \"headers\": {…}, \"stream\": true, \"method\": METHOD";

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Task {
    One(Options),
    Batch { plugins: Vec<String> },
}

/// What one request is.
#[derive(Debug)]
pub(crate) struct Options {
    /// At least one.
    pub(crate) config: Vec<String>,
    pub(crate) question: Question,
    /// The names of plugins that are the host's own.
    pub(crate) plugins: Vec<String>,
    /// The file with its body.
    pub(crate) body: Option<String>,
}

impl Options {
    pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Task, String> {
        let (mut path, mut body) = (None, None);
        let (mut config, mut plugins) = (Vec::new(), Vec::new());
        let mut is_batch = false;
        let mut question = Question::default();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--batch" => is_batch = true,
                "--config" => config.push(value()?),
                "--plugin" => plugins.push(value()?),
                "--path" => path = Some(value()?),
                "--method" => question.method = Some(value()?),
                "--model" => question.model = Some(value()?.into()),
                "--stream" => question.stream = Some(true),
                "--header" => question.headers.extend([header(&value()?)?]),
                "--body" => body = Some(value()?),
                _ => return Err(format!("unknown argument {argument}")),
            }
        }
        if is_batch {
            return Ok(Task::Batch { plugins });
        }
        question.path = path.ok_or("--path is missing")?;
        // Before anything else is done with it.
        question.request()?;
        if config.is_empty() {
            return Err("--config is missing".to_owned());
        }
        Ok(Task::One(Self {
            config,
            question,
            plugins,
            body,
        }))
    }
}

/// What is wrong with one is said without it: there are keys among them.
fn header(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text
        .split_once(':')
        .ok_or("a header looks like 'name: value'")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}
