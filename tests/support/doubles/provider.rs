//! What one provider does differently from the others.

use axum::body::Bytes;
use http::{HeaderMap, Method, request::Parts};
use serde_json::Value;

use super::{endpoints::Reply, fault::Fault, fixture::Answer, script::Failure};

/// One provider's side of the double: its checks, its error format, its answers.
pub trait Provider: Send + Sync {
    /// What follows the authority in the base URL of a configuration.
    fn base(&self) -> &'static str;

    /// Whether `path` is that of a create endpoint.
    fn serves(&self, path: &str) -> bool;

    /// Whether this request asks for a stream.
    fn streams(&self, _: &Parts, body: &Value) -> bool {
        body["stream"] == true
    }

    /// What an endpoint besides the create endpoint answers; `None` if there is none of this method
    /// at the path. The credentials are checked by then.
    fn other(&self, _: &Parts, _: &Bytes) -> Option<Result<Reply, Fault>> {
        None
    }

    /// The `number`th request's id, in the provider's form.
    fn request_id(&self, number: u64) -> String;

    /// Headers of every answer, errors included.
    fn headers(&self, id: &str) -> Vec<(&'static str, String)>;

    /// Checks the caller's credentials and the headers the API requires.
    fn authorize(&self, headers: &HeaderMap, key: &str) -> Result<(), Fault>;

    /// What a path that does not exist is answered.
    fn no_such_path(&self, method: &Method, path: &str) -> Fault;

    /// What a method other than POST is answered.
    fn no_such_method(&self, method: &Method, path: &str) -> Fault;

    /// What a body that is not JSON is answered.
    fn not_json(&self, error: &serde_json::Error) -> Fault;

    /// Checks a body as strictly as the provider does.
    fn check(&self, head: &Parts, body: &Value) -> Result<(), Fault>;

    /// What a scripted failure looks like here.
    fn failure(&self, failure: Failure) -> Fault;

    /// An error body in the provider's format.
    fn error_body(&self, fault: &Fault, id: &str) -> Value;

    /// An error event in the provider's stream format.
    fn error_event(&self, id: &str) -> Bytes;

    /// The answer to a body that passed the check.
    fn answer(&self, body: &Value) -> Answer;
}
