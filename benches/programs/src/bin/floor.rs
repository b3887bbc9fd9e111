//! The floor: what any proxy must do. It streams both ways and reads nothing.
//!
//! `floor LISTEN PROVIDER`, such as `floor 127.0.0.1:9100 127.0.0.1:9001`.

use std::env;

use hyper::{
    Request, Response, Uri,
    body::Incoming,
    header::{AUTHORIZATION, CONNECTION, HOST, HeaderValue},
    service::service_fn,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tower_llm_gateway_benches::server::{self, BoxError};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let mut arguments = env::args().skip(1);
    let (Some(listen), Some(provider)) = (arguments.next(), arguments.next()) else {
        return Err("floor LISTEN PROVIDER".into());
    };
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).build(connector);
    server::serve(&listen, || {
        let (client, provider) = (client.clone(), provider.clone());
        service_fn(move |request| forward(request, client.clone(), provider.clone()))
    })
    .await?;
    Ok(())
}

async fn forward(
    mut request: Request<Incoming>,
    client: Client<HttpConnector, Incoming>,
    provider: String,
) -> Result<Response<Incoming>, BoxError> {
    let mut uri = std::mem::take(request.uri_mut()).into_parts();
    uri.scheme = Some("http".parse()?);
    uri.authority = Some(provider.parse()?);
    *request.uri_mut() = Uri::from_parts(uri)?;
    let headers = request.headers_mut();
    headers.remove(HOST);
    headers.remove(CONNECTION);
    headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer key"));
    Ok(client.request(request).await?)
}
