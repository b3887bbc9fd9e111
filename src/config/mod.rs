//! The configuration file: downstreams, rules and aliases, as YAML or JSON.
//!
//! ```yaml
//! downstreams:
//!   - id: openai
//!     api_formats: [openai]
//!     base_url: https://api.openai.com/v1
//!     api_key: ${OPENAI_API_KEY}
//!     output_model_ids: [gpt-4o]
//! rules:
//!   - id: nickname
//!     pattern_path: /v1/chat/completions
//!     pattern_model: assistant
//!     match_downstreams: [openai]
//! ```
//!
//! Reading never stops at the first mistake: [`Config::build`] reports all of them at once, each with line, column and
//! path, and a suggestion where there is one. Keys of downstreams are never part of what is said.
//!
//! # How patiently providers are called
//!
//! ```yaml
//! timeouts: {idle: 90s}
//! retry: {attempts: 2}
//! ejection: {consecutive: 10}
//! downstreams:
//!   - {id: openai, base_url: https://api.openai.com/v1, timeouts: {connect: 2s}}
//!   - {id: local, base_url: "http://localhost:8000/v1", output_model_ids: [llama], ejection: off}
//! rules:
//!   - id: chat
//!     pattern_model: gpt-4o
//!     match_downstreams: [openai]
//!     timeouts: {first_byte: 10s, total: none}
//!     retry: {statuses: [401], max_wait: 2s}
//!     fallback: [{downstream: openai, output_model: gpt-4o-mini}, local]
//! ```
//!
//! `timeouts` and `retry` may be said of all, of a downstream and of a rule, `ejection` of all and of a downstream. Of each
//! entry the nearest word counts: of the most specific rule, of the downstream, of the document (of several documents the
//! first that has one), the default. Each of them may be `off`: no limit at all, one try at each target, no ejection.
//!
//! | `timeouts` | what may take so long (`500ms`, `5s`, `2m`, `1h`, or `none`) | default |
//! |---|---|---|
//! | `connect` | dialling, until TCP, TLS and ALPN are done | 5s |
//! | `pool_wait` | waiting for a place at a downstream that takes only so many requests at once | 5s |
//! | `request_write` | a pause between two pieces of the request | 30s |
//! | `first_byte` | from the end of the request to the head of the answer | 5m, for a stream; 10m |
//! | `first_event` | from the head of a stream to its first content | 10m |
//! | `idle` | a pause between two pieces of the answer | 5m |
//! | `attempt` | one attempt, to its last byte | none |
//! | `total` | all attempts and pauses, to the last byte | 10m for a model's answer that comes whole; none |
//!
//! | `retry` | | default |
//! |---|---|---|
//! | `attempts` | tries at one target, the first included | 3 |
//! | `backoff` | the first pause, which doubles (`0s` for none) | 250ms |
//! | `max_backoff` | the longest of these pauses | 8s |
//! | `max_wait` | how long a provider is waited for that says when to come back (`0s` for never, `none` for any time) | 10s |
//! | `budget` | further tries, as a part of the requests to a downstream (`0.2`, or `20%`) | 20% |
//! | `statuses` | further statuses for which the next target is tried, such as `[401, 403]` | none |
//! | `on_empty` | whether an answer without content is a failure; `retry_on_empty` of the document says it too | false |
//!
//! | `ejection` | | default |
//! |---|---|---|
//! | `enabled` | whether a target that fails is left alone for a while | true |
//! | `consecutive` | after so many failures in a row | 5 |
//! | `ratio` | or after so many of all requests of the last 30 s (`0.5`, or `50%`) | 50% |
//! | `least` | of which there have to be so many | 20 |
//! | `base` | for so long, and each time in a row for so much longer | 10s |
//! | `longest` | but for no longer | 5m |
//! | `probes` | then so many requests at once see whether it works again | 1 |
//! | `all_ejected` | without another target: `try` it nonetheless, or `refuse` the request with 503 | try |
//!
//! `max_in_flight` of a downstream is how many requests it has at once; who comes later waits in line, up to the
//! `pool_wait` timeout.
//!
//! `shadow: {downstream: id, output_model: name, sample: 5%, max_in_flight: 4, timeout: 2m}` of a rule sends copies of its
//! requests to another downstream too, to compare; nobody gets their answers. [The layer](crate::shadow) says which requests
//! are copied. Without a `sample` all of them are; at most `max_in_flight` are on their way at once (default 4), each for
//! no longer than the `timeout` (default 2 min).
//!
//! `fallback` is a list of what is next if a rule's target fails: ids of downstreams, or
//! `{downstream: id, output_model: name}` where the model is called something else there (`passthrough` for the caller's
//! name). [The router](crate::router#fallbacks) says whose list counts, and under which name each of them is asked.
//!
//! # What tokens cost
//!
//! ```yaml
//! downstreams:
//!   - id: anthropic
//!     base_url: https://api.anthropic.com
//!     output_model_ids: [claude-sonnet-4-20250514]
//!     prices:
//!       claude-sonnet-4-20250514: {input: 3.0, output: 15.0, cache_read: 0.3, cache_write: 3.75, cache_write_1h: 6.0}
//!       "claude-haiku-*": {input: 1.0, output: 5.0}
//! ```
//!
//! `prices` are US dollars per million tokens, by the name that the downstream is asked for; of several that match, the one
//! with the fewest stars and the most letters counts. Without a price of its own what is read from a cache, or written to
//! it, costs as `input`, and what is kept for an hour as `cache_write`. They end in the
//! [`cost`](crate::meter::Summary::cost) of each request, and change nothing about where it goes.

