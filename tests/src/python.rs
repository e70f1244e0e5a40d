//! Python clients that nobody here wrote, driven by the scripts in `tests/peers`.

use crate::need::need;
use crate::root;
use serde_json::Value;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// A script may talk to servers that count in seconds.
const DEADLINE: Duration = Duration::from_secs(120);

/// The interpreter of the virtual environment that `cargo xtask setup --peers` makes.
#[must_use]
pub fn interpreter() -> Option<PathBuf> {
    let python = root().join("target/peers/bin/python");
    let found = python.is_file().then_some(python);
    need(found, "ncclient and pygnmi are not there; `cargo xtask setup --peers` installs them")
}

/// Runs a script to its end. Each line that it prints is one step that it has checked.
///
/// # Panics
/// Where the script fails, prints anything else, or does not end in time.
pub async fn steps(python: &PathBuf, script: &str, arguments: &[&str]) -> Vec<Value> {
    let mut command = Command::new(python);
    command.arg(root().join("tests/peers").join(script)).args(arguments);
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(DEADLINE, command.output()).await;
    let output = output.unwrap_or_else(|_| panic!("{script} did not end in {DEADLINE:?}"));
    let output = output.unwrap_or_else(|error| panic!("{script} does not start: {error}"));
    let said = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {}\n{said}\n{complaint}", output.status);
    let step = |line: &str| serde_json::from_str(line);
    let steps: Result<_, _> = said.lines().map(step).collect();
    steps.unwrap_or_else(|error| panic!("{script} printed {said:?}: {error}"))
}

/// The names of the steps, in order.
#[must_use]
pub fn names(steps: &[Value]) -> Vec<&str> {
    steps.iter().map(|step| step["step"].as_str().unwrap_or_default()).collect()
}
