use std::time::Duration;

/// The pause before another try when there were `tries` already: `first` for the second, doubled for each further one up
/// to `longest`, and by `chance` (from 0 to 1) up to as much again, so that what failed together does not come back
/// together.
///
/// Tower's own backoff ends where its longest pause begins: requests that have reached that would all wait the same.
pub(super) fn pause(first: Duration, longest: Duration, tries: u32, chance: f64) -> Duration {
    let doubled = 2_u32.saturating_pow(tries.saturating_sub(1));
    let pause = first.saturating_mul(doubled).min(longest);
    let more = Duration::try_from_secs_f64(pause.as_secs_f64() * chance);
    pause.saturating_add(more.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pauses = (1..=7).map(|tries| pause(MS(250), MS(8000), tries, 0.0));
        let expected = [250, 500, 1000, 2000, 4000, 8000, 8000].map(MS);
        assert!(pauses.eq(expected));
    }

    #[test]
    fn chance_adds_up_to_as_much_again_even_to_the_longest() {
        assert_eq!(pause(MS(250), MS(8000), 1, 0.5), MS(375));
        assert_eq!(pause(MS(250), MS(8000), 20, 0.5), MS(12_000));
    }

    #[test]
    fn situation_61_no_pause_is_too_long_to_count() {
        for tries in [0, 1, 33, u32::MAX] {
            assert_eq!(
                pause(Duration::MAX, Duration::MAX, tries, 1.0),
                Duration::MAX
            );
            assert_eq!(
                pause(Duration::ZERO, Duration::MAX, tries, 1.0),
                Duration::ZERO
            );
        }
    }
}
