//! What a request says beside what the model reads.

use bytes::BytesMut;

use crate::{
    ir::{Error, OutputFormat, Request},
    json::{self, Kind, Number, Object, Raw, Text},
};

use super::{Writer, schema};

const NO_SUCH_FIELD: &str = "the target has no such field";

/// Most labels, and the longest name and value of one. Source: the labels of Google Cloud.
const LABELS: usize = 64;
const LABEL_LENGTH: usize = 63;

impl Writer<'_> {
    pub(super) fn settings(
        &mut self,
        request: &Request<'_>,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        if request.verbosity.is_some() {
            let losses = &mut self.exchange.losses;
            losses.dropped(self.names.verbosity, NO_SUCH_FIELD)?;
        }
        let mut config = BytesMut::new();
        json::object(&mut config, |o| {
            self.limits(request, o)?;
            self.sampling(request, o)?;
            choices(request, o);
            self.output(request, o)?;
            self.thinking(request, o)
        })?;
        if config != "{}" {
            o.key("generationConfig").extend_from_slice(&config);
        }
        self.labels(request, o)?;
        self.tool_config(request, o)
    }

    fn limits(&mut self, request: &Request<'_>, o: &mut Object<'_>) -> Result<(), Error> {
        match (request.max_tokens, self.dialect.caps.max_output_tokens) {
            (Some(asked), Some(limit)) if asked > limit => {
                let reason = format!("the model can generate {limit} tokens at most");
                let losses = &mut self.exchange.losses;
                losses.emulated(self.names.max_tokens, reason)?;
                o.field("maxOutputTokens", limit);
            }
            (asked, _) => o.optional("maxOutputTokens", asked),
        }
        let mut stop = request
            .stop
            .iter()
            .filter(|text| !text.is_empty())
            .peekable();
        if stop.peek().is_some() {
            o.array("stopSequences", |a| stop.for_each(|text| a.value(text)));
        }
        Ok(())
    }

    fn sampling(&mut self, request: &Request<'_>, o: &mut Object<'_>) -> Result<(), Error> {
        let given = &request.sampling;
        let names = &self.names;
        let samples = self.dialect.caps.sampling.unwrap_or(true);
        let sampling = [
            ("temperature", names.temperature, given.temperature),
            ("topP", names.top_p, given.top_p),
            ("topK", names.top_k, given.top_k),
        ];
        for (key, name, value) in sampling {
            if samples {
                o.optional(key, value);
            } else if value.is_some() {
                let losses = &mut self.exchange.losses;
                losses.dropped(name, "the model takes no sampling parameters")?;
            }
        }
        // Zero is what happens anyway.
        let is_set = |penalty: &Number<'_>| penalty.as_f64() != 0.0;
        o.optional("frequencyPenalty", given.frequency_penalty.filter(is_set));
        o.optional("presencePenalty", given.presence_penalty.filter(is_set));
        o.optional("seed", given.seed);
        Ok(())
    }

    fn output(&mut self, request: &Request<'_>, o: &mut Object<'_>) -> Result<(), Error> {
        let schema = match &request.output {
            None | Some(OutputFormat::Text) => return Ok(()),
            Some(OutputFormat::JsonObject) => None,
            Some(OutputFormat::JsonSchema { schema, .. }) => schema.as_ref(),
        };
        o.field("responseMimeType", "application/json");
        let Some(schema) = schema else { return Ok(()) };
        let dialect = self.dialect.gemini_schema;
        let key = match dialect {
            crate::format::GeminiSchema::JsonSchema => "responseJsonSchema",
            crate::format::GeminiSchema::OpenApiSubset => "responseSchema",
        };
        if schema::write(schema.raw(), dialect, o.key(key)) {
            let losses = &mut self.exchange.losses;
            losses.emulated(self.names.output, schema::LOSSY)?;
        }
        Ok(())
    }

    fn labels(&mut self, request: &Request<'_>, o: &mut Object<'_>) -> Result<(), Error> {
        let losses = &mut self.exchange.losses;
        if let Some(labels) = request.metadata.filter(|labels| !labels.is_empty()) {
            if are_labels(labels) {
                o.field("labels", labels);
            } else {
                let reason =
                    "the target takes only labels of a cloud: few, short and in lower case";
                losses.dropped(self.names.metadata, reason)?;
            }
        }
        if let Some(tier) = &request.service_tier {
            match &*tier.decode() {
                "auto" => {}
                "default" | "standard" | "standard_only" => o.field("serviceTier", "standard"),
                "flex" => o.field("serviceTier", "flex"),
                "priority" | "fast" => o.field("serviceTier", "priority"),
                _ => losses.dropped(self.names.service_tier, "the target has no such tier")?,
            }
        }
        o.optional("store", request.store);
        Ok(())
    }
}

fn choices(request: &Request<'_>, o: &mut Object<'_>) {
    o.optional("candidateCount", request.choices.filter(|count| *count > 1));
    let alternatives = request.top_logprobs.filter(|count| *count > 0);
    if request.logprobs == Some(true) || alternatives.is_some() {
        o.field("responseLogprobs", true);
        o.optional("logprobs", alternatives);
    }
}

fn are_labels(map: Raw<'_>) -> bool {
    let labels = crate::format::common::schema::members(Some(map));
    let is_word = |text: &str| {
        let is_legal =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
        text.len() <= LABEL_LENGTH && text.bytes().all(is_legal)
    };
    map.kind() == Kind::Object
        && labels.len() <= LABELS
        && labels.iter().all(|(key, value)| {
            let value = value.text();
            key.starts_with(|first: char| first.is_ascii_lowercase())
                && is_word(key)
                && value.is_some_and(|value: Text<'_>| is_word(&value.decode()))
        })
}
