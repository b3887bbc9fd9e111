use std::{fmt, sync::Arc, time::Duration};

use http::StatusCode;

use crate::policy::Phase;

/// Any error, boxed.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What went wrong on the way to a provider. One pointer wide.
///
/// Neither it nor its sources hold a credential or a body.
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    source: Option<BoxError>,
}

#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "client"), allow(dead_code))]
enum Kind {
    NotSelected,
    Connect,
    Encoded,
    Handler,
    NoHandler,
    /// With its name, if it has one.
    Plugin(Option<Arc<str>>),
    RequestBroken,
    RequestStalled(Duration),
    Send,
    ShuttingDown,
    Status(StatusCode),
    Target,
    Timeout(Phase, Duration),
}

/// What the built-in client fails with.
#[cfg_attr(not(feature = "client"), allow(dead_code))]
impl Error {
    fn new(kind: Kind, source: Option<BoxError>) -> Self {
        Self(Box::new(Inner { kind, source }))
    }

    /// A request arrived at a downstream and nobody had selected one.
    pub(crate) fn not_selected() -> Self {
        Self::new(Kind::NotSelected, None)
    }

    /// No connection could be made.
    pub(crate) fn connect(source: impl Into<BoxError>) -> Self {
        Self::new(Kind::Connect, Some(source.into()))
    }

    /// A part of the exchange took longer than it may.
    pub(crate) fn timed_out(phase: Phase, limit: Duration) -> Self {
        Self::new(Kind::Timeout(phase, limit), None)
    }

    /// The caller's request could not be read to its end.
    pub(crate) fn request_broken(source: impl Into<BoxError>) -> Self {
        Self::new(Kind::RequestBroken, Some(source.into()))
    }

    /// The caller's request did not go on coming.
    pub(crate) fn request_stalled(limit: Duration) -> Self {
        Self::new(Kind::RequestStalled(limit), None)
    }

    /// The gateway stops.
    pub(crate) fn shutting_down() -> Self {
        Self::new(Kind::ShuttingDown, None)
    }

    /// The host's own handler failed.
    pub(crate) fn handler(source: impl Into<BoxError>) -> Self {
        Self::new(Kind::Handler, Some(source.into()))
    }

    /// The host's own handler is meant, and there is none.
    pub(crate) fn no_handler() -> Self {
        Self::new(Kind::NoHandler, None)
    }

    /// A plugin failed.
    pub(crate) fn plugin(id: Option<Arc<str>>, source: impl Into<BoxError>) -> Self {
        Self::new(Kind::Plugin(id), Some(source.into()))
    }

    /// The connection broke before the response began.
    pub(crate) fn send(source: impl Into<BoxError>) -> Self {
        Self::new(Kind::Send, Some(source.into()))
    }

    /// The response is compressed, though it was asked for as it is.
    pub(crate) fn encoded() -> Self {
        Self::new(Kind::Encoded, None)
    }

    /// The response is one that must not be handed on, such as a redirect.
    pub(crate) fn unexpected_status(status: StatusCode) -> Self {
        Self::new(Kind::Status(status), None)
    }

    /// The target can't be called: its address and the path make no URL, or no header can hold its key.
    pub(crate) fn target(source: impl Into<BoxError>) -> Self {
        Self::new(Kind::Target, Some(source.into()))
    }
}

impl Error {
    /// Whether no connection could be made, in time or at all. Nothing was sent then.
    pub fn is_connect(&self) -> bool {
        matches!(
            self.0.kind,
            Kind::Connect | Kind::Timeout(Phase::Connect, _)
        )
    }

    /// Whether something took longer than it may.
    pub fn is_timeout(&self) -> bool {
        self.timeout().is_some() || self.is_request_stalled()
    }

    /// What took longer than it may.
    pub fn timeout(&self) -> Option<Phase> {
        match self.0.kind {
            Kind::Timeout(phase, _) => Some(phase),
            _ => None,
        }
    }

    /// Whether it was the caller whose request did not go on coming.
    pub fn is_request_stalled(&self) -> bool {
        matches!(self.0.kind, Kind::RequestStalled(_))
    }

    /// Whether it was the caller whose request could not be read to its end: it broke off, or is too large. The source
    /// is the [`ir::Error`](crate::ir::Error) that says so.
    pub fn is_request_broken(&self) -> bool {
        self.0.kind == Kind::RequestBroken
    }

    /// Whether the gateway stops, and so ends what has not ended by itself.
    pub fn is_shutting_down(&self) -> bool {
        self.0.kind == Kind::ShuttingDown
    }

    /// Whether the connection broke before the answer began. Nobody knows what became of the request.
    pub fn is_broken(&self) -> bool {
        self.0.kind == Kind::Send
    }

    /// Whether the answer was compressed, though it was asked for as it is.
    pub fn is_encoded(&self) -> bool {
        self.0.kind == Kind::Encoded
    }

