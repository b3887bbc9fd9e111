//! Keys are replaced while the gateway runs.

use std::sync::{Arc, Mutex, OnceLock};

use tower::{ServiceExt, layer::layer_fn};
use tower_llm_gateway::{
    Gateway,
    admission::ClientKeys,
    config::Config,
    format::ApiFormat,
    plugin::{PluginLayer, Registry, Stack},
};

use crate::caller::ask;

use super::{KEY, World, asks, with};

#[tokio::test]
async fn a_reload_replaces_the_keys() {
    let world = World::start("", "api_key: CANARY-provider").await;
    let openai = ApiFormat::OPENAI;
    let status = async |key: &str| {
        let bearer = format!("Bearer {key}");
        let request = with(asks(openai, openai, false), &[("authorization", &bearer)]);
        ask(&world.gateway, request).await.status.as_u16()
    };
    let service = world.gateway.service();
    assert_eq!(status("anything").await, 200);
    for (keys, ada, bob) in [
        ("proxy_api_keys: [CANARY-ada]", 200, 401),
        ("proxy_api_keys: [CANARY-ada, CANARY-bob]", 200, 200),
        ("proxy_api_keys: [CANARY-bob]", 401, 200),
        ("", 200, 200),
    ] {
        world.reload(keys);
        assert_eq!(
            (status("CANARY-ada").await, status("CANARY-bob").await),
            (ada, bob),
            "{keys}"
        );
    }
    // A wrong configuration opens nothing.
    world.reload("proxy_api_keys: [CANARY-bob]");
    let wrong = Config::from_yaml("downstreams: [{id: a}]").unwrap();
    world.gateway.reload(&wrong).unwrap_err();
    assert_eq!(
        (status("CANARY-ada").await, status("CANARY-bob").await),
        (401, 200)
    );
    // Services that were made before see it as well.
    let request = asks(openai, openai, false);
    assert_eq!(service.oneshot(request).await.unwrap().status(), 401);
}

/// Part of a plugin, and so of a table: notes whether callers need a key at the moment in which that table goes.
struct Witness {
    keys: Arc<OnceLock<ClientKeys>>,
    guarded: Arc<Mutex<Vec<bool>>>,
}

impl Drop for Witness {
    fn drop(&mut self) {
        if let Some(keys) = self.keys.get() {
            self.guarded.lock().unwrap().push(!keys.is_empty());
        }
    }
}

#[test]
fn a_table_is_replaced_while_keys_are_needed_if_it_is_so_before_or_after() {
    let keys = Arc::<OnceLock<ClientKeys>>::default();
    let guarded = Arc::<Mutex<Vec<bool>>>::default();
    let mut plugins = Registry::empty();
    let (known, seen) = (Arc::clone(&keys), Arc::clone(&guarded));
    plugins.register("witness", move |_| {
        let (keys, guarded) = (Arc::clone(&known), Arc::clone(&seen));
        let witness = Arc::new(Witness { keys, guarded });
        Ok(PluginLayer::new(layer_fn(move |inner: Stack| {
            let _ = &witness;
            inner
        })))
    });
    let config = |keys: &str| {
        let rule = "rules: [{id: r, pipeline_config: [{plugin_id: witness}]}]";
        Config::from_yaml(&format!("{rule}\nproxy_api_keys: {keys}")).unwrap()
    };
    let builder = Gateway::builder(config("[]")).plugins(plugins);
    let gateway = builder.build().unwrap();
    assert!(keys.set(gateway.client_keys().clone()).is_ok());
    for keys in ["[CANARY-ada]", "[CANARY-bob]", "[]"] {
        gateway.reload(&config(keys)).unwrap();
    }
    let guarded = guarded.lock().unwrap().clone();
    assert_eq!(guarded, [true, true, true]);
}

#[tokio::test]
async fn the_host_may_replace_the_keys_itself() {
    let world = World::guarded().await;
    world.gateway.client_keys().replace(["CANARY-new".into()]);
    let openai = ApiFormat::OPENAI;
    for (key, status) in [(KEY, 401), ("CANARY-new", 200)] {
        let request = with(asks(openai, openai, false), &[("api-key", key)]);
        assert_eq!(ask(&world.gateway, request).await.status, status);
    }
}

/// Ada and Bob are each in two of three configurations, and try until they got in often enough; Eve is in none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_change_under_traffic_and_nobody_gets_in_without_one() {
    let world = Arc::new(World::guarded().await);
    let status = async |gateway: &Gateway, key: &str| {
        let bearer = format!("Bearer {key}");
        let request = asks(ApiFormat::OPENAI, ApiFormat::OPENAI, false);
        let reply = ask(gateway, with(request, &[("authorization", &bearer)])).await;
        reply.status.as_u16()
    };
    let swaps = {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            for keys in ["[CANARY-ada]", "[CANARY-bob]", "[CANARY-ada, CANARY-bob]"]
                .iter()
                .cycle()
            {
                world.reload(&format!("proxy_api_keys: {keys}"));
                tokio::task::yield_now().await;
            }
        })
    };
    for _ in 0..40 {
        for key in ["CANARY-ada", "CANARY-bob"] {
            while status(&world.gateway, key).await != 200 {}
        }
        assert_eq!(status(&world.gateway, "CANARY-eve").await, 401);
    }
    swaps.abort();
}
