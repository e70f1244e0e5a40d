//! Quantities as types, so that a bandwidth is never added to a latency. All arithmetic is checked.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $unit:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl $name {
            pub const ZERO: Self = Self(0);
            pub const UNIT: &'static str = $unit;

            /// `None` where the sum does not fit in 64 bits.
            #[must_use]
            pub fn checked_add(self, other: Self) -> Option<Self> {
                self.0.checked_add(other.0).map(Self)
            }

            /// `None` where `other` is the larger one.
            #[must_use]
            pub fn checked_sub(self, other: Self) -> Option<Self> {
                self.0.checked_sub(other.0).map(Self)
            }

            /// `None` where the product does not fit in 64 bits.
            #[must_use]
            pub fn checked_mul(self, times: u64) -> Option<Self> {
                self.0.checked_mul(times).map(Self)
            }

            #[must_use]
            pub fn saturating_add(self, other: Self) -> Self {
                Self(self.0.saturating_add(other.0))
            }

            #[must_use]
            pub fn saturating_sub(self, other: Self) -> Self {
                Self(self.0.saturating_sub(other.0))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!("{} ", $unit), self.0)
            }
        }
    };
}

quantity!(
    /// Bandwidth in units of 1,000,000 bit/s.
    Mbps,
    "Mbps"
);
quantity!(
    /// One-way latency in microseconds.
    Micros,
    "µs"
);
quantity!(
    /// Virtual processors.
    Vcpu,
    "vCPU"
);
quantity!(
    /// Memory in units of 2^20 bytes.
    Mebibytes,
    "MiB"
);
quantity!(
    /// Storage in units of 2^30 bytes.
    Gibibytes,
    "GiB"
);

/// What a function needs or a point of presence offers: always the whole vector, never "cpu" alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Resources {
    pub vcpu: Vcpu,
    pub memory: Mebibytes,
    pub storage: Gibibytes,
    pub accelerators: u64,
}

impl Resources {
    pub const ZERO: Self = Self {
        vcpu: Vcpu::ZERO,
        memory: Mebibytes::ZERO,
        storage: Gibibytes::ZERO,
        accelerators: 0,
    };

    /// The names of the dimensions, in the order of [`Resources::as_array`].
    pub const DIMENSIONS: [&'static str; 4] = ["vCPU", "MiB memory", "GiB storage", "accelerators"];

    #[must_use]
    pub fn as_array(self) -> [u64; 4] {
        [self.vcpu.0, self.memory.0, self.storage.0, self.accelerators]
    }

    #[must_use]
    pub fn from_array([vcpu, memory, storage, accelerators]: [u64; 4]) -> Self {
        Self {
            vcpu: Vcpu(vcpu),
            memory: Mebibytes(memory),
            storage: Gibibytes(storage),
            accelerators,
        }
    }

    /// `None` where any dimension overflows.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.zip(other, u64::checked_add)
    }

    /// `None` where any dimension would become negative.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.zip(other, u64::checked_sub)
    }

    /// The first dimension in which `self` offers less than `need`: its name, the need and the offer.
    #[must_use]
    pub fn first_shortage(self, need: Self) -> Option<(&'static str, u64, u64)> {
        let (offer, need) = (self.as_array(), need.as_array());
        (0..4).find(|&i| offer[i] < need[i]).map(|i| (Self::DIMENSIONS[i], need[i], offer[i]))
    }

    fn zip(self, other: Self, op: impl Fn(u64, u64) -> Option<u64>) -> Option<Self> {
        let (a, b) = (self.as_array(), other.as_array());
        Some(Self::from_array([op(a[0], b[0])?, op(a[1], b[1])?, op(a[2], b[2])?, op(a[3], b[3])?]))
    }
}

impl fmt::Display for Resources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}, {}", self.vcpu, self.memory, self.storage)?;
        match self.accelerators {
            0 => Ok(()),
            n => write!(f, ", {n} accelerators"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_is_checked() {
        assert_eq!(Mbps(u64::MAX).checked_add(Mbps(1)), None);
        assert_eq!(Mbps(3).checked_sub(Mbps(4)), None);
        assert_eq!(Mbps(3).checked_mul(u64::MAX), None);
        assert_eq!(Micros(2).checked_add(Micros(3)), Some(Micros(5)));
    }

    #[test]
    fn a_shortage_names_its_dimension() {
        let offer = Resources::from_array([8, 4096, 10, 0]);
        let need = Resources::from_array([4, 8192, 20, 0]);
        assert_eq!(offer.first_shortage(need), Some(("MiB memory", 8192, 4096)));
        assert_eq!(offer.checked_sub(need), None);
        assert_eq!(need.first_shortage(Resources::ZERO), None);
    }
}
