//! The one line on standard output that says where a long-running command can be reached.

use serde_json::Value;
use std::io::Write as _;

/// For programs that wait for it, and for people with `jq`.
pub(crate) fn announce(ready: &Value) {
    let mut out = std::io::stdout();
    // A reader that went away ends nothing.
    let _ = writeln!(out, "{ready}").and_then(|()| out.flush());
}
