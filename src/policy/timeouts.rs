use std::{fmt, time::Duration};

/// A part of an exchange that has a limit of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// From dialling until TCP, TLS and ALPN are done. Default 5 s.
    Connect,
    /// Waiting for a place at a downstream that takes only so many requests at once. Default 5 s.
    PoolWait,
    /// Between two pieces of the request's body: the provider doesn't read, or the caller doesn't write. Default 30 s.
    ///
    /// That a provider doesn't read is seen when what lies in between is full: some hundred KiB in the client, and in the
    /// kernel what it likes, which may be MiB. A request that fits in there counts as written.
    RequestWrite,
    /// From the end of the request to the head of the answer; from the call, as long as nobody has asked for the request's
    /// body. Default 300 s for a stream, and 600 s for an answer that comes whole: it has no head until the model is done,
    /// and the providers' own clients wait that long.
    FirstByte,
    /// From the head of a stream to its first content (time to first token). Default 600 s: models at work on something
    /// hard give signs of life for minutes, and nothing else.
    FirstEvent,
    /// Between two pieces of an answer; keep-alives are signs of life. Default 300 s, which is what OpenAI's own Codex
    /// waits (`stream_idle_timeout_ms`, configuration reference, 2026-08): several models think without a sign, and
    /// limits of one to three minutes have been seen to cut them. A connection that is dead, and not only silent, is
    /// noticed sooner by the client's keep-alives.
    Idle,
    /// One attempt from its call to its last byte. Default: none.
    Attempt,
    /// The request from its call to its last byte, all attempts and pauses included. Default: 600 s for a model's answer
    /// that comes whole; none for a stream, and none for other endpoints, where nobody knows what comes.
    Total,
}

impl Phase {
    /// All of them, in the order in which an exchange passes through them.
    pub const ALL: [Self; 8] = [
        Self::Connect,
        Self::PoolWait,
        Self::RequestWrite,
        Self::FirstByte,
        Self::FirstEvent,
        Self::Idle,
        Self::Attempt,
        Self::Total,
    ];

    /// Its name in configuration files and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::PoolWait => "pool_wait",
            Self::RequestWrite => "request_write",
            Self::FirstByte => "first_byte",
            Self::FirstEvent => "first_event",
            Self::Idle => "idle",
            Self::Attempt => "attempt",
            Self::Total => "total",
        }
    }

    /// The limit that counts if nobody says another.
    const fn default_limit(self, stream: bool) -> Option<Duration> {
        let seconds = match self {
            Self::Connect | Self::PoolWait => 5,
            Self::RequestWrite => 30,
            Self::FirstByte if stream => 300,
            Self::Total if stream => return None,
            Self::FirstByte | Self::FirstEvent | Self::Total => 600,
            Self::Idle => 300,
            Self::Attempt => return None,
        };
        Some(Duration::from_secs(seconds))
    }

    /// The limit that counts where this is said; `None` if there is none.
    pub(crate) fn limit(self, said: Option<Duration>, stream: bool) -> Option<Duration> {
        let limit = said.or(self.default_limit(stream))?;
        (limit <= Timeouts::LONGEST).then_some(limit)
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How long each [`Phase`] of an exchange may take. What is not said is left to whoever has the next say, and at last
/// to the defaults, which never cut a healthy stream.
///
/// ```
/// use std::time::Duration;
/// use tower_llm_gateway::policy::{Phase, Timeouts};
///
/// let timeouts = Timeouts::new()
///     .with(Phase::Idle, Duration::from_secs(20))
///     .with(Phase::FirstByte, Timeouts::NEVER);
/// assert_eq!(timeouts.limit(Phase::Idle, true), Some(Duration::from_secs(20)));
/// assert_eq!(timeouts.limit(Phase::FirstByte, true), None);
/// assert_eq!(timeouts.limit(Phase::Connect, true), Some(Duration::from_secs(5)));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timeouts {
    limits: [Option<Duration>; Phase::ALL.len()],
}

impl Timeouts {
    /// No limit at all.
    pub const NEVER: Duration = Duration::MAX;

    /// A limit above this is none: no clock counts so far.
    const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

    /// Nothing is said.
    pub const fn new() -> Self {
        Self {
            limits: [None; Phase::ALL.len()],
        }
    }

    /// With this limit; [`NEVER`](Self::NEVER) for none.
    #[must_use]
    pub fn with(mut self, phase: Phase, limit: Duration) -> Self {
        if let Some(said) = self.limits.get_mut(phase as usize) {
            *said = Some(limit);
        }
        self
    }

    /// What this says, and where it says nothing, what `other` says.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        for (said, others) in self.limits.iter_mut().zip(other.limits) {
            *said = said.or(others);
        }
        self
    }

    /// What was said of a phase; `None` if nothing was, and the default counts.
    pub(crate) fn said(&self, phase: Phase) -> Option<Duration> {
        self.limits.get(phase as usize).copied().flatten()
    }

    /// The limit that counts for an answer that is a stream, or comes whole; `None` if there is none.
    pub fn limit(&self, phase: Phase, stream: bool) -> Option<Duration> {
        phase.limit(self.said(phase), stream)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phase_has_a_place_and_a_name_of_its_own() {
        let second = Duration::from_secs(1);
        for (at, phase) in Phase::ALL.into_iter().enumerate() {
            let timeouts = Timeouts::new().with(phase, second);
            let said = |phase: &Phase| timeouts.limit(*phase, true) == Some(second);
            let places: Vec<_> = Phase::ALL.iter().filter(|phase| said(phase)).collect();
            assert_eq!(places, [&phase]);
            let names = Phase::ALL.iter().map(|phase| phase.as_str());
            assert_eq!(
                names.clone().position(|name| name == phase.as_str()),
                Some(at)
            );
        }
    }

    #[test]
    fn the_nearest_word_counts_field_by_field() {
        let (near, far) = (Duration::from_secs(1), Duration::from_secs(2));
        let timeouts = Timeouts::new().with(Phase::Idle, near);
        let timeouts = timeouts.or(Timeouts::new()
            .with(Phase::Idle, far)
            .with(Phase::Connect, far));
        assert_eq!(timeouts.limit(Phase::Idle, true), Some(near));
        assert_eq!(timeouts.limit(Phase::Connect, true), Some(far));
    }

    #[test]
    fn situation_61_a_limit_that_no_clock_counts_to_is_none() {
        for limit in [Duration::from_millis(u64::MAX), Timeouts::NEVER] {
            for phase in Phase::ALL {
                let timeouts = Timeouts::new().with(phase, limit);
                assert_eq!(timeouts.limit(phase, false), None);
            }
        }
    }
}
