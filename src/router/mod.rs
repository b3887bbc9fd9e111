//! Which request goes where: rules over path and model, most specific first.
//!
//! A [`Table`] is built once from [targets](crate::target::Target) and [`Rule`]s. It decides without I/O, clock or
//! randomness: from the [`Facts`] of a request to a [`Decision`].
//!
//! 1. *Resolve*: the active option of an [`Alias`]; else the downstreams that own the model, narrowed by the rules that match; if nobody owns it, the most
//!    specific rule that names both the model and a downstream; else the model is unknown. Alias and rule may leave it to
//!    an [experiment](#experiments).
//! 2. *Shape*: the format to speak to that downstream, the plugins of all rules that match, and who supplies which
//!    leg of the translation.
//! 3. *Fall back*: where it goes next if that fails, each shaped like a target of its own.
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
//!
//! # Experiments
//!
//! A rule may have a [`Split`] in place of downstreams, and an alias in place of options: its requests are divided between
//! arms, to compare these. Which arm a request gets follows from whose it is, and from nothing that one process has and
//! another has not; [`crate::experiment`] says how exactly.
//!
//! - A split replaces the first owner, or what a rule leads to: of the rules that match, the most specific one decides that
//!   has a split or leads to an owner. Its arms need not have the model. Where nobody has it, the rule has to name it, as
//!   ever.
//! - Arms are left out of the draw that can't serve the request: their downstream is off, the rule's filters leave them out,
//!   or it is not clear what the model is called there. What they would get is divided between the others. If none is
//!   left, the rule has no say.
//! - An arm gets the model name that it says; else the one that a rule says; else the caller's, if its downstream lists that;
//!   else the only one that it has, if the rule names models; else the caller's, if it takes any.
//! - Fallbacks go on as without a split. The request stays assigned to its arm, whoever serves it.
//!
//! [`Decision::assignment`] has the arm and how the request came to it, by the first of these that holds:
//!
//! | [`AssignedBy`](crate::experiment::AssignedBy) | when | arm | counts |
//! |---|---|---|---|
//! | `override` | the host has put an [`ArmOverride`](crate::experiment::ArmOverride) into the request, or its caller names an arm and [may](Table::arm_override) | that one | no |
//! | `loop` | it is within a tool loop that began with another arm than it would get | that one | yes |
//! | `holdout` | its key is held out of all experiments | control | no |
//! | `layer` | its key belongs to another experiment of the same layer, or to none | control | no |
//! | `coverage` | the experiment does not cover its key | control | no |
//! | `key`, `conversation` | it has a key | by that | yes |
//! | `random` | it has none, and no tools either | by chance | yes |
//!
//! Control is the first arm, or the first that can serve.
//!
//! *Weights* may be others in the next table, or be [set](SharedTable::set_weights) in this one. Then only those keys move
//! that have to, and no request within a tool loop: for that, a [`SharedTable`] remembers what was assigned to requests that
//! have to do with tools, the last 32,768 at least and 65,536 at most, whatever the tables were. It is asked only within a
//! loop, and what it does not know is drawn. A loop that began while its key was kept out of the experiment stays so too.
//!
//! *Bodies* that nothing else has to be known of are read only where an experiment decides, and then if a model is asked for an
//! answer (there may be tools), or if the key may be in there and not in the head. What can't be read (another encoding,
//! no JSON) has no key; no request is refused for that.
//!
//! # Fallbacks
//!
//! `match_downstreams` of a rule says to which downstreams its requests may go. It is a set, tested before anything is
//! sent: a rule that leads elsewhere has no say. `fallback` says what is next when the one that was chosen fails. It is a
//! list, read in its order, and chooses nothing: a downstream that is only there gets no request while the first one works.
//!
//! - The list of the most specific rule counts that holds for the decision and has one, and no other; an empty list says
//!   that there is nothing else. It does not matter who decided: an alias, an owner, or a rule.
//! - A fallback has a format, plugins, limits and tries of its own. They are those of the rules that the request matches
//!   by any of its names (the caller's, the alias, what was sent first, what is sent there), that lead to the fallback or
//!   have it in their list, and whose filters let its format through. So a rule with `match_downstream_format` still says
//!   where to go when its format is left, but nothing of what happens there.
//! - Its model is the one that the list says; else the one that was sent first, or else the caller's, if the downstream
//!   lists it; else the one that was sent first, if the downstream takes any; else the only one that it has.
//! - Left out are: what is tried first (the same downstream is another target under another name that the list says), what
//!   has come before, what is switched off, several models of which none was asked for, and a format that has no word for
//!   what is asked: another format's embeddings, tokens that it doesn't count.
//!   [`Table::explain`] names them with the reason.
//!
//! A request is *assigned* to the target of the decision, and *served* by the one whose answer the caller gets. A fallback
//! changes only the second: what compares targets has to go by the first. [`Served`] is the decision;
//! [`Attempts`](crate::failover) has both, and all in between.

mod alias;
mod build;
mod chain;
mod check;
mod check_alias;
mod check_fallback;
mod check_layers;
mod check_names;
mod check_shadow;
mod check_split;
mod chosen;
mod concern;
mod decision;
mod distance;
mod drawn;
mod experiments;
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
mod loops;
mod matching;
pub(crate) mod matter;
mod named;
mod names;
mod path;
mod resolve;
mod rule;
mod served;
mod service;
mod shadow;
mod shape;
mod shared;
mod sides;
mod split;
mod table;
mod trial;
mod weights;

pub use crate::context::trail::Trail;
pub use alias::{Alias, AliasOption, UnknownAlias};
pub use check::{ArmPart, Holder, Place, Problem};
pub use concern::Concern;
pub use decision::Decision;
#[cfg(feature = "config")]
pub(crate) use distance::distance;
pub use experiments::{ExperimentLayer, Experiments};
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
pub use shadow::{Copied, CopyPlace, Shadow};
pub use shared::SharedTable;
pub use split::{Arm, Split};
pub use table::Table;
pub use weights::WeightsError;
