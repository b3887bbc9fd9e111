//! What the command line says.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

pub(crate) const USAGE: &str = "usage: gateway --config FILE [--config FILE]... [--listen 127.0.0.1:8080] [--watch SECONDS] [--drain SECONDS]";

#[derive(Debug)]
pub(crate) struct Options {
    /// At least one.
    pub(crate) configs: Vec<PathBuf>,
    pub(crate) listen: SocketAddr,
    /// How often to look whether the files have changed; never if `None`.
    pub(crate) watch: Option<Duration>,
    /// How long requests may take that are on their way when it is to end.
    pub(crate) drain: Duration,
}

impl Options {
    pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            configs: Vec::new(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            watch: Some(Duration::from_secs(1)),
            drain: Duration::from_secs(30),
        };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--config" => options.configs.push(value()?.into()),
                "--listen" => {
                    let address = value()?;
                    options.listen = address
                        .parse()
                        .map_err(|_| format!("{address:?} is no address such as 127.0.0.1:8080"))?;
                }
                "--watch" => {
                    options.watch = Some(time(&value()?)?).filter(|every| !every.is_zero());
                }
                "--drain" => options.drain = time(&value()?)?,
                _ => return Err(format!("unknown argument {argument}")),
            }
        }
        if options.configs.is_empty() {
            return Err("--config is missing".to_owned());
        }
        Ok(options)
    }
}

/// Seconds, or milliseconds where it says so.
fn time(text: &str) -> Result<Duration, String> {
    let time = match text.strip_suffix("ms") {
        Some(milliseconds) => milliseconds.parse().map(Duration::from_millis),
        None => text
            .strip_suffix('s')
            .unwrap_or(text)
            .parse()
            .map(Duration::from_secs),
    };
    time.map_err(|_| format!("{text:?} is no time such as 5 or 500ms"))
}
