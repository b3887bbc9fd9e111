//! The gateway does what its files say, also when they say something else.

use std::{future::pending, io, time::Duration};

#[cfg(unix)]
use tokio::signal::unix;
use tokio::time::{MissedTickBehavior, interval};
use tower_llm_gateway::Gateway;

use crate::files::{Files, Fingerprint};

/// What is looked at, and how often.
#[derive(Debug)]
pub(crate) struct Follow {
    files: Files,
    every: Option<Duration>,
    /// What the gateway does, or has refused to do.
    known: Fingerprint,
    /// What was there at the last look, if it was something else.
    changing: Option<Fingerprint>,
}

impl Follow {
    pub(crate) fn new(files: Files, every: Option<Duration>) -> Self {
        let known = files.fingerprint();
        Self {
            files,
            every,
            known,
            changing: None,
        }
    }

    /// Reloads the gateway whenever there is a reason to. The handler of SIGHUP is in place when this returns.
    pub(crate) fn start(mut self, gateway: Gateway) -> io::Result<impl Future<Output = ()>> {
        let mut hangup = hangup()?;
        let mut tick = ticks(self.every);
        Ok(async move {
            loop {
                tokio::select! {
                    () = tick() => self.look(&gateway),
                    () = hangup() => self.reload(self.files.fingerprint(), &gateway),
                }
            }
        })
    }

    /// A change counts when it looks the same twice: before that, somebody may still be writing.
    fn look(&mut self, gateway: &Gateway) {
        let now = self.files.fingerprint();
        if now == self.known {
            self.changing = None;
        } else if self.changing == Some(now) {
            self.reload(now, gateway);
        } else {
            self.changing = Some(now);
        }
    }

    fn reload(&mut self, now: Fingerprint, gateway: &Gateway) {
        self.known = now;
        self.changing = None;
        let config = self.files.config();
        match config.and_then(|config| gateway.reload(&config)) {
            Ok(()) => {
                warn(gateway);
                eprintln!("reloaded {}", self.files);
            }
            Err(errors) => {
                eprintln!("{errors}\nnot reloaded {}: all stays as it was", self.files);
            }
        }
    }
}

/// Waits for the next time to look.
fn ticks(every: Option<Duration>) -> impl AsyncFnMut() {
    let mut ticks = every.map(|every| {
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks
    });
    async move || match &mut ticks {
        Some(ticks) => drop(ticks.tick().await),
        None => pending().await,
    }
}

/// Waits for the next SIGHUP.
#[cfg(unix)]
fn hangup() -> io::Result<impl AsyncFnMut()> {
    let mut hangup = unix::signal(unix::SignalKind::hangup())?;
    Ok(async move || {
        if hangup.recv().await.is_none() {
            pending::<()>().await;
        }
    })
}

/// Waits for a signal that does not exist here.
#[cfg(not(unix))]
fn hangup() -> io::Result<impl AsyncFnMut()> {
    Ok(async || pending().await)
}

/// Says what looks like a mistake.
pub(crate) fn warn(gateway: &Gateway) {
    for lint in gateway.lints() {
        eprintln!("warning: {lint}");
    }
}
