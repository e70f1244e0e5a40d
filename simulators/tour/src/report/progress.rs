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
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{spinner} {prefix} {bar:30} {pos}/{len} {msg}");
        bar.set_style(style.expect("the template is sound"));
        Self { bar }
    }

    pub(crate) fn begin(&self, what: &str) {
        self.bar.reset();
        self.bar.set_prefix(what.to_owned());
        self.bar.set_message(String::new());
        self.bar.enable_steady_tick(REDRAW);
    }

    pub(crate) fn show(&self, done: u32, total: u32, doing: &str) {
        self.bar.set_length(u64::from(total));
        self.bar.set_position(u64::from(done));
        self.bar.set_message(doing.to_owned());
    }

    pub(crate) fn end(&self) {
        self.bar.disable_steady_tick();
        self.bar.finish_and_clear();
    }
}
