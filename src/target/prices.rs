use std::cmp::Reverse;

use crate::ir::Usage;

use super::{Glob, Target};

/// What a million tokens of a model cost, in US dollars.
///
/// A cache that has no price of its own costs what fresh tokens do: providers that don't price what is written to it
/// count that as fresh, and one whose discount nobody has written down is better told too dear than too cheap.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Prices {
    /// Of a prompt, neither read from nor written to a cache.
    pub input: f64,
    /// Generated, reasoning included.
    pub output: f64,
    /// Read from a cache; as `input` if not said.
    pub cache_read: Option<f64>,
    /// Written to a cache; as `input` if not said.
    pub cache_write: Option<f64>,
    /// Of these, kept for an hour; as `cache_write` if not said.
    pub cache_write_1h: Option<f64>,
}

impl Prices {
    /// Without prices of a cache.
    pub const fn new(input: f64, output: f64) -> Self {
        Self {
            input,
            output,
            cache_read: None,
            cache_write: None,
            cache_write_1h: None,
        }
    }

    /// With these for tokens that are read from a cache and written to it.
    #[must_use]
    pub const fn with_cache(mut self, read: f64, write: f64) -> Self {
        self.cache_read = Some(read);
        self.cache_write = Some(write);
        self
    }

    /// With this for tokens that a cache keeps for an hour.
    #[must_use]
    pub const fn with_cache_write_1h(mut self, price: f64) -> Self {
        self.cache_write_1h = Some(price);
        self
    }

    /// What so many tokens cost; `None` unless both prompt and output are known.
    pub fn cost(&self, usage: &Usage) -> Option<f64> {
        usage.prompt()?;
        let output = tokens(usage.output?);
        let written = usage.cache_write.unwrap_or_default();
        let hour = usage.cache_write_1h.unwrap_or_default().min(written);
        let cache_write = self.cache_write.unwrap_or(self.input);
        let parts = [
            tokens(usage.input.unwrap_or_default()) * self.input,
            tokens(usage.cache_read.unwrap_or_default()) * self.cache_read.unwrap_or(self.input),
            tokens(written - hour) * cache_write,
            tokens(hour) * self.cache_write_1h.unwrap_or(cache_write),
            output * self.output,
        ];
        Some(parts.iter().sum::<f64>() / 1e6)
    }
}

impl Target {
    /// Says what a model costs, by the name that it is asked for under. A `*` in `model` stands for any run of characters;
    /// the narrowest name counts. A price below 0, or one that is no number, makes costs of no use.
    #[must_use]
    pub fn with_prices(mut self, model: &str, prices: Prices) -> Self {
        self.prices.push((Glob::new(model), prices));
        self.prices
            .sort_by_key(|(glob, _)| Reverse(glob.narrowness()));
        self
    }

    /// What a model costs, if somebody said so.
    pub fn prices(&self, model: &str) -> Option<&Prices> {
        let mut known = self.prices.iter();
        let found = known.find(|(glob, _)| glob.matches(model));
        found.map(|(_, prices)| prices)
    }

    /// The names of models that it has prices of.
    #[cfg(feature = "router")]
    pub(crate) fn priced(&self) -> impl Iterator<Item = &str> {
        self.prices.iter().map(|(glob, _)| glob.text())
    }
}

#[expect(clippy::cast_precision_loss, reason = "no count has more than 53 bits")]
fn tokens(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage() -> Usage {
        Usage {
            input: Some(1_000_000),
            cache_read: Some(2_000_000),
            cache_write: Some(3_000_000),
            cache_write_1h: Some(1_000_000),
            output: Some(4_000_000),
            reasoning: Some(4_000_000),
            ..Usage::default()
        }
    }

    fn assert_costs(prices: Prices, usage: Usage, expected: f64) {
        let cost = prices.cost(&usage).unwrap();
        assert!((cost - expected).abs() < 1e-9, "{cost} for {expected}");
    }

    #[test]
    fn each_kind_of_token_has_its_price() {
        let prices = Prices::new(3.0, 15.0).with_cache(0.3, 3.75);
        assert_costs(
            prices.with_cache_write_1h(6.0),
            usage(),
            3.0 + 0.6 + 7.5 + 6.0 + 60.0,
        );
        assert_costs(prices, usage(), 3.0 + 0.6 + 11.25 + 60.0);
    }

    #[test]
    fn a_cache_without_prices_costs_what_fresh_tokens_do() {
        assert_costs(Prices::new(3.0, 15.0), usage(), 18.0 + 60.0);
    }

    #[test]
    fn what_is_not_known_has_no_cost() {
        let prices = Prices::new(3.0, 15.0);
        let unknown = Usage::default();
        let input = Usage {
            input: Some(1),
            ..unknown
        };
        let output = Usage {
            output: Some(1),
            ..unknown
        };
        for usage in [unknown, input, output] {
            assert_eq!(prices.cost(&usage), None);
        }
    }
}
