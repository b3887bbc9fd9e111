//! `generationConfig`, read.

use crate::{
    format::{
        common::path::Path,
        gemini::{policy, wire::request as wire},
    },
    ir::{Display, Effort, Error, OutputFormat, Policy, Request, Schema, Thinking},
    json::{Number, Raw, Text},
};

use super::{nest, openapi};

const CONFIG: &str = "generationConfig";

/// Reads the settings into the request.
pub(super) fn read<'a>(raw: Option<Raw<'a>>, request: &mut Request<'a>) -> Result<(), Error> {
    let Some(raw) = raw else { return Ok(()) };
    let path = Path::root(CONFIG);
    let mut config: wire::GenerationConfig<'_> = path.read(raw)?;
    policy::judge(&mut config.extra, policy::member);
    nest(CONFIG, &config.extra, &mut request.extra);
    let count = |number, member| whole(number, &path.member(member));
    request.max_tokens = count(config.max_output_tokens, "maxOutputTokens")?.filter(|n| *n > 0);
    request.choices = count(config.candidate_count, "candidateCount")?.filter(|n| *n > 0);
    request.logprobs = config.response_logprobs;
    request.top_logprobs = count(config.logprobs, "logprobs")?;
    request.stop = config.stop_sequences.take().unwrap_or_default();
    let sampling = &mut request.sampling;
    sampling.temperature = config.temperature;
    sampling.top_p = config.top_p;
    sampling.top_k = config.top_k;
    sampling.frequency_penalty = config.frequency_penalty;
    sampling.presence_penalty = config.presence_penalty;
    sampling.seed = config.seed;
    modalities(config.response_modalities, request);
    thinking(config.thinking_config, &path, request)?;
    output(&config, &path, request)
}

/// A whole number; one below zero stands for none.
fn whole(number: Option<Number<'_>>, path: &Path<'_>) -> Result<Option<u64>, Error> {
    let Some(number) = number else {
        return Ok(None);
    };
    let is_negative = number.as_f64() < 0.0 && number.as_f64().fract() == 0.0;
    match number.as_u64() {
        None if !is_negative => Err(path.wrong(&"expected a whole number below 2^64")),
        whole => Ok(whole),
    }
}

/// Others answer in text, and only that.
fn modalities<'a>(raw: Option<Raw<'a>>, request: &mut Request<'a>) {
    let Some(raw) = raw else { return };
    let words: Option<Vec<Text<'_>>> = raw.parse().ok();
    let is_text = |word: &Text<'_>| {
        let word = word.decode();
        word.eq_ignore_ascii_case("TEXT") || word.eq_ignore_ascii_case("MODALITY_UNSPECIFIED")
    };
    let policy = match words {
        Some(words) if words.iter().all(is_text) => Policy::Silent,
        _ => Policy::Reject,
    };
    let key = "generationConfig.responseModalities";
    request.extra.push_with(key.into(), raw, policy);
}

/// A budget of -1 leaves it to the model, which is what happens anyway. Thoughts are shown only if that is asked for.
fn thinking<'a>(
    raw: Option<Raw<'a>>,
    path: &Path<'_>,
    request: &mut Request<'a>,
) -> Result<(), Error> {
    let Some(raw) = raw else { return Ok(()) };
    let path = path.member("thinkingConfig");
    let mut config: wire::ThinkingConfig<'_> = path.read(raw)?;
    policy::judge(&mut config.extra, policy::member);
    nest(request.names.thinking, &config.extra, &mut request.extra);
    request.display = Some(match config.include_thoughts {
        Some(true) => Display::Summarized,
        _ => Display::Omitted,
    });
    if let Some(raw) = config.thinking_budget {
        let path = path.member("thinkingBudget");
        request.thinking = match whole(Some(path.read(raw)?), &path)? {
            Some(0) => Some(Thinking::Disabled),
            budget => budget.map(Thinking::Budget),
        };
    }
    if let Some(raw) = config.thinking_level {
        let word: Text<'_> = path.member("thinkingLevel").read(raw)?;
        let word = word.decode().to_ascii_lowercase();
        request.effort = Effort::from_word(&word);
        if request.effort.is_none() && !word.ends_with("unspecified") {
            request.extra.push(request.names.effort.into(), raw);
        }
    }
    Ok(())
}

/// What the answer must look like. Where only the type is given, it is JSON or text; no other format knows more types.
fn output<'a>(
    config: &wire::GenerationConfig<'a>,
    path: &Path<'_>,
    request: &mut Request<'a>,
) -> Result<(), Error> {
    let json_schema = path.member("responseJsonSchema");
    let subset = path.member("responseSchema");
    let mut schema = json_schema
        .object(config.response_json_schema)?
        .map(Schema::from);
    if schema.is_some() {
        request.names.output = "generationConfig.responseJsonSchema";
    } else if let Some(raw) = subset.object(config.response_schema)? {
        request.names.output = "generationConfig.responseSchema";
        schema = Some(openapi::schema(raw));
    }
    let mut media_type = config.response_mime_type.clone();
    if let Some(raw) = config.response_format {
        let path = path.member("responseFormat");
        for (index, raw) in super::elements(raw, &path)?.into_iter().enumerate() {
            let format: wire::ResponseFormat<'_> = path.element(index).read(raw)?;
            let Some(text) = format.text else {
                let key = "generationConfig.responseFormat";
                request.extra.push_with(key.into(), raw, Policy::Reject);
                continue;
            };
            request.names.output = "generationConfig.responseFormat";
            media_type = text.mime_type.or(media_type);
            schema = text.schema.map(Schema::from).or(schema);
        }
    }
    let word = media_type.map(|word| word.decode().to_ascii_lowercase());
    request.output = match (word.as_deref(), schema) {
        (None | Some("application/json" | "application_json"), Some(schema)) => {
            Some(OutputFormat::JsonSchema {
                name: None,
                description: None,
                schema: Some(schema),
                strict: None,
            })
        }
        (Some("application/json" | "application_json"), None) => Some(OutputFormat::JsonObject),
        (Some("text/plain" | "text_plain"), _) => Some(OutputFormat::Text),
        (None | Some(""), None) => None,
        (Some(_), _) => {
            let key = "generationConfig.responseMimeType";
            let raw = config.response_mime_type.as_ref().and_then(Text::raw);
            let raw = raw.unwrap_or(Raw::EMPTY_OBJECT);
            request.extra.push_with(key.into(), raw, Policy::Reject);
            None
        }
    };
    Ok(())
}
