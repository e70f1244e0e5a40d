//! Taking requests in: checked, durable, acknowledged. What they ask for comes later.

use super::Inner;
use super::committer::Stamp;
use crate::api::{
    Accepted, IntentState, Operation, OperationAction, OperationState, Revision, Timestamp,
    WriteOptions,
};
use crate::error::{Error, Violation};
use crate::records::{Key, Record, StoredIntent, StoredRequest, Writes};
use crate::state::{State, not_found};
use model::intent::{Intent, IntentSpec};
use model::topology::InterfaceRole;
use model::{IntentName, OperationId};
use std::sync::Arc;

/// Operations that may be open at once; more are refused with a time to come back.
const OPEN_OPERATIONS: usize = 20_000;
/// What an operation's progress counts to: planned, prepared, in force, read back, confirmed.
const STEPS: u32 = 5;

/// Whether a request begins something or repeats what was asked before.
enum Taken {
    New(Accepted),
    Again(Accepted),
}

impl Inner {
    pub(super) async fn accept_apply(
        self: &Arc<Self>,
        intent: Intent,
        write: WriteOptions,
    ) -> Result<Accepted, Error> {
        let content = content_of("apply", &intent)?;
        let name = intent.name.clone();
        let now = self.now();
        self.check_request(&intent)?;
        let about = Some(Key::Intent(name.clone()));
        let (_, taken) = self
            .commit(about, move |state, stamp| {
                if let Some(known) = state.repeated(write.request_id.as_deref(), &content)? {
                    return Ok((Writes::default(), again(&known)?));
                }
                state.accepts_more()?;
                check_intent(state, &intent)?;
                let before = state.intents.get(&intent.name);
                same_kind(before.map(|known| &known.intent), &intent)?;
                precondition(&intent.name, before.map_or(0, |i| i.revision), write.expected)?;
                let operation = new_operation(OperationAction::Apply, &intent.name, stamp, now)?;
                let stored = StoredIntent {
                    revision: stamp.revision,
                    state: before.map_or(IntentState::Accepted, |i| i.state.clone()),
                    since: before.map_or(now, |i| i.since),
                    operation: Some(operation.id.clone()),
                    intent,
                };
                Ok(taken(stored, operation, &write, content, stamp, now))
            })
            .await?;
        Ok(self.begin(name, taken))
    }

    pub(super) async fn accept_delete(
        self: &Arc<Self>,
        name: IntentName,
        write: WriteOptions,
    ) -> Result<Accepted, Error> {
        let content = format!("delete {name}");
        let now = self.now();
        let intent = name.clone();
        let about = Some(Key::Intent(name.clone()));
        let (_, taken) = self
            .commit(about, move |state, stamp| {
                if let Some(known) = state.repeated(write.request_id.as_deref(), &content)? {
                    return Ok((Writes::default(), again(&known)?));
                }
                let before = state.intents.get(&name).ok_or_else(|| not_found("intent", &name))?;
                precondition(&name, before.revision, write.expected)?;
                let operation = new_operation(OperationAction::Delete, &name, stamp, now)?;
                let stored = StoredIntent {
                    revision: stamp.revision,
                    state: IntentState::Removing { transaction: None },
                    since: now,
                    operation: Some(operation.id.clone()),
                    ..before.as_ref().clone()
                };
                Ok(taken(stored, operation, &write, content, stamp, now))
            })
            .await?;
        Ok(self.begin(intent, taken))
    }

    /// A repetition is answered as the first time and starts nothing.
    fn begin(self: &Arc<Self>, name: IntentName, taken: Taken) -> Accepted {
        match taken {
            Taken::Again(accepted) => accepted,
            Taken::New(accepted) => {
                let (inner, id) = (Arc::clone(self), accepted.operation.clone());
                tokio::spawn(async move { inner.run(name, id).await });
                accepted
            }
        }
    }
}

fn taken(
    stored: StoredIntent,
    operation: Operation,
    write: &WriteOptions,
    content: String,
    stamp: Stamp,
    now: Timestamp,
) -> (Writes, Taken) {
    let accepted = Accepted { operation: operation.id.clone(), revision: stamp.revision };
    let mut writes = Writes::put([Record::Intent(Box::new(stored))]);
    writes.put.extend(request(write, content, &operation.id, stamp.revision, now));
    writes.put.push(Record::Operation(operation));
    (writes, Taken::New(accepted))
}

impl State {
    fn accepts_more(&self) -> Result<(), Error> {
        if self.open_operations < OPEN_OPERATIONS {
            return Ok(());
        }
        Err(Error::Exhausted { queue: "the queue of operations".to_owned(), retry_after_ms: 1000 })
    }
}

/// A name belongs to a kind for as long as the intent is there.
fn same_kind(known: Option<&Intent>, wanted: &Intent) -> Result<(), Error> {
    match known {
        Some(known) if known.kind() != wanted.kind() => Err(Error::Precondition {
            reason: format!("intent {} is a {}, not a {}", known.name, known.kind(), wanted.kind()),
            hint: "choose another name, or delete that one first".to_owned(),
        }),
        _ => Ok(()),
    }
}

fn content_of(what: &str, intent: &Intent) -> Result<String, Error> {
    let text = serde_json::to_string(intent).map_err(|e| Error::Bug { detail: e.to_string() })?;
    Ok(format!("{what} {text}"))
}

fn again(known: &StoredRequest) -> Result<Taken, Error> {
    let operation = known
        .operation
        .clone()
        .ok_or_else(|| Error::RequestReused { request_id: known.id.clone() })?;
    Ok(Taken::Again(Accepted { operation, revision: known.revision }))
}

pub(super) fn precondition(
    what: &IntentName,
    current: Revision,
    expected: Option<Revision>,
) -> Result<(), Error> {
    match expected {
        Some(expected) if expected != current => {
            Err(Error::Conflict { what: format!("intent {what}"), expected, current })
        }
        _ => Ok(()),
    }
}

fn new_operation(
    action: OperationAction,
    intent: &IntentName,
    stamp: Stamp,
    now: Timestamp,
) -> Result<Operation, Error> {
    Ok(Operation { intent: Some(intent.clone()), ..open_operation(action, stamp, now)? })
}

/// An operation about no intent.
pub(super) fn open_operation(
    action: OperationAction,
    stamp: Stamp,
    now: Timestamp,
) -> Result<Operation, Error> {
    let id = OperationId::new(format!("op-{}", stamp.text()))
        .map_err(|e| Error::Bug { detail: e.to_string() })?;
    Ok(Operation {
        id,
        intent: None,
        action,
        state: OperationState::Running,
        started: now,
        updated: now,
        steps_done: 0,
        steps_total: STEPS,
        phase: "accepted".to_owned(),
    })
}

pub(super) fn request(
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

/// What can be said of an intent before it is planned: what it names must be there.
pub(super) fn check_intent(state: &State, intent: &Intent) -> Result<(), Error> {
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
    if let IntentSpec::NetworkService(spec) = &intent.spec
        && state.catalogue.nsd(spec.nsd.as_str()).is_none()
    {
        violations.push(Violation {
            field: "spec.nsd".to_owned(),
            reason: format!("no network service descriptor {} is onboarded", spec.nsd),
            hint: "onboard it first, or take one that `wayleave get descriptors` lists".to_owned(),
        });
    }
    if violations.is_empty() { Ok(()) } else { Err(Error::Rejected { violations }) }
}
