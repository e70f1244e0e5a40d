//! How far long work is, on standard error, and only where a person looks.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;
use std::time::Duration;

const REDRAW: Duration = Duration::from_millis(100);

#[derive(Clone, Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(crate) fn hidden() -> Self {
        Self { bar: ProgressBar::hidden() }
    }

    /// Hidden where standard error is no terminal.
    pub(crate) fn shown() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self::hidden();
        }
        Self { bar: ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()) }
    }

    pub(crate) fn begin(&self, what: &str) {
        self.bar.set_style(style("{spinner} {prefix}"));
        self.bar.set_prefix(what.to_owned());
        self.bar.set_message(String::new());
        self.bar.reset();
        self.bar.enable_steady_tick(REDRAW);
    }

    /// 0 of 0 while the amount of work is not known.
    pub(crate) fn show(&self, done: u32, total: u32, doing: &str) {
        if total > 0 {
            self.bar.set_style(style("{spinner} {prefix} {bar:20} {pos}/{len} {msg}"));
        }
        self.bar.set_length(u64::from(total));
        self.bar.set_position(u64::from(done));
        self.bar.set_message(doing.to_owned());
    }

    pub(crate) fn end(&self) {
        self.bar.disable_steady_tick();
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template is sound")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_sound() {
        let progress = Progress::hidden();
        progress.begin("Boot");
        progress.show(0, 0, "");
        progress.show(1, 2, "reading ams1");
        progress.end();
    }
}
