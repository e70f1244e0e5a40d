//! Tells the steps as they end: as a story, or as one JSON object for each.

use super::{Evidence, Ink, Paint};
use crate::command::Form;
use serde_json::json;
use std::io::Write;
use std::time::Duration;

/// Of a step that goes wrong in many ways, this many are told; the JSON form has all.
const MISMATCHES_TOLD: usize = 12;

/// How a step ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    Done(Evidence),
    /// It stands on something that failed.
    Skipped,
}

impl Outcome {
    pub(crate) fn holds(&self) -> bool {
        matches!(self, Self::Done(evidence) if evidence.holds())
    }
}

pub(crate) struct Teller {
    form: Form,
    paint: Paint,
    out: Box<dyn Write + Send>,
    told: usize,
}

impl std::fmt::Debug for Teller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Teller").field("form", &self.form).finish_non_exhaustive()
    }
}

impl Teller {
    pub(crate) fn new(form: Form, paint: Paint, out: impl Write + Send + 'static) -> Self {
        Self { form, paint, out: Box::new(out), told: 0 }
    }

    /// What the story is about.
    pub(crate) fn title(&mut self, title: &str) {
        if self.form == Form::Text {
            let title = self.paint.ink(Ink::Strong, title);
            self.line(&title);
            self.line("");
        }
    }

    pub(crate) fn step(&mut self, name: &str, title: &str, outcome: &Outcome, took: Duration) {
        self.told += 1;
        match (self.form, outcome) {
            (Form::Json, Outcome::Done(evidence)) => self.object(name, evidence, took),
            (Form::Json, Outcome::Skipped) => {}
            (Form::Text, Outcome::Done(evidence)) => self.chapter(title, evidence, took),
            (Form::Text, Outcome::Skipped) => {
                let line = format!("{:>2} – {title}: skipped", self.told);
                let line = self.paint.ink(Ink::Dim, &line);
                self.line(&line);
            }
        }
    }

    /// The moral of the story.
    pub(crate) fn end(&mut self, failed: usize, took: Duration) {
        if self.form == Form::Text {
            let seconds = took.as_secs_f32();
            let (ink, text) = match failed {
                0 => (Ink::Good, format!("All {} steps hold ({seconds:.1} s).", self.told)),
                n => {
                    (Ink::Bad, format!("{n} of {} steps do not hold ({seconds:.1} s).", self.told))
                }
            };
            let text = self.paint.ink(ink, &text);
            self.line(&text);
        }
    }

    fn object(&mut self, name: &str, evidence: &Evidence, took: Duration) {
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let object = json!({
            "step": name, "ok": evidence.holds(), "evidence": evidence.to_json(), "ms": ms,
        });
        self.line(&object.to_string());
    }

    fn chapter(&mut self, title: &str, evidence: &Evidence, took: Duration) {
        let mark = match evidence.holds() {
            true => self.paint.ink(Ink::Good, "✓"),
            false => self.paint.ink(Ink::Bad, "✗"),
        };
        let title = self.paint.ink(Ink::Strong, title);
        let time = self.paint.ink(Ink::Dim, &format!("({:.1} s)", took.as_secs_f32()));
        self.line(&format!("{:>2} {mark} {title} {time}", self.told));
        for sentence in &evidence.sentences {
            self.line(&format!("     {sentence}"));
        }
        for table in &evidence.tables {
            self.line("");
            for row in table.render().lines() {
                self.line(&format!("       {row}"));
            }
        }
        self.mismatches(evidence);
        self.line("");
    }

    fn mismatches(&mut self, evidence: &Evidence) {
        for mismatch in evidence.mismatches.iter().take(MISMATCHES_TOLD) {
            let text = self.paint.ink(Ink::Bad, &mismatch.to_string());
            self.line(&format!("     {text}"));
        }
        if let Some(more @ 1..) = evidence.mismatches.len().checked_sub(MISMATCHES_TOLD) {
            self.line(&format!("     and {more} more; `-o json` has them all"));
        }
    }

    /// Where nobody reads any more, nobody misses it.
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{text}");
        let _ = self.out.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Mismatch;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn told(form: Form, outcomes: &[Outcome]) -> String {
        let page = Page::default();
        let mut teller = Teller::new(form, Paint::Plain, page.clone());
        for outcome in outcomes {
            teller.step("books", "The books are right", outcome, Duration::from_millis(1500));
        }
        let failed = outcomes.iter().filter(|outcome| !outcome.holds()).count();
        teller.end(failed, Duration::from_secs(2));
        String::from_utf8(page.0.lock().unwrap().clone()).unwrap()
    }

    fn evidence(mismatches: usize) -> Outcome {
        let mut evidence = Evidence::default();
        evidence.fact("links", 7);
        evidence.say("Seven links are used.");
        evidence.object((0..mismatches).map(|i| Mismatch::new(format!("link {i}"), 5, 6)));
        Outcome::Done(evidence)
    }

    #[test]
    fn a_story_says_what_holds_and_what_does_not() {
        let text = told(Form::Text, &[evidence(0), evidence(14), Outcome::Skipped]);
        assert!(
            text.contains(" 1 ✓ The books are right (1.5 s)\n     Seven links are used."),
            "{text}"
        );
        assert!(text.contains(" 2 ✗ The books are right"), "{text}");
        assert!(text.contains("link 0: expected 5, found 6"), "{text}");
        assert!(text.contains("and 2 more"), "{text}");
        assert!(text.contains("3 – The books are right: skipped"), "{text}");
        assert!(text.ends_with("2 of 3 steps do not hold (2.0 s).\n"), "{text}");
    }

    #[test]
    fn programs_get_an_object_for_each_step() {
        let text = told(Form::Json, &[evidence(0), evidence(1)]);
        let objects: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(
            objects[0],
            json!({"step": "books", "ok": true, "evidence": {"links": 7}, "ms": 1500})
        );
        assert_eq!(objects[1]["ok"], false);
        assert_eq!(objects[1]["evidence"]["mismatches"][0]["found"], "6");
        assert_eq!(objects.len(), 2);
    }
}
