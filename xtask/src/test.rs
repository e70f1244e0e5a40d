//! The tour, and the test command of the README.

use crate::check;
use crate::run::{Outcome, built, cargo, run};

/// The whole workspace is named, so that dependencies are compiled once, with the features that the
/// tests need as well.
const BUILD: &[&str] = &["build", "--workspace", "--bin", "wayleave"];

pub(crate) fn tour(arguments: &[&str]) -> Outcome {
    cargo(BUILD)?;
    let mut words = vec!["lab", "tour"];
    words.extend(arguments);
    run(&built("debug", "wayleave")?.display().to_string(), &words)
}

/// The binary first: the system tests run it.
pub(crate) fn all() -> Outcome {
    check::lints()?;
    cargo(BUILD)?;
    cargo(&["test", "--workspace"])
}

/// The whole engine over fakes, with everything that goes wrong drawn from a seed.
pub(crate) fn world(arguments: &[&str]) -> Outcome {
    let mut words = vec!["run", "--quiet", "--package", "testkit", "--example", "world", "--"];
    words.extend(arguments);
    cargo(&words)
}
