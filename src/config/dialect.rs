//! How a downstream departs from the formats' owners, and what its models can do.

use crate::format::{
    AnthropicVersion, Dialect, GeminiSchema, MaxTokensField, ModelCaps, ReasoningEcho, ServerTools,
    SystemRole, UserField,
};

use super::reader::{Fields, Item, Keys, Reader};

const CAPS: Keys = Keys {
    known: &[
        "adaptive_thinking",
        "budget_thinking",
        "always_thinks",
        "sampling",
        "prefill",
        "forced_tool_use",
        "mid_conversation_system",
        "effort_xhigh",
        "effort_max",
        "structured_outputs",
        "max_output_tokens",
        "function_call_ids",
        "thought_signatures",
        "multimodal_tool_results",
    ],
    others: &[],
    unread: &[],
};

pub(super) fn read(reader: &mut Reader<'_>, fields: &mut Fields) -> Dialect {
    let mut dialect = Dialect::default();
    of_openai(reader, fields, &mut dialect);
    let versions = [AnthropicVersion::V2023_06_01, AnthropicVersion::V2026_10_21];
    let versions = versions.map(|version| (version.as_str(), version));
    choose(
        reader,
        fields,
        ("anthropic_version", &versions),
        &mut dialect.anthropic_version,
    );
    let schemas = [
        ("json_schema", GeminiSchema::JsonSchema),
        ("openapi_subset", GeminiSchema::OpenApiSubset),
    ];
    choose(
        reader,
        fields,
        ("gemini_schema", &schemas),
        &mut dialect.gemini_schema,
    );
    let tools = [
        ("reject", ServerTools::Reject),
        ("map", ServerTools::Map),
        ("drop", ServerTools::Drop),
    ];
    choose(
        reader,
        fields,
        ("server_tools", &tools),
        &mut dialect.server_tools,
    );
    let limit = fields.take(reader, "default_max_tokens");
    if let Some(limit) = limit.and_then(|limit| reader.count(&limit)) {
        dialect.default_max_tokens = limit;
    }
    if let Some(item) = fields.take(reader, "caps") {
        dialect.caps = caps(reader, item);
    }
    dialect
}

/// What OpenAI-compatible servers want in different ways.
fn of_openai(reader: &mut Reader<'_>, fields: &mut Fields, dialect: &mut Dialect) {
    let limits = [
        ("max_completion_tokens", MaxTokensField::MaxCompletionTokens),
        ("max_tokens", MaxTokensField::MaxTokens),
    ];
    choose(
        reader,
        fields,
        ("max_tokens_field", &limits),
        &mut dialect.max_tokens_field,
    );
    let roles = [
        ("system", SystemRole::System),
        ("developer", SystemRole::Developer),
    ];
    choose(
        reader,
        fields,
        ("system_role", &roles),
        &mut dialect.system_role,
    );
    let users = [
        ("safety_identifier", UserField::SafetyIdentifier),
        ("user", UserField::User),
        ("none", UserField::None),
    ];
    choose(
        reader,
        fields,
        ("user_field", &users),
        &mut dialect.user_field,
    );
    thoughts_of_openai(reader, fields, dialect);
    for (name, flag) in [
        ("supports_stream_usage", &mut dialect.supports_stream_usage),
        (
            "supports_prompt_cache_breakpoint",
            &mut dialect.supports_prompt_cache_breakpoint,
        ),
    ] {
        let item = fields.take(reader, name);
        *flag = reader.flag(item, *flag);
    }
}

/// How OpenAI-compatible servers differ about thoughts.
fn thoughts_of_openai(reader: &mut Reader<'_>, fields: &mut Fields, dialect: &mut Dialect) {
    let efforts = [("reasoning_effort", true), ("none", false)];
    choose(
        reader,
        fields,
        ("reasoning_field", &efforts),
        &mut dialect.supports_reasoning_effort,
    );
    let echoes = [
        ("never", ReasoningEcho::Never),
        ("tool_turns", ReasoningEcho::ToolTurns),
        ("always", ReasoningEcho::Always),
    ];
    choose(
        reader,
        fields,
        ("reasoning_content_echo", &echoes),
        &mut dialect.reasoning_content_echo,
    );
    let item = fields.take(reader, "knows_thoughts");
    dialect.knows_thoughts = reader.flag(item, dialect.knows_thoughts);
}

/// What models can do, by their names.
pub(super) fn model_caps(reader: &mut Reader<'_>, fields: &mut Fields) -> Vec<(String, ModelCaps)> {
    let Some(item) = fields.take(reader, "model_caps") else {
        return Vec::new();
    };
    let Some(models) = reader.fields(item) else {
        return Vec::new();
    };
    let models = models.into_items(reader).into_iter();
    models
        .map(|(name, item)| {
            reader.model_glob(&name);
            (name.value, caps(reader, item))
        })
        .collect()
}

fn caps(reader: &mut Reader<'_>, item: Item) -> ModelCaps {
    let mut caps = ModelCaps::default();
    let Some(mut fields) = reader.fields(item) else {
        return caps;
    };
    for (name, slot) in [
        ("adaptive_thinking", &mut caps.adaptive_thinking),
        ("budget_thinking", &mut caps.budget_thinking),
        ("always_thinks", &mut caps.always_thinks),
        ("sampling", &mut caps.sampling),
        ("prefill", &mut caps.prefill),
        ("forced_tool_use", &mut caps.forced_tool_use),
        ("mid_conversation_system", &mut caps.mid_conversation_system),
        ("effort_xhigh", &mut caps.effort_xhigh),
        ("effort_max", &mut caps.effort_max),
        ("structured_outputs", &mut caps.structured_outputs),
        ("function_call_ids", &mut caps.function_call_ids),
        ("thought_signatures", &mut caps.thought_signatures),
        ("multimodal_tool_results", &mut caps.multimodal_tool_results),
    ] {
        let item = fields.take(reader, name);
        *slot = item.map(|item| reader.flag(Some(item), false));
    }
    let limit = fields.take(reader, "max_output_tokens");
    caps.max_output_tokens = limit.and_then(|limit| reader.count(&limit));
    fields.finish(reader, &CAPS);
    caps
}

fn choose<T: Copy>(
    reader: &mut Reader<'_>,
    fields: &mut Fields,
    (name, known): (&str, &[(&str, T)]),
    into: &mut T,
) {
    let item = fields.take(reader, name);
    if let Some(choice) = item.and_then(|item| reader.choice(item, known)) {
        *into = choice;
    }
}
