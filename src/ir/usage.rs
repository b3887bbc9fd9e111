/// Token counts, as disjoint counters. Unknown is not zero.
///
/// `input + cache_read + cache_write` is what the prompt has, `output` all that was generated, of which `reasoning`
/// was thought. Each format derives its own totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Usage {
    /// Prompt tokens that were neither read from nor written to a cache.
    pub input: Option<u64>,
    /// Prompt tokens read from a cache.
    pub cache_read: Option<u64>,
    /// Prompt tokens written to a cache, of any lifetime.
    pub cache_write: Option<u64>,
    /// Of these, the ones kept for five minutes.
    pub cache_write_5m: Option<u64>,
    /// Of these, the ones kept for an hour.
    pub cache_write_1h: Option<u64>,
    /// Generated tokens, reasoning included.
    pub output: Option<u64>,
    /// Of these, the ones spent on reasoning.
    pub reasoning: Option<u64>,
}

impl Usage {
    /// Takes over every counter that `later` knows: providers send running totals, not increments.
    pub fn update(&mut self, later: &Self) {
        fn later_wins(slot: &mut Option<u64>, later: Option<u64>) {
            *slot = later.or(*slot);
        }
        later_wins(&mut self.input, later.input);
        later_wins(&mut self.cache_read, later.cache_read);
        later_wins(&mut self.cache_write, later.cache_write);
        later_wins(&mut self.cache_write_5m, later.cache_write_5m);
        later_wins(&mut self.cache_write_1h, later.cache_write_1h);
        later_wins(&mut self.output, later.output);
        later_wins(&mut self.reasoning, later.reasoning);
    }

    /// All tokens of the prompt, cached or not; `None` if nothing is known of it.
    pub fn prompt(&self) -> Option<u64> {
        let known = [self.input, self.cache_read, self.cache_write];
        known
            .iter()
            .any(Option::is_some)
            .then(|| known.into_iter().flatten().fold(0, u64::saturating_add))
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
