use http::HeaderName;

use super::*;

fn target(url: &str) -> Target {
    Target::new("t", url.parse().unwrap()).with_key("CANARY".into())
}

fn header_of(target: &Target, format: ApiFormat) -> Option<(String, String)> {
    let (name, value) = target.authorization(format).unwrap()?;
    assert!(value.is_sensitive());
    Some((name.to_string(), value.to_str().unwrap().to_owned()))
}

#[test]
fn the_key_goes_where_the_format_wants_it() {
    let target = target("https://example.com");
    let openai = header_of(&target, ApiFormat::OPENAI);
    assert_eq!(
        openai,
        Some(("authorization".into(), "Bearer CANARY".into()))
    );
    let anthropic = header_of(&target, ApiFormat::ANTHROPIC);
    assert_eq!(anthropic, Some(("x-api-key".into(), "CANARY".into())));
    let gemini = header_of(&target, ApiFormat::GEMINI);
    assert_eq!(gemini, Some(("x-goog-api-key".into(), "CANARY".into())));
}

#[test]
fn an_endpoint_has_what_the_first_has_and_it_has_not() {
    let target = target("https://one.example/v1")
        .with_endpoint(Some("https://two.example".parse().unwrap()), None)
        .with_endpoint(None, Some("CANARY-2".into()));
    let at = |number| {
        let endpoint = target.endpoint(number);
        let url = endpoint.url(ApiFormat::OPENAI, "/v1/x").unwrap();
        let (_, key) = endpoint.authorization(ApiFormat::OPENAI).unwrap().unwrap();
        (url.to_string(), key.to_str().unwrap().to_owned())
    };
    let expected = |url: &str, key: &str| (url.to_owned(), format!("Bearer {key}"));
    assert_eq!(target.endpoints(), 3);
    assert_eq!(at(0), expected("https://one.example/v1/x", "CANARY"));
    assert_eq!(at(1), expected("https://two.example/v1/x", "CANARY"));
    assert_eq!(at(2), expected("https://one.example/v1/x", "CANARY-2"));
    let shown = format!("{:?} {target:?}", target.endpoint(2));
    assert!(!shown.contains("CANARY") && !shown.contains("example"));
}

#[test]
fn openais_own_servers_know_no_thoughts() {
    for (url, knows) in [
        ("https://api.openai.com/v1", false),
        ("https://r.openai.azure.com/openai", false),
        ("https://api.openai.com.example.org/v1", true),
        ("http://localhost:8000/v1", true),
    ] {
        assert_eq!(
            target(url)
                .dialect_for(ApiFormat::OPENAI, "m")
                .knows_thoughts,
            knows,
            "{url}"
        );
    }
}

#[test]
fn azure_has_a_header_of_its_own_whatever_the_format() {
    for host in [
        "r.openai.azure.com",
        "R.Services.AI.Azure.com",
        "r.cognitiveservices.azure.com.",
    ] {
        let target = target(&format!("https://{host}/openai"));
        assert_eq!(
            header_of(&target, ApiFormat::OPENAI),
            Some(("api-key".into(), "CANARY".into()))
        );
    }
    let not_azure = target("https://openai.azure.com.example.com");
    assert_eq!(
        header_of(&not_azure, ApiFormat::OPENAI).unwrap().0,
        "authorization"
    );
}

#[test]
fn what_the_host_says_of_the_key_comes_first() {
    let azure = || target("https://r.openai.azure.com");
    let bearer = azure().with_auth(Auth::Bearer);
    let expected = Some(("authorization".into(), "Bearer CANARY".into()));
    assert_eq!(header_of(&bearer, ApiFormat::ANTHROPIC), expected);
    let own = azure().with_auth(Auth::Header(HeaderName::from_static("x-own")));
    assert_eq!(
        header_of(&own, ApiFormat::OPENAI),
        Some(("x-own".into(), "CANARY".into()))
    );
    for none in [Auth::None, Auth::ForwardClient] {
        assert_eq!(header_of(&azure().with_auth(none), ApiFormat::OPENAI), None);
    }
}

#[test]
fn a_key_that_no_header_can_hold_is_refused() {
    for key in ["CANARY\n", "CANARY\0", "CANARY\u{e9}"] {
        let target = target("https://example.com").with_key(key.into());
        assert_eq!(target.authorization(ApiFormat::OPENAI), Err(InvalidKey));
    }
}

#[test]
fn debug_shows_neither_the_key_nor_the_address() {
    let target = target("https://example.com/?key=CANARY");
    assert!(!format!("{target:?} {target:#?}").contains("CANARY"));
}

#[test]
fn the_narrowest_name_says_what_a_model_can_do() {
    let caps = |prefill, sampling| {
        let mut caps = ModelCaps::default();
        (caps.prefill, caps.sampling) = (prefill, sampling);
        caps
    };
    let mut dialect = Dialect {
        caps: caps(Some(true), Some(true)),
        ..Dialect::default()
    };
    dialect.caps.max_output_tokens = Some(9);
    let target = target("https://example.com")
        .with_dialect(dialect)
        .with_model_caps("claude-*", caps(Some(false), Some(false)))
        .with_model_caps("claude-opus", caps(None, Some(true)))
        .with_model_caps("claude-o*", caps(Some(true), None));
    let caps_of = |model: &str| {
        let caps = target.dialect_for(ApiFormat::OPENAI, model).caps;
        (caps.prefill, caps.sampling, caps.max_output_tokens)
    };
    assert_eq!(caps_of("claude-opus"), (Some(true), Some(true), Some(9)));
    assert_eq!(caps_of("claude-o1"), (Some(true), Some(false), Some(9)));
    assert_eq!(caps_of("claude-x"), (Some(false), Some(false), Some(9)));
    assert_eq!(caps_of("claude-opus-5").0, Some(true));
    assert_eq!(caps_of("gpt"), (Some(true), Some(true), Some(9)));
}

#[test]
fn a_refused_address_is_never_called() {
    let target = target("https://user:CANARY@example.com");
    assert!(target.url(ApiFormat::ANTHROPIC, "/v1/messages").is_err());
    assert!(Target::check_base_url(target.base_url(ApiFormat::OPENAI).unwrap()).is_err());
}