//!
//! # Experiments
//!
//! ```yaml
//! downstreams:
//!   - {id: openai, api_formats: [openai], base_url: https://api.openai.com/v1, output_model_ids: [gpt-4o]}
//!   - {id: anthropic, api_formats: [anthropic], base_url: https://api.anthropic.com, output_model_ids: [claude-sonnet-4-20250514]}
//! rules:
//!   - id: assistant-ab
//!     pattern_path: /v1/chat/completions
//!     pattern_model: assistant
//!     split:
//!       key: [header:x-session-id, body:user, conversation]
//!       arms:
//!         - {id: control, downstream: openai, output_model: gpt-4o, weight: 90}
//!         - {id: challenger, downstream: anthropic, output_model: claude-sonnet-4-20250514, weight: 10}
//!     fallback: [openai]
//! experiments:
//!   holdout: 5%
//!   layers: {chat: {assistant-ab: 50%}}
//!   override_key: ${LLM_QA_KEY}
//! ```
//!
//! `split` of a rule says where its requests go, in place of `match_downstreams`; of an alias, in place of `options`.
//! [The router](crate::router#experiments) says what becomes of them.
//!
//! | `split` | | default |
//! |---|---|---|
//! | `experiment` | its name, which no other has; another name is another draw | the rule's `id`, the alias's `input_model_id` |
//! | `key` | where to look for whose request it is; the first that is there counts | by the conversation if it has tools, else by chance |
//! | `coverage` | the part of all keys that takes part (`0.2`, or `20%`) | all |
//! | `arms` | two or more; the first is control | |
//!
//! | a `key` is | |
//! |---|---|
//! | `header:NAME` | what this header says |
//! | `body:user`, `body:safety_identifier`, `body:prompt_cache_key` | what this member of the body says, in `OpenAI`'s formats |
//! | `body:metadata.user_id` | the same in Anthropic's |
//! | `host` | the [`Subject`](crate::experiment::Subject) that the host has put into the request |
//! | `conversation` | how it begins, so that a chat keeps its arm and its prompt cache |
//!
//! | of `arms` | | default |
//! |---|---|---|
//! | `id` | its name, which is hashed as well: with another one it is another arm | |
//! | `downstream` | where it leads | |
//! | `output_model` | the name that is sent (`passthrough` for the caller's) | as the rule says, or as it is clear |
//! | `weight` | how much it gets in relation to the others: 0, or from 1e-9 to 1e9 | 1, if none says any |
//!
//! | `experiments` | of the document | default |
//! |---|---|---|
//! | `holdout` | the part of all keys that is in no experiment, and gets control everywhere | none |
//! | `layers` | by name, experiments that share no key, each with the part of all keys that it may have; at most 100 % | |
//! | `override_key` | who sends it in `x-llm-arm-key` may choose the arm in `x-llm-arm`: `challenger`, or `assistant-ab=challenger` | nobody may |
//!
//! With an `override_key`, who chooses an arm and has another key or none gets 403 `arm_override_forbidden`, and who has it and
//! chooses what is not there 400 `unknown_arm`. Without one, both headers mean nothing. No provider gets them.

mod address;
mod alias;
mod build;
mod dialect;
mod document;
mod downstream;
mod environment;
mod error;
mod experiments;
mod key;
mod losses;
mod node;
mod policy;
mod prices;
mod reader;
mod rule;
mod shadow;
mod split;
mod suggest;
#[cfg(feature = "yaml")]
mod yaml;

pub use document::Config;
pub use error::{Error, Errors};
