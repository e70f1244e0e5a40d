//! Taking requests in: checked, durable, acknowledged. What they ask for comes later.

use super::Inner;
use crate::api::{
    Accepted, IntentState, Operation, OperationAction, OperationState, Revision, Timestamp,
    WriteOptions,
};
use crate::error::{Error, Violation};
use crate::records::{Record, StoredIntent, StoredRequest};
use crate::state::{State, not_found};
use model::intent::Intent;
use model::topology::InterfaceRole;
use model::{IntentName, OperationId};
use std::sync::Arc;

/// Operations that may be open at once; more are refused with a time to come back.
const OPEN_OPERATIONS: usize = 10_000;
/// How long a request id is remembered.
const REQUEST_MEMORY_MS: u64 = 24 * 60 * 60 * 1000;

impl Inner {
    pub(super) async fn accept_apply(
        self: &Arc<Self>,
        intent: Intent,
        write: WriteOptions,
    ) -> Result<Accepted, Error> {
        let content = content_of("apply", &intent)?;
        let name = intent.name.clone();
        let now = self.now();
        let mut answer = None;
        let committed = self
            .commit(|state, revision| {
                if let Some(known) = state.repeated(write.request_id.as_deref(), &content)? {
                    answer = repeated(&known);
                    return Err(Error::Cancelled);
                }
                state.accepts_more()?;
                check_intent(state, &intent)?;
                let before = state.intents.get(&intent.name);
                precondition(&intent.name, before.map_or(0, |i| i.revision), write.expected)?;
                let operation = new_operation(OperationAction::Apply, &intent.name, revision, now)?;
                answer = Some(Accepted { operation: operation.id.clone(), revision });
                let stored = StoredIntent {
                    revision,
                    state: before.map_or(IntentState::Accepted, |i| i.state.clone()),
                    since: now,
                    operation: Some(operation.id.clone()),
                    deleting: false,
                    intent,
                };
                let mut records = vec![Record::Intent(Box::new(stored))];
                records.extend(request(&write, content, &operation.id, revision, now));
                records.push(Record::Operation(operation));
                Ok((records, Vec::new()))
            })
            .await;
        self.acknowledge(name, committed, answer)
    }

    pub(super) async fn accept_delete(
        self: &Arc<Self>,
        name: IntentName,
        write: WriteOptions,
    ) -> Result<Accepted, Error> {
        let content = format!("delete {name}");
        let now = self.now();
        let mut answer = None;
        let intent = name.clone();
        let committed = self
            .commit(|state, revision| {
                if let Some(known) = state.repeated(write.request_id.as_deref(), &content)? {
                    answer = repeated(&known);
                    return Err(Error::Cancelled);
                }
                let before = state.intents.get(&name).ok_or_else(|| not_found("intent", &name))?;
                precondition(&name, before.revision, write.expected)?;
                let operation = new_operation(OperationAction::Delete, &name, revision, now)?;
                answer = Some(Accepted { operation: operation.id.clone(), revision });
                let stored = StoredIntent {
                    operation: Some(operation.id.clone()),
                    deleting: true,
                    ..before.as_ref().clone()
                };
                let mut records = vec![Record::Intent(Box::new(stored))];
                records.extend(request(&write, content, &operation.id, revision, now));
                records.push(Record::Operation(operation));
                Ok((records, Vec::new()))
            })
            .await;
        self.acknowledge(intent, committed, answer)
    }

    /// A repetition is answered as the first time and starts nothing.
    fn acknowledge(
        self: &Arc<Self>,
        name: IntentName,
        committed: Result<Revision, Error>,
        answer: Option<Accepted>,
    ) -> Result<Accepted, Error> {
        match (committed, answer) {
            (Ok(_), Some(accepted)) => {
                let (inner, id) = (Arc::clone(self), accepted.operation.clone());
                tokio::spawn(async move { inner.run(name, id).await });
                Ok(accepted)
            }
            (Err(Error::Cancelled), Some(accepted)) => Ok(accepted),
            (Err(error), _) => Err(error),
            (Ok(_), None) => Err(Error::Bug { detail: "an intake without an answer".to_owned() }),
        }
    }
}

impl State {
    fn accepts_more(&self) -> Result<(), Error> {
        let open = self.operations.values().filter(|o| !o.state.is_done()).take(OPEN_OPERATIONS);
        if open.count() < OPEN_OPERATIONS {
            return Ok(());
        }
        Err(Error::Exhausted { queue: "the queue of operations".to_owned(), retry_after_ms: 1000 })
    }
}

fn content_of(what: &str, intent: &Intent) -> Result<String, Error> {
    let text = serde_json::to_string(intent).map_err(|e| Error::Bug { detail: e.to_string() })?;
    Ok(format!("{what} {text}"))
}

fn repeated(known: &StoredRequest) -> Option<Accepted> {
    let operation = known.operation.clone()?;
    Some(Accepted { operation, revision: known.revision })
}

fn precondition(name: &IntentName, current: Revision, expected: Option<Revision>) -> Result<(), Error> {
    match expected {
        Some(expected) if expected != current => {
            Err(Error::Conflict { what: format!("intent {name}"), expected, current })
        }
        _ => Ok(()),
    }
}

pub(super) fn new_operation(
    action: OperationAction,
    intent: &IntentName,
    revision: Revision,
    now: Timestamp,
) -> Result<Operation, Error> {
    let id = OperationId::new(format!("op-{revision}"))
        .map_err(|e| Error::Bug { detail: e.to_string() })?;
    Ok(Operation {
        id,
        intent: Some(intent.clone()),
        action,
        state: OperationState::Running,
        started: now,
        updated: now,
        steps_done: 0,
        steps_total: 5,
        phase: "accepted".to_owned(),
    })
}

fn request(
    write: &WriteOptions,
    content: String,
    operation: &OperationId,
    revision: Revision,
    at: Timestamp,
) -> Option<Record> {
    let id = write.request_id.clone()?;
    let operation = Some(operation.clone());
    Some(Record::Request(StoredRequest { id, content, operation, revision, at }))
}

/// Request ids that are old enough to be forgotten.
pub(super) fn forgotten(state: &State, now: Timestamp) -> Vec<crate::records::Key> {
    let old = |request: &&Arc<StoredRequest>| request.at + REQUEST_MEMORY_MS < now;
    let old = state.requests.values().filter(old);
    old.map(|request| crate::records::Key::Request(request.id.clone())).collect()
}

/// What can be said of an intent before it is planned: every port must be there and be for access.
fn check_intent(state: &State, intent: &Intent) -> Result<(), Error> {
    let mut violations = Vec::new();
    for (field, binding) in intent.pinned_ports() {
        let role = state.topology.interface(&binding.port).map(|interface| interface.role);
        let reason = match role {
            Some(InterfaceRole::Access) => continue,
            None => format!("there is no port {}", binding.port),
            Some(role) => format!("port {} is for {role:?}, not for access", binding.port),
        };
        let hint = "`wayleave topology` lists the ports".to_owned();
        violations.push(Violation { field: format!("{field}.port"), reason, hint });
    }
    if violations.is_empty() { Ok(()) } else { Err(Error::Rejected { violations }) }
}
