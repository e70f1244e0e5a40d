//! Format and lints.

use crate::run::{Outcome, cargo};

pub(crate) fn lints() -> Outcome {
    cargo(&["fmt", "--all", "--", "--check"])?;
    cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])
}
