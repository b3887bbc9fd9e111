//! What a rule's `pipeline_config` runs: ordinary tower layers around the downstream.
//!
//! A plugin is any layer over [`Stack`]. It sees the request in the provider's format, with a body that is all there,
//! and the response as it comes; one that a rule names before a translator of the request sees the caller's format
//! instead. A host registers its own by name in a [`Registry`].
//!
//! *Translators* (`openai2anthropic`, …) are not layers: translation is one step, done by
//! `TranslateLayer`, and the router works out once which of its legs a rule
//! has asked for. So nothing can be translated twice.

mod header;
mod images;
mod pipeline;
mod registry;

use std::sync::Arc;

use http::{Request, Response};
use serde_json::Value;
use tower::util::{BoxCloneSyncService, BoxCloneSyncServiceLayer};

use crate::{Body, BoxError};

pub use pipeline::{Pipeline, PipelineLayer, ResponseFuture};
pub use registry::{Registry, Translator};

/// The plugins that come with the crate, by their names in configuration files.
const BUILT_IN: [(&str, Make); 2] = [
    ("custom_header", header::make),
    ("fix_anthropic_images", images::make),
];

type Make = fn(&Value) -> Result<PluginLayer, BoxError>;

/// What plugins wrap: the downstream, or the next plugin.
pub type Stack = BoxCloneSyncService<Request<Body>, Response<Body>, BoxError>;

/// A plugin: a layer over [`Stack`].
pub type PluginLayer = BoxCloneSyncServiceLayer<Stack, Request<Body>, Response<Body>, BoxError>;

/// Request extension: the plugins of the rules that matched, outermost first. They run where the request is in the
/// provider's format.
#[derive(Debug, Clone)]
pub struct Plugins(pub Arc<[PluginLayer]>);

/// Request extension: those that run before the translation, where the request is in the caller's format, outermost
/// first.
#[derive(Debug, Clone)]
pub struct CallerPlugins(pub Arc<[PluginLayer]>);
