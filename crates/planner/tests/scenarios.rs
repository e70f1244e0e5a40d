//! Scripted scenarios with golden output. A line that begins with `>` is a command, the lines after
//! it are what it printed. `BLESS=1 cargo test -p planner --test scenarios` writes them anew.

#![allow(clippy::unwrap_used)]

mod common;

use common::script::Session;
use std::path::{Path, PathBuf};

fn scenarios() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|e| e == "txt")).collect();
    files.sort();
    files
}

/// The same script with what its commands print now. Comments and empty lines stay.
fn play(text: &str) -> String {
    let mut session = Session::default();
    let mut out = String::new();
    for line in text.lines() {
        if let Some(command) = line.strip_prefix('>') {
            out.push_str(line);
            out.push('\n');
            out.push_str(&session.run(command.trim()));
        } else if line.starts_with('#') || line.is_empty() {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

#[test]
fn scenarios_print_what_they_printed() {
    let mut changed = Vec::new();
    let scenarios = scenarios();
    assert!(!scenarios.is_empty());
    for path in scenarios {
        let before = std::fs::read_to_string(&path).unwrap();
        let now = play(&before);
        if now == before {
            continue;
        }
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, now).unwrap();
        } else {
            let differs = now.lines().zip(before.lines()).find(|(now, before)| now != before);
            changed.push(format!("{}: {differs:?}", path.display()));
        }
    }
    assert!(changed.is_empty(), "BLESS=1 accepts these:\n{}", changed.join("\n"));
}
