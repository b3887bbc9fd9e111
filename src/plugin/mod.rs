//! What a rule's `pipeline_config` runs: ordinary tower layers around the downstream.
//!
//! A plugin is any layer over [`Stack`]. It sees the request in the provider's format, with a body that is all there,
//! and the response as it comes; one that a rule names before a translator of the request sees the caller's format
//! instead. A host registers its own by name in a [`Registry`].
//!
//! *Translators* (`openai2anthropic`, …) are not layers: translation is one step, done by
//! `TranslateLayer`, and the router works out once which of its legs a rule
//! has asked for. So nothing can be translated twice.
//!
//! # Errors and panics
//!
//! What a plugin does wrong is the fault of one request, and the others go on. An error that it returns comes up as an
//! [`Error`](crate::Error) that [is a plugin's](crate::Error::is_plugin), with the plugin's own as its source; one that
//! it only hands on stays as it is. A panic is caught and becomes such an error too, wherever it happens: in `layer`,
//! `poll_ready` or `call`, in the future, or in a body that it has made, be it of the request or of the answer. What has
//! panicked is dropped at once and never polled again, and with it what it was waiting for, such as the request to the
//! provider. Plugins further out see the error and not the panic.
//!
//! Callers are told that a plugin failed and not how: 500 with the code `plugin_error`, or an error behind what they have
//! of a stream. Within an event, and within an answer that comes whole, the connection breaks off. A plugin that wants to
//! say more returns an [`ir::Error`](crate::ir::Error); tower's own errors of time and load keep their meaning. No
//! provider is asked again for any of these, but for an `ir::Error` within a body, which counts as if the provider had
//! said it. The words of a panic are logged as an error, with the plugin's name.
//!
//! A destructor that panics is logged and changes nothing, unless it runs because the plugin panics already: that aborts
//! the process, as always. Nothing is caught in a program that is built with `panic = "abort"`. What requests share, such
//! as a lock that a panic has poisoned, is the plugin's own matter, and so are the tasks that it has spawned. The
//! process's panic hook runs as for any panic.

mod header;
mod images;
mod layer;
mod pipeline;
mod registry;

use std::sync::Arc;

use http::{Request, Response};
use serde_json::Value;
use tower::util::BoxCloneSyncService;

use crate::{Body, BoxError};

pub use layer::PluginLayer;
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

/// Request extension: the plugins of the rules that matched, outermost first. They run where the request is in the
/// provider's format.
#[derive(Debug, Clone)]
pub struct Plugins(pub Arc<[PluginLayer]>);

/// Request extension: those that run before the translation, where the request is in the caller's format, outermost
/// first.
#[derive(Debug, Clone)]
pub struct CallerPlugins(pub Arc<[PluginLayer]>);
