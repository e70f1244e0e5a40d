//! Decimal fractions as YANG has them (RFC 7950 §9.3), without floating point.

use serde::{Serialize, Serializer};
use std::fmt;

/// A `decimal64` that is not negative, with `D` fraction digits; holds the number times 10^D.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal<const D: u32>(pub u64);

impl<const D: u32> Decimal<D> {
    const SCALE: u64 = 10_u64.pow(D);

    /// Why `text` is not such a number.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.starts_with('-') {
            return Err("is negative");
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(fraction) {
            return Err("is not a decimal number");
        }
        let fraction = fraction.trim_end_matches('0');
        let spare = usize::try_from(D)
            .ok()
            .and_then(|places| places.checked_sub(fraction.len()))
            .ok_or("has too many fraction digits")?;
        let fraction = format!("0{fraction}{}", "0".repeat(spare));
        let add = |whole: u64, fraction: u64| whole.checked_mul(Self::SCALE)?.checked_add(fraction);
        whole
            .parse()
            .ok()
            .zip(fraction.parse().ok())
            .and_then(|(w, f)| add(w, f))
            .map(Self)
            .ok_or("is too large")
    }
}

impl<const D: u32> fmt::Display for Decimal<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = D as usize;
        write!(f, "{}.{:0width$}", self.0 / Self::SCALE, self.0 % Self::SCALE)
    }
}

/// As a string, which is how JSON carries a `decimal64` (RFC 7951 §6.1).
impl<const D: u32> Serialize for Decimal<D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        let cases = [
            ("1", Ok(10)),
            ("1.5", Ok(15)),
            ("1.50", Ok(15)),
            ("0.0", Ok(0)),
            ("1.55", Err("has too many fraction digits")),
            ("-1", Err("is negative")),
            ("x", Err("is not a decimal number")),
            ("1.", Err("is not a decimal number")),
            ("", Err("is not a decimal number")),
            ("99999999999999999999", Err("is too large")),
            ("1844674407370955161.6", Err("is too large")),
        ];
        for (text, want) in cases {
            assert_eq!(Decimal::<1>::parse(text).map(|d| d.0), want, "{text}");
        }
        assert_eq!(Decimal::<2>(105).to_string(), "1.05");
    }
}
