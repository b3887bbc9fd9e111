//! What may differ between a recorded body and the same written again, and why. Everything else is a loss.
//!
//! In production equal formats pass byte for byte; these differences are those of the neutral form.

/// Differences that do not matter.
pub(crate) struct Allowed {
    pub(crate) why: &'static str,
    /// The lines that say so, `FILE.PLACE: OLD became NEW`, with `*` for any run of characters. A member that is
    /// absent counts as `null`. Places that begin with a point stand for those of any file, with any values.
    pub(crate) places: &'static [&'static str],
}

/// Requests that the provider refused, and that are refused here.
pub(crate) const BAD_REQUESTS: &[&str] = &[
    // `messages` holds a string.
    "dd-trace-py-anthropic-anthropic-completion-error",
    // A role that there is not.
    "opentelemetry-python-contrib-vertexai-generate-content-invalid-role",
];

pub(crate) const OPENAI_REQUESTS: &[Allowed] = &[
    Allowed {
        why: "false is what happens anyway",
        places: &["*.stream: false became null"],
    },
    Allowed {
        why: "a call without arguments has the empty object",
        places: &["*.messages[*].tool_calls[*].function.arguments: \"\" became \"{}\""],
    },
    Allowed {
        why: "an empty message is an empty string",
        places: &["*.messages[*].content: null became \"\""],
    },
    Allowed {
        why: "functions are what tools were called before",
        places: &[".functions", ".tools"],
    },
];

pub(crate) const ANTHROPIC_REQUESTS: &[Allowed] = &[
    Allowed {
        why: "false is what happens anyway",
        places: &[
            "*.stream: false became null",
            "*.is_error: false became null",
        ],
    },
    Allowed {
        why: "the API takes four cache marks; of more, the last four stay",
        places: &["*.cache_control: {\"type\":\"ephemeral\"} became null"],
    },
    Allowed {
        why: "output_format is what output_config.format was called before",
        places: &[".output_format", ".output_config"],
    },
];

pub(crate) const RESPONSES_REQUESTS: &[Allowed] = &[Allowed {
    why: "a refusal whose text is called text is still one",
    places: &["*.content[1].text: *", "*.content[1].refusal: *"],
}];

pub(crate) const OPENAI_ANSWERS: &[Allowed] = &[
    Allowed {
        why: "vendors call the thoughts reasoning or reasoning_content; the latter is written",
        places: &[
            ".choices[*].message.reasoning",
            ".choices[*].message.reasoning_content",
        ],
    },
    Allowed {
        why: "only calls in streams have an index",
        places: &[".choices[*].message.tool_calls[*].index"],
    },
    Allowed {
        why: "functions are what tools were called before; callers that asked so get a function_call",
        places: &[
            ".choices[*].message.function_call",
            ".choices[*].message.tool_calls",
        ],
    },
    Allowed {
        why: "Azure leaves the message of a filtered answer out, which clients don't expect",
        places: &[".choices[*].message"],
    },
    Allowed {
        why: "Perplexity sends the delta of a stream beside the message",
        places: &[".choices[*].delta"],
    },
];

pub(crate) const OPENAI_ERRORS: &[Allowed] = &[Allowed {
    why: "clients expect a type; some vendors leave it out",
    places: &[".error.type"],
}];

pub(crate) const OPENAI_STREAMS: &[Allowed] = &[
    Allowed {
        why: "padding against eavesdroppers",
        places: &[".obfuscation", ".p"],
    },
    Allowed {
        why: "events have no native members: about the server, not the answer",
        places: &[
            ".system_fingerprint",
            ".provider",
            ".timings",
            ".x_groq",
            ".object",
            ".choices[*].native_finish_reason",
            ".choices[*].message.channel",
        ],
    },
    Allowed {
        why: "counters of one vendor, for which the neutral form has no place",
        places: &[
            ".usage.*_time",
            ".usage.cost*",
            ".usage.is_byok",
            ".usage.num_sources_used",
            ".usage.prompt_cache_*_tokens",
            ".usage.prompt_tokens_details.*",
            ".usage.completion_tokens_details.accepted_prediction_tokens",
            ".usage.completion_tokens_details.rejected_prediction_tokens",
            ".usage.completion_tokens_details.audio_tokens",
            ".usage.completion_tokens_details.image_tokens",
            ".usage.search_context_size",
        ],
    },
    Allowed {
        why: "xAI counts reasoning beside the completion, everybody else within",
        places: &["*-xai-*.usage.completion_tokens: *"],
    },
    Allowed {
        why: "every chunk has the id and the time of the first, in OpenAI's spelling",
        places: &[".id", ".created"],
    },
    Allowed {
        why: "the first chunk begins an empty text",
        places: &["*.choices[*].message.content: null became \"\""],
    },
    Allowed {
        why: "vendors call the thoughts reasoning, reasoning_content or reasoning_details; one is written",
        places: &[
            ".choices[*].message.reasoning",
            ".choices[*].message.reasoning_content",
            ".choices[*].message.reasoning_details",
        ],
    },
    Allowed {
        why: "Perplexity's sources, beside the answer",
        places: &[".citations", ".search_results"],
    },
];

