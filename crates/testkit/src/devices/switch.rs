//! One device as a value, and the ways in which a call to it can end.

use super::fault::{DeviceFault, DeviceStep, Faults};
use device_config::Change;
use engine::api::Timestamp;
use engine::ports::DeviceError;
use model::{DeviceId, TransactionId};
use std::collections::BTreeSet;
use yang::{Schema, Tree};

#[derive(Clone, Debug)]
pub(super) struct Switch {
    pub(super) running: Tree,
    pub(super) session: Session,
    pub(super) pending: Option<Pending>,
    /// Somebody who is not us and holds the lock.
    pub(super) stranger: Option<String>,
    pub(super) reachable: bool,
    pub(super) faults: Faults,
}

/// What ends with the connection, or is known to the adapter only.
#[derive(Clone, Debug, Default)]
pub(super) struct Session {
    /// NETCONF: the lock, and what is in the candidate.
    pub(super) candidate: Option<Candidate>,
    /// gNMI: checked and not yet committed.
    pub(super) prepared: BTreeSet<TransactionId>,
    /// The last transaction that was confirmed.
    pub(super) confirmed: Option<TransactionId>,
}

#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) transaction: TransactionId,
    pub(super) tree: Tree,
}

/// A confirmed commit (RFC 6241 §8.4); its persist-id is the transaction's.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) transaction: TransactionId,
    pub(super) before: Tree,
    pub(super) deadline: Timestamp,
}

/// Why a call fails; the error of the port without the device's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Refused { path: String, reason: String },
    Locked { holder: String },
    Unreachable { reason: String },
    Untrusted,
    OutcomeUnknown { step: DeviceStep },
}

impl Switch {
    pub(super) fn new(running: Tree) -> Self {
        Self {
            running,
            session: Session::default(),
            pending: None,
            stranger: None,
            reachable: true,
            faults: Faults::default(),
        }
    }

    /// Undoes a confirmed commit whose time is up.
    pub(super) fn pass_time(&mut self, now: Timestamp) {
        if let Some(late) = self.pending.take_if(|pending| pending.deadline <= now) {
            self.running = late.before;
        }
    }

    pub(super) fn end_session(&mut self) {
        self.session = Session::default();
    }

    /// What running would become, if that is a valid configuration.
    pub(super) fn changed(&self, change: &Change, schema: &Schema) -> Result<Tree, Refusal> {
        let mut tree = self.running.clone();
        apply(&mut tree, change);
        match schema.validate(&tree) {
            Ok(()) => Ok(tree),
            Err(violation) => {
                Err(Refusal::Refused { path: violation.path, reason: violation.message })
            }
        }
    }

    /// Does `act`, or what the next fault of this step does in its place.
    pub(super) fn play<R>(
        &mut self,
        step: DeviceStep,
        act: impl FnOnce(&mut Self) -> Result<R, Refusal>,
        nothing: impl FnOnce(&Self) -> R,
    ) -> Result<R, Refusal> {
        if !self.reachable {
            return Err(Refusal::unreachable("there is no answer"));
        }
        match self.faults.take(step) {
            None => act(self),
            Some(DeviceFault::Refuse { path, reason }) => Err(Refusal::Refused { path, reason }),
            Some(DeviceFault::Unreachable) => Err(Refusal::unreachable("there is no answer")),
            Some(DeviceFault::Untrusted) => Err(Refusal::Untrusted),
            Some(DeviceFault::AcknowledgeOnly) => Ok(nothing(self)),
            Some(DeviceFault::LostReply) => {
                act(self)?;
                self.end_session();
                Err(Refusal::lost(step))
            }
        }
    }
}

/// Deletions and settings in the order of the change.
pub(super) fn apply(tree: &mut Tree, change: &Change) {
    for path in change.deletions() {
        tree.delete(path);
    }
    for (path, value) in change.settings() {
        tree.set(path, Some(value.to_owned()));
    }
}

impl Refusal {
    pub(super) fn unreachable(reason: &str) -> Self {
        Self::Unreachable { reason: reason.to_owned() }
    }

    pub(super) fn held_by(transaction: &TransactionId) -> Self {
        Self::Locked { holder: format!("transaction {transaction}") }
    }

    fn lost(step: DeviceStep) -> Self {
        match step {
            DeviceStep::Read => Self::unreachable("the session broke"),
            step => Self::OutcomeUnknown { step },
        }
    }

    pub(super) fn about(self, device: &DeviceId) -> DeviceError {
        let device = device.to_string();
        match self {
            Self::Refused { path, reason } => DeviceError::Refused { device, path, reason },
            Self::Locked { holder } => DeviceError::Locked { device, holder },
            Self::Unreachable { reason } => DeviceError::Unreachable { device, reason },
            Self::Untrusted => {
                DeviceError::Untrusted { device, reason: "its host key is another one".to_owned() }
            }
            Self::OutcomeUnknown { step } => DeviceError::OutcomeUnknown {
                device,
                step: format!("{step:?}").to_lowercase(),
                reason: "the session broke before the answer".to_owned(),
            },
        }
    }
}
