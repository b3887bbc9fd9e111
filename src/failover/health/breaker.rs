use std::time::Duration;

use tokio::time::Instant;

use crate::policy::Ejection;

/// Failures are counted over this long.
const WINDOW: Duration = Duration::from_secs(30);

/// What is known of one target that has failed of late.
#[derive(Debug)]
pub(super) struct Breaker {
    /// Failures in a row.
    consecutive: u32,
    window: Window,
    ejected: Option<Ejected>,
    /// Ejections without a success in between.
    times: u32,
    /// When something was last heard of it.
    pub(super) touched: Instant,
}

#[derive(Debug)]
struct Window {
    since: Instant,
    all: u32,
    failed: u32,
}

#[derive(Debug)]
struct Ejected {
    since: Instant,
    until: Instant,
    /// Probes on their way.
    probes: u32,
}

/// Whether a target may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// As any other.
    Well,
    /// To see whether it works again.
    Probe,
    /// Not before this.
    Ejected(Instant),
}

impl Breaker {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            consecutive: 0,
            window: Window::new(now),
            ejected: None,
            times: 0,
            touched: now,
        }
    }

    pub(super) fn verdict(&self, ejection: &Ejection, now: Instant) -> Verdict {
        match &self.ejected {
            None => Verdict::Well,
            Some(ejected) if now < ejected.until => Verdict::Ejected(ejected.until),
            Some(ejected) if ejected.probes < ejection.probes.unwrap_or(1) => Verdict::Probe,
            // The probes will tell; nobody knows when.
            Some(_) => Verdict::Ejected(now),
        }
    }

    pub(super) fn has_failed(&self) -> bool {
        self.consecutive > 0
    }

    /// A probe goes out.
    pub(super) fn begin_probe(&mut self) {
        if let Some(ejected) = &mut self.ejected {
            ejected.probes += 1;
        }
    }

    /// A probe is back, or was given up.
    pub(super) fn end_probe(&mut self) {
        if let Some(ejected) = &mut self.ejected {
            ejected.probes = ejected.probes.saturating_sub(1);
        }
    }

    /// Notes an answer to a request of this time. True if there is nothing left to remember.
    pub(super) fn succeed(&mut self, asked: Instant, now: Instant) -> bool {
        self.touched = now;
        self.window.roll(now);
        self.window.all = self.window.all.saturating_add(1);
        self.consecutive = 0;
        match &self.ejected {
            // What was on its way before says nothing of how it is now.
            Some(ejected) if asked < ejected.since => false,
            Some(_) => true,
            None => self.window.failed == 0,
        }
    }

    /// Notes a failure, after which the target may want to be left alone for so long.
    pub(super) fn fail(&mut self, ejection: &Ejection, wait: Option<Duration>, now: Instant) {
        self.touched = now;
        self.window.roll(now);
        self.window.all = self.window.all.saturating_add(1);
        self.window.failed = self.window.failed.saturating_add(1);
        self.consecutive = self.consecutive.saturating_add(1);
        let longest = ejection.longest.unwrap_or(Duration::from_secs(300));
        let wait = wait.map(|wait| wait.min(longest));
        let is_over = self.ejected.as_ref().is_some_and(|it| now >= it.until);
        if self.ejected.is_some() && !is_over {
            // Others that were on their way fail too; only what the target itself says makes it longer.
            self.extend(wait, now);
        } else if is_over || self.fails_too_often(ejection) {
            self.times = self.times.saturating_add(1);
            let base = ejection.base.unwrap_or(Duration::from_secs(10));
            let pause = base.saturating_mul(self.times).min(longest);
            self.eject(pause.max(wait.unwrap_or_default()), now);
        } else if let Some(wait) = wait {
            self.eject(wait, now);
        }
    }

    fn fails_too_often(&self, ejection: &Ejection) -> bool {
        let Window { all, failed, .. } = self.window;
        let in_a_row = self.consecutive >= ejection.consecutive.unwrap_or(5);
        let says_something = all >= ejection.least.unwrap_or(20);
        let ratio = f64::from(ejection.ratio.unwrap_or(0.5));
        in_a_row || says_something && f64::from(failed) >= ratio * f64::from(all)
    }

    fn eject(&mut self, pause: Duration, now: Instant) {
        let probes = self.ejected.as_ref().map_or(0, |ejected| ejected.probes);
        self.ejected = Some(Ejected {
            since: now,
            until: after(now, pause),
            probes,
        });
    }

    fn extend(&mut self, wait: Option<Duration>, now: Instant) {
        if let (Some(ejected), Some(wait)) = (&mut self.ejected, wait) {
            ejected.until = ejected.until.max(after(now, wait));
        }
    }

    /// Whether it can be forgotten: it is not left alone now, and was heard of long ago.
    pub(super) fn is_stale(&self, now: Instant) -> bool {
        let is_back = self.ejected.as_ref().is_none_or(|it| it.until <= now);
        is_back && now.saturating_duration_since(self.touched) >= WINDOW
    }
}

/// No clock counts further than a year, and who is left alone for so long is left alone.
pub(in crate::failover) fn after(now: Instant, pause: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
    now + pause.min(YEAR)
}

impl Window {
    fn new(since: Instant) -> Self {
        Self {
            since,
            all: 0,
            failed: 0,
        }
    }

    /// Begins a new one when the time is over.
    fn roll(&mut self, now: Instant) {
        if now.saturating_duration_since(self.since) >= WINDOW {
            *self = Self::new(now);
        }
    }
}
