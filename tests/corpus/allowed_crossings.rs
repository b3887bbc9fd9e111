//! What may differ between what a recorded body says and what arrives in another format, and why, with the section of
//! the specification. Everything else is a loss.
//!
//! The lines are `FORMAT/KIND/FILE to FORMAT: lost FACT`, `… new FACT` or `… order: …`, with `*` for any characters.

use crate::allowed::Allowed;

pub(crate) const REQUESTS: &[Allowed] = &[
    Allowed {
        why: "model and stream stand in the path there (§1.1)",
        places: &[
            "* to gemini: lost model: *",
            "* to gemini: lost stream: true",
            "gemini/* new model: *",
        ],
    },
    Allowed {
        why: "a limit is demanded there: the model's own, or the default (§2.1)",
        places: &["* to anthropic: new limit: *"],
    },
    Allowed {
        why: "it says what happens anyway (§2.1, §2.5, §2.11)",
        places: &[
            "* lost answers: 1",
            "* lost log-probabilities: false",
            "* lost frequency penalty: 0.0",
            "* lost presence penalty: 0.0",
            "* lost tool strict: false",
            "* to anthropic: lost store: false",
            "* to gemini: lost parallel: true",
            "* to gemini: lost tier: auto",
        ],
    },
    Allowed {
        why: "it must be said there, whatever it is (§2.1, §2.5)",
        places: &[
            "* to openai_responses: new store: false",
            "* to openai_responses: new tool strict: false",
        ],
    },
    Allowed {
        why: "the format has no such parameter (§2.1, §2.5, §2.7)",
        places: &[
            "* to anthropic: lost seed: *",
            "* to openai_responses: lost seed: *",
            "* to openai: lost top_k: *",
            "* to openai_responses: lost top_k: *",
            "* to openai_responses: lost stop: *",
            "* to gemini: lost end user: *",
            "* to gemini: lost tool strict: true",
            "* to anthropic: lost output: some JSON object",
            "gemini/* lost thoughts shown: *",
        ],
    },
    Allowed {
        why: "models that take a temperature take no top_p beside it, thinking ones neither, nor one above 1 (§2.9)",
        places: &[
            "* to anthropic: lost top_p: *",
            "* to anthropic: lost temperature: *",
            "* to anthropic: lost top_k: *",
            "* to anthropic: new temperature: 1.0",
            "openai/*/ai-gateway-* to openai_responses: lost temperature: *",
        ],
    },
    Allowed {
        why: "the class has another word there (§2.11)",
        places: &[
            "* to anthropic: lost tier: default",
            "* to anthropic: new tier: standard_only",
            "* to gemini: lost tier: default",
            "* to gemini: new tier: standard",
        ],
    },
    Allowed {
        why: "the format has only the schema itself; whether it is obeyed, the provider decides (§2.7)",
        places: &[
            "* to anthropic: lost schema name: *",
            "* to anthropic: lost schema description: *",
            "* to anthropic: lost schema strict: true",
            "* to gemini: lost schema name: *",
            "* to gemini: lost schema description: *",
            "* to gemini: lost schema strict: true",
        ],
    },
    Allowed {
        why: "a schema needs a name there, and is enforced where it can be (§2.7)",
        places: &[
            "* to openai*: new schema name: structured_output",
            "* to openai*: new schema strict: *",
        ],
    },
    Allowed {
        why: "efforts and budgets are two scales for the same (§2.8)",
        places: &[
            "* to anthropic: new thinking: Budget(*",
            "* to gemini: new thinking: Budget(*",
            "* to gemini: new thoughts shown: Summarized",
            "* to openai*: lost thinking: Budget(*",
            "* to openai*: new effort: *",
            "* to anthropic: lost thinking: Budget(*",
            "* lost effort: *",
        ],
    },
    Allowed {
        why: "thoughts that another provider sealed, or nobody did, are not repeated (§2.8)",
        places: &["* lost assistant thinks: *", "* lost assistant seal: *"],
    },
    Allowed {
        why: "calls in the conversation need tools, which may not be called (§2.3)",
        places: &[
            "*-tool-call to anthropic: new tool: *",
            "* to anthropic: new tool parameters: {\"properties\":{},\"type\":\"object\"}",
            "*-tool-call to anthropic: new tool choice: None",
        ],
    },
    Allowed {
        why: "ids of calls that may not stand there are replaced, in call and result alike (§2.6)",
        places: &[
            "* to anthropic: lost assistant call * id: functions.*",
            "* to anthropic: new assistant call * id: toolu_*",
            "openai_responses/*-xai-* to openai: lost assistant call * id: *",
            "openai_responses/*-xai-* to openai: new assistant call * id: call_*",
        ],
    },
    Allowed {
        why: "models before Gemini 3 refuse ids of calls; they are paired by their order (§2.6)",
        places: &[
            "* to gemini: lost assistant call * id: *",
            "* to gemini: new assistant call * id: *",
        ],
    },
    Allowed {
        why: "a turn may not be empty (§2.3)",
        places: &["* new user says: ."],
    },
    Allowed {
        why: "results are text there; their images follow in a message of the user (§2.3)",
        places: &[
            "*-cache-control to openai: lost result of call *",
            "*-cache-control to openai: new result of call *[see the next user message]",
            "*-cache-control to openai: new result of call 3: before image*",
            "*-cache-control to openai: new user image: *",
            "*-cache-control to gemini: lost result of call * image: *",
            "*-cache-control to gemini: new user image: *",
        ],
    },
    Allowed {
        why: "a document of text becomes text, behind its title (§2.4)",
        places: &[
            "*-citations-* to openai*: lost user document*",
            "*-citations-* to openai*: new user says: facts.txt*",
        ],
    },
    Allowed {
        why: "a document needs a name there (§2.4)",
        places: &["* to openai*: new user document title: document.pdf"],
    },
    Allowed {
        why: "a document of text begins with its title there (§2.4)",
        places: &[
            "*-citations-* to gemini: lost user document: Text(*",
            "*-citations-* to gemini: new user document: Text(*",
        ],
    },
    Allowed {
        why: "a document has no name there (§2.4)",
        places: &["* to gemini: lost user document title: *"],
    },
    Allowed {
        why: "a free tool becomes a function of one text, its grammar a part of its description (§2.5)",
        places: &[
            "*-custom-tool-call to *: lost free tool*",
            "*-custom-tool-call to *: new tool*",
            "*-custom-tool-call to openai: new free tool grammar: *",
        ],
    },
    Allowed {
        why: "base64 is written in the standard alphabet (§2.4)",
        places: &["gemini/* user image: *", "gemini/* user document: *"],
    },
    Allowed {
        why: "only what the other API can enforce is sent of a schema, and references are written out (§2.7, §2.13)",
        places: &[
            "* to anthropic: lost schema: *",
            "* to anthropic: new schema: {\"additionalProperties\":false*",
            "* to anthropic: new schema: {\"items\":{\"additionalProperties\":false*",
            "* to gemini: lost tool parameters: {\"$defs\":*",
            "* to gemini: new tool parameters: *",
        ],
    },
    Allowed {
        why: "a refusal of the past is text there (§2.4)",
        places: &[
            "* lost assistant refuses: *",
            "* new assistant says: I cannot help *",
        ],
    },
    Allowed {
        why: "instructions in mid-conversation are a note to models that know none (§2.2)",
        places: &["* lost system says: *", "* new user says: [system note]*"],
    },
];

