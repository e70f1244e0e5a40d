//! `lab tour`: the steps in their order, and how the whole ends.

use crate::command::{Form, TourArgs};
use crate::report::{Outcome, Paint, Progress, Teller};
use crate::stage::{Ending, scenario};
use crate::step::{Step, Tour};
use crate::{FAILED, OK, USAGE, complain};
use lab::scenario::Scenario;
use std::time::Instant;

pub(crate) async fn run(args: &TourArgs) -> u8 {
    let scenario = match scenario(args.scenario.as_deref()) {
        Ok(scenario) => scenario,
        Err(error) => {
            complain(&error, "mend the file, or leave it out for the built-in scenario");
            return USAGE;
        }
    };
    let progress = match args.form {
        Form::Text => Progress::shown(),
        Form::Json => Progress::hidden(),
    };
    let mut teller = Teller::new(args.form, Paint::of_output(), std::io::stdout());
    let mut ending = match Ending::listen() {
        Ok(ending) => ending,
        Err(error) => {
            complain(&format!("signals cannot be caught: {error}"), "");
            return FAILED;
        }
    };
    tokio::select! {
        failed = tell(scenario, &progress, &mut teller) => if failed == 0 { OK } else { FAILED },
        () = ending.asked() => {
            progress.end();
            complain(&"the tour was interrupted", "");
            FAILED
        }
    }
}

/// How many steps do not hold.
async fn tell(scenario: Scenario, progress: &Progress, teller: &mut Teller) -> usize {
    let began = Instant::now();
    teller.title(&format!("A tour of {}: {}", scenario.name, scenario.description));
    let mut tour = Tour::new(scenario, progress.clone());
    let mut course = Course::default();
    for step in Step::ALL {
        let started = Instant::now();
        let outcome = if course.leads_to(step, &tour) {
            progress.begin(step.title());
            let evidence = step.take(&mut tour).await;
            progress.end();
            Outcome::Done(evidence)
        } else {
            Outcome::Skipped
        };
        course.went(step, &outcome);
        teller.step(step.name(), step.title(), &outcome, started.elapsed());
    }
    teller.end(course.failed, began.elapsed());
    if course.failed > 0 && !tour.log.is_empty() {
        eprintln!("The daemon's log ended with:\n{}", tour.log);
    }
    course.failed
}

/// What earlier steps mean for later ones.
#[derive(Debug, Default)]
struct Course {
    failed: usize,
    lost: bool,
}

impl Course {
    /// After a step on which others stand has failed, only cleaning up is left.
    fn leads_to(&self, step: Step, tour: &Tour) -> bool {
        if step.cleans_up() { tour.is_running() } else { !self.lost }
    }

    fn went(&mut self, step: Step, outcome: &Outcome) {
        if !outcome.holds() {
            self.failed += 1;
            self.lost |= step.carries_others();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Evidence, Mismatch};

    fn outcome(holds: bool) -> Outcome {
        let mut evidence = Evidence::default();
        if !holds {
            evidence.object([Mismatch::new("x", "1", "2")]);
        }
        Outcome::Done(evidence)
    }

    fn tour() -> Tour {
        Tour::new(scenario(None).unwrap(), Progress::hidden())
    }

    #[test]
    fn after_a_failed_apply_only_cleaning_up_is_left() {
        let mut course = Course::default();
        course.went(Step::Boot, &outcome(true));
        course.went(Step::Apply, &outcome(false));
        assert!(!course.leads_to(Step::Frames, &tour()));
        assert!(!course.leads_to(Step::Second, &tour()));
        assert_eq!(course.failed, 1);
    }

    #[test]
    fn after_a_failed_check_the_tour_goes_on() {
        let mut course = Course::default();
        course.went(Step::Frames, &outcome(false));
        course.went(Step::Books, &outcome(true));
        assert!(course.leads_to(Step::Second, &tour()));
        assert_eq!(course.failed, 1);
    }

    #[test]
    fn what_was_skipped_does_not_hold() {
        let mut course = Course::default();
        course.went(Step::Frames, &Outcome::Skipped);
        assert_eq!(course.failed, 1);
    }

    #[test]
    fn without_a_lab_there_is_nothing_to_clean() {
        assert!(!Course::default().leads_to(Step::Clean, &tour()));
    }

    #[tokio::test]
    async fn a_tour_that_cannot_start_says_so_and_fails() {
        // The test program is no daemon: it does not get ready.
        let mut teller = Teller::new(Form::Json, Paint::Plain, std::io::sink());
        let mut small = scenario(None).unwrap();
        small.sites.truncate(2);
        small.links.clear();
        small.vims.clear();
        let failed = tell(small, &Progress::hidden(), &mut teller).await;
        assert_eq!(failed, Step::ALL.len());
    }
}
