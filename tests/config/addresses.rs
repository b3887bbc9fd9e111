//! Where downstreams are: one address, one for each format, or the host's own handler.

use secrecy::ExposeSecret;
use tower_llm_gateway::format::ApiFormat;

use crate::{build, downstream_with, mistakes};

/// A document of the host's own handler with this entry at line 4, column 5.
fn handler_with(entry: &str) -> String {
    format!("downstreams:\n  - id: own\n    handler: inner\n    {entry}\n")
}

#[test]
fn a_format_may_have_an_address_of_its_own() {
    let entry =
        "api_formats: [openai, anthropic]\n    format_urls: {anthropic: https://a/anthropic}";
    let table = build(&downstream_with(entry)).unwrap();
    let [target] = table.targets() else {
        panic!("one downstream");
    };
    let url = |format, path| target.url(format, path).unwrap().to_string();
    assert_eq!(
        url(ApiFormat::ANTHROPIC, "/v1/messages"),
        "https://a/anthropic/v1/messages"
    );
    assert_eq!(
        url(ApiFormat::OPENAI, "/v1/chat/completions"),
        "https://a/v1/chat/completions"
    );
}

#[test]
fn a_downstream_that_says_no_formats_may_have_an_address_for_each() {
    let text = downstream_with("format_urls: {gemini: https://g}");
    let table = build(&text).unwrap();
    let url = table.targets()[0].base_url(ApiFormat::GEMINI).unwrap();
    assert_eq!(url, "https://g/");
}

#[test]
fn an_address_of_a_format_is_checked_as_the_others_are() {
    for (entry, mistake) in [
        (
            "format_urls: {anthropic: 'https://user:CANARY-never-show@h'}",
            "4:30: downstreams[0].format_urls.anthropic: invalid URL: it must not hold a user name or password",
        ),
        (
            "format_urls: {antropic: https://h}",
            "4:19: downstreams[0].format_urls.antropic: unknown format \"antropic\"; did you mean \"anthropic\"?",
        ),
        (
            "format_urls: {gemini: https://h}\n    api_formats: [openai]",
            "4:19: downstreams[0].format_urls.gemini: gemini is not among its \"api_formats\"",
        ),
        (
            "format_urls: [https://h]",
            "4:18: downstreams[0].format_urls: expected a map, found a list; write `key: value`, each on a line of its own",
        ),
        (
            "format_urls: {openai: 7}",
            "4:27: downstreams[0].format_urls.openai: expected text, found a number; put it in quotes",
        ),
    ] {
        assert_eq!(mistakes(&downstream_with(entry)), [mistake], "{entry}");
    }
}

#[test]
fn the_one_format_of_older_files_is_a_list_of_one() {
    let table = build(&downstream_with("api_format: anthropic")).unwrap();
    assert_eq!(table.targets()[0].formats(), [ApiFormat::ANTHROPIC]);
    let empty = build(&downstream_with("api_format: ''")).unwrap();
    assert!(empty.targets()[0].formats().is_empty());
    assert_eq!(
        mistakes(&downstream_with("api_format: antropic")),
        [
            "4:17: downstreams[0].api_format: unknown format \"antropic\"; did you mean \"anthropic\"?"
        ]
    );
    let both = downstream_with("api_format: anthropic\n    api_formats: [openai]");
    assert_eq!(
        mistakes(&both),
        ["4:17: downstreams[0].api_format: \"api_formats\" says it already; leave one of them out"]
    );
}

#[test]
fn the_host_s_own_handler_is_a_downstream_without_an_address() {
    let text = handler_with(
        "api_formats: [openai]\n    output_model_ids: [own]\n    timeouts: {first_byte: 1m}",
    );
    let table = build(&text).unwrap();
    let [target] = table.targets() else {
        panic!("one downstream");
    };
    assert!(target.is_handler());
    assert_eq!(target.formats(), [ApiFormat::OPENAI]);
    assert_eq!(&*target.models()[0], "own");
}

#[test]
fn what_only_a_provider_has_is_refused_of_a_handler() {
    let of_a_provider = |name: &str, column: usize| {
        format!(
            "5:{column}: downstreams[0].{name}: {name:?} is of a provider, but this is the host's own handler"
        )
    };
    for (name, value) in [
        ("base_url", "https://a"),
        ("format_urls", "{openai: https://a}"),
        ("api_key", "sk-1"),
        ("auth", "bearer"),
    ] {
        let text = handler_with(&format!("api_formats: [openai]\n    {name}: {value}"));
        let mistake = of_a_provider(name, name.len() + 7);
        assert_eq!(mistakes(&text), [mistake], "{name}");
    }
}

#[test]
fn a_handler_has_to_say_what_it_speaks() {
    let mistake = "3:14: downstreams[0].handler: the host's own handler needs \"api_formats\", to know what it speaks";
    for entry in ["name: own", "api_formats: []"] {
        assert_eq!(mistakes(&handler_with(entry)), [mistake], "{entry}");
    }
    let outer = handler_with("api_formats: [openai]").replace("inner", "outer");
    assert_eq!(
        mistakes(&outer),
        ["3:14: downstreams[0].handler: unknown value \"outer\"; did you mean \"inner\"?"]
    );
}

#[test]
fn several_addresses_and_keys_are_endpoints_each_with_each() {
    let text = "downstreams:\n- id: a\n  base_urls: ['https://one/v1', 'https://two/v1']\n  api_keys: [k1, k2]\n  api_formats: [openai]\n";
    let table = build(text).unwrap();
    let target = &table.targets()[0];
    let endpoints = (0..target.endpoints()).map(|number| {
        let endpoint = target.endpoint(number);
        let url = endpoint.url(ApiFormat::OPENAI, "/v1/x").unwrap();
        let key = endpoint.key().unwrap().expose_secret().to_owned();
        (url.to_string(), key)
    });
    let endpoints: Vec<_> = endpoints.collect();
    let expected = [("one", "k1"), ("one", "k2"), ("two", "k1"), ("two", "k2")];
    let expected = expected.map(|(host, key)| (format!("https://{host}/v1/x"), key.to_owned()));
    assert_eq!(endpoints, expected);
}

#[test]
fn one_and_several_of_the_same_are_a_mistake() {
    let several = "downstreams:\n- id: a\n  base_url: https://one\n  base_urls: ['https://two']\n  api_key: k\n  api_keys: [l]\n";
    assert_eq!(
        mistakes(several),
        [
            "4:14: downstreams[0].base_urls: \"base_url\" says one already; leave one of them out",
            "6:13: downstreams[0].api_keys: \"api_key\" says one already; leave one of them out",
        ]
    );
    let formats = "downstreams:\n- id: a\n  base_urls: ['https://one', 'https://two']\n  api_formats: [openai]\n  format_urls: {openai: 'https://three'}\n";
    assert_eq!(
        mistakes(formats),
        ["5:16: downstreams[0].format_urls: \"format_urls\" needs a single \"base_url\" beside it"]
    );
    assert_eq!(
        mistakes("downstreams:\n- id: a\n  base_urls: []\n"),
        ["2:3: downstreams[0]: \"base_url\" is missing"]
    );
}
