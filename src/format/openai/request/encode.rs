use bytes::BytesMut;

use crate::{
    format::{
        Dialect, MaxTokensField, UserField,
        common::{
            parameters::{effort_of, fits, samples},
            schema,
        },
    },
    ir::{
        Effort, Error, Exchange, Extra, FieldNames, OutputFormat, Policy, Request, Schema, Thinking,
    },
    json::{self, Object, Raw, Text},
};

use super::{
    super::{ID, id},
    cache, normalise,
};

/// Most stop strings that the API takes.
const STOPS: usize = 4;

/// Writes a request for a provider.
pub(in crate::format::openai) fn encode(
    request: &Request<'_>,
    dialect: &Dialect,
    exchange: &mut Exchange,
    out: &mut BytesMut,
) -> Result<(), Error> {
    exchange.provider = ID;
    let mut writer = Writer {
        own: request.format == ID,
        names: &request.names,
        surplus_marks: cache::surplus(request),
        dialect,
        exchange,
    };
    json::object(out, |o| writer.request(request, o))
}

/// What writing one request needs to know.
#[derive(Debug)]
pub(super) struct Writer<'w> {
    /// Whether the caller speaks this format too.
    pub(super) own: bool,
    pub(super) names: &'w FieldNames,
    /// How many cache boundaries are still to be left out: the last ones stay.
    pub(super) surplus_marks: usize,
    pub(super) dialect: &'w Dialect,
    pub(super) exchange: &'w mut Exchange,
}

