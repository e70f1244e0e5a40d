//! Faults on demand: what real devices do wrong, one switch for each.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The next edit or Set is refused with this reason.
    RefuseEdit(String),
    /// The next commit or Set answers `ok` and changes nothing (pitfall P-58).
    AcknowledgeOnly,
    /// The next commit or Set takes this long.
    Delay(Duration),
    /// The next commit or Set takes effect and is not answered.
    DropReply,
}

/// The faults that are still to come, in order.
#[derive(Debug, Default)]
pub struct Faults(Mutex<VecDeque<Fault>>);

impl Faults {
    pub fn push(&self, fault: Fault) {
        if let Ok(mut faults) = self.0.lock() {
            faults.push_back(fault);
        }
    }

    /// Takes the next fault if it is of the kind that the caller can play.
    pub(crate) fn take(&self, fits: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let mut faults = self.0.lock().ok()?;
        if faults.front().is_some_and(fits) { faults.pop_front() } else { None }
    }
}