pub(crate) const ANTHROPIC_STREAMS: &[Allowed] = &[
    Allowed {
        why: "events have no native members: about the server, not the answer",
        places: &[
            ".usage.inference_geo",
            ".usage.server_tool_use",
            ".container",
            ".content[*].caller",
        ],
    },
    Allowed {
        why: "the counts of all iterations are summed up",
        places: &[".usage.iterations", "*compaction*.usage.*_tokens: *"],
    },
];

pub(crate) const GEMINI_REQUESTS: &[Allowed] = &[
    Allowed {
        why: "the model is in the path",
        places: &["*.model: * became null"],
    },
    Allowed {
        why: "each name has two spellings, and is written in camel case",
        places: &[
            ".contents[*].parts[*].inline_data",
            ".contents[*].parts[*].inlineData",
            ".contents[*].parts[*].function_call",
            ".contents[*].parts[*].functionCall",
            ".contents[*].parts[*].function_response",
            ".contents[*].parts[*].functionResponse",
        ],
    },
];

pub(crate) const GEMINI_ANSWERS: &[Allowed] = &[
    Allowed {
        why: "zero is what happens anyway",
        places: &["*.candidates[0].index: null became 0"],
    },
    Allowed {
        why: "clients expect a content, and parts within",
        places: &[
            "*.content.parts: null became []",
            "*.content.role: null became \"model\"",
        ],
    },
];

pub(crate) const GEMINI_ERRORS: &[Allowed] = &[Allowed {
    why: "no details are none",
    places: &["*.error.details: [] became null"],
}];

pub(crate) const GEMINI_STREAMS: &[Allowed] = &[
    Allowed {
        why: "events have no native members: about the server, not the answer",
        places: &[
            ".createTime",
            ".candidates[*].citationMetadata",
            ".candidates[*].urlContextMetadata",
            ".candidates[*].safetyRatings",
            ".candidates[*].groundingMetadata.searchEntryPoint",
            ".candidates[*].groundingMetadata.webSearchQueries",
            "*.groundingChunks[*].retrievedContext.customMetadata: *",
            "*.groundingChunks[*].retrievedContext.fileSearchStore: *",
        ],
    },
    Allowed {
        why: "only a refusal is explained",
        places: &["*.finishMessage: \"Model generated function call(s).\" became null"],
    },
    Allowed {
        why: "ratings of a prompt that was not refused",
        places: &["*-recitation-*.promptFeedback: *"],
    },
    Allowed {
        why: "counters for which the neutral form has no place",
        places: &[
            ".usageMetadata.promptTokensDetails",
            ".usageMetadata.candidatesTokensDetails",
            ".usageMetadata.toolUsePromptTokensDetails",
            ".usageMetadata.serviceTier",
            ".usageMetadata.trafficType",
        ],
    },
    Allowed {
        why: "what tools brought is part of the prompt",
        places: &[
            ".usageMetadata.toolUsePromptTokenCount",
            "*.usageMetadata.promptTokenCount: *",
        ],
    },
    Allowed {
        why: "the last count leaves the candidates out",
        places: &["*.usageMetadata.candidatesTokenCount: 21 became 0"],
    },
];

/// Of what a client has in the end, without what only repeats its request.
pub(crate) const RESPONSES_STREAMS: &[Allowed] = &[
    Allowed {
        why: "the types of the API demand the count, which older recordings lack",
        places: &[".usage.input_tokens_details.cache_write_tokens"],
    },
    Allowed {
        why: "counts of other servers of this API",
        places: &[
            ".usage.num_sources_used",
            ".usage.num_server_side_tools_used",
            ".usage.is_byok",
            ".usage.cost_in_usd_ticks",
            ".usage.cost_details",
            ".usage.cost",
            ".usage.context_details",
        ],
    },
    Allowed {
        why: "the last event was recorded with other values than the events that told them",
        places: &[
            "*.output[*].encrypted_content: *",
            "*.output[*].logprob: *",
            "*.output[0].id: \"rs_tmp_*",
            "*.output[0].status: \"completed\" became null",
            "*.output[1].content[0].logprobs: null became []",
            "*.output[1].result: *",
        ],
    },
    Allowed {
        why: "thoughts that are told whole, or not at all, are a summary",
        places: &["*.output[0].content: *", "*.output[0].summary: *"],
    },
];
