use super::*;
use crate::format::ServerTools;
use crate::ir::{Tool, ToolKind, WebSearch};

const SEARCH: &str = r#"{"type":"web_search_20260318","name":"web_search","allowed_domains":["a.example"],"max_uses":3,"user_location":{"type":"approximate","city":"Bern"},"response_inclusion":"full"}"#;

fn ask(tools: &str) -> String {
    format!(
        r#"{{"model":"claude-opus-5","max_tokens":99,"tools":[{tools}],"messages":[{{"role":"user","content":"q"}}]}}"#
    )
}

/// What is sent for these tools of another format.
fn sent(tools: &str, server_tools: ServerTools) -> Result<Written, Error> {
    let body = ask(tools);
    let mut request = read(&body).unwrap();
    request.format = "other";
    request.names = OTHER;
    let dialect = Dialect {
        server_tools,
        ..Dialect::default()
    };
    write_in(&request, &dialect)
}

fn search<'r, 'a>(tool: &'r Tool<'a>) -> &'r WebSearch<'a> {
    match &tool.kind {
        ToolKind::Server {
            web_search: Some(search),
            ..
        } => search,
        kind => panic!("{kind:?}"),
    }
}

#[test]
fn every_version_of_the_search_is_one() {
    for version in ["20250305", "20260209", "20260318"] {
        let body = ask(&SEARCH.replace("20260318", version));
        let request = read(&body).unwrap();
        let search = search(&request.tools[0]);
        assert_eq!(search.allowed_domains, ["a.example"]);
        assert_eq!(search.max_uses, Some(3));
        let location = search.location.unwrap();
        assert_eq!(location.get(), r#"{"type":"approximate","city":"Bern"}"#);
    }
}

#[test]
fn a_mapped_search_is_the_apis_own() {
    let written = sent(SEARCH, ServerTools::Map).unwrap();
    assert_eq!(
        written.json["tools"],
        value(
            r#"[{"type":"web_search_20250305","name":"web_search","allowed_domains":["a.example"],"max_uses":3,"user_location":{"type":"approximate","city":"Bern"}}]"#
        )
    );
    assert_eq!(written.losses, ["tools[0].response_inclusion"]);
}

#[test]
fn a_second_search_is_the_first() {
    let written = sent(&format!("{SEARCH},{SEARCH}"), ServerTools::Map).unwrap();
    assert_eq!(written.json["tools"].as_array().unwrap().len(), 1);
}

#[test]
fn a_dropped_search_is_a_loss() {
    let written = sent(SEARCH, ServerTools::Drop).unwrap();
    assert!(written.json.get("tools").is_none());
    assert_eq!(written.losses, ["tools[0].type"]);
}

#[test]
fn other_tools_of_a_provider_are_refused_though_searches_are_mapped() {
    let tools = r#"{"type":"code_execution_20260521","name":"code_execution"}"#;
    let error = sent(tools, ServerTools::Map).unwrap_err();
    assert_eq!(error.param.as_deref(), Some("tools[0].type"));
}

#[test]
fn a_search_is_refused_unless_the_host_allows_it() {
    let error = sent(SEARCH, ServerTools::Reject).unwrap_err();
    assert_eq!(error.param.as_deref(), Some("tools[0].type"));
}
