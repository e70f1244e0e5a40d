//! Taking back what was not decided, and catching up who is behind with what was.

use super::Inner;
use super::at_once::at_once;
use super::device::error_of;
use super::operation::with_state;
use super::transaction::{Behind, Transaction, behind, kept, phase, same_plan};
use crate::api::{IntentState, TransactionPhase};
use crate::config::{DeviceChange, rest};
use crate::error::Error;
use crate::ports::{DeviceError, Workload};
use crate::records::Writes;
use crate::workload::workloads;
use futures::future::FutureExt;
use model::{DeviceId, TransactionId, VimId};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// First and longest wait between two tries.
const WAIT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

impl Inner {
    /// Undoes a transaction that was not decided. What cannot be reached now is undone later: it
    /// stays in the journal until then.
    pub(super) async fn undo(self: &Arc<Self>, transaction: Transaction) {
        let behind = self.undo_all(&transaction).await;
        let next = match behind.is_empty() {
            true => TransactionPhase::RolledBack,
            false => TransactionPhase::RollingBack,
        };
        self.record_phase(&transaction, next).await;
        if !behind.is_empty() {
            tracing::warn!(transaction = %transaction.id, ?behind, "not all of it is undone yet");
            let inner = Arc::clone(self);
            tokio::spawn(async move { inner.undo_later(transaction).await });
        }
    }

    async fn undo_later(self: Arc<Self>, transaction: Transaction) {
        let devices: BTreeSet<DeviceId> = transaction.changes.keys().cloned().collect();
        let mut wait = WAIT.0;
        while !self.is_stopping() {
            self.parts.clock.sleep(wait).await;
            wait = (wait * 2).min(WAIT.1);
            let hold = self.hold(devices.clone()).await;
            let behind = self.undo_all(&transaction).await;
            drop(hold);
            if behind.is_empty() {
                self.record_phase(&transaction, TransactionPhase::RolledBack).await;
                return;
            }
        }
    }

    pub(super) async fn undo_all(&self, transaction: &Transaction) -> Behind {
        let cancels = transaction.changed().map(|(device, change)| {
            let cancel = self.cancel_device(device, &transaction.id, &change.undo);
            cancel.map(move |result| behind(device, result)).boxed()
        });
        let prunes = self.prune_all(earlier(transaction));
        let (devices, vims) = futures::join!(at_once(cancels.collect()), prunes);
        devices.into_iter().flatten().chain(vims).collect()
    }

    /// Until everybody has what was decided.
    pub(super) async fn catch_up(self: Arc<Self>, transaction: Arc<Transaction>) {
        let devices: BTreeSet<DeviceId> = transaction.changes.keys().cloned().collect();
        let mut wait = WAIT.0;
        while !self.is_stopping() {
            self.parts.clock.sleep(wait).await;
            wait = (wait * 2).min(WAIT.1);
            let hold = self.hold(devices.clone()).await;
            let caught_up = self.carry_forward(&transaction).await;
            drop(hold);
            match caught_up {
                Ok(()) => return,
                Err(error) => {
                    tracing::debug!(transaction = %transaction.id, %error, "still behind");
                }
            }
        }
    }

    /// Brings everybody to what was decided, from wherever they are, and ends the transaction.
    pub(super) async fn carry_forward(&self, transaction: &Transaction) -> Result<(), Error> {
        for work in &transaction.works {
            let after = work.after.as_ref().map(|plan| workloads(&plan.plan)).unwrap_or_default();
            for (vim, workload) in &after {
                self.ensure_workload(vim, workload).await?;
            }
        }
        for (vim, keep) in kept(&transaction.works) {
            self.prune_workload(&vim, &keep).await?;
        }
        for (device, change) in &transaction.changes {
            self.bring_forward(&transaction.id, device, change).await?;
        }
        self.record_caught_up(transaction).await
    }

    /// A commit that still waits to be confirmed is; one that the device took back itself is made
    /// again.
    async fn bring_forward(
        &self,
        id: &TransactionId,
        device: &DeviceId,
        change: &DeviceChange,
    ) -> Result<(), Error> {
        match self.confirm_device(device, id).await {
            // Refused: there is nothing that waits.
            Ok(()) | Err(DeviceError::Refused { .. }) => {}
            Err(error) => return Err(error_of(error)),
        }
        let running = self.read_device(device).await.map_err(error_of)?;
        let rest = rest(change, &running);
        if rest.is_empty() { Ok(()) } else { self.write_now(device, id, &rest).await }
    }

    async fn record_caught_up(&self, transaction: &Transaction) -> Result<(), Error> {
        let now = self.now();
        let id = transaction.id.clone();
        let works = transaction.works.clone();
        self.commit(None, move |state, _| {
            let mut writes = phase(state, &id, TransactionPhase::Done, now)?;
            for work in &works {
                let waits = state.intents.get(&work.intent).is_some_and(|stored| {
                    matches!(stored.state, IntentState::Degraded { .. })
                        && stored.operation.as_ref() == Some(&work.operation)
                });
                let next = IntentState::Active { observed: now };
                writes.put.extend(with_state(state, &work.intent, next, now).filter(|_| waits));
            }
            Ok((writes, ()))
        })
        .await
        .map(|_| ())
    }

    async fn record_phase(&self, transaction: &Transaction, next: TransactionPhase) {
        let (id, now) = (transaction.id.clone(), self.now());
        let recorded: Result<_, Error> = self
            .commit(None, move |state, _| -> Result<(Writes, ()), Error> {
                Ok((phase(state, &id, next, now)?, ()))
            })
            .await;
        if let Err(error) = recorded {
            tracing::error!(transaction = %transaction.id, %error, "the phase was not recorded");
        }
    }
}

/// What each VIM had of the intents before, where the transaction would have added to it.
fn earlier(transaction: &Transaction) -> Vec<(VimId, Workload)> {
    let mut all = Vec::new();
    for work in transaction.works.iter().filter(|work| !same_plan(work)) {
        let after = work.after.as_ref().map(|plan| workloads(&plan.plan)).unwrap_or_default();
        let mut before = work.before.as_ref().map(|plan| workloads(&plan.plan)).unwrap_or_default();
        for vim in after.into_keys() {
            let nothing = Workload { owner: work.intent.to_string(), ..Workload::default() };
            let keep = before.remove(&vim).unwrap_or(nothing);
            all.push((vim, keep));
        }
    }
    all
}
