//! `docs/quickstart.md` is followed word for word, and so are the pages on the daemon and on the
//! simulators: each line that they say is typed, in one shell, from a copy of what a clone has; each
//! answer is the one that they show. `BLESS=1` writes the answers into them.

#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use tests::binary::wayleave;
use tests::need::program;
use tests::root;
use tests::transcript::{Step, same, steps, with_answers};

/// A command that does not end is a failure, not a test that hangs.
const SECONDS: &str = "240";
const MARK: &str = "@@ quickstart";

#[test]
fn the_quickstart_holds_word_for_word() {
    let place = tempfile::tempdir().unwrap();
    copy(&root().join("examples"), &place.path().join("examples"));
    follow("docs/quickstart.md", place.path());
    assert!(!place.path().join("lab/lab.json").exists(), "the lab has ended");
}

#[test]
fn so_does_the_page_on_simulators() {
    let place = tempfile::tempdir().unwrap();
    follow("docs/simulators.md", place.path());
}

#[test]
fn so_does_the_page_on_the_daemon() {
    let place = tempfile::tempdir().unwrap();
    follow("docs/daemon.md", place.path());
    assert!(!place.path().join("other").exists(), "what was refused has stored nothing");
}

fn follow(name: &str, place: &Path) {
    if program("/usr/bin/curl").is_none() {
        return;
    }
    let path = root().join(name);
    let document = std::fs::read_to_string(&path).unwrap();
    let steps = steps(&document);
    assert!(steps.len() > 8, "{name} has {} commands", steps.len());
    let answers = answers(&run(&script(&steps), place), steps.len());
    if std::env::var_os("BLESS").is_some() {
        let texts: Vec<String> = answers.iter().map(|answer| answer.text.clone()).collect();
        std::fs::write(&path, with_answers(&document, &texts)).unwrap();
        return;
    }
    for (step, answer) in steps.iter().zip(&answers) {
        let found: Vec<String> = answer.text.lines().map(str::to_owned).collect();
        assert!(
            same(&step.answer, &found),
            "{name}:{}: `{}` answers\n{}\nand the document says\n{}\nIf that is right, run it with BLESS=1.",
            step.line,
            step.command,
            answer.text,
            step.answer.join("\n")
        );
        let refusal = step.answer.iter().any(|line| line.starts_with("error"));
        assert_eq!(answer.code != 0, refusal, "{}: exit code {}", step.command, answer.code);
    }
}

struct Answer {
    text: String,
    code: i32,
}

/// One shell for all commands: what is exported or started stays.
fn script(steps: &[Step]) -> String {
    let mut script = "set -o pipefail\n".to_owned();
    for step in steps {
        let _ = writeln!(script, "{}\necho \"{MARK} $?\"", step.command);
    }
    script
}

fn answers(said: &str, wanted: usize) -> Vec<Answer> {
    let (mut answers, mut text) = (Vec::new(), String::new());
    for line in said.lines() {
        match line.strip_prefix(MARK) {
            Some(code) => {
                let code = code.trim().parse().unwrap();
                answers.push(Answer { text: std::mem::take(&mut text), code });
            }
            None => {
                let _ = writeln!(text, "{line}");
            }
        }
    }
    assert_eq!(answers.len(), wanted, "the shell ended early: {text}\n{said}");
    answers
}

fn run(script: &str, place: &Path) -> String {
    let binary = wayleave();
    let folder = binary.parent().unwrap().display();
    let path = format!("{folder}:{}", std::env::var("PATH").unwrap());
    let mut command = Command::new("timeout");
    // SIGTERM goes to the whole group: the lab ends too.
    command.args(["--kill-after=20", SECONDS, "bash", "-c", &format!("exec 2>&1\n{script}")]);
    command.current_dir(place).env("PATH", path).env("HOME", place).env("NO_COLOR", "1");
    for variable in ["WAYLEAVE_SERVER", "WAYLEAVE_LAB", "XDG_STATE_HOME"] {
        command.env_remove(variable);
    }
    let output = command.stdin(Stdio::null()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
