//! One operation from its beginning, or from where it was left, to its end.

use super::{Inner, ended, known_operation};
use crate::api::{IntentState, OperationAction, OperationState};
use crate::error::{Error, Violation};
use crate::records::{Key, Record, StoredIntent, StoredPlan};
use crate::state::State;
use model::{IntentName, OperationId};
use std::sync::Arc;

impl Inner {
    /// Carries an operation out. It takes its turn on the intent first.
    pub(super) async fn run(self: Arc<Self>, name: IntentName, id: OperationId) {
        let _turn = self.turns.take([format!("intent {name}")]).await;
        let Ok(operation) = self.operation(&id) else { return };
        if operation.state.is_done() {
            return;
        }
        let result = match operation.action {
            OperationAction::Delete => self.run_delete(&name, &id).await,
            _ => self.run_apply(&name, &id).await,
        };
        if self.is_stopping() {
            return;
        }
        if let Err(error) = result
            && let Err(again) = self.fail(&name, &id, error).await
        {
            tracing::error!(operation = %id, error = %again, "the failure could not be recorded");
        }
    }

    async fn run_apply(&self, name: &IntentName, id: &OperationId) -> Result<(), Error> {
        let Some(stored) = self.snapshot().intents.get(name).cloned() else {
            return Err(Error::Cancelled);
        };
        if stored.operation.as_ref() != Some(id) {
            return self.superseded(id).await;
        }
        self.progress(id, 1, "planning").await?;
        let transaction = self.plan(&stored, id).await?;
        self.carry_out(id, transaction).await?;
        self.finish_apply(name, id).await
    }

    async fn run_delete(&self, name: &IntentName, id: &OperationId) -> Result<(), Error> {
        self.progress(id, 1, "removing").await?;
        let transaction = self.plan_removal(name, id).await?;
        self.carry_out(id, transaction).await?;
        let now = self.now();
        self.commit(|state, _| {
            let operation = known_operation(state, id)?;
            let record = ended(operation, OperationState::Succeeded, now, "removed");
            Ok((vec![record], vec![Key::Intent(name.clone()), Key::Plan(name.clone())]))
        })
        .await
        .map(|_| ())
    }

    /// A later request for the same intent came in before this one began.
    async fn superseded(&self, id: &OperationId) -> Result<(), Error> {
        let now = self.now();
        self.commit(|state, _| {
            let operation = known_operation(state, id)?;
            Ok((vec![ended(operation, OperationState::Cancelled, now, "superseded")], Vec::new()))
        })
        .await
        .map(|_| ())
    }

    async fn finish_apply(&self, name: &IntentName, id: &OperationId) -> Result<(), Error> {
        let now = self.now();
        self.commit(|state, _| {
            let operation = known_operation(state, id)?;
            let mut records = vec![ended(operation, OperationState::Succeeded, now, "active")];
            records.extend(with_state(state, name, IntentState::Active { observed: now }, now));
            Ok((records, super::intake::forgotten(state, now)))
        })
        .await
        .map(|_| ())
    }

    /// The network is as it was before; the intent says why it is not in force. One that was in
    /// force with an earlier plan still is.
    async fn fail(&self, name: &IntentName, id: &OperationId, error: Error) -> Result<(), Error> {
        let now = self.now();
        tracing::warn!(operation = %id, code = error.code(), %error, "failed");
        self.commit(|state, _| {
            let operation = known_operation(state, id)?;
            let in_force = state.plans.contains_key(name);
            let reason = error.to_string();
            let next = if in_force {
                IntentState::Degraded { reason }
            } else {
                IntentState::Failed { code: error.code().to_owned(), reason }
            };
            let end = match error {
                Error::Cancelled => OperationState::Cancelled,
                error => OperationState::Failed { error },
            };
            let mut records = vec![ended(operation, end, now, "failed")];
            records.extend(with_state(state, name, next, now));
            Ok((records, Vec::new()))
        })
        .await
        .map(|_| ())
    }

    /// The plan for an intent, checked and entered in the books; with it what has to be done.
    async fn plan(&self, stored: &StoredIntent, id: &OperationId) -> Result<super::transaction::Work, Error> {
        let _turn = self.planning.lock().await;
        let snapshot = self.snapshot();
        let before = snapshot.plans.get(&stored.intent.name).cloned();
        // The same content again, or a restart after the plan was made: the plan stands.
        if let Some(plan) = before.as_ref().filter(|p| p.plan.intent_revision == stored.revision) {
            return self.work(id, None, Some(plan), true).await;
        }
        let (intent, revision) = (stored.intent.clone(), stored.revision);
        let made = tokio::task::spawn_blocking(move || make(&snapshot, &intent, revision))
            .await
            .map_err(|e| Error::Bug { detail: format!("the planner stopped: {e}") })??;
        self.work(id, before.as_deref(), Some(&made), false).await
    }

    async fn plan_removal(&self, name: &IntentName, id: &OperationId) -> Result<super::transaction::Work, Error> {
        let _turn = self.planning.lock().await;
        let before = self.snapshot().plans.get(name).cloned();
        self.work(id, before.as_deref(), None, false).await
    }
}

/// A plan for an intent against a snapshot, verified by the independent check.
pub(super) fn make(snapshot: &State, intent: &model::intent::Intent, revision: u64) -> Result<StoredPlan, Error> {
    let template = crate::driver::orchestrator::template(snapshot, intent)?;
    let mut books = snapshot.books.clone();
    if let Some(before) = snapshot.plans.get(&intent.name) {
        books.remove(&before.plan, &snapshot.topology);
    }
    let demand = planner::demand_of(intent, template.as_ref()).map_err(planner_error)?;
    let world = planner::World { topology: &snapshot.topology, books: &books, pools: &snapshot.pools };
    let request = planner::Request { intent, revision, parent: snapshot.revision, demand: &demand };
    let (plan, report) = planner::plan(world, &request).map_err(planner_error)?;
    planner::check(world, &demand, &plan).map_err(|broken| Error::Bug {
        detail: format!(
            "the check refuses the plan: {}",
            broken.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
        ),
    })?;
    Ok(StoredPlan { plan, report })
}

fn planner_error(error: planner::Error) -> Error {
    match error {
        planner::Error::Infeasible(infeasible) => Error::Infeasible { infeasible },
        planner::Error::Rejected(rejected) => {
            let violation = |r: planner::Rejection| Violation {
                field: r.field,
                reason: r.reason,
                hint: r.hint,
            };
            Error::Rejected { violations: rejected.into_iter().map(violation).collect() }
        }
        planner::Error::Bug(detail) => Error::Bug { detail },
    }
}

pub(super) fn with_state(
    state: &State,
    name: &IntentName,
    next: IntentState,
    now: u64,
) -> Option<Record> {
    let stored = state.intents.get(name)?;
    let stored = StoredIntent { state: next, since: now, ..stored.as_ref().clone() };
    Some(Record::Intent(Box::new(stored)))
}