/// The same in whole answers and in streams.
const ANY_ANSWER: &[Allowed] = &[
    Allowed {
        why: "who speaks this format can ask for one answer only (§3.2)",
        places: &[
            "*-multiple-choices-with-tools to anthropic: lost answer 1 *",
            "*-multiple-choices-with-tools to openai_responses: lost answer 1 *",
        ],
    },
    Allowed {
        why: "a refusal is text there, under its own reason to stop (§3.2)",
        places: &[
            "* to anthropic: lost answer 0 refuses: *",
            "* to anthropic: lost answer 0 order: other",
            "* to anthropic: new answer 0 says: *",
            "* to anthropic: new answer 0 order: text",
            "* to gemini: lost answer 0 refuses: *",
            "* to gemini: lost answer 0 order: other",
            "* to gemini: new answer 0 says: *",
            "* to gemini: new answer 0 order: text",
        ],
    },
    Allowed {
        why: "why it was refused is the refusal there (§3.3)",
        places: &[
            "* to openai*: lost answer 0 explanation: *",
            "* to openai*: new answer 0 refuses: *",
            "* to openai*: new answer 0 order: other",
        ],
    },
    Allowed {
        why: "a citation there is an address and a title (§3.2)",
        places: &[
            "* to openai*: lost answer 0 cites text: *",
            "* to gemini: lost answer 0 cites text: *",
        ],
    },
    Allowed {
        why: "a count that nobody knows is 0 where the client insists on one (§4.4, §5)",
        places: &[
            "* to anthropic: new prompt tokens: 0",
            "* new output tokens: 0",
            "* to openai_responses: new cache reads: 0",
            "* to openai_responses: new cache writes: 0",
            "* to openai_responses: new reasoning tokens: 0",
        ],
    },
    Allowed {
        why: "what is written to the cache is among the prompt's tokens there, and not counted apart (§5)",
        places: &["* to gemini: lost cache writes: *"],
    },
    Allowed {
        why: "calls without an id get one (§2.6)",
        places: &["gemini/* new answer 0 call * id: *"],
    },
];

