//! What a request says beside its conversation and tools, for a provider.

use crate::{
    format::{
        UserField,
        common::{
            names,
            parameters::{effort_of, fits, samples},
            schema,
        },
    },
    ir::{Display, Effort, Error, OutputFormat, Request, Schema, Thinking},
    json::{Number, Object, Text},
};

use super::{
    encode::Writer,
    parameters::{LOGPROBS, SEALS},
};

/// Longest id of an end user.
const USER: usize = 128;
/// Longest name of a schema.
pub(super) const NAME: usize = 64;

const NO_SUCH_FIELD: &str = "the target has no such field";

/// Families of OpenAI's models that don't think.
const THOUGHTLESS: [&str; 3] = ["gpt-3", "gpt-4", "chatgpt-4"];

impl Writer<'_> {
    /// Padding against eavesdroppers is the caller's to ask for.
    pub(super) fn stream(&mut self, request: &Request<'_>, o: &mut Object<'_>) {
        if !request.stream {
            return;
        }
        o.field("stream", true);
        if !self.own {
            o.object("stream_options", |o| o.field("include_obfuscation", false));
        }
    }

    pub(super) fn limits(
        &mut self,
        request: &Request<'_>,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        // Servers of this API get these as the caller spelled them, among the native members.
        if self.own {
            return Ok(());
        }
        o.optional("max_output_tokens", request.max_tokens);
        if request.choices.is_some_and(|choices| choices > 1) {
            return Err(Error::unsupported(self.names.choices));
        }
        if !request.stop.is_empty() {
            let losses = &mut self.exchange.losses;
            losses.dropped(self.names.stop, NO_SUCH_FIELD)?;
        }
        if let Some(user) = &request.user {
            let user = user.decode();
            match self.dialect.user_field {
                UserField::SafetyIdentifier => {
                    o.field("safety_identifier", names::shortened(&user, USER));
                }
                UserField::User => o.field("user", names::shortened(&user, USER)),
                UserField::None => {}
            }
        }
        Ok(())
    }

    pub(super) fn sampling(
        &mut self,
        request: &Request<'_>,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        let sampling = &request.sampling;
        let by_caps = self.dialect.caps.sampling;
        let both = [
            ("temperature", self.names.temperature, sampling.temperature),
            ("top_p", self.names.top_p, sampling.top_p),
        ];
        if self.own || by_caps.unwrap_or_else(|| samples(&request.model)) {
            for (key, _, value) in both {
                o.optional(key, value);
            }
        } else {
            for (_, path, value) in both {
                // The default is what happens anyway.
                if value.is_some_and(|value| value.as_f64().to_bits() != 1f64.to_bits()) {
                    let losses = &mut self.exchange.losses;
                    losses.dropped(path, "the model takes no sampling parameters")?;
                }
            }
        }
        let is_set = |value: Option<Number<'_>>| value.is_some_and(|value| value.as_f64() != 0.0);
        let unsayable = [
            (self.names.top_k, sampling.top_k.is_some()),
            (
                self.names.frequency_penalty,
                is_set(sampling.frequency_penalty),
            ),
            (
                self.names.presence_penalty,
                is_set(sampling.presence_penalty),
            ),
            (self.names.seed, sampling.seed.is_some()),
        ];
        for (path, is_set) in unsayable {
            if is_set {
                self.exchange.losses.dropped(path, NO_SUCH_FIELD)?;
            }
        }
        Ok(())
    }

    pub(super) fn labels(
        &mut self,
        request: &Request<'_>,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        let losses = &mut self.exchange.losses;
        if let Some(metadata) = request.metadata {
            if self.own || fits(metadata) {
                o.field("metadata", metadata);
            } else {
                let reason = "the target takes 16 pairs of short strings";
                losses.dropped(self.names.metadata, reason)?;
            }
        }
        let Some(tier) = &request.service_tier else {
            return Ok(());
        };
        match &*tier.decode() {
            _ if self.own => o.field("service_tier", tier),
            "default" | "standard" | "standard_only" => o.field("service_tier", "default"),
            "auto" | "flex" | "scale" | "priority" | "fast" | "ultrafast" => {
                o.field("service_tier", tier);
            }
            _ => losses.dropped(self.names.service_tier, "the target has no such tier")?,
        }
        Ok(())
    }

    /// The provider keeps nothing that its caller does not know of, so that thoughts go there and back in their seals.
    pub(super) fn storage(
        &mut self,
        request: &Request<'_>,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        if self.own {
            o.optional("store", request.store);
            o.optional("top_logprobs", request.top_logprobs);
            return Ok(());
        }
        if request.store == Some(true) {
            let reason = "the caller could not ask for what is kept";
            self.exchange.losses.dropped(self.names.store, reason)?;
        }
        o.field("store", false);
        let included = [
            (SEALS, self.has_seals(request)),
            (LOGPROBS, request.logprobs == Some(true)),
        ];
        if included.iter().any(|(_, wanted)| *wanted) {
            o.array("include", |a| {
                let wanted = included.iter().filter(|(_, wanted)| *wanted);
                wanted.for_each(|(name, _)| a.value(*name));
            });
        }
        let count = request.top_logprobs.filter(|count| *count > 0);
        o.optional("top_logprobs", count);
        Ok(())
    }

    /// Whether the model thinks, and seals it. Asking a model for seals that doesn't think is an error.
    fn has_seals(&self, request: &Request<'_>) -> bool {
        let model = request.model.decode();
        let name = model.strip_prefix("ft:").unwrap_or(&model);
        let thinks = !THOUGHTLESS.iter().any(|family| name.starts_with(family));
        let caps = self.dialect.caps;
        caps.thought_signatures.unwrap_or(thinks) && self.dialect.supports_reasoning_effort
    }

    pub(super) fn thoughts(
        &mut self,
        request: &Request<'_>,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        if self.own {
            return Ok(());
        }
        let effort = self.effort(request)?;
        let shown = match request.display {
            Some(display) => display == Display::Summarized,
            None => matches!(
                request.thinking,
                Some(Thinking::Adaptive | Thinking::Budget(_))
            ),
        };
        let shown = shown && effort != Some(Effort::None);
        if effort.is_none() && !shown {
            return Ok(());
        }
        if !self.dialect.supports_reasoning_effort {
            let losses = &mut self.exchange.losses;
            return losses.dropped(self.names.effort, "the server takes no effort");
        }
        o.object("reasoning", |o| {
            o.optional("effort", effort.map(Effort::as_str));
            if shown {
                o.field("summary", "auto");
            }
        });
        Ok(())
    }

    fn effort(&mut self, request: &Request<'_>) -> Result<Option<Effort>, Error> {
        Ok(match (request.thinking, request.effort) {
            (Some(Thinking::Disabled), _) => Some(Effort::None),
            (Some(Thinking::BetweenTools), _) => {
                let reason = "the target can't think only between tools";
                let losses = &mut self.exchange.losses;
                losses.emulated(self.names.thinking, reason)?;
                Some(Effort::None)
            }
            (Some(Thinking::Budget(budget)), None) => Some(effort_of(budget)),
            (_, effort) => effort,
        })
    }

    /// Writes what the answer must look like.
    pub(super) fn text(&mut self, request: &Request<'_>, o: &mut Object<'_>) -> Result<(), Error> {
        let format = request
            .output
            .as_ref()
            .filter(|output| **output != OutputFormat::Text);
        if self.own || format.is_none() && request.verbosity.is_none() {
            return Ok(());
        }
        o.object("text", |o| {
            if let Some(format) = format {
                self.format(format, o)?;
            }
            o.optional("verbosity", request.verbosity.as_ref());
            Ok(())
        })
    }

    fn format(&mut self, format: &OutputFormat<'_>, o: &mut Object<'_>) -> Result<(), Error> {
        let OutputFormat::JsonSchema {
            name,
            description,
            schema,
            strict,
        } = format
        else {
            o.object("format", |o| o.field("type", "json_object"));
            return Ok(());
        };
        let schema = schema.as_ref().map(Schema::raw);
        let strict = match strict {
            Some(strict) => *strict,
            None => self.can_be_strict(schema.is_some_and(schema::is_strict))?,
        };
        let name = name
            .as_ref()
            .map_or("structured_output".into(), Text::decode);
        o.object("format", |o| {
            o.field("type", "json_schema");
            o.field("name", names::tool_name(name, NAME, names::is_word_byte));
            o.optional("description", description.as_ref());
            o.field("schema", schema.unwrap_or(crate::json::Raw::EMPTY_OBJECT));
            o.field("strict", strict);
        });
        Ok(())
    }

    /// Formats without the word always obey the schema; strict mode here takes only some schemas.
    fn can_be_strict(&mut self, possible: bool) -> Result<bool, Error> {
        if !possible {
            let reason =
                "strict mode takes only schemas whose objects are closed and require all they have";
            self.exchange.losses.emulated(self.names.output, reason)?;
        }
        Ok(possible)
    }
}
