//! What this process knows of the transactions on one device. It is lost with the process, and
//! everything works without it; with it, less has to be asked.

use device_config::Change;
use engine::ports::DeviceError;
use model::TransactionId;
use std::collections::VecDeque;

/// Confirmed transactions that are remembered, for repetitions.
const CONFIRMED: usize = 32;

#[derive(Debug, Default)]
pub(crate) struct Memory {
    held: Option<Held>,
    confirmed: VecDeque<TransactionId>,
}

/// The transaction that has the device to itself.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) transaction: TransactionId,
    pub(crate) change: Change,
    pub(crate) progress: Progress,
    /// The session whose lock it is, where the protocol has locks.
    pub(crate) session: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Nothing is in force.
    Prepared,
    /// A commit went out; whether it is in force is not known.
    Sent,
    Committed,
}

impl Memory {
    /// # Errors
    /// `Locked`, by name, where another transaction has the device.
    pub(crate) fn free_for(
        &self,
        device: &str,
        transaction: &TransactionId,
    ) -> Result<(), DeviceError> {
        match &self.held {
            Some(held) if held.transaction != *transaction => Err(DeviceError::Locked {
                device: device.to_owned(),
                holder: format!("transaction {}", held.transaction),
            }),
            _ => Ok(()),
        }
    }

    pub(crate) fn held(&self, transaction: &TransactionId) -> Option<&Held> {
        self.held.as_ref().filter(|held| held.transaction == *transaction)
    }

    pub(crate) fn progress(&self, transaction: &TransactionId) -> Option<Progress> {
        self.held(transaction).map(|held| held.progress)
    }

    /// Whether the lock of that session is the transaction's.
    pub(crate) fn holds_on(&self, transaction: &TransactionId, session: u64) -> bool {
        self.held(transaction).is_some_and(|held| held.session == Some(session))
    }

    /// The device is the transaction's now. What was sent before stays sent.
    pub(crate) fn hold(
        &mut self,
        transaction: &TransactionId,
        change: &Change,
        session: Option<u64>,
    ) {
        let progress = self.progress(transaction).unwrap_or(Progress::Prepared);
        self.confirmed.retain(|known| known != transaction);
        let (transaction, change) = (transaction.clone(), change.clone());
        self.held = Some(Held { transaction, change, progress, session });
    }

    pub(crate) fn note(&mut self, progress: Progress) {
        if let Some(held) = &mut self.held {
            held.progress = progress;
        }
    }

    /// The lock is another session's now, or nobody's.
    pub(crate) fn move_to(&mut self, session: Option<u64>) {
        if let Some(held) = &mut self.held {
            held.session = session;
        }
    }

    /// The device is free again.
    pub(crate) fn clear(&mut self, transaction: &TransactionId) {
        self.held.take_if(|held| held.transaction == *transaction);
        self.confirmed.retain(|known| known != transaction);
    }

    pub(crate) fn confirm(&mut self, transaction: &TransactionId) {
        self.clear(transaction);
        if self.confirmed.len() == CONFIRMED {
            self.confirmed.pop_front();
        }
        self.confirmed.push_back(transaction.clone());
    }

    pub(crate) fn is_confirmed(&self, transaction: &TransactionId) -> bool {
        self.confirmed.contains(transaction)
    }
}