pub(crate) const ANSWERS: &[&[Allowed]] = &[
    ANY_ANSWER,
    &[
        Allowed {
            why: "thoughts and their seals stand before the text there (§3.2)",
            places: &["gemini/* to openai: order: answer 0 seal: *"],
        },
        Allowed {
            why: "who knows no free tools asked for a function of one text (§2.5)",
            places: &[
                "*-custom-tool-call to *: lost answer 0 call 0 *",
                "*-custom-tool-call to *: new answer 0 call 0 *",
            ],
        },
    ],
];

pub(crate) const STREAMS: &[&[Allowed]] = &[
    ANY_ANSWER,
    &[
        Allowed {
            why: "the format has fewer reasons to stop (§3.3)",
            places: &[
                "* lost answer 0 stop: StopSequence",
                "* lost answer 0 stop string: *",
                "* new answer 0 stop: End",
                "* to openai*: lost answer 0 stop: Pause",
                "* to openai*: new answer 0 stop: MaxTokens",
            ],
        },
        Allowed {
            why: "an answer has no images there, or only in base64, which this is not (§3.2)",
            places: &[
                "*-stream-image to *: lost answer 0 image: image/png i",
                "*-stream-image to openai: lost answer 0 order: other",
            ],
        },
        Allowed {
            why: "the format has no log-probabilities; who speaks it can't ask for them (§3.2)",
            places: &["*-logprobs-streaming to anthropic: lost answer 0 likely: *"],
        },
        Allowed {
            why: "only citations of web pages can be said there (§3.2)",
            places: &["* to openai*: lost answer 0 cites title: facts.txt"],
        },
        Allowed {
            why: "a source without an address is no citation there (§3.2)",
            places: &["gemini/*-file-search-* to anthropic: lost answer 0 cites text: *"],
        },
    ],
];

pub(crate) const ERRORS: &[Allowed] = &[
    Allowed {
        why: "programs go by the code there: an error without one gets that of its class (§6.2)",
        places: &["* to openai*: new code: *"],
    },
    Allowed {
        why: "the format names no field; the message does, if it did not before (§6.2)",
        places: &[
            "* to anthropic: lost param: *",
            "* to gemini: lost param: *",
            "*-direct-url-audio-* lost message: *",
            "*-direct-url-audio-* new message: *",
        ],
    },
    Allowed {
        why: "the format has no codes (§6.1)",
        places: &["* to gemini: lost code: *"],
    },
    Allowed {
        why: "the format has fewer classes (§6.2)",
        places: &[
            "* to gemini: lost kind: *",
            "* to gemini: new kind: *",
            "* to anthropic: lost kind: ContextTooLong",
            "* to anthropic: new kind: BadRequest",
        ],
    },
];
