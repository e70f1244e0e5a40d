//! The tour, and the test command of the README.

use crate::check;
use crate::run::{Outcome, cargo};

pub(crate) fn tour(arguments: &[&str]) -> Outcome {
    let mut words = vec!["run", "--quiet", "--package", "wayleave", "--", "lab", "tour"];
    words.extend(arguments);
    cargo(&words)
}

/// The binary first: the system tests run it.
pub(crate) fn all() -> Outcome {
    check::lints()?;
    cargo(&["build", "--package", "wayleave"])?;
    cargo(&["test", "--workspace"])
}

/// The whole engine over fakes, with everything that goes wrong drawn from a seed.
pub(crate) fn world(arguments: &[&str]) -> Outcome {
    let mut words = vec!["run", "--quiet", "--package", "testkit", "--example", "world", "--"];
    words.extend(arguments);
    cargo(&words)
}