impl Writer<'_> {
    fn request(&mut self, request: &Request<'_>, o: &mut Object<'_>) -> Result<(), Error> {
        self.foreign("", &request.extra)?;
        o.field("model", &request.model);
        let losses = &mut self.exchange.losses;
        let messages = normalise::messages(&request.turns, self.own, self.names, losses)?;
        o.array("messages", |a| {
            self.system(&request.system, a)?;
            messages
                .iter()
                .try_for_each(|message| self.message(message, a))
        })?;
        self.tools(request, o)?;
        self.limits(request, o)?;
        self.sampling(request, o)?;
        self.choices(request, o);
        self.output(request, o)?;
        self.effort(request, o)?;
        self.labels(request, o)?;
        self.stream(request, o);
        self.native(&request.extra, o);
        request.shared.write(o);
        Ok(())
    }

    /// Obeys what another format says of its native members.
    pub(super) fn foreign(&mut self, path: &str, extra: &Extra<'_>) -> Result<(), Error> {
        if self.own {
            return Ok(());
        }
        self.exchange.losses.extra(path, extra)
    }

    /// Writes native members, if they are this format's.
    pub(super) fn native(&self, extra: &Extra<'_>, o: &mut Object<'_>) {
        if self.own {
            extra.write(o);
        }
    }

    fn tools(&mut self, request: &Request<'_>, o: &mut Object<'_>) -> Result<(), Error> {
        let listed = self.listed(&request.tools, o)?;
        if listed.is_empty() {
            return Ok(());
        }
        o.array("tools", |a| {
            let mut tools = listed.into_iter();
            tools.try_for_each(|(index, tool)| self.tool(index, tool, a))
        })?;
        self.tool_choice(request, o)?;
        o.optional("parallel_tool_calls", request.parallel_tool_calls);
        Ok(())
    }

    fn limits(&mut self, request: &Request<'_>, o: &mut Object<'_>) -> Result<(), Error> {
        // Servers of this API get these as the caller spelled them, among the native members.
        if self.own {
            return Ok(());
        }
        match self.dialect.max_tokens_field {
            MaxTokensField::MaxCompletionTokens => {
                o.optional("max_completion_tokens", request.max_tokens);
            }
            MaxTokensField::MaxTokens => o.optional("max_tokens", request.max_tokens),
        }
        if !request.stop.is_empty() {
            for index in STOPS..request.stop.len() {
                let path = format!("{}[{index}]", self.names.stop);
                let reason = "only the first four stop strings are sent";
                self.exchange.losses.dropped(path, reason)?;
            }
            o.array("stop", |a| {
                request
                    .stop
                    .iter()
                    .take(STOPS)
                    .for_each(|text| a.value(text));
            });
        }
        if let Some(user) = &request.user {
            let user = user.decode();
            match self.dialect.user_field {
                UserField::SafetyIdentifier => o.field("safety_identifier", id::user(&user)),
                UserField::User => o.field("user", id::user(&user)),
                UserField::None => {}
            }
        }
        Ok(())
    }

    fn sampling(&mut self, request: &Request<'_>, o: &mut Object<'_>) -> Result<(), Error> {
        let sampling = &request.sampling;
        let losses = &mut self.exchange.losses;
        if self.own
            || self
                .dialect
                .caps
                .sampling
                .unwrap_or_else(|| samples(&request.model))
        {
            o.optional("temperature", sampling.temperature);
            o.optional("top_p", sampling.top_p);
        } else {
            let both = [
                (self.names.temperature, sampling.temperature),
                (self.names.top_p, sampling.top_p),
            ];
            for (path, value) in both {
                // The default is what happens anyway.
                if value.is_some_and(|value| value.as_f64().to_bits() != 1f64.to_bits()) {
                    losses.dropped(path, "the model takes no sampling parameters")?;
                }
            }
        }
        if sampling.top_k.is_some() {
            losses.dropped(self.names.top_k, "the target has no such field")?;
        }
        o.optional("frequency_penalty", sampling.frequency_penalty);
        o.optional("presence_penalty", sampling.presence_penalty);
        o.optional("seed", sampling.seed);
        Ok(())
    }

    fn choices(&mut self, request: &Request<'_>, o: &mut Object<'_>) {
        let choices = request.choices.filter(|choices| self.own || *choices != 1);
        o.optional("n", choices);
        o.optional("logprobs", request.logprobs);
        o.optional("top_logprobs", request.top_logprobs);
    }

    fn output(&mut self, request: &Request<'_>, o: &mut Object<'_>) -> Result<(), Error> {
        o.optional("verbosity", request.verbosity.as_ref());
        match &request.output {
            None => {}
            Some(OutputFormat::Text) if !self.own => {}
            Some(OutputFormat::Text) => o.object("response_format", |o| o.field("type", "text")),
            Some(OutputFormat::JsonObject) => {
                o.object("response_format", |o| o.field("type", "json_object"));
            }
            Some(OutputFormat::JsonSchema {
                name,
                description,
                schema,
                strict,
            }) => {
                let schema = schema.as_ref().map(Schema::raw);
                let strict = self.strict(schema, *strict)?;
                let name = name
                    .as_ref()
                    .map_or("structured_output".into(), Text::decode);
                o.object("response_format", |o| {
                    o.field("type", "json_schema");
                    o.object("json_schema", |o| {
                        o.field("name", id::tool_name(name));
                        o.optional("description", description.as_ref());
                        o.optional("schema", schema);
                        o.optional("strict", strict);
                    });
                });
            }
        }
        Ok(())
    }

    /// Formats without the word always obey the schema; strict mode here takes only some schemas.
    fn strict(
        &mut self,
        schema: Option<Raw<'_>>,
        strict: Option<bool>,
    ) -> Result<Option<bool>, Error> {
        if self.own || strict.is_some() {
            return Ok(strict);
        }
        let possible = schema.is_some_and(schema::is_strict);
        if !possible {
            let reason =
                "strict mode takes only schemas whose objects are closed and require all they have";
            self.exchange.losses.emulated(self.names.output, reason)?;
        }
        Ok(Some(possible))
    }

    fn effort(&mut self, request: &Request<'_>, o: &mut Object<'_>) -> Result<(), Error> {
        let effort = match (request.thinking, request.effort) {
            (Some(Thinking::Disabled), _) => Some(Effort::None),
            (Some(Thinking::BetweenTools), _) => {
                let losses = &mut self.exchange.losses;
                losses.emulated(
                    self.names.thinking,
                    "the target can't think only between tools",
                )?;
                Some(Effort::None)
            }
            (Some(Thinking::Budget(budget)), None) => Some(effort_of(budget)),
            (_, effort) => effort,
        };
        if effort.is_some() && !self.own && !self.dialect.supports_reasoning_effort {
            let name = match request.effort {
                Some(_) => self.names.effort,
                None => self.names.thinking,
            };
            let losses = &mut self.exchange.losses;
            return losses.dropped(name, "the server can't be told how hard to think");
        }
        o.optional("reasoning_effort", effort.map(Effort::as_str));
        Ok(())
    }

    fn labels(&mut self, request: &Request<'_>, o: &mut Object<'_>) -> Result<(), Error> {
        if let Some(metadata) = request.metadata {
            if self.own || fits(metadata) {
                o.field("metadata", metadata);
            } else {
                let losses = &mut self.exchange.losses;
                losses.dropped(
                    self.names.metadata,
                    "the target takes 16 pairs of short strings",
                )?;
            }
        }
        if let Some(tier) = &request.service_tier {
            match &*tier.decode() {
                _ if self.own => o.field("service_tier", tier),
                "default" | "standard" | "standard_only" => o.field("service_tier", "default"),
                "auto" | "flex" | "scale" | "priority" | "fast" => o.field("service_tier", tier),
                _ => {
                    let losses = &mut self.exchange.losses;
                    losses.dropped(self.names.service_tier, "the target has no such tier")?;
                }
            }
        }
        o.optional("store", request.store);
        Ok(())
    }

    /// Token counts are always asked for; callers who didn't ask don't see them. A caller of this API has its own options,
    /// among the native members.
    fn stream(&self, request: &Request<'_>, o: &mut Object<'_>) {
        if !request.stream {
            return;
        }
        o.field("stream", true);
        if !self.own && self.dialect.supports_stream_usage {
            o.object("stream_options", |o| {
                o.field("include_usage", true);
                o.field("include_obfuscation", false);
            });
        }
    }

    /// The policy of a part that only another format can say.
    pub(super) fn unsayable(&mut self, path: String, policy: Policy) -> Result<(), Error> {
        match policy {
            Policy::Silent => Ok(()),
            Policy::Drop => self
                .exchange
                .losses
                .dropped(path, "the target has no such part"),
            Policy::Reject => Err(Error::unsupported(path)),
        }
    }
}
