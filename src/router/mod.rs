//! Which request goes where: rules over path and model, most specific first.
//!
//! A [`Table`] is built once from [targets](crate::target::Target) and [`Rule`]s. It decides without I/O, clock or
//! randomness: from the [`Facts`] of a request to a [`Decision`].
//!
//! 1. *Resolve*: the active option of an [`Alias`]; else the downstreams that own the model, narrowed by the rules that match; if nobody owns it, the most
//!    specific rule that names both the model and a downstream; else the model is unknown.
//! 2. *Shape*: the format to speak to that downstream, the plugins of all rules that match, and who supplies which
//!    leg of the translation.
//!
//! ```
//! use http::HeaderMap;
//! use tower_llm_gateway::{
//!     format::ApiFormat,
//!     router::{Facts, Pattern, Rule, Table},
//!     target::Target,
//! };
//!
//! let base = "https://my-resource.openai.azure.com/openai".parse().unwrap();
//! let azure = Target::new("azure", base).with_models(vec!["gpt-4o".into()]);
//! let rule = Rule::new("azure-rule")
//!     .with_models(vec![Pattern::exact("azure-gpt4o")])
//!     .with_downstreams(vec!["azure".into()]);
//! let table = Table::build(vec![azure], vec![rule], Vec::new()).unwrap();
//!
//! let headers = HeaderMap::new();
//! let facts = Facts::new("/v1/chat/completions", ApiFormat::OPENAI, "azure-gpt4o", &headers);
//! let decision = table.decide(&facts).unwrap();
//! assert_eq!(&**decision.selected().target().id(), "azure");
//! assert_eq!(decision.selected().model().map(|model| &**model), Some("gpt-4o"));
//! ```

mod alias;
mod build;
mod chain;
mod check;
mod check_alias;
mod check_fallback;
mod check_names;
mod concern;
mod decision;
mod distance;
mod explain;
mod facts;
mod failure;
mod fallback;
mod future;
mod index;
mod layer;
mod legs;
mod lint;
mod listing;
mod matching;
pub(crate) mod matter;
mod named;
mod path;
mod resolve;
mod rule;
mod served;
mod service;
mod shape;
mod shared;
mod sides;
mod table;

pub use alias::{Alias, AliasOption, UnknownAlias};
pub use check::{Place, Problem};
pub use concern::Concern;
pub use decision::Decision;
#[cfg(feature = "config")]
pub(crate) use distance::distance;
pub use explain::{Explanation, Limits, Passage, Stage, Tries};
pub use facts::{Facts, ModelSource};
pub use fallback::Fallback;
pub use future::ResponseFuture;
pub use layer::RuleRouterLayer;
pub use legs::{Leg, Legs, Supplier};
pub use matching::{InvalidPattern, Pattern};
pub use rule::{OutputModel, Rule, Specificity, Step};
pub use served::Served;
pub use service::RuleRouter;
pub use shared::SharedTable;
pub use table::Table;
