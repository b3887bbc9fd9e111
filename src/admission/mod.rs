//! Keys of callers: who has none of them gets no further.
//!
//! [`Gateway`](crate::Gateway) does this by itself where a configuration has `proxy_api_keys`. Alone,
//! [`ClientKeysLayer`] guards whatever is behind it:
//!
//! ```
//! use http::{Request, Response};
//! use tower::{Layer, ServiceExt, service_fn};
//! use tower_llm_gateway::{
//!     Body, BoxError,
//!     admission::{ClientKeys, ClientKeysLayer},
//! };
//!
//! # tokio_test::block_on(async {
//! let keys = ClientKeys::new(["key-of-ada".to_owned().into()]);
//! let service = ClientKeysLayer::new(keys.clone())
//!     .layer(service_fn(|_: Request<Body>| async { Ok::<_, BoxError>(Response::new(Body::empty())) }));
//!
//! let request = Request::post("/v1/messages").header("x-api-key", "key-of-ada");
//! let response = service.clone().oneshot(request.body(Body::empty())?).await?;
//! assert_eq!(response.status(), 200);
//!
//! // From the next request on.
//! keys.replace(["key-of-bob".to_owned().into()]);
//! let request = Request::post("/v1/messages").header("x-api-key", "key-of-ada");
//! let response = service.oneshot(request.body(Body::empty())?).await?;
//! assert_eq!(response.status(), 401);
//! # Ok::<_, BoxError>(())
//! # }).unwrap();
//! ```
//!
//! # Where a key may be
//!
//! | place | clients |
//! |---|---|
//! | `authorization: Bearer KEY` | `OpenAI`'s, and Anthropic's with an `auth_token` |
//! | `x-api-key: KEY` | Anthropic's |
//! | `api-key: KEY` | Azure's |
//! | `x-goog-api-key: KEY`, or `?key=KEY` from callers in Gemini's format | Gemini's |
//!
//! All of them are looked at; one key that is known is enough. Where it was, it is taken out of the request, so that no
//! provider gets it, not even one with `auth: forward_client`; what a caller says in the other places stays.

mod credentials;
mod keys;
mod layer;
mod refusal;
mod service;

pub(crate) use credentials::Admitted;
pub use keys::ClientKeys;
pub use layer::ClientKeysLayer;
pub use service::{RequireKey, ResponseFuture};
