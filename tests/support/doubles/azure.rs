//! Azure OpenAI, the v1 path: `OpenAI`'s format with other credentials, deployments and errors.

use axum::body::Bytes;
use http::{HeaderMap, Method, StatusCode, header, request::Parts};
use serde_json::{Value, json};

use super::{
    fault::Fault,
    fixture::{Answer, Scene, fixture},
    openai::{self, OpenAi},
    openai_format, openai_messages, openai_tools,
    provider::Provider,
    script::Failure,
};

const DEPLOYMENTS: &[&str] = &["gpt-4o"];

/// The provider.
#[derive(Debug)]
pub struct Azure;

impl Provider for Azure {
    fn base(&self) -> &'static str {
        "/openai"
    }

    fn serves(&self, path: &str) -> bool {
        path == "/openai/v1/chat/completions"
    }

    fn request_id(&self, number: u64) -> String {
        format!("a2c41f0e-93d7-4b58-8e16-{number:012x}")
    }

    fn headers(&self, id: &str) -> Vec<(&'static str, String)> {
        [
            ("x-request-id", id),
            ("apim-request-id", id),
            ("x-ms-region", "France Central"),
            ("x-ms-deployment-name", "gpt-4o"),
            ("x-ms-rai-invoked", "true"),
            ("x-ratelimit-limit-requests", "300"),
            ("x-ratelimit-limit-tokens", "30000"),
            ("x-ratelimit-remaining-requests", "299"),
            ("x-ratelimit-remaining-tokens", "28790"),
            ("azureml-model-session", "d017-double"),
            ("server", "Microsoft-IIS/10.0"),
            (
                "set-cookie",
                "ARRAffinity=double-azure; Path=/; HttpOnly; Secure",
            ),
            (
                "strict-transport-security",
                "max-age=31536000; includeSubDomains; preload",
            ),
            ("x-content-type-options", "nosniff"),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .to_vec()
    }

    /// The key goes in `api-key`. A Bearer token would be one of Entra, and this resource has
    /// none: whoever sends one has mixed up the providers.
    fn authorize(&self, headers: &HeaderMap, key: &str) -> Result<(), Fault> {
        let sent = headers.get("api-key").and_then(|value| value.to_str().ok());
        let has_token = headers.contains_key(header::AUTHORIZATION);
        if sent == Some(key) && !has_token {
            return Ok(());
        }
        let message = "Access denied due to invalid subscription key or wrong API endpoint. Make \
                       sure to provide a valid key for an active subscription and use a correct \
                       regional API endpoint for your resource.";
        Err(own(StatusCode::UNAUTHORIZED, "401", message))
    }

    fn no_such_path(&self, _: &Method, _: &str) -> Fault {
        own(StatusCode::NOT_FOUND, "404", "Resource not found")
    }

    fn no_such_method(&self, _: &Method, _: &str) -> Fault {
        own(StatusCode::METHOD_NOT_ALLOWED, "405", "Method not allowed")
    }

    fn not_json(&self, error: &serde_json::Error) -> Fault {
        OpenAi.not_json(error)
    }

    fn check(&self, _: &Parts, body: &Value) -> Result<(), Fault> {
        openai::check_fields(body)?;
        if !DEPLOYMENTS.iter().any(|name| body["model"] == *name) {
            let message = "The API deployment for this resource does not exist. If you created \
                           the deployment within the last 5 minutes, please wait a moment and try \
                           again.";
            return Err(own(StatusCode::NOT_FOUND, "DeploymentNotFound", message));
        }
        openai_format::check(body)?;
        openai_messages::check(body)?;
        openai_tools::check(body)
    }

    fn failure(&self, failure: Failure) -> Fault {
        match failure {
            Failure::RateLimit => own(
                StatusCode::TOO_MANY_REQUESTS,
                "429",
                "Requests to the ChatCompletions_Create Operation under Azure OpenAI API have \
                 exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry \
                 after 7 seconds.",
            )
            .retry_after(7),
            Failure::Overloaded => own(
                StatusCode::SERVICE_UNAVAILABLE,
                "503",
                "The service is temporarily unable to process your request. Please try again \
                 later.",
            ),
            Failure::ServerError => OpenAi.failure(failure),
        }
    }

    /// Azure's own faults have no `type` and no `param`; those of the model behind it have all.
    fn error_body(&self, fault: &Fault, id: &str) -> Value {
        if fault.kind.is_some() {
            return OpenAi.error_body(fault, id);
        }
        json!({"error": {"code": fault.code, "message": fault.message}})
    }

    fn error_event(&self, id: &str) -> Bytes {
        OpenAi.error_event(id)
    }

    fn answer(&self, body: &Value) -> Answer {
        let fixture = match openai::scene(body) {
            Scene::ToolAnswer | Scene::ThinkingAnswer => fixture!("azure", "tool_answer"),
            Scene::Tools | Scene::ThinkingTools => fixture!("azure", "tools"),
            Scene::Text | Scene::Thinking => fixture!("azure", "text"),
            Scene::Structured => fixture!("azure", "structured"),
        };
        openai::answer(body, fixture)
    }
}

/// A fault of Azure itself, not of the model behind it.
fn own(status: StatusCode, code: &'static str, message: &str) -> Fault {
    Fault::new(status, "", message).code(code).untyped()
}
