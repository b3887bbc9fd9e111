//! What a caller hears of it.

use http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use tower_llm_gateway::{Body, Gateway};

use crate::support::KEY;

use super::{authority::Identity, serve};

#[tokio::test]
async fn a_provider_that_is_not_trusted_is_502_and_no_key_is_shown() {
    let server = serve(Identity::self_signed("127.0.0.1").server()).await;
    let config = format!(
        "retry: {{attempts: 1}}\ndownstreams: [{{id: a, base_url: 'https://{server}', api_key: {KEY}, api_formats: [anthropic], output_model_ids: [m]}}]"
    );
    let gateway = Gateway::from_yaml(&config).unwrap();
    let request = Request::post("/v1/chat/completions");
    let request = request.body(Body::from(
        r#"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#,
    ));
    let response = gateway.service().oneshot(request.unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["error"]["code"], "upstream_connect_error");
    assert!(!body.to_string().contains(KEY), "{body}");
}
