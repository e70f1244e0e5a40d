//! Faults on demand: what real devices do wrong, one switch for each.

use std::collections::VecDeque;
use std::str::FromStr;
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

/// How a fault is written: [`Fault`]'s form as text.
pub const FAULT_FORMS: &str =
    "refuse-edit=REASON, acknowledge-only, delay=TIME (500ms, 2s) or drop-reply";

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no fault; write {FAULT_FORMS}")]
pub struct UnknownFault(String);

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let unknown = || UnknownFault(text.to_owned());
        match text.split_once('=') {
            Some(("refuse-edit", reason)) => Ok(Self::RefuseEdit(reason.to_owned())),
            Some(("delay", time)) => delay(time).map(Self::Delay).ok_or_else(unknown),
            None if text == "acknowledge-only" => Ok(Self::AcknowledgeOnly),
            None if text == "drop-reply" => Ok(Self::DropReply),
            _ => Err(unknown()),
        }
    }
}

fn delay(text: &str) -> Option<Duration> {
    match text.strip_suffix("ms") {
        Some(number) => number.parse().ok().map(Duration::from_millis),
        None => text.strip_suffix('s')?.parse().ok().map(Duration::from_secs),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_written_as_text() {
        let cases = [
            ("refuse-edit=no room = none", Some(Fault::RefuseEdit("no room = none".to_owned()))),
            ("acknowledge-only", Some(Fault::AcknowledgeOnly)),
            ("drop-reply", Some(Fault::DropReply)),
            ("delay=500ms", Some(Fault::Delay(Duration::from_millis(500)))),
            ("delay=2s", Some(Fault::Delay(Duration::from_secs(2)))),
            ("delay=2", None),
            ("acknowledge-only=x", None),
            ("refuse-edit", None),
            ("", None),
        ];
        for (text, fault) in cases {
            assert_eq!(text.parse().ok(), fault, "{text}");
        }
    }
}
