//! From durations to numbers that people compare.

use std::time::Duration;

/// How long each of some equal pieces of work took, and all of them together.
#[derive(Clone, Debug)]
pub(crate) struct Samples {
    sorted: Vec<Duration>,
    together: Duration,
}

impl Samples {
    /// `together` is shorter than the sum where work overlapped. `None` where nothing was measured.
    pub(crate) fn of(mut each: Vec<Duration>, together: Duration) -> Option<Self> {
        each.sort_unstable();
        (!each.is_empty() && together > Duration::ZERO).then_some(Self { sorted: each, together })
    }

    /// Pieces of work that followed each other.
    pub(crate) fn in_turn(each: Vec<Duration>) -> Option<Self> {
        let together = each.iter().sum();
        Self::of(each, together)
    }

    pub(crate) fn count(&self) -> usize {
        self.sorted.len()
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.sorted.len() as f64 / self.together.as_secs_f64()
    }

    /// By nearest rank: the smallest sample that is not below `percent` of them.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.sorted.len() * percent).div_ceil(100).clamp(1, self.sorted.len());
        self.sorted[rank - 1]
    }

    pub(crate) fn median(&self) -> Duration {
        self.percentile(50)
    }
}

/// Three digits that count.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(each: &[u64]) -> Vec<Duration> {
        each.iter().map(|ms| Duration::from_millis(*ms)).collect()
    }

    #[test]
    fn percentiles_are_samples_by_nearest_rank() {
        let hundred: Vec<u64> = (1..=100).rev().collect();
        let table: &[(&[u64], usize, u64)] = &[
            (&[7], 50, 7),
            (&[7], 99, 7),
            (&[3, 1, 2], 50, 2),
            (&[4, 1, 3, 2], 50, 2),
            (&[3, 1, 2], 99, 3),
            (&[3, 1, 2], 0, 1),
            (&hundred, 50, 50),
            (&hundred, 99, 99),
            (&hundred, 100, 100),
        ];
        for (each, percent, expected) in table {
            let samples = Samples::in_turn(ms(each)).unwrap();
            let expected = Duration::from_millis(*expected);
            assert_eq!(samples.percentile(*percent), expected, "{percent} of {each:?}");
        }
    }

    #[test]
    fn a_rate_counts_the_time_that_passed_and_not_the_sum() {
        let overlapped = Samples::of(ms(&[100; 20]), Duration::from_millis(500)).unwrap();
        assert!((overlapped.per_second() - 40.0).abs() < 1e-9);
        let in_turn = Samples::in_turn(ms(&[100; 20])).unwrap();
        assert!((in_turn.per_second() - 10.0).abs() < 1e-9);
        assert_eq!(in_turn.count(), 20);
    }

    #[test]
    fn nothing_measured_is_no_number() {
        assert!(Samples::in_turn(Vec::new()).is_none());
        assert!(Samples::of(ms(&[0]), Duration::ZERO).is_none());
    }

    #[test]
    fn numbers_have_three_digits() {
        let table =
            [(0.123, "0.12"), (1.0, "1.00"), (12.34, "12.3"), (123.4, "123"), (12345.6, "12346")];
        for (value, expected) in table {
            assert_eq!(number(value), expected);
        }
    }
}
