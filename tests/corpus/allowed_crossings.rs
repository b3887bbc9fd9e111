//! What may differ between what a recorded body says and what arrives in another format, and why, with the section of
//! the specification. Everything else is a loss.
//!
//! The lines are `FORMAT/KIND/FILE to FORMAT: lost FACT`, `… new FACT` or `… order: …`, with `*` for any characters.

use crate::allowed::Allowed;

pub(crate) const REQUESTS: &[Allowed] = &[
    Allowed {
        why: "a limit is demanded there: the model's own, or the default (§2.1)",
        places: &["* to anthropic: new limit: *"],
    },
    Allowed {
        why: "it says what happens anyway (§2.1, §2.5)",
        places: &[
            "* to anthropic: lost answers: 1",
            "* to anthropic: lost log-probabilities: false",
            "* to anthropic: lost frequency penalty: 0.0",
            "* to anthropic: lost presence penalty: 0.0",
            "* to anthropic: lost tool strict: false",
        ],
    },
    Allowed {
        why: "the format has no such parameter (§2.1)",
        places: &["* to anthropic: lost seed: *", "* to openai: lost top_k: *"],
    },
    Allowed {
        why: "models that take a temperature take no top_p beside it (§2.9)",
        places: &["* to anthropic: lost top_p: *"],
    },
    Allowed {
        why: "the format has only the schema itself; whether it is obeyed, the provider decides (§2.7)",
        places: &[
            "* to anthropic: lost schema name: *",
            "* to anthropic: lost schema description: *",
            "* to anthropic: lost schema strict: true",
        ],
    },
    Allowed {
        why: "a schema needs a name there, and is enforced where it can be (§2.7)",
        places: &[
            "* to openai: new schema name: structured_output",
            "* to openai: new schema strict: true",
        ],
    },
    Allowed {
        why: "older models think with a budget (§2.8)",
        places: &[
            "* to anthropic: new thinking: Budget(2048)",
            "*-with-extended-thinking-* to anthropic: lost effort: Medium",
        ],
    },
    Allowed {
        why: "in mid-loop a model that thinks wants its own thoughts back, and there are none (§2.8)",
        places: &["*-thinking-streaming-1 to anthropic: lost effort: High"],
    },
    Allowed {
        why: "thoughts that another provider did not seal, or that nobody did, are not repeated (§2.8)",
        places: &["* to anthropic: lost assistant thinks: *"],
    },
    Allowed {
        why: "calls in the conversation need tools, which may not be called (§2.3)",
        places: &[
            "*-tool-call to anthropic: new tool: *",
            "*-tool-call to anthropic: new tool parameters: {\"properties\":{},\"type\":\"object\"}",
            "*-tool-call to anthropic: new tool choice: None",
        ],
    },
    Allowed {
        why: "ids of calls that may not stand there are replaced, in call and result alike (§2.6)",
        places: &[
            "* to anthropic: lost assistant call * id: functions.*",
            "* to anthropic: new assistant call * id: toolu_*",
        ],
    },
    Allowed {
        why: "a turn may not be empty (§2.3)",
        places: &["* to anthropic: new user says: ."],
    },
    Allowed {
        why: "results are text there; their images follow in a message of the user (§2.3)",
        places: &[
            "*-cache-control to openai: lost result of call *",
            "*-cache-control to openai: new result of call *[see the next user message]",
            "*-cache-control to openai: new result of call 3: before image*",
            "*-cache-control to openai: new user image: *",
        ],
    },
    Allowed {
        why: "a document of text becomes text, behind its title (§2.4)",
        places: &[
            "*-citations-* to openai: lost user document*",
            "*-citations-* to openai: new user says: facts.txt*",
        ],
    },
    Allowed {
        why: "a document needs a name there (§2.4)",
        places: &["* to openai: new user document title: document.pdf"],
    },
];

/// The same in whole answers and in streams.
const ANY_ANSWER: &[Allowed] = &[
    Allowed {
        why: "who speaks this format can ask for one answer only (§3.2)",
        places: &["*-multiple-choices-with-tools to anthropic: lost answer 1 *"],
    },
    Allowed {
        why: "a refusal is text there, under its own reason to stop (§3.2)",
        places: &[
            "* to anthropic: lost answer 0 refuses: *",
            "* to anthropic: lost answer 0 order: other",
            "* to anthropic: new answer 0 says: *",
            "* to anthropic: new answer 0 order: text",
        ],
    },
    Allowed {
        why: "a citation there is an address and a title (§3.2)",
        places: &["* to openai: lost answer 0 cites text: *"],
    },
];

pub(crate) const ANSWERS: &[&[Allowed]] = &[ANY_ANSWER];

pub(crate) const STREAMS: &[&[Allowed]] = &[
    ANY_ANSWER,
    &[
        Allowed {
            why: "a count that nobody knows is 0 where the client insists on one (§4.4)",
            places: &[
                "* to anthropic: new prompt tokens: 0",
                "* to anthropic: new output tokens: 0",
            ],
        },
        Allowed {
            why: "why it was refused is the refusal there (§3.3)",
            places: &[
                "* to openai: lost answer 0 explanation: *",
                "* to openai: new answer 0 refuses: *",
                "* to openai: new answer 0 order: other",
            ],
        },
        Allowed {
            why: "the format has fewer reasons to stop (§3.3)",
            places: &[
                "* to openai: lost answer 0 stop: StopSequence",
                "* to openai: lost answer 0 stop string: *",
                "* to openai: new answer 0 stop: End",
                "* to openai: lost answer 0 stop: Pause",
                "* to openai: new answer 0 stop: MaxTokens",
            ],
        },
        Allowed {
            why: "only citations of web pages can be said there (§3.2)",
            places: &["* to openai: lost answer 0 cites title: facts.txt"],
        },
    ],
];

pub(crate) const ERRORS: &[Allowed] = &[
    Allowed {
        why: "programs go by the code there: an error without one gets that of its class (§6.2)",
        places: &["* to openai: new code: *"],
    },
    Allowed {
        why: "the format names no field; the message does, if it did not before (§6.2)",
        places: &["* to anthropic: lost param: *"],
    },
];
