//! One operation from its beginning, or from where it was left, to its end.

use super::rounds::Work;
use super::{Inner, known_operation};
use crate::api::{IntentState, Operation, OperationAction, OperationState, Timestamp};
use crate::error::Error;
use crate::records::{Key, Record, StoredIntent, Writes};
use crate::state::State;
use model::{IntentName, OperationId};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long an operation is tried again for what only needs time.
const PATIENCE_MS: u64 = 120_000;
/// First and longest wait between two tries.
const WAIT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(15));

impl Inner {
    /// Carries an operation out. It takes its turn on the intent first.
    pub(super) async fn run(self: Arc<Self>, name: IntentName, id: OperationId) {
        let _turn = self.turns.take(&name).await;
        let Ok(operation) = self.operation(&id) else { return };
        if operation.state.is_done() || self.is_stopping() {
            return;
        }
        let result = self.run_patiently(&name, &id, operation.action).await;
        if self.is_stopping() {
            return;
        }
        if let Err(error) = result
            && let Err(again) = self.fail(name, id.clone(), error).await
        {
            tracing::error!(operation = %id, error = %again, "the failure could not be recorded");
        }
    }

    /// What only needs time, such as a lock that somebody holds, is tried again for a while.
    async fn run_patiently(
        self: &Arc<Self>,
        name: &IntentName,
        id: &OperationId,
        action: OperationAction,
    ) -> Result<(), Error> {
        let until = self.now().saturating_add(PATIENCE_MS);
        let mut wait = WAIT.0;
        loop {
            let result = match action {
                OperationAction::Delete => self.run_delete(name, id).await,
                OperationAction::Apply | OperationAction::Reconcile => {
                    self.run_apply(name, id).await
                }
            };
            let over = self.is_stopping() || self.is_cancelled(id) || self.now() >= until;
            match result {
                Err(Error::Unavailable { reason, .. }) if !over => {
                    self.progress(id, 1, &format!("waiting: {reason}"));
                    self.parts.clock.sleep(wait).await;
                    wait = (wait * 2).min(WAIT.1);
                }
                result => return result,
            }
        }
    }

    async fn run_apply(self: &Arc<Self>, name: &IntentName, id: &OperationId) -> Result<(), Error> {
        let stored = self.state().intents.get(name).cloned();
        let stored = match stored {
            Some(stored) if stored.operation.as_ref() == Some(id) => stored,
            // A later request for the same intent came in before this one began.
            _ => return Err(Error::Cancelled),
        };
        self.progress(id, 0, "planning");
        let before = self.state().plans.get(name).cloned();
        if let Some(plan) = before.as_ref().filter(|p| p.plan.intent_revision == stored.revision) {
            return self.refresh(name, id, plan).await;
        }
        let after = self.reserve(&stored).await?;
        self.progress(id, 1, "planned");
        self.carry_out(name, id, before, Some(after)).await
    }

    async fn run_delete(
        self: &Arc<Self>,
        name: &IntentName,
        id: &OperationId,
    ) -> Result<(), Error> {
        let stored = self.state().intents.get(name).cloned();
        match stored {
            Some(stored) if stored.operation.as_ref() == Some(id) => {}
            _ => return Err(Error::Cancelled),
        }
        let before = self.state().plans.get(name).cloned();
        self.progress(id, 1, "planned");
        self.carry_out(name, id, before, None).await
    }

    /// Waits for the round that takes the intent from one plan to the other.
    async fn carry_out(
        self: &Arc<Self>,
        name: &IntentName,
        id: &OperationId,
        before: Option<Arc<crate::records::StoredPlan>>,
        after: Option<Arc<crate::records::StoredPlan>>,
    ) -> Result<(), Error> {
        let (done, outcome) = oneshot::channel();
        let work = Work::new(self, name.clone(), id.clone(), before, after, done)?;
        self.enqueue(work);
        outcome.await.map_err(|_| Error::Cancelled)?
    }

    /// The network is as it was before; the intent says why it is not in force. One that was in
    /// force with an earlier plan still is.
    async fn fail(&self, name: IntentName, id: OperationId, error: Error) -> Result<(), Error> {
        let now = self.now();
        tracing::warn!(operation = %id, code = error.code(), %error, "failed");
        self.commit(None, move |state, _| {
            let operation = known_operation(state, &id)?;
            let latest = state.intents.get(&name).and_then(|i| i.operation.clone());
            let next = failed_state(state, &name, &error);
            let end = match error {
                Error::Cancelled => OperationState::Cancelled,
                error => OperationState::Failed { error },
            };
            let mut writes = Writes::put([ended(operation, end, now, "ended without effect")]);
            if latest.as_ref() == Some(&id) {
                writes.put.extend(with_state(state, &name, next, now));
            }
            Ok((writes, ()))
        })
        .await
        .map(|_| ())
    }
}

fn failed_state(state: &State, name: &IntentName, error: &Error) -> IntentState {
    let reason = error.to_string();
    if state.plans.contains_key(name) {
        IntentState::Degraded { reason: format!("the earlier plan stays in force: {reason}") }
    } else {
        IntentState::Failed { code: error.code().to_owned(), reason }
    }
}

/// What ends an operation whose work is done: the operation, and the intent or its removal.
pub(super) fn finished(
    state: &State,
    name: &IntentName,
    id: &OperationId,
    in_force: Option<IntentState>,
    now: Timestamp,
) -> Writes {
    let mut writes = Writes::default();
    let Ok(operation) = known_operation(state, id) else { return writes };
    let latest = state.intents.get(name).is_some_and(|i| i.operation.as_ref() == Some(id));
    match in_force {
        Some(next) => {
            writes.put.push(ended(operation, OperationState::Succeeded, now, "in force"));
            writes.put.extend(with_state(state, name, next, now).filter(|_| latest));
        }
        None => {
            writes.put.push(ended(operation, OperationState::Succeeded, now, "removed"));
            writes.delete.extend(latest.then(|| Key::Intent(name.clone())));
        }
    }
    writes
}

pub(super) fn ended(
    mut operation: Operation,
    state: OperationState,
    now: Timestamp,
    phase: &str,
) -> Record {
    if state == OperationState::Succeeded {
        operation.steps_done = operation.steps_total;
    }
    operation.state = state;
    operation.updated = now;
    phase.clone_into(&mut operation.phase);
    Record::Operation(operation)
}

pub(super) fn with_state(
    state: &State,
    name: &IntentName,
    next: IntentState,
    now: Timestamp,
) -> Option<Record> {
    let stored = state.intents.get(name)?;
    let stored = StoredIntent { state: next, since: now, ..stored.as_ref().clone() };
    Some(Record::Intent(Box::new(stored)))
}
