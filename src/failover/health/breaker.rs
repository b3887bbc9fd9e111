use std::time::Duration;

use tokio::time::Instant;

use crate::policy::Ejection;

/// Failures are counted over this long.
const WINDOW: Duration = Duration::from_secs(30);

/// A probe that takes longer than this holds up no further one.
const PROBE: Duration = Duration::from_secs(30);

/// Attempts that began before a state did are told from others for this long, which is as long as nearly all take.
const MEMORY: Duration = Duration::from_secs(600);

/// What is known of one target that has failed of late.
#[derive(Debug)]
pub(super) struct Breaker {
    /// When it came into its present state. What was asked before says nothing of how it is now.
    since: Option<Instant>,
    /// Failures in a row.
    consecutive: u32,
    window: Window,
    ejected: Option<Ejected>,
    /// Until when it has asked to be left alone. Then it is as well as any other.
    resting: Option<Instant>,
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
    until: Instant,
    /// When the probes that are on their way went out.
    probes: Vec<Instant>,
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
            since: None,
            consecutive: 0,
            window: Window::new(now),
            ejected: None,
            resting: None,
            times: 0,
            touched: now,
        }
    }

    pub(super) fn verdict(&self, ejection: &Ejection, now: Instant) -> Verdict {
        if let Some(until) = self.until().filter(|until| now < *until) {
            return Verdict::Ejected(until);
        }
        let Some(ejected) = &self.ejected else {
            return Verdict::Well;
        };
        let probes = ejected
            .probes
            .iter()
            .filter(|begun| is_awaited(**begun, now));
        let most = ejection.probes.unwrap_or(1).max(1);
        if probes.count() < usize::try_from(most).unwrap_or(usize::MAX) {
            Verdict::Probe
        } else {
            // The probes will tell; nobody knows when.
            Verdict::Ejected(now)
        }
    }

    /// Until when it is left alone, or was.
    fn until(&self) -> Option<Instant> {
        let ejected = self.ejected.as_ref().map(|ejected| ejected.until);
        ejected.max(self.resting)
    }

    /// Whether the last that was heard of it was a failure, and not long ago.
    pub(super) fn has_failed(&self, now: Instant) -> bool {
        self.consecutive > 0 && now.saturating_duration_since(self.touched) < WINDOW
    }

    /// A probe goes out.
    pub(super) fn begin_probe(&mut self, now: Instant) {
        if let Some(ejected) = &mut self.ejected {
            ejected.probes.retain(|begun| is_awaited(*begun, now));
            ejected.probes.push(now);
        }
    }

    /// A probe of this time is back, or was given up.
    pub(super) fn end_probe(&mut self, begun: Instant) {
        if let Some(ejected) = &mut self.ejected
            && let Some(at) = ejected.probes.iter().position(|probe| *probe == begun)
        {
            ejected.probes.swap_remove(at);
        }
    }

    /// Notes an answer to a request of this time. True if there is nothing left to remember.
    pub(super) fn succeed(&mut self, asked: Instant, now: Instant) -> bool {
        self.touched = now;
        if self.is_outdated(asked) {
            return false;
        }
        let rests = self.resting.is_some_and(|until| now < until);
        if self.ejected.is_some() || rests {
            let well = Self::new(now);
            let since = Some(now);
            *self = Self { since, ..well };
        }
        self.window.roll(now);
        self.window.all = self.window.all.saturating_add(1);
        self.consecutive = 0;
        let is_old = |since| now.saturating_duration_since(since) >= MEMORY;
        self.window.failed == 0 && self.since.is_none_or(is_old)
    }

    /// Notes a failure of a request of this time, after which the target may want to be left alone for so long.
    pub(super) fn fail(
        &mut self,
        ejection: &Ejection,
        asked: Instant,
        wait: Option<Duration>,
        now: Instant,
    ) {
        self.touched = now;
        let is_outdated = self.is_outdated(asked);
        let was_ejected = self.ejected.as_ref().is_some_and(|it| now < it.until);
        let longest = ejection.longest.unwrap_or(Duration::from_secs(300));
        if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
            self.rest(wait.min(longest), now);
        }
        // Others that were on their way fail too; only what the target itself says makes it longer.
        if is_outdated || was_ejected {
            return;
        }
        self.window.roll(now);
        self.window.all = self.window.all.saturating_add(1);
        self.window.failed = self.window.failed.saturating_add(1);
        self.consecutive = self.consecutive.saturating_add(1);
        if self.ejected.is_some() || self.fails_too_often(ejection) {
            self.times = self.times.saturating_add(1);
            let base = ejection.base.unwrap_or(Duration::from_secs(10));
            self.eject(base.saturating_mul(self.times).min(longest), now);
        }
    }

    fn is_outdated(&self, asked: Instant) -> bool {
        self.since.is_some_and(|since| asked < since)
    }

    fn fails_too_often(&self, ejection: &Ejection) -> bool {
        let Window { all, failed, .. } = self.window;
        let in_a_row = self.consecutive >= ejection.consecutive.unwrap_or(5);
        let says_something = all >= ejection.least.unwrap_or(20);
        let ratio = f64::from(ejection.ratio.unwrap_or(0.5));
        in_a_row || says_something && f64::from(failed) >= ratio * f64::from(all)
    }

    fn eject(&mut self, pause: Duration, now: Instant) {
        let probes = self.ejected.take().map(|ejected| ejected.probes);
        self.since = Some(now);
        self.ejected = Some(Ejected {
            until: after(now, pause),
            probes: probes.unwrap_or_default(),
        });
    }

    /// Leaves it alone because it asks for that.
    fn rest(&mut self, wait: Duration, now: Instant) {
        let until = Some(after(now, wait));
        if until > self.resting {
            self.resting = until;
            self.since = Some(now);
        }
    }

    /// Whether it can be forgotten: it is not left alone now, and was heard of long ago.
    pub(super) fn is_stale(&self, now: Instant) -> bool {
        let is_back = self.until().is_none_or(|until| until <= now);
        is_back && now.saturating_duration_since(self.touched) >= WINDOW
    }
}

/// Whether a probe may still tell something before another one does.
fn is_awaited(begun: Instant, now: Instant) -> bool {
    now.saturating_duration_since(begun) < PROBE
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
