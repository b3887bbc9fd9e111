//! The keys of callers.

use secrecy::ExposeSecret;
use tower_llm_gateway::config::{Config, Errors};

use crate::{SECRET, mistakes, no_variables, support::registry};

fn keys(config: &Config) -> Vec<&str> {
    let keys = config.client_keys().iter();
    keys.map(ExposeSecret::expose_secret).collect()
}

#[test]
fn who_may_call_is_a_list_of_keys() {
    let variables = |name: &str| Some(format!("<{name}>"));
    let text = "proxy_api_keys: [one, '${TWO}']";
    let mut config = Config::from_yaml_with(text, variables).unwrap();
    assert_eq!(keys(&config), ["one", "<TWO>"]);
    config.append_yaml("proxy_api_keys: [three]").unwrap();
    assert_eq!(keys(&config), ["one", "<TWO>", "three"]);
    assert!(config.build(&registry()).is_ok());
}

#[test]
fn everybody_may_call_where_no_keys_are_said() {
    for text in ["downstreams: []", "proxy_api_keys: []", "proxy_api_keys:"] {
        let config = Config::from_yaml(text).unwrap();
        assert!(config.client_keys().is_empty(), "{text}");
        assert!(config.build(&registry()).is_ok(), "{text}");
    }
}

#[test]
fn a_list_without_a_key_is_said_to_let_everybody_in() {
    let lints = |text: &str| {
        let config = Config::from_yaml(text).unwrap();
        let table = config.build(&registry()).unwrap();
        let lints = config.lints(&table).into_iter();
        lints.map(|lint| lint.to_string()).collect::<Vec<_>>()
    };
    let said = "1:17: proxy_api_keys: it holds no key, and without one everybody may call";
    assert_eq!(lints("proxy_api_keys: []"), [said]);
    assert!(lints("proxy_api_keys: [one]").is_empty());
}

#[test]
fn a_key_that_would_let_in_others_is_refused() {
    for (keys, mistake) in [
        ("['']", "1:18: proxy_api_keys[0]: a key can't be empty"),
        (
            "[one, '${NOT_SET}']",
            "1:23: proxy_api_keys[1]: the environment variable NOT_SET is not set",
        ),
        (
            "[7]",
            "1:18: proxy_api_keys[0]: expected text, found a number; put it in quotes",
        ),
        (
            "[~]",
            "1:18: proxy_api_keys[0]: expected text, found nothing",
        ),
        (
            "one",
            "1:17: proxy_api_keys: expected a list, found text; write [one, two], or each on a line of its own behind a dash",
        ),
        (
            "[\"one\\n\"]",
            "1:18: proxy_api_keys[0]: the key has characters that no header can carry, such as a line break",
        ),
    ] {
        assert_eq!(mistakes(&format!("proxy_api_keys: {keys}\n")), [mistake]);
    }
}

#[test]
fn keys_of_callers_are_never_shown() {
    let config = Config::from_yaml(&format!("proxy_api_keys: [{SECRET}]")).unwrap();
    let shown = format!("{config:?} {config:#?} {:?}", config.client_keys());
    assert!(!shown.contains(SECRET), "{shown}");
    for keys in [
        format!("{{{SECRET}: 1}}"),
        format!("[[{SECRET}]]"),
        format!("[\"{SECRET}\\n\"]"),
        format!("['${{{SECRET}'] "),
        SECRET.to_owned(),
    ] {
        let text = format!("proxy_api_keys: {keys}");
        let built = Config::from_yaml_with(&text, no_variables)
            .and_then(|config| config.build(&registry()));
        let errors: Errors = built.expect_err(&text);
        let shown = format!("{errors} {errors:?}");
        assert!(!shown.contains(SECRET), "{shown}");
    }
}
