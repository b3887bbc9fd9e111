//! Which conversation it is, and where in it the request stands, in each format.

use super::*;

const FORMATS: &[ApiFormat] = ApiFormat::BUILT_IN;

fn conversation(format: ApiFormat, body: &str) -> Option<Box<[u8]>> {
    let key = key(&[KeySource::Conversation], format, body);
    (key.by == AssignedBy::Conversation).then_some(key.bytes)
}

/// The key of a chat in `OpenAI`'s format with these messages.
fn chat(messages: &str) -> Option<Box<[u8]>> {
    conversation(
        ApiFormat::OPENAI,
        &format!(r#"{{"messages":[{messages}]}}"#),
    )
}

/// A chat of these instructions, a question and what follows, in a format.
fn body(format: ApiFormat, instructions: &str, question: &str, rest: &[(&str, &str)]) -> String {
    let turns = [("user", question)].into_iter().chain(rest.iter().copied());
    let turn = |(role, said): (&str, &str)| match format.id() {
        "gemini" => {
            let role = if role == "assistant" { "model" } else { role };
            format!(r#"{{"parts":[{{"text":"{said}"}}],"role":"{role}"}}"#)
        }
        _ => format!(r#"{{"role":"{role}","content":"{said}"}}"#),
    };
    let turns = turns.map(turn).collect::<Vec<_>>().join(",");
    match format.id() {
        "openai" => {
            format!(r#"{{"messages":[{{"role":"system","content":"{instructions}"}},{turns}]}}"#)
        }
        "openai_responses" => {
            format!(r#"{{"input":[{turns}],"instructions":"{instructions}"}}"#)
        }
        "anthropic" => {
            format!(r#"{{"messages":[{turns}],"system":"{instructions}","max_tokens":9}}"#)
        }
        _ => format!(
            r#"{{"contents":[{turns}],"systemInstruction":{{"parts":[{{"text":"{instructions}"}}]}}}}"#
        ),
    }
}

#[test]
fn a_conversation_stays_the_same_one_as_it_grows() {
    for format in FORMATS {
        let first = conversation(*format, &body(*format, "Be brief.", "Hi!", &[]));
        let later = [("assistant", "Hello."), ("user", "How are you?")];
        assert!(first.is_some());
        assert_eq!(
            first,
            conversation(*format, &body(*format, "Be brief.", "Hi!", &later))
        );
    }
}

#[test]
fn other_instructions_or_another_question_make_another_one() {
    for format in FORMATS {
        let chats = [
            ("Be brief.", "Hi!"),
            ("Be kind.", "Hi!"),
            ("Be brief.", "Ho!"),
        ];
        let [one, two, three] =
            chats.map(|(system, user)| conversation(*format, &body(*format, system, user, &[])));
        assert!(one != two && one != three && two != three);
    }
}

#[test]
fn it_is_the_same_one_in_each_format() {
    let keys = FORMATS
        .iter()
        .map(|format| conversation(*format, &body(*format, "Be brief.", "Hi!", &[])));
    let keys: Vec<_> = keys.collect();
    assert!(keys.windows(2).all(|two| two[0] == two[1]), "{keys:?}");
}

#[test]
fn neither_marks_nor_wrapping_nor_spelling_make_another_one() {
    let plain = body(ApiFormat::ANTHROPIC, "Be brief.", "Hi, \u{e9}!", &[]);
    let expected = conversation(ApiFormat::ANTHROPIC, &plain);
    for other in [
        r#"{"system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"Hi, é!"}]}"#,
        r#"{"messages":[{"content":[{"cache_control":{"type":"ephemeral","ttl":"1h"},"text":"Hi, \u00e9!","type":"text"}],"role":"user"}],"system":"Be\u0020brief."}"#,
        r#"{"system":[{"type":"text","text":"x-anthropic-billing-header: cch=1"},{"type":"text","text":"Be brief."},{"type":"text","text":""}],"messages":[{"role":"user","content":[{"type":"text","text":"Hi, é!"}]}]}"#,
        r#"{"system":"Be brief.","messages":[{"role":"user","content":"Hi, é!","tomorrow":[1]}],"metadata":{"user_id":"u"},"model":"n","temperature":1}"#,
    ] {
        assert_eq!(
            conversation(ApiFormat::ANTHROPIC, other),
            expected,
            "{other}"
        );
    }
}

#[test]
fn each_format_may_spell_it_in_its_own_ways() {
    let expected = conversation(
        ApiFormat::OPENAI,
        &body(ApiFormat::OPENAI, "Be brief.", "Hi!", &[]),
    );
    for (format, other) in [
        (
            ApiFormat::OPENAI,
            r#"{"messages":[{"role":"developer","content":[{"type":"text","text":"Be brief."}]},{"role":"user","content":"Hi!"}]}"#,
        ),
        (
            ApiFormat::OPENAI_RESPONSES,
            r#"{"instructions":"Be brief.","input":"Hi!"}"#,
        ),
        (
            ApiFormat::OPENAI_RESPONSES,
            r#"{"input":[{"role":"system","content":"Be brief."},{"type":"message","role":"user","content":[{"type":"input_text","text":"Hi!"}]},{"type":"reasoning"}]}"#,
        ),
        (
            ApiFormat::GEMINI,
            r#"{"system_instruction":{"parts":{"text":"Be brief."}},"contents":{"parts":[{"text":"Hi!"}]}}"#,
        ),
        (
            ApiFormat::GEMINI,
            r#"{"systemInstruction":{"role":"user","parts":[{"text":"Be brief."}]},"contents":[{"role":"user","parts":[{"text":"Hi!"}]},{"role":"model","parts":[{"text":"Hello."}]}]}"#,
        ),
    ] {
        assert_eq!(conversation(format, other), expected, "{other}");
    }
}

#[test]
fn images_and_files_count_by_their_data() {
    let image = |format: ApiFormat, at: &str| match format.id() {
        "openai" => format!(
            r#"{{"messages":[{{"role":"user","content":[{{"type":"image_url","image_url":{{"url":"{at}","detail":"low"}}}}]}}]}}"#
        ),
        "openai_responses" => format!(
            r#"{{"input":[{{"role":"user","content":[{{"type":"input_image","image_url":"{at}"}}]}}]}}"#
        ),
        "anthropic" => format!(
            r#"{{"messages":[{{"role":"user","content":[{{"type":"image","source":{{"type":"base64","media_type":"image/png","data":"{at}"}},"cache_control":null}}]}}]}}"#
        ),
        _ => format!(
            r#"{{"contents":[{{"parts":[{{"inlineData":{{"mimeType":"image/png","data":"{at}"}}}}]}}]}}"#
        ),
    };
    for format in FORMATS {
        let [one, two] = ["AAAA", "AAAB"].map(|at| conversation(*format, &image(*format, at)));
        assert!(one.is_some() && one != two, "{format:?}");
    }
}

#[test]
fn the_users_first_turn_may_be_several_messages() {
    let context = r#"{"role":"user","content":"I am in /workspace."}"#;
    let question = r#"{"role":"user","content":"Hi!"}"#;
    let answer = r#"{"role":"assistant","content":"Hello."}"#;
    let key = chat(&format!("{context},{question}"));
    assert_eq!(
        key,
        chat(&format!("{context},{question},{answer},{question}"))
    );
    assert_ne!(key, chat(context));
}

#[test]
fn a_greeting_of_the_model_and_a_reminder_behind_the_question_do_not_count() {
    let question = r#"{"role":"user","content":"Hi!"}"#;
    let expected = chat(question);
    assert_eq!(
        chat(&format!(
            r#"{{"role":"assistant","content":"Welcome."}},{question}"#
        )),
        expected
    );
    assert_eq!(
        chat(&format!(
            r#"{question},{{"role":"system","content":"Be kind."}}"#
        )),
        expected
    );
}

#[test]
fn half_a_character_is_no_obstacle() {
    let [one, two] =
        ["a", "b"].map(|end| chat(&format!(r#"{{"role":"user","content":"\ud83d{end}"}}"#)));
    assert!(one.is_some() && one != two);
}

#[test]
fn what_does_not_show_its_beginning_has_no_key() {
    for (format, body) in [
        (
            ApiFormat::OPENAI,
            r#"{"messages":[{"role":"system","content":"Be brief."}]}"#,
        ),
        (
            ApiFormat::OPENAI,
            r#"{"messages":[{"role":"user","content":""}]}"#,
        ),
        (ApiFormat::OPENAI, r#"{"messages":7}"#),
        (ApiFormat::OPENAI, r#"{"messages":[7]}"#),
        (ApiFormat::OPENAI, r#"{"input":"Hi!"}"#),
        (
            ApiFormat::OPENAI_RESPONSES,
            r#"{"input":"And then?","previous_response_id":"resp_1"}"#,
        ),
        (
            ApiFormat::OPENAI_RESPONSES,
            r#"{"input":"And then?","conversation":{"id":"conv_1"}}"#,
        ),
        (
            ApiFormat::OPENAI_RESPONSES,
            r#"{"input":[{"type":"function_call_output","output":"7"}]}"#,
        ),
        (ApiFormat::ANTHROPIC, "[]"),
        (ApiFormat::GEMINI, "\u{feff}{}"),
    ] {
        assert_eq!(conversation(format, body), None, "{body}");
    }
}

#[test]
fn depth_is_no_danger() {
    let content = format!(
        "{}{}",
        r#"{"content":["#.repeat(50_000),
        "]}".repeat(50_000)
    );
    assert_eq!(
        chat(&format!(r#"{{"role":"user","content":[{content}]}}"#)),
        None
    );
}

/// Whether a request with these turns is in a tool loop.
fn is_in_loop(format: ApiFormat, turns: &str) -> bool {
    let name = match format.id() {
        "openai_responses" => "input",
        "gemini" => "contents",
        _ => "messages",
    };
    is_in_tool_loop(format, format!(r#"{{"{name}":[{turns}]}}"#).as_bytes())
}

const USER: &str = r#"{"role":"user","content":"How warm is it?"}"#;

#[test]
fn a_loop_of_openais_lasts_until_the_model_has_spoken() {
    let call = r#"{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}"#;
    let result = r#"{"role":"tool","tool_call_id":"c","content":"21"}"#;
    let answer = r#"{"role":"assistant","content":"21."}"#;
    for (turns, expected) in [
        (vec![USER], false),
        (vec![USER, call], false),
        (vec![USER, call, result], true),
        (vec![USER, call, result, result], true),
        (
            vec![
                USER,
                call,
                r#"{"role":"function","name":"f","content":"21"}"#,
            ],
            true,
        ),
        (
            vec![
                USER,
                call,
                result,
                r#"{"role":"system","content":"Be brief."}"#,
            ],
            true,
        ),
        (
            vec![
                USER,
                call,
                result,
                r#"{"role":"user","content":[{"type":"image_url"}]}"#,
            ],
            true,
        ),
        (vec![USER, call, result, answer], false),
        (vec![USER, call, result, answer, USER], false),
    ] {
        assert_eq!(
            is_in_loop(ApiFormat::OPENAI, &turns.join(",")),
            expected,
            "{turns:?}"
        );
    }
}

#[test]
fn a_loop_of_anthropics_is_told_by_the_blocks_of_the_last_user() {
    let call =
        r#"{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"f","input":{}}]}"#;
    let result = r#"{"role":"user","content":[{"type":"text","text":"Here:"},{"type":"tool_result","tool_use_id":"c","content":[{"type":"text","text":"21"}]}]}"#;
    let answer = r#"{"role":"assistant","content":"21."}"#;
    for (turns, expected) in [
        (vec![USER], false),
        (vec![USER, call, result], true),
        (vec![USER, call, result, USER], true),
        (vec![USER, call, result, answer, USER], false),
        (
            vec![r#"{"content":[{"type":"text","text":"tool_result"}],"role":"user"}"#],
            false,
        ),
    ] {
        assert_eq!(
            is_in_loop(ApiFormat::ANTHROPIC, &turns.join(",")),
            expected,
            "{turns:?}"
        );
    }
}

#[test]
fn a_loop_of_responses_is_told_by_items_of_output() {
    let call = r#"{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}"#;
    let answer =
        r#"{"type":"message","role":"assistant","content":[{"type":"output_text","text":"21."}]}"#;
    for output in [
        "function_call_output",
        "custom_tool_call_output",
        "computer_call_output",
        "local_shell_call_output",
        "mcp_approval_response",
    ] {
        let result = format!(r#"{{"type":"{output}","call_id":"c","output":"21"}}"#);
        for (turns, expected) in [
            (vec![USER, call], false),
            (vec![USER, call, &result], true),
            (vec![&*result], true),
            (vec![USER, call, &result, answer], false),
            (
                vec![USER, call, &result, r#"{"type":"reasoning"}"#, call],
                false,
            ),
        ] {
            assert_eq!(
                is_in_loop(ApiFormat::OPENAI_RESPONSES, &turns.join(",")),
                expected,
                "{turns:?}"
            );
        }
    }
    assert!(!is_in_tool_loop(
        ApiFormat::OPENAI_RESPONSES,
        br#"{"input":"Hi!"}"#
    ));
}

#[test]
fn a_loop_of_geminis_is_told_by_parts_with_a_response() {
    let user = r#"{"parts":[{"text":"How warm is it?"}]}"#;
    let call = r#"{"role":"model","parts":[{"functionCall":{"name":"f"}}]}"#;
    for name in ["functionResponse", "function_response"] {
        for role in ["", r#""role":"user","#, r#""role":"function","#] {
            let result =
                format!(r#"{{{role}"parts":[{{"{name}":{{"name":"f","response":{{}}}}}}]}}"#);
            assert!(is_in_loop(
                ApiFormat::GEMINI,
                &[user, call, &result].join(",")
            ));
            let answered = [
                user,
                call,
                &result,
                r#"{"role":"model","parts":[{"text":"21."}]}"#,
                user,
            ];
            assert!(!is_in_loop(ApiFormat::GEMINI, &answered.join(",")));
        }
    }
}
