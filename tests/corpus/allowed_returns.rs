//! What may differ of a body that went to another format, came back and went there again, and why.

use crate::allowed::Allowed;

/// What may differ of a request that came back and went there again.
pub(crate) const REQUESTS: &[Allowed] = &[
    Allowed {
        why: "the model there thinks, or has a temperature beside it (§2.9)",
        places: &[
            "openai/* to anthropic: lost temperature: *",
            "anthropic/* lost top_p: 0.8",
            "anthropic/* lost effort: High",
            "anthropic/* lost thoughts shown: Summarized",
        ],
    },
    Allowed {
        why: "it is said of every request that is not the format's own (§2.1, §2.5)",
        places: &[
            "openai_responses/* new store: false",
            "* new tool strict: false",
            "gemini/* to openai_responses: new thoughts shown: Summarized",
        ],
    },
    Allowed {
        why: "it says what happens anyway (§2.5)",
        places: &["anthropic/* lost parallel: true"],
    },
    Allowed {
        why: "the least effort of the model there is a low one (§2.8)",
        places: &["gemini/* lost effort: Minimal", "gemini/* new effort: Low"],
    },
    Allowed {
        why: "its documents take no recordings, though it was recorded with one (§2.4)",
        places: &["openai_responses/* refused *"],
    },
    Allowed {
        why: "Anthropic's rules for a conversation were kept on the way back (§2.2, §2.3)",
        places: &[
            "anthropic/* new tool choice: None",
            "anthropic/* new tool: *",
            "anthropic/* new tool parameters: *",
            "anthropic/* new user says: .",
            "anthropic/* new user says: [system note]*",
            "anthropic/* lost system says: System-role block",
        ],
    },
];

/// What may differ of an answer that came back and went there again.
pub(crate) const ANSWERS: &[Allowed] = &[
    Allowed {
        why: "the types of the Responses API demand the count (§5)",
        places: &["openai_responses/* new cache writes: 0"],
    },
    Allowed {
        why: "Google's API has no refusals but in text (§3.2)",
        places: &[
            "gemini/* lost answer 0 refuses: *",
            "gemini/* new answer 0 says: *",
            "gemini/* lost answer 0 order: other",
            "gemini/* new answer 0 order: text",
        ],
    },
];
