//! Exponentially distributed noise, for choosing among scores and for accepting what is worse.

use super::instance::LANES;
use crate::random::Random;

const LENGTH: usize = 4096;

/// A table of noise, read from a random place each time.
#[derive(Clone, Debug)]
pub(super) struct Noise(Vec<f32>);

impl Noise {
    pub(super) fn new() -> Self {
        let mut random = Random::new(1);
        let exponential = |_| -ln(random.fraction() + 3e-8);
        Self((0..LENGTH).map(exponential).collect())
    }

    /// One exponentially distributed value of mean 1.
    pub(super) fn one(&self, random: &mut Random) -> f32 {
        self.0[random.below(LENGTH)]
    }

    /// Lanes of values from a random place on, without end.
    pub(super) fn lanes(&self, random: &mut Random) -> impl Iterator<Item = &[f32]> {
        let begin = random.below(LENGTH / LANES) * LANES;
        let (before, after) = self.0.split_at(begin);
        let first = after.chunks_exact(LANES).chain(before.chunks_exact(LANES));
        first.chain(self.0.chunks_exact(LANES).cycle())
    }
}

/// The natural logarithm of a positive normal number to about six digits, made of additions and
/// multiplications only, so that it is the same on every machine.
#[expect(clippy::cast_precision_loss, reason = "exponents are small")]
fn ln(x: f32) -> f32 {
    let bits = x.to_bits();
    let exponent = (bits >> 23) as i32 - 127;
    let mantissa = f32::from_bits((bits & 0x007F_FFFF) | 0x3F80_0000);
    // ln m = 2 artanh((m − 1) / (m + 1)), and the argument is at most a third.
    let t = (mantissa - 1.0) / (mantissa + 1.0);
    let s = t * t;
    let series = 1.0 + s * (1.0 / 3.0 + s * (0.2 + s * (1.0 / 7.0 + s / 9.0)));
    exponent as f32 * std::f32::consts::LN_2 + 2.0 * t * series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_near_enough() {
        for x in [1e-7f32, 0.01, 0.5, 0.99, 1.0, 1.5, 16.6] {
            assert!((ln(x) - x.ln()).abs() <= 1e-4 * x.ln().abs().max(1.0), "{x}");
        }
    }

    #[test]
    fn noise_is_finite_and_of_mean_one() {
        let noise = Noise::new();
        assert!(noise.0.iter().all(|value| value.is_finite()));
        let mean = noise.0.iter().sum::<f32>() / LENGTH as f32;
        assert!((mean - 1.0).abs() < 0.1, "{mean}");
    }
}
