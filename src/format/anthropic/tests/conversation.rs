use super::*;
use crate::ir::Cache;

#[test]
fn trap_016_several_instructions_stay_apart() {
    let body = r#"{"model":"m","messages":[{"role":"user","content":"q"}],"system":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}"#;
    assert_eq!(
        foreign(body).json["system"],
        value(r#"[{"type":"text","text":"a"},{"type":"text","text":"b"}]"#)
    );
}

#[test]
fn trap_019_empty_instructions_are_left_out() {
    let body = r#"{"model":"m","messages":[{"role":"user","content":"q"}],"system":[{"type":"text","text":" "}]}"#;
    assert_eq!(foreign(body).json.get("system"), None);
}

#[test]
fn trap_018_later_instructions_stay_in_place_as_a_note() {
    let written = messages(
        r#"[{"role":"user","content":"q"},{"role":"assistant","content":"a"},{"role":"system","content":"s"},{"role":"user","content":"r"}]"#,
    );
    assert_eq!(
        written,
        value(
            r#"[{"role":"user","content":"q"},{"role":"assistant","content":"a"},{"role":"user","content":[{"type":"text","text":"[system note]\ns"},{"type":"text","text":"r"}]}]"#
        )
    );
}

#[test]
fn trap_018_later_instructions_stay_in_place_as_a_turn_where_the_model_takes_them() {
    for (roles, expected) in [
        ("us", "us"),
        ("usa", "usa"),
        ("ussau", "usau"),
        // Slides behind the next turn of the user.
        ("uasu", "uaus"),
        ("uasua", "uausa"),
        ("uasusa", "uausa"),
        // Said as the user.
        ("uas", "uau"),
        ("usu", "u"),
        ("su", "u"),
    ] {
        let turns: Vec<String> = roles
            .chars()
            .enumerate()
            .map(|(index, role)| {
                format!(
                    r#"{{"role":"{}","content":"{role}{index}"}}"#,
                    name_of(role)
                )
            })
            .collect();
        let body = format!(
            r#"{{"model":"claude-haiku-5-5","messages":[{}]}}"#,
            turns.join(",")
        );
        let body = if roles.ends_with('a') {
            body.replace("claude-haiku-5-5", "claude-opus-5")
        } else {
            body
        };
        let mut request = read(&body).unwrap();
        // Own requests may end in a turn of the assistant.
        if !roles.ends_with('a') {
            request.format = "other";
            request.names = OTHER;
        }
        let written = write(&request).unwrap().json;
        let got: String = written["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|message| message["role"].as_str().unwrap().chars().next().unwrap())
            .collect();
        assert_eq!(got, expected, "{roles}: {written}");
    }
}

fn name_of(role: char) -> &'static str {
    match role {
        's' => "system",
        'a' => "assistant",
        _ => "user",
    }
}

#[test]
fn trap_022_neighbours_with_one_role_are_merged() {
    let written = messages(
        r#"[{"role":"user","content":"a"},{"role":"user","content":"b"},{"role":"assistant","content":"c"},{"role":"assistant","content":"d"},{"role":"user","content":"e"}]"#,
    );
    assert_eq!(
        written,
        value(
            r#"[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"assistant","content":[{"type":"text","text":"c"},{"type":"text","text":"d"}]},{"role":"user","content":"e"}]"#
        )
    );
}

#[test]
fn trap_023_a_blank_text_beside_a_call_is_left_out() {
    let written = messages(
        r#"[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"text","text":""},{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]}]"#,
    );
    assert_eq!(
        written[1],
        value(
            r#"{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]}"#
        )
    );
    assert_eq!(
        written[2]["content"],
        value(r#"[{"type":"tool_result","tool_use_id":"a"}]"#)
    );
}

#[test]
fn trap_024_an_empty_turn_of_the_user_gets_a_filler_and_one_of_the_assistant_goes() {
    let written = messages(
        r#"[{"role":"user","content":" "},{"role":"assistant","content":"a"},{"role":"user","content":"b"},{"role":"assistant","content":""},{"role":"user","content":"c"}]"#,
    );
    assert_eq!(
        written,
        value(
            r#"[{"role":"user","content":"."},{"role":"assistant","content":"a"},{"role":"user","content":[{"type":"text","text":"b"},{"type":"text","text":"c"}]}]"#
        )
    );
}

#[test]
fn a_conversation_without_messages_gets_a_filler() {
    let written = try_foreign(
        &conversation(r#"[{"role":"user","content":"q"}]"#),
        |request| request.turns.clear(),
    );
    let written = written.unwrap();
    assert_eq!(
        written.json["messages"],
        value(r#"[{"role":"user","content":"."}]"#)
    );
    assert_eq!(written.losses, ["messages"]);
}

#[test]
fn the_first_turn_is_the_users() {
    let body =
        conversation(r#"[{"role":"assistant","content":"a"},{"role":"user","content":"b"}]"#);
    let written = foreign(&body);
    assert_eq!(
        written.json["messages"][0],
        value(r#"{"role":"user","content":"."}"#)
    );
    assert_eq!(written.losses, ["messages"]);
}

#[test]
fn traps_025_026_results_come_first_and_text_after_them() {
    let call = |id: &str| format!(r#"{{"type":"tool_use","id":"{id}","name":"f","input":{{}}}}"#);
    let result =
        |id: &str| format!(r#"{{"type":"tool_result","tool_use_id":"{id}","content":"{id}"}}"#);
    let written = messages(&format!(
        r#"[{{"role":"user","content":"q"}},{{"role":"assistant","content":[{},{},{}]}},{{"role":"user","content":[{{"type":"text","text":"x"}},{},{}]}},{{"role":"user","content":[{}]}}]"#,
        call("a"),
        call("b"),
        call("c"),
        result("b"),
        result("a"),
        result("c"),
    ));
    let kinds: Vec<&str> = written[2]["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|block| {
            block["content"]
                .as_str()
                .or(block["text"].as_str())
                .unwrap()
        })
        .collect();
    assert_eq!(kinds, ["b", "a", "c", "x"]);
}

#[test]
fn trap_027_instructions_between_call_and_result_move_behind_the_result() {
    let written = messages(
        r#"[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"system","content":"s"},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"r"}]}]"#,
    );
    assert_eq!(
        written[2]["content"],
        value(
            r#"[{"type":"tool_result","tool_use_id":"a","content":"r"},{"type":"text","text":"[system note]\ns"}]"#
        )
    );
}

#[test]
fn trap_028_a_call_without_a_result_gets_an_error_and_a_result_without_a_call_becomes_text() {
    let body = conversation(
        r#"[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"z","content":"r"},{"type":"tool_result","tool_use_id":"y"}]}]"#,
    );
    let written = foreign(&body);
    assert_eq!(
        written.json["messages"][2]["content"],
        value(
            r#"[{"type":"tool_result","tool_use_id":"a","is_error":true,"content":"[no result recorded]"},{"type":"text","text":"Tool result: r"}]"#
        )
    );
    assert_eq!(
        written.losses,
        [
            "messages[2].content[0]",
            "messages[2].content[1]",
            "messages[1].content[0]"
        ]
    );
}

#[test]
fn a_call_at_the_very_end_is_answered_too() {
    let written = messages(
        r#"[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]}]"#,
    );
    assert_eq!(written[2]["content"][0]["tool_use_id"], "a");
}

#[test]
fn of_two_calls_with_one_id_in_a_turn_the_first_stays() {
    let body = conversation(
        r#"[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}},{"type":"tool_use","id":"a","name":"g","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]}]"#,
    );
    let written = foreign(&body);
    assert_eq!(
        written.json["messages"][1]["content"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(written.losses, ["messages[1].content[1]"]);
}

#[test]
fn an_id_used_again_in_a_later_turn_is_told_apart() {
    let turn = r#"{"role":"assistant","content":[{"type":"tool_use","id":"call_0","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"call_0","content":"r"}]}"#;
    let written = messages(&format!(
        r#"[{{"role":"user","content":"q"}},{turn},{turn}]"#
    ));
    assert_eq!(written[1]["content"][0]["id"], "call_0");
    let second = &written[3]["content"][0]["id"];
    assert_ne!(second, "call_0");
    assert_eq!(&written[4]["content"][0]["tool_use_id"], second);
}

#[test]
fn trap_038_foreign_and_empty_ids_are_rewritten_alike_in_call_and_result() {
    let body = conversation(
        r#"[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"functions.Bash:0","name":"f","input":{}},{"type":"tool_use","id":"","name":"g","input":{}},{"type":"tool_use","id":"","name":"h","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"functions.Bash:0","content":"1"},{"type":"tool_result","tool_use_id":"","content":"2"},{"type":"tool_result","tool_use_id":"","content":"3"}]}]"#,
    );
    let written = foreign(&body).json;
    let ids = |message: usize, key: &str| -> Vec<String> {
        let blocks = written["messages"][message]["content"].as_array().unwrap();
        blocks
            .iter()
            .map(|block| block[key].as_str().unwrap().to_owned())
            .collect()
    };
    let calls = ids(1, "id");
    assert_eq!(calls, ids(2, "tool_use_id"));
    assert!(calls.iter().all(|id| id.starts_with("toolu_")), "{calls:?}");
    assert!(calls[1] != calls[2] && calls[0] != calls[1]);
    assert_eq!(foreign(&body).json, written);
}

#[test]
fn trap_018_the_bytes_of_a_turn_begin_with_those_of_the_turn_before() {
    let turns = [
        r#"{"role":"user","content":"q"}"#,
        r#"{"role":"assistant","content":[{"type":"text","text":"a "},{"type":"tool_use","id":"x:1","name":"f","input":{}}]}"#,
        r#"{"role":"user","content":[{"type":"tool_result","tool_use_id":"x:1","content":"r"}]}"#,
        r#"{"role":"assistant","content":"b"}"#,
        r#"{"role":"user","content":"c"}"#,
    ];
    let text =
        |count: usize| foreign(&conversation(&format!("[{}]", turns[..count].join(",")))).text;
    for (shorter, longer) in [(1, 3), (3, 5)] {
        let (shorter, longer) = (text(shorter), text(longer));
        let (without_tools, prefix) = shorter.split_once(r#""messages":["#).unwrap();
        assert!(!without_tools.is_empty());
        let prefix = prefix.strip_suffix("]}").unwrap();
        assert!(
            longer
                .split_once(r#""messages":["#)
                .unwrap()
                .1
                .starts_with(prefix),
            "{prefix}\n{longer}"
        );
    }
}

#[test]
fn trap_125_the_same_request_gives_the_same_bytes() {
    let body = conversation(
        r#"[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a:b","name":"f.g","input":{}}]}]"#,
    );
    assert_eq!(foreign(&body).text, foreign(&body).text);
}

#[test]
fn a_last_turn_of_the_assistant_is_gone_on_with_or_refused() {
    let body = conversation(
        r#"[{"role":"user","content":"q"},{"role":"assistant","content":"The answer is \n"}]"#,
    );
    assert_eq!(
        foreign(&body).json["messages"][1]["content"],
        "The answer is"
    );
    let body = body.replace("claude-sonnet-4-5", "claude-opus-4-6");
    let error = try_foreign(&body, |_| ()).unwrap_err();
    assert!(error.message.contains("prefill not supported"), "{error}");
    assert_eq!(error.param.as_deref(), Some("messages[1]"));
}

#[test]
fn trap_061_of_five_cache_marks_the_last_four_stay() {
    let mark = r#""cache_control":{"type":"ephemeral"}"#;
    let body = format!(
        r#"{{"model":"m","max_tokens":9,"tools":[{{"name":"f","input_schema":{{"type":"object"}},{mark}}}],"system":[{{"type":"text","text":"s",{mark}}}],"messages":[{{"role":"user","content":[{{"type":"text","text":"a",{mark}}},{{"type":"text","text":"b",{mark}}},{{"type":"text","text":"c","cache_control":null}},{{"type":"text","text":"d",{mark}}}]}}]}}"#
    );
    let written = foreign(&body);
    assert_eq!(written.text.matches("cache_control").count(), 4);
    assert_eq!(written.json["tools"][0].get("cache_control"), None);
    assert_eq!(written.losses, ["cache"]);
}

#[test]
fn lifetimes_of_caches_are_brought_to_what_there_is() {
    for (ttl, expected, losses) in [
        ("5m", "5m", 0),
        ("1h", "1h", 0),
        ("30m", "1h", 1),
        ("12h", "1h", 1),
    ] {
        let written = try_foreign(
            &conversation(r#"[{"role":"user","content":"q"}]"#),
            |request| {
                request.cache = Some(Cache {
                    ttl: Some(ttl.into()),
                });
            },
        )
        .unwrap();
        assert_eq!(written.json["cache_control"]["ttl"], expected);
        assert_eq!(written.losses.len(), losses, "{ttl}");
    }
}
