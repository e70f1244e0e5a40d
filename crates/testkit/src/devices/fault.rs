//! What can go wrong with a device, and a record of what it was asked.

use model::{DeviceId, TransactionId};
use std::collections::{BTreeMap, VecDeque};

/// The calls of the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeviceStep {
    Read,
    Prepare,
    Commit,
    Confirm,
    Cancel,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceFault {
    /// It answers no, and nothing happens.
    Refuse { path: String, reason: String },
    /// It is not reached, and nothing happens.
    Unreachable,
    /// Its key or certificate is another one, and nothing happens.
    Untrusted,
    /// It does it, the session breaks, and no answer comes. A read that is lost was not done.
    LostReply,
    /// It answers yes and does nothing (pitfall P-58).
    AcknowledgeOnly,
}

/// One call, whatever became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCall {
    pub device: DeviceId,
    pub step: DeviceStep,
    /// None for a read.
    pub transaction: Option<TransactionId>,
}

/// The faults that are still to come.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults(BTreeMap<DeviceStep, VecDeque<DeviceFault>>);

impl Faults {
    pub(super) fn push(&mut self, step: DeviceStep, fault: DeviceFault) {
        self.0.entry(step).or_default().push_back(fault);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn take(&mut self, step: DeviceStep) -> Option<DeviceFault> {
        self.0.get_mut(&step)?.pop_front()
    }
}
