//! What a document says is typed, and what it says comes back.
//!
//! A block that starts with ` ```console ` is a transcript: a line with `$ ` in front is typed, what
//! follows is the answer. In an answer a line `…` stands for any number of lines.

use std::fmt::Write as _;

/// One command and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub command: String,
    pub answer: Vec<String>,
    /// Of the command, in the document, from 1.
    pub line: usize,
}

const FENCE: &str = "```";
const OPENING: &str = "```console";
const PROMPT: &str = "$ ";
/// Stands for any number of lines.
pub const ANYTHING: &str = "…";

/// All steps of a document, in order.
#[must_use]
pub fn steps(document: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for (line, text) in (1..).zip(document.lines()) {
        match (inside, text.strip_prefix(PROMPT)) {
            (false, _) => inside = text == OPENING,
            (true, _) if text == FENCE => inside = false,
            (true, Some(command)) => {
                steps.push(Step { command: command.to_owned(), answer: Vec::new(), line });
            }
            (true, None) => {
                if let Some(step) = steps.last_mut() {
                    step.answer.push(text.to_owned());
                }
            }
        }
    }
    steps
}

/// The document with these answers in place of its own; an answer that has a `…` stays.
#[must_use]
pub fn with_answers(document: &str, answers: &[String]) -> String {
    let (mut text, mut inside, mut skipping) = (String::new(), false, false);
    let (steps, mut number) = (steps(document), 0);
    for line in document.lines() {
        if !inside || line == FENCE {
            (inside, skipping) = (!inside && line == OPENING, false);
        } else if line.starts_with(PROMPT) {
            skipping = !steps[number].answer.iter().any(|line| line == ANYTHING);
            let _ = writeln!(text, "{line}");
            if skipping {
                text.push_str(&answers[number]);
            }
            number += 1;
            continue;
        }
        if !skipping {
            let _ = writeln!(text, "{line}");
        }
    }
    text
}

/// Whether an answer is the one that the document has. What differs from run to run (times, ports,
/// keys, operations, etags) and the width of columns do not count.
#[must_use]
pub fn same(expected: &[String], found: &[String]) -> bool {
    match expected.split_first() {
        None => found.is_empty(),
        Some((first, rest)) if first == ANYTHING => {
            (0..=found.len()).any(|from| same(rest, &found[from..]))
        }
        Some((first, rest)) => found
            .split_first()
            .is_some_and(|(line, others)| steady(first) == steady(line) && same(rest, others)),
    }
}

/// A line without what differs from run to run.
#[must_use]
pub fn steady(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut steady = Vec::with_capacity(words.len());
    for (index, word) in words.iter().enumerate() {
        let next = |by: usize| words.get(index + by).copied().unwrap_or_default();
        let before = if index > 0 { words[index - 1] } else { "" };
        let bare = next(1).trim_end_matches([',', ')']);
        let elapsed = before == "in" && matches!(bare, "ms" | "s");
        let ago = matches!(next(1), "s" | "ms") && next(2).starts_with("ago");
        let number = word.parse::<f64>().is_ok() && (elapsed || ago);
        let unit = matches!(word.trim_end_matches([',', ')']), "ms" | "s")
            && (next(1).starts_with("ago") || index > 1 && words[index - 2] == "in");
        let etag = before == "(etag";
        steady.push(if number || unit || etag { "NUMBER" } else { steady_word(word) });
    }
    steady.join(" ")
}

fn steady_word(word: &str) -> &str {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let parts = |separator: char, count: usize| {
        let parts: Vec<&str> = word.trim_end_matches('Z').split(separator).collect();
        parts.len() == count && parts.iter().all(|part| digits(part))
    };
    if parts('-', 3) {
        "DATE"
    } else if parts(':', 3) {
        "TIME"
    } else if word.contains("127.0.0.1:") {
        "ADDRESS"
    } else if word.contains("SHA256:") {
        "KEY"
    } else if word.strip_prefix("op-").is_some_and(digits) {
        "OPERATION"
    } else {
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str =
        "# Title\n\n```console\n$ one\nfirst\n$ two\n…\nlast\n```\n\n```sh\n$ no\n```\nend\n";

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_document_is_taken_apart() {
        let step = |command: &str, answer, line| Step {
            command: command.to_owned(),
            answer: lines(answer),
            line,
        };
        assert_eq!(steps(DOCUMENT), [step("one", "first", 4), step("two", "…\nlast", 6)]);
    }

    #[test]
    fn answers_are_replaced_unless_they_are_shortened() {
        let new = with_answers(DOCUMENT, &["1\n2\n".to_owned(), "other\n".to_owned()]);
        assert_eq!(new, DOCUMENT.replace("first\n", "1\n2\n"));
    }

    #[test]
    fn what_differs_from_run_to_run_does_not_count() {
        let same = |a: &str, b: &str| same(&lines(a), &lines(b));
        assert!(same("up at 2026-11-25 14:54:32Z  3 s ago", "up at 2026-11-26 01:02:03Z 12 s ago"));
        assert!(same("5 steps in 89 ms (etag 8)", "5 steps in 1.2 s (etag 8)"));
        assert!(same("5 steps in 89 ms (etag 8)", "5 steps in 120 ms (etag 8)"));
        assert!(same("op-4 of a: 5 steps in 89 ms (etag 8)", "op-5 of a: 5 steps in 1 s (etag 9)"));
        assert!(!same("op-4 of a: 5 steps in 89 ms", "op-5 of a: 4 steps in 89 ms"));
        assert!(same("a\n…\nz", "a\nz") && same("a\n…\nz", "a\nb\nc\nz") && !same("a\n…\nz", "a"));
        assert!(!same("latency 3 ms", "latency 4 ms"));
        assert!(!same("", "more"));
    }
}
