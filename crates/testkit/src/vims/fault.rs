//! What can go wrong with a VIM, and a record of what it was asked.

use model::VimId;
use std::collections::{BTreeMap, VecDeque};

/// The calls of the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum VimStep {
    Inventory,
    Ensure,
    Prune,
    Observe,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VimFault {
    /// It answers no, and nothing happens.
    Refuse { reason: String },
    /// It is not reached, and nothing happens.
    Unreachable,
    /// It does it, and no answer comes.
    LostReply,
    /// The next server that is made does not start. It stays there, and out of order, until it is
    /// removed. For [`VimStep::Ensure`].
    BrokenServer { reason: String },
}

/// One call, whatever became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VimCall {
    pub vim: VimId,
    pub step: VimStep,
    /// None for an inventory.
    pub owner: Option<String>,
}

/// The faults that are still to come.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults(BTreeMap<VimStep, VecDeque<VimFault>>);

impl Faults {
    pub(super) fn push(&mut self, step: VimStep, fault: VimFault) {
        self.0.entry(step).or_default().push_back(fault);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn take(&mut self, step: VimStep) -> Option<VimFault> {
        self.0.get_mut(&step)?.pop_front()
    }
}