    /// Whether the target's address or key can't be used.
    pub fn is_target(&self) -> bool {
        self.0.kind == Kind::Target
    }

    /// Whether the provider sent the request elsewhere, which is not followed.
    pub fn is_redirect(&self) -> bool {
        matches!(self.0.kind, Kind::Status(_))
    }

    /// Whether the host's own handler failed; its error is the source.
    pub fn is_handler(&self) -> bool {
        self.0.kind == Kind::Handler
    }

    /// What the host's own code failed with, be it the handler or a plugin. It may say more: that it is overloaded, for
    /// one.
    pub(crate) fn of_host(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let source = self.0.source.as_deref().map(|source| source as _);
        source.filter(|_| self.is_handler() || self.is_plugin())
    }

    /// Whether a request was for the host's own handler where there is none.
    pub fn is_no_handler(&self) -> bool {
        self.0.kind == Kind::NoHandler
    }

    /// Whether a plugin failed or panicked; its error is the source.
    pub fn is_plugin(&self) -> bool {
        matches!(self.0.kind, Kind::Plugin(_))
    }

    /// Whether a request arrived at a downstream that nobody had selected.
    pub fn is_not_selected(&self) -> bool {
        self.0.kind == Kind::NotSelected
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.kind {
            Kind::NotSelected => {
                f.write_str("no downstream was selected: is a `RuleRouterLayer` in front?")
            }
            Kind::Connect => f.write_str("no connection to the provider"),
            Kind::Encoded => {
                f.write_str("the provider's answer is compressed, which was not asked for")
            }
            Kind::Handler => f.write_str("the handler failed"),
            Kind::NoHandler => {
                f.write_str("the gateway stands alone: there is no handler behind it")
            }
            Kind::Plugin(None) => f.write_str("a plugin failed"),
            Kind::Plugin(Some(id)) => write!(f, "the plugin `{id}` failed"),
            Kind::RequestBroken => f.write_str("the request could not be read to its end"),
            Kind::RequestStalled(limit) => {
                write!(f, "the request's body did not go on for {limit:?}")
            }
            Kind::Send => f.write_str("the connection to the provider broke before it answered"),
            Kind::Status(status) => {
                write!(f, "the provider answered {status}, which is not followed")
            }
            Kind::ShuttingDown => f.write_str("the gateway is shutting down"),
            Kind::Target => f.write_str("the provider's address or key can't be used"),
            Kind::Timeout(phase, limit) => write!(f, "{} {limit:?}", too_long(*phase)),
        }
    }
}

/// What is said of a part that took too long, in front of the limit.
const fn too_long(phase: Phase) -> &'static str {
    match phase {
        Phase::Connect => "no connection to the provider within",
        Phase::PoolWait => "no free place at the provider within",
        Phase::RequestWrite => "the provider did not go on reading the request for",
        Phase::FirstByte => "no answer from the provider within",
        Phase::FirstEvent => "no content from the provider within",
        Phase::Idle => "the provider fell silent for",
        Phase::Attempt => "the provider did not finish within",
        Phase::Total => "the request was not done within",
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("source", &self.0.source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_pointer_wide_and_crosses_threads() {
        fn crosses_threads<T: Send + Sync>() {}
        crosses_threads::<Error>();
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    /// One of each kind; those that have a source have this one.
    fn all(source: &'static str) -> Vec<Error> {
        let limit = Duration::from_secs(1);
        let timeouts = Phase::ALL.map(|phase| Error::timed_out(phase, limit));
        let others = [
            Error::not_selected(),
            Error::connect(source),
            Error::encoded(),
            Error::handler(source),
            Error::no_handler(),
            Error::plugin(None, source),
            Error::plugin(Some("id".into()), source),
            Error::request_broken(source),
            Error::request_stalled(limit),
            Error::send(source),
            Error::shutting_down(),
            Error::unexpected_status(StatusCode::FOUND),
            Error::target(source),
        ];
        timeouts.into_iter().chain(others).collect()
    }

    /// The caller is told what is displayed. A source is for logs.
    #[test]
    fn situation_06_what_is_displayed_is_nothing_that_a_source_says() {
        for error in all("canary") {
            // A new kind belongs into the list above.
            match &error.0.kind {
                Kind::NotSelected
                | Kind::Connect
                | Kind::Encoded
                | Kind::Handler
                | Kind::NoHandler
                | Kind::Plugin(_)
                | Kind::RequestBroken
                | Kind::RequestStalled(_)
                | Kind::Send
                | Kind::ShuttingDown
                | Kind::Status(_)
                | Kind::Target
                | Kind::Timeout(..) => {}
            }
            let told = error.to_string();
            assert!(!told.is_empty() && !told.contains("canary"), "{told}");
            let source = std::error::Error::source(&error);
            assert!(source.is_none_or(|source| source.to_string() == "canary"));
        }
    }
}
