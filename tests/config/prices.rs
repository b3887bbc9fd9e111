//! What models cost, as the configuration says it.

use tower_llm_gateway::target::Prices;

use super::{build, downstream_with, mistakes};

#[test]
fn prices_are_found_by_the_narrowest_name() {
    let text = downstream_with(
        "prices:\n      claude-*: {input: 3, output: 15}\n      claude-opus-5: {input: 5.5, output: 25, cache_read: 0.5, cache_write: 6.25, cache_write_1h: 10}\n      free: {input: 0, output: 0}",
    );
    let table = build(&text).unwrap();
    let prices = |model: &str| table.targets()[0].prices(model).copied();
    assert_eq!(prices("claude-sonnet-5"), Some(Prices::new(3.0, 15.0)));
    let opus = Prices::new(5.5, 25.0).with_cache(0.5, 6.25);
    assert_eq!(
        prices("claude-opus-5"),
        Some(opus.with_cache_write_1h(10.0))
    );
    assert_eq!(prices("free"), Some(Prices::new(0.0, 0.0)));
    assert_eq!(prices("gpt-4o"), None);
}

#[test]
fn mistakes_in_prices_are_explained() {
    for (entry, mistake) in [
        (
            "prices: {m: {input: -1, output: 2}}",
            "4:25: downstreams[0].prices.m.input: expected a price in US dollars, 0 or more, found a number",
        ),
        (
            "prices: {m: {input: .nan, output: 2}}",
            "4:25: non-finite float `.nan` rejected by the configured policy",
        ),
        (
            "prices: {m: {input: 1, output: .inf}}",
            "4:36: non-finite float `.inf` rejected by the configured policy",
        ),
        (
            "prices: {m: {input: 1, output: 2, cache_read: '1'}}",
            "4:51: downstreams[0].prices.m.cache_read: expected a price in US dollars, 0 or more, found text",
        ),
        (
            "prices: {m: {input: 1}}",
            "4:17: downstreams[0].prices.m: \"output\" is missing",
        ),
        (
            "prices: {m: {input: 1, output: 2, cached: 1}}",
            "4:39: downstreams[0].prices.m.cached: unknown key \"cached\"; known are input, output, cache_read, cache_write, cache_write_1h",
        ),
        (
            "prices: {'re:m': {input: 1, output: 2}}",
            "4:14: downstreams[0].prices.re:m: a model is a name here, in which * stands for any characters",
        ),
        (
            "prices: 3",
            "4:13: downstreams[0].prices: expected a map, found a number; write `key: value`, each on a line of its own",
        ),
    ] {
        assert_eq!(mistakes(&downstream_with(entry)), [mistake]);
    }
}
