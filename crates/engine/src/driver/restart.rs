//! Start: the stored records become the state, and what was under way goes on. There is no other
//! recovery code.

use super::{Inner, Parts, store_error};
use crate::api::OperationAction;
use crate::error::Error;
use crate::records::{FORMAT, Record};
use crate::state::State;
use std::sync::Arc;

pub(super) async fn load(parts: &Parts) -> Result<State, Error> {
    let (revision, pairs) = parts.store.range("").await.map_err(store_error)?;
    let mut state = State { revision, ..State::default() };
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
    let plans: Vec<_> = state.plans.values().cloned().collect();
    for stored in plans {
        state.replan(&stored.plan.intent, None, Some(&stored.plan), &parts.profiles)?;
    }
    Ok(state)
}

/// Every operation that has not ended is taken up again. Each step of it may be repeated.
pub(super) fn resume(inner: &Arc<Inner>) {
    let snapshot = inner.snapshot();
    let open = snapshot.operations.values().filter(|operation| !operation.state.is_done());
    for operation in open {
        let (id, inner) = (operation.id.clone(), Arc::clone(inner));
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
