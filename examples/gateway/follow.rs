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

#[cfg(test)]
mod tests {
    use std::{
        env, fs,
        path::PathBuf,
        process,
        sync::Arc,
        time::{Duration, SystemTime},
    };

    use tower_llm_gateway::target::Target;

    use super::*;

    /// A gateway and its file, which is removed with the test. Nothing is looked at unless a test does.
    struct World {
        path: PathBuf,
        follow: Follow,
        gateway: Gateway,
    }

    impl World {
        /// The file says `a`.
        fn new(name: &str) -> Self {
            let path = env::temp_dir().join(format!("{name}-{}.yaml", process::id()));
            write(&path, "a");
            let files = Files::new(vec![path.clone()]);
            let follow = Follow::new(files.clone(), None);
            let gateway = Gateway::builder(files.config().unwrap()).build().unwrap();
            Self {
                path,
                follow,
                gateway,
            }
        }

        fn write(&self, id: &str) {
            write(&self.path, id);
        }

        fn look(&mut self) -> Arc<Target> {
            self.follow.look(&self.gateway);
            self.target()
        }

        /// The only one. Another reload makes another.
        fn target(&self) -> Arc<Target> {
            Arc::clone(self.gateway.table().load().targets().first().unwrap())
        }
    }

    impl Drop for World {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.path);
        }
    }

    fn write(path: &PathBuf, id: &str) {
        let text = format!("downstreams: [{{id: {id}, base_url: 'http://127.0.0.1:9'}}]\n");
        fs::write(path, text).unwrap();
    }

    #[test]
    fn a_change_counts_once_it_looks_the_same_twice() {
        let mut world = World::new("twice");
        for half_done in ["b", "c", "d"] {
            world.write(half_done);
            assert_eq!(&**world.look().id(), "a");
        }
        assert_eq!(&**world.look().id(), "d");
    }

    #[test]
    fn a_change_that_was_taken_back_begins_anew() {
        let mut world = World::new("taken-back");
        for id in ["b", "a", "b"] {
            world.write(id);
            assert_eq!(&**world.look().id(), "a");
        }
        assert_eq!(&**world.look().id(), "b");
    }

    #[test]
    fn a_file_that_only_has_another_time_is_not_reloaded() {
        let mut world = World::new("touched");
        let before = world.target();
        for seconds in 1..4 {
            let file = fs::File::options().append(true).open(&world.path).unwrap();
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            file.set_modified(time).unwrap();
            assert!(Arc::ptr_eq(&world.look(), &before));
            assert!(Arc::ptr_eq(&world.look(), &before));
        }
    }

    #[test]
    fn what_has_been_reloaded_is_not_reloaded_again() {
        let mut world = World::new("once");
        world.write("b");
        world.look();
        let reloaded = world.look();
        assert_eq!(&**reloaded.id(), "b");
        for _ in 0..4 {
            assert!(Arc::ptr_eq(&world.look(), &reloaded));
        }
    }
}
