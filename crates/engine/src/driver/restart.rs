//! Start: the stored records become the state, and what was under way is ended: a transaction that
//! was decided is carried forward, one that was not is taken back and its operations begin again.

use super::committer::store_error;
use super::settle::Way;
use super::{Inner, Parts};
use crate::api::{OperationAction, TransactionPhase};
use crate::config::Plans;
use crate::error::Error;
use crate::records::{FORMAT, Record, StoredTransaction, Writes};
use crate::state::State;
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
        futures::future::join_all(open.map(|stored| inner.take_up(stored))).await;
        inner.resume_operations();
        inner.look_around().await;
    });
}

impl Inner {
    async fn take_up(self: &Arc<Self>, stored: Arc<StoredTransaction>) {
        let remains = self.remains_of_stored(&stored);
        let phase = stored.record.phase;
        tracing::info!(transaction = %remains.id, ?phase, "taken up");
        let _hold = self.hold(remains.devices()).await;
        let way = match phase {
            TransactionPhase::Preparing
            | TransactionPhase::RollingBack
            | TransactionPhase::RolledBack => Way::Back,
            TransactionPhase::Decided | TransactionPhase::Confirming | TransactionPhase::Done => {
                Way::Forward
            }
        };
        self.settle(remains, way).await;
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
