use super::*;
use crate::{
    format::ServerTools,
    ir::{Tool, ToolKind, WebSearch},
    json::Raw,
};

const OPTIONS: &str = r#""web_search_options":{"search_context_size":"high","user_location":{"type":"approximate","approximate":{"city":"Bern","country":"CH"}}}"#;

fn dialect(server_tools: ServerTools) -> Dialect {
    Dialect {
        server_tools,
        ..Dialect::default()
    }
}

fn searching<'a>() -> Request<'a> {
    let mut request = asking();
    let location = r#"{"type":"approximate","city":"Bern","timezone":"Europe/Zurich"}"#;
    request.tools = vec![Tool::new(ToolKind::Server {
        kind: "search".into(),
        value: Raw::EMPTY_OBJECT,
        web_search: Some(WebSearch {
            allowed_domains: vec!["a.example".into()],
            max_uses: Some(3),
            location: Raw::new(location).ok(),
            ..WebSearch::default()
        }),
    })];
    request
}

#[test]
fn an_option_of_the_request_is_a_search_of_the_web() {
    let body = with(OPTIONS);
    let request = decode(&body);
    let ToolKind::Server {
        web_search: Some(search),
        ..
    } = &request.tools[0].kind
    else {
        panic!("{:?}", request.tools);
    };
    assert_eq!(search.place, Some("web_search_options"));
    assert_eq!(
        search.location.unwrap().get(),
        r#"{"city":"Bern","country":"CH"}"#
    );
}

#[test]
fn the_option_goes_back_as_it_came() {
    let body = with(OPTIONS);
    let sent = sent(&decode(&body));
    assert_eq!(
        sent["web_search_options"],
        value(&body)["web_search_options"]
    );
    assert!(sent.get("tools").is_none());
}

#[test]
fn a_mapped_search_is_an_option_of_the_request() {
    let (sent, losses) = sent_as(&searching(), &dialect(ServerTools::Map));
    assert_eq!(
        sent["web_search_options"],
        value(
            r#"{"user_location":{"type":"approximate","approximate":{"city":"Bern","timezone":"Europe/Zurich"}}}"#
        )
    );
    assert!(sent.get("tools").is_none());
    assert_eq!(
        losses,
        ["functions[0].allowed_domains", "functions[0].max_uses"]
    );
}

#[test]
fn a_dropped_search_is_a_loss() {
    let (sent, losses) = sent_as(&searching(), &dialect(ServerTools::Drop));
    assert!(sent.get("web_search_options").is_none());
    assert_eq!(losses, ["functions[0].type"]);
}

#[test]
fn a_search_is_refused_unless_the_host_allows_it() {
    assert_eq!(
        rejected(&searching()).param.as_deref(),
        Some("functions[0].type")
    );
}

#[test]
fn a_choice_among_dropped_tools_is_not_sent() {
    let mut request = searching();
    request.tool_choice = Some(crate::ir::ToolChoice::Required);
    request.parallel_tool_calls = Some(false);
    let (sent, _) = sent_as(&request, &dialect(ServerTools::Drop));
    assert!(sent.get("tool_choice").is_none() && sent.get("parallel_tool_calls").is_none());
}
