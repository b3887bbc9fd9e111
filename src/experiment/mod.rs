//! Which arm of an experiment a request gets: a pure function of the experiment and of whose request it is, so that every
//! replica agrees and none has to ask another.
//!
//! Whose request it is says its [key](key_of): a header, a member of the body, the [`Subject`] of the host or how its
//! conversation begins, whichever of the [sources](KeySource) is the first that it has. Five questions are then answered
//! from hashes of the key, and no answer tells anything of another:
//!
//! | question | answered by |
//! |---|---|
//! | Is it kept out of all experiments? | [`Holdout`] |
//! | Which of the experiments that may not meet is it for? | [`Layer`] |
//! | Does the experiment cover it? | [`covers`] |
//! | Which arm does it get? | [`Arms`] |
//! | Whose is it, when requests are counted by users? | [`unit`](fn@unit) |
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use http::HeaderMap;
//! use tower_llm_gateway::{
//!     experiment::{Arms, AssignedBy, Draws, key_of},
//!     format::ApiFormat,
//! };
//!
//! let weights = [("control".into(), 70.0), ("challenger".into(), 30.0)];
//! let arms = Arms::new("assistant-ab", weights)?;
//! let request = Draws {
//!     format: ApiFormat::OPENAI,
//!     headers: &HeaderMap::new(),
//!     body: br#"{"model":"assistant","user":"ada","messages":[]}"#,
//!     subject: None,
//!     random: 0,
//! };
//! let key = key_of(&["header:x-session-id".parse()?, "body:user".parse()?], &request);
//! assert_eq!(key.by, AssignedBy::Key);
//! assert_eq!(arms.draw(&key.bytes), Some(0));
//! # Ok(())
//! # }
//! ```
//!
//! # The hash, version 1
//!
//! It is SHA-256 of some fields, one behind the other, each behind its length in bytes as four bytes, the highest first.
//! Texts are UTF-8. The first field is `tower-llm-gateway/1`, the second one says what the hash is for:
//!
//! | the second field | the others | what is taken of it |
//! |---|---|---|
//! | `key` | what a header, a body or the host says | all 32 bytes: the *key* of all that follows |
//! | `conversation` | who says something, and SHA-256 of what; and so on | all 32 bytes: the *key*, too |
//! | `arm` | the experiment, the arm's id, the key | *u*: the arm with the highest ln(*u*) ÷ weight wins |
//! | `coverage` | the experiment, the key | *u*: the experiment covers it if that is less than the coverage |
//! | `layer` | the layer's id, the key | *u*: the key belongs to the first member that ends above it; a member ends where its share and those before it are summed up |
//! | `holdout` | the key | *u*: it is kept out if that is less than the share |
//! | `unit` | the experiment, the key | the first 8 bytes, as a number |
//!
//! *u* is between 0 and 1: the first 8 bytes as a number, the highest first; of it the upper 52 bits, plus a half, divided
//! by 2<sup>52</sup>. All of that is exact in doubles.
//!
//! For the example: `00000013`, `tower-llm-gateway/1`, `00000003`, `key`, `00000003`, `ada`, where the numbers are bytes,
//! has the SHA-256 `ed93a5fd…9dcf5fe0`, which is the key of ada. With it the arms get:
//!
//! | arm | the first 8 bytes | *u* | ln(*u*) ÷ weight | |
//! |---|---|---|---|---|
//! | `control` | `5e75f19c9df6aae5` | 0.36898718 | −0.01424276 | wins |
//! | `challenger` | `8e03158de8a5b902` | 0.55473456 | −0.01964218 | |
//!
//! More of them are in `tests/experiment/vectors.json` of the repository, and `tests/clients/test_assignment.py` beside it
//! computes them in Python. They are part of what this crate promises: a version that assigned otherwise would be another
//! version of the hash.
//!
//! # Ramps
//!
//! If the weight of one arm changes, keys move to it or from it, and none between two others. So a canary that goes from 5
//! to 20 percent keeps all that it had, and back at 5 it has the same ones as before. Only the weights' ratios count, and
//! neither their sum nor the order of the arms. Coverage does the same for who takes part: whom it has at 5 percent it has
//! at 20, and with the same arm. Layers are less forgiving, as [`Layer`] says.
//!
//! Another name of the experiment draws all anew, and another id of an arm draws that arm anew.
//!
//! # Conversations
//!
//! A conversation is known by what the model is told to be and by the user's first turn, for every request of a chat brings
//! them again: so a chat keeps its arm, and the provider its prompt cache, without any header. Told are `instructions`,
//! `system`, `systemInstruction`, and messages of the roles `system` and `developer` before the user's first one. The first
//! turn is that message and those of the user that follow it directly.
//!
//! What counts is what is said: each text, and of images, files and audio the data, the URL or the id, in their order.
//! An empty text is none. Not what it is wrapped in: a client may make blocks of a string, or move its `cache_control`. Nor
//! a text to the model that begins with `x-anthropic-billing-header`, by which Claude Code marks each request. Each text is
//! two fields: `system` or `user`, as who says it, and the SHA-256 of its characters, as 32 bytes. A chat of texts has the
//! same key in all formats.
//!
//! There is no such key where the beginning is not in the request: if it goes on from a `previous_response_id` or a stored
//! `conversation`, if no user has said anything, if the format is a host's own. And it is another one if a client drops the
//! oldest turns to save tokens, or rewrites them; give such a client a header.
//!
//! A request without a key that declares tools is drawn by its conversation even if no source says so. In a loop of tool
//! calls each step is a request, and another model would get calls that it hasn't made. [`is_in_tool_loop`] tells those
//! steps, so that they can be left where they are while weights change.
//!
//! # What is not promised
//!
//! * Shares hold for many keys, not for few; and for keys, not for requests, of which one user may send half. Chats that
//!   all begin with the same words are one conversation, and get one arm.
//! * A hash hides a key from who reads logs. Who can guess the key can compute the hash: it is no secret.
//! * A logarithm's last bit is not the same on all machines. It decides for one key in 10<sup>15</sup> or so.
//! * Without a key there is no promise at all: each request is drawn for itself, from random bytes in the key's place.

mod arm_override;
mod arms;
mod assignment;
mod body;
mod conversation;
mod enrolment;
mod hash;
mod key;
mod parts;
mod source;
mod turns;

pub use arm_override::ArmOverride;
pub use arms::{Arms, InvalidArms};
pub use assignment::{AssignedBy, Assignment, Share, Unit, unit};
pub use conversation::is_in_tool_loop;
pub use enrolment::{Holdout, InvalidHoldout, InvalidLayer, Layer, covers};
pub use key::{Draws, Key, Subject, key_of, needs_body};
pub use source::{BodyField, InvalidKeySource, KeySource};

#[cfg(test)]
mod tests;
