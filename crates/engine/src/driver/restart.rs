//! Start: the stored records become the state, and what was under way is ended: a transaction that
//! was decided is carried forward, one that was not is taken back and its operations begin again.

use super::committer::store_error;
use super::transaction::Transaction;
use super::{Inner, Parts};
use crate::api::{OperationAction, TransactionPhase};
use crate::config::Plans;
use crate::error::Error;
use crate::records::{FORMAT, Record, StoredTransaction, Writes};
use crate::state::State;
use model::DeviceId;
use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) async fn load(parts: &Parts) -> Result<State, Error> {
    let (revision, pairs) = parts.store.range("").await.map_err(store_error)?;
    let mut state = State::default();
    state.revision = revision;
    for pair in &pairs {
        let record = Record::read(pair).map_err(|detail| Error::Bug { detail })?;
        if let Record::Format(format) = record
            && format > FORMAT
        {
            return Err(Error::Precondition {
                reason: format!("the store has format {format}, this daemon knows {FORMAT}"),
                hint: "start a newer daemon".to_owned(),
            });
        }
        state.put(record, pair.modified);
    }
    enter_target(&mut state, parts)?;
    Ok(state)
}

/// The books and what devices should hold, from the plans in force.
fn enter_target(state: &mut State, parts: &Parts) -> Result<(), Error> {
    let stored = state.plans.clone();
    let topology = Arc::clone(&state.topology);
    for plan in stored.values() {
        state.books.add(&plan.plan, &topology).map_err(|e| Error::Bug {
            detail: format!("the stored plan of {} does not fit: {e}", plan.plan.intent),
        })?;
    }
    let snapshot = state.clone();
    let mut plans = Plans::new(&snapshot, &parts.profiles);
    for (intent, plan) in &stored {
        plans.replace(intent, None, Some(&plan.plan))?;
    }
    for (device, change) in plans.changes() {
        state.set_desired(&device, change.desired);
    }
    Ok(())
}

/// A new store says which format it has.
pub(super) async fn mark_format(inner: &Arc<Inner>) -> Result<(), Error> {
    if inner.snapshot().revision > 0 {
        return Ok(());
    }
    let record = Record::Format(FORMAT);
    inner.commit(None, |_, _| Ok((Writes::put([record]), ()))).await.map(|_| ())
}

/// Ends the transactions that were under way; the operations that have not ended follow.
pub(super) fn resume(inner: &Arc<Inner>) {
    let inner = Arc::clone(inner);
    tokio::spawn(async move {
        let open: Vec<_> = inner.snapshot().transactions.values().cloned().collect();
        let open = open.into_iter().filter(|stored| !stored.works.is_empty());
        futures::future::join_all(open.map(|stored| inner.settle(stored))).await;
        inner.resume_operations();
    });
}

impl Inner {
    async fn settle(self: &Arc<Self>, stored: Arc<StoredTransaction>) {
        let transaction = match self.recall(&stored) {
            Ok(transaction) => transaction,
            Err(error) => {
                tracing::error!(transaction = %stored.record.id, %error, "it cannot be taken up");
                return;
            }
        };
        let phase = stored.record.phase;
        tracing::info!(transaction = %transaction.id, ?phase, "taken up");
        let devices: BTreeSet<DeviceId> = transaction.changes.keys().cloned().collect();
        let hold = self.hold(devices).await;
        match phase {
            TransactionPhase::Preparing
            | TransactionPhase::RollingBack
            | TransactionPhase::RolledBack => self.undo(transaction).await,
            TransactionPhase::Decided | TransactionPhase::Confirming | TransactionPhase::Done => {
                let transaction = Arc::new(transaction);
                if let Err(error) = self.carry_forward(&transaction).await {
                    tracing::warn!(transaction = %transaction.id, %error, "caught up later");
                    let inner = Arc::clone(self);
                    tokio::spawn(async move { inner.catch_up(transaction).await });
                }
            }
        }
        drop(hold);
    }

    /// What a journalled transaction changes. One that was decided is in the state already: its
    /// change is the one that led there.
    fn recall(&self, stored: &StoredTransaction) -> Result<Transaction, Error> {
        let mut snapshot = self.snapshot();
        if matches!(stored.record.phase, TransactionPhase::Decided | TransactionPhase::Confirming) {
            let mut back = Plans::new(&snapshot, &self.parts.profiles);
            for work in &stored.works {
                let (before, after) = (work.before.as_ref(), work.after.as_ref());
                back.replace(&work.intent, after.map(|p| &p.plan), before.map(|p| &p.plan))?;
            }
            for (device, change) in back.changes() {
                snapshot.set_desired(&device, change.desired);
            }
        }
        let mut plans = Plans::new(&snapshot, &self.parts.profiles);
        for work in &stored.works {
            let (before, after) = (work.before.as_ref(), work.after.as_ref());
            plans.replace(&work.intent, before.map(|p| &p.plan), after.map(|p| &p.plan))?;
        }
        let changes = plans.changes();
        Ok(Transaction { id: stored.record.id.clone(), works: stored.works.clone(), changes })
    }

    /// Every operation that has not ended is taken up again. Each step of it may be repeated.
    fn resume_operations(self: &Arc<Self>) {
        let snapshot = self.snapshot();
        let mut open: Vec<_> =
            snapshot.operations.values().filter(|o| !o.state.is_done()).cloned().collect();
        open.sort_by_key(|operation| operation.started);
        for operation in open {
            let (id, inner) = (operation.id.clone(), Arc::clone(self));
            tracing::info!(operation = %id, "resumed");
            match (operation.action, operation.intent.clone()) {
                (OperationAction::Reconcile, _) | (_, None) => {
                    tokio::spawn(async move { inner.run_reconcile(id).await });
                }
                (_, Some(intent)) => {
                    tokio::spawn(async move { inner.run(intent, id).await });
                }
            }
        }
    }
}
