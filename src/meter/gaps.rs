use std::time::Duration;

/// Times between two pieces of content, counted in 512 bytes.
///
/// Buckets are 128 µs wide up to 2 ms, and a sixteenth of an octave from there to 65 s: what is read back is off by 64 µs,
/// or else by 1/32 (3.2 %), at most. What is longer is told as the longest that there was.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    /// None until there is a gap: most answers come whole.
    counts: Option<Box<[u16; BUCKETS]>>,
    longest: Duration,
}

const BUCKETS: usize = 256;

/// The width of the first buckets, as a power of two of microseconds.
const UNIT: u32 = 7;

/// How many buckets an octave has, as a power of two. As many at the beginning are all of one width.
const PARTS: u32 = 4;

impl Gaps {
    pub(super) fn note(&mut self, gap: Duration) {
        self.longest = self.longest.max(gap);
        let counts = self.counts.get_or_insert_with(|| Box::new([0; BUCKETS]));
        if let Some(count) = counts.get_mut(bucket(gap)) {
            *count += 1;
            if *count == u16::MAX {
                // All get lighter by the same, and keep their proportions.
                counts.iter_mut().for_each(|count| *count /= 2);
            }
        }
    }

    /// The least that this part of them is not above; `None` if there are none.
    pub(super) fn quantile(&self, part: f64) -> Option<Duration> {
        let counts = self.counts.as_deref()?;
        let all: u32 = counts.iter().map(|count| u32::from(*count)).sum();
        let rank = f64::from(all) * part;
        let mut below = 0;
        let found = counts.iter().position(|count| {
            below += u32::from(*count);
            below > 0 && f64::from(below) >= rank
        })?;
        let is_last = found == BUCKETS - 1;
        Some(if is_last {
            self.longest
        } else {
            middle(found).min(self.longest)
        })
    }
}

fn bucket(gap: Duration) -> usize {
    let micros = u64::try_from(gap.as_micros()).unwrap_or(u64::MAX);
    let units = micros >> UNIT;
    let octave = units.checked_ilog2().unwrap_or(0).saturating_sub(PARTS - 1);
    let bucket = match octave {
        0 => units,
        octave => (u64::from(octave - 1) << PARTS) + (units >> (octave - 1)),
    };
    usize::try_from(bucket).map_or(BUCKETS - 1, |bucket| bucket.min(BUCKETS - 1))
}

fn middle(bucket: usize) -> Duration {
    let bucket = u64::try_from(bucket).unwrap_or(u64::MAX);
    let octave = (bucket >> PARTS).saturating_sub(1);
    let begin = bucket - (octave << PARTS);
    Duration::from_micros(((2 * begin + 1) << octave) << (UNIT - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The quantile of exactly these.
    fn exact(gaps: &[Duration], part: f64) -> Duration {
        let mut gaps = gaps.to_vec();
        gaps.sort_unstable();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss
        )]
        let rank = (gaps.len() as f64 * part).ceil() as usize;
        gaps[rank.max(1) - 1]
    }

    fn assert_near(found: Duration, exact: Duration) {
        let off = found.abs_diff(exact);
        let allowed = Duration::from_micros(64).max(exact / 31);
        assert!(off <= allowed, "{found:?} for {exact:?}");
    }

    #[test]
    fn every_gap_is_told_within_the_stated_error() {
        let mut micros = 1;
        while micros < 65_000_000 {
            let gap = Duration::from_micros(micros);
            let mut gaps = Gaps::default();
            gaps.note(gap);
            // So that the longest is no help.
            gaps.note(Duration::from_secs(600));
            assert_near(gaps.quantile(0.5).unwrap(), gap);
            micros += 1 + micros / 50;
        }
    }

    #[test]
    fn quantiles_of_many_are_those_of_the_sorted_list() {
        let mut state = 1_u64;
        let mut all = Vec::new();
        let mut gaps = Gaps::default();
        for _ in 0..5_000 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let gap = Duration::from_micros(500 + (state >> 33) % 80_000);
            all.push(gap);
            gaps.note(gap);
        }
        for part in [0.01, 0.5, 0.9, 0.99, 1.0] {
            assert_near(gaps.quantile(part).unwrap(), exact(&all, part));
        }
    }

    #[test]
    fn without_gaps_there_are_no_quantiles() {
        assert_eq!(Gaps::default().quantile(0.5), None);
    }

    #[test]
    fn what_is_longer_than_the_last_bucket_is_told_as_the_longest() {
        let mut gaps = Gaps::default();
        gaps.note(Duration::from_secs(90));
        gaps.note(Duration::MAX);
        assert_eq!(gaps.quantile(0.99), Some(Duration::MAX));
    }

    #[test]
    fn more_gaps_than_a_bucket_can_count_keep_their_proportions() {
        let (short, long) = (Duration::from_millis(10), Duration::from_secs(1));
        let mut gaps = Gaps::default();
        for number in 0..500_000 {
            gaps.note(if number % 50 == 0 { long } else { short });
        }
        assert_near(gaps.quantile(0.5).unwrap(), short);
        assert_near(gaps.quantile(0.97).unwrap(), short);
        assert_near(gaps.quantile(0.99).unwrap(), long);
    }

    #[test]
    fn it_takes_512_bytes() {
        assert_eq!(size_of::<[u16; BUCKETS]>(), 512);
    }
}
