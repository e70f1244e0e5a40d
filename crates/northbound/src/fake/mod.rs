//! An orchestrator in memory, for tests: what is applied is active at once, in a world of three
//! cities. Some names have a meaning, so that every answer can be had:
//! an intent `too-big` never fits, and one called `slow` stays under way until it is cancelled.

mod answers;
mod world;

use crate::fake::answers::{infeasible, operation, plan, report};
use async_trait::async_trait;
use engine::Error;
use engine::api::{
    Accepted, Blame, Change, ChangeKind, CommitMode, DescriptorKind, DescriptorRecord, DeviceDiff,
    DryRun, IntentRecord, IntentState, Onboard, Onboarded, Operation, OperationAction,
    OperationState, Orchestrator, Revision, View, Watch, WriteOptions,
};
use model::descriptor::{Diagnostic, Severity};
use model::intent::Intent;
use model::topology::Topology;
use model::{DeviceId, IntentName, OperationId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// How many changes a watcher may be behind.
pub const WATCH_QUEUE: usize = 64;

#[derive(Debug)]
pub struct Fake {
    state: Mutex<State>,
    /// The revision, for those who wait for something.
    revision: watch::Sender<Revision>,
}

#[derive(Debug)]
struct State {
    view: View,
    history: Vec<Change>,
    /// History up to here is gone.
    compacted: Revision,
    watchers: Vec<mpsc::Sender<Result<Change, Error>>>,
    requests: BTreeMap<String, (Intent, Accepted)>,
}

impl Default for Fake {
    fn default() -> Self {
        let view = world::view();
        Self {
            revision: watch::Sender::new(view.revision),
            state: Mutex::new(State {
                compacted: view.revision,
                view,
                history: Vec::new(),
                watchers: Vec::new(),
                requests: BTreeMap::new(),
            }),
        }
    }
}

impl State {
    /// Writes at the next revision, and tells the watchers.
    fn commit(&mut self, kind: ChangeKind) -> Revision {
        self.view.revision += 1;
        self.view.at += 1000;
        let change = Change { revision: self.view.revision, kind };
        self.history.push(change.clone());
        self.watchers.retain(|watcher| watcher.try_send(Ok(change.clone())).is_ok());
        self.view.revision
    }

    fn check(&self, what: &str, current: Revision, write: &WriteOptions) -> Result<(), Error> {
        match write.expected {
            Some(expected) if expected != current => {
                Err(Error::Conflict { what: what.to_owned(), expected, current })
            }
            _ => Ok(()),
        }
    }

    fn put_operation(&mut self, operation: Operation) {
        let operation = Arc::new(operation);
        self.view.operations.insert(operation.id.clone(), Arc::clone(&operation));
        self.commit(ChangeKind::Operation(operation));
    }

    fn new_operation(
        &mut self,
        intent: Option<IntentName>,
        action: OperationAction,
        state: OperationState,
    ) -> Operation {
        let number = self.view.operations.len() + 1;
        let operation = operation(number, intent, action, state, self.view.at);
        self.put_operation(operation.clone());
        operation
    }

    fn put_intent(
        &mut self,
        intent: Intent,
        state: IntentState,
        operation: OperationId,
    ) -> Revision {
        let active = matches!(state, IntentState::Active { .. });
        let record = Arc::new(IntentRecord {
            revision: self.view.revision + 1,
            state,
            state_since: self.view.at,
            plan: active.then(|| Arc::new(plan(&intent))),
            report: active.then(|| Arc::new(report())),
            operation: Some(operation),
            intent,
        });
        self.view.intents.insert(record.intent.name.clone(), Arc::clone(&record));
        self.commit(ChangeKind::Intent(record))
    }

    fn revision_of(&self, name: &IntentName) -> Revision {
        self.view.intents.get(name).map_or(0, |record| record.revision)
    }

    fn outcome(&self, intent: &Intent) -> (IntentState, OperationState) {
        match intent.name.as_str() {
            "too-big" => {
                let error = infeasible();
                let state = IntentState::Failed {
                    code: error.code().to_owned(),
                    reason: error.to_string(),
                };
                (state, OperationState::Failed { error })
            }
            "slow" => (IntentState::Accepted, OperationState::Running),
            _ => (IntentState::Active { observed: self.view.at }, OperationState::Succeeded),
        }
    }

    fn replayed(&self, intent: &Intent, write: &WriteOptions) -> Option<Result<Accepted, Error>> {
        let id = write.request_id.as_ref()?;
        let (first, answer) = self.requests.get(id)?;
        Some(if first == intent {
            Ok(answer.clone())
        } else {
            Err(Error::RequestReused { request_id: id.clone() })
        })
    }
}

impl Fake {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics while it holds the lock")
    }

    /// Changes something, and lets those who wait look again.
    fn write<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let answer = change(&mut state);
        self.revision.send_replace(state.view.revision);
        answer
    }

    /// Forgets the changes up to a revision.
    pub fn compact(&self, upto: Revision) {
        let mut state = self.lock();
        state.compacted = upto;
        state.history.retain(|change| change.revision > upto);
    }

    /// Sends a heartbeat to every watcher.
    pub fn beat(&self) {
        let mut state = self.lock();
        let beat = Change { revision: state.view.revision, kind: ChangeKind::Heartbeat };
        state.watchers.retain(|watcher| watcher.try_send(Ok(beat.clone())).is_ok());
    }

    #[must_use]
    pub fn revision(&self) -> Revision {
        self.lock().view.revision
    }
}

fn missing(kind: &str, name: &str) -> Error {
    Error::NotFound { kind: kind.to_owned(), name: name.to_owned() }
}

#[async_trait]
impl Orchestrator for Fake {
    async fn onboard(&self, request: Onboard) -> Result<Onboarded, Error> {
        let (records, errors) = read_descriptors(&request);
        if !errors.is_empty() {
            return Err(Error::Descriptors { diagnostics: errors });
        }
        if request.commit == CommitMode::Commit {
            for record in &records {
                self.write(|state| put_descriptor(state, record.clone()));
            }
        }
        Ok(Onboarded {
            revision: self.lock().view.revision,
            descriptors: records,
            diagnostics: Vec::new(),
        })
    }

    async fn delete_descriptor(&self, id: String, write: WriteOptions) -> Result<Revision, Error> {
        self.write(|state| {
            let found = state.view.descriptors.get(&id).map(|record| record.revision);
            state.check(&format!("descriptor {id}"), found.unwrap_or(0), &write)?;
            state.view.descriptors.remove(&id).ok_or_else(|| missing("descriptor", &id))?;
            Ok(state.commit(ChangeKind::DescriptorRemoved(id)))
        })
    }

    async fn apply_topology(
        &self,
        topology: Topology,
        write: WriteOptions,
    ) -> Result<Revision, Error> {
        self.write(|state| {
            state.check("topology", state.view.topology_revision, &write)?;
            state.view.topology = Arc::new(topology);
            state.view.topology_revision = state.commit(ChangeKind::Topology);
            Ok(state.view.topology_revision)
        })
    }

    async fn apply(&self, intent: Intent, write: WriteOptions) -> Result<Accepted, Error> {
        self.write(|state| {
            if let Some(answer) = state.replayed(&intent, &write) {
                return answer;
            }
            let name = intent.name.clone();
            state.check(&format!("intent {name}"), state.revision_of(&name), &write)?;
            let (now, then) = state.outcome(&intent);
            let operation = state.new_operation(Some(name), OperationAction::Apply, then).id;
            let revision = state.put_intent(intent.clone(), now, operation.clone());
            let answer = Accepted { operation, revision };
            if let Some(id) = write.request_id {
                state.requests.insert(id, (intent, answer.clone()));
            }
            Ok(answer)
        })
    }

    async fn delete(&self, intent: IntentName, write: WriteOptions) -> Result<Accepted, Error> {
        self.write(|state| {
            let revision = state.revision_of(&intent);
            if revision == 0 {
                return Err(missing(IntentName::KIND, intent.as_str()));
            }
            state.check(&format!("intent {intent}"), revision, &write)?;
            let (action, then) = (OperationAction::Delete, OperationState::Succeeded);
            let operation = state.new_operation(Some(intent.clone()), action, then).id;
            state.view.intents.remove(&intent);
            let revision = state.commit(ChangeKind::IntentRemoved(intent));
            Ok(Accepted { operation, revision })
        })
    }

    async fn dry_run(&self, intent: Intent) -> Result<DryRun, Error> {
        if intent.name.as_str() == "too-big" {
            return Err(infeasible());
        }
        Ok(answers::dry_run(&intent))
    }

    async fn cancel(&self, operation: OperationId) -> Result<Operation, Error> {
        self.write(|state| {
            let found = state.view.operations.get(&operation).cloned();
            let found = found.ok_or_else(|| missing(OperationId::KIND, operation.as_str()))?;
            let mut cancelled = Operation::clone(&found);
            if !cancelled.state.is_done() {
                cancelled.state = OperationState::Cancelled;
                state.put_operation(cancelled.clone());
            }
            Ok(cancelled)
        })
    }

    async fn wait(&self, operation: OperationId, at_most: Duration) -> Result<Operation, Error> {
        let mut revision = self.revision.subscribe();
        let done = |view: &View| view.operations.get(&operation).is_none_or(|o| o.state.is_done());
        let end = revision.wait_for(|_| done(&self.lock().view));
        // Whether it ended or the time is up: the answer is the operation as it is.
        let _ = tokio::time::timeout(at_most, end).await;
        let found = self.lock().view.operations.get(&operation).map(|o| Operation::clone(o));
        found.ok_or_else(|| missing(OperationId::KIND, operation.as_str()))
    }

    fn view(&self) -> Arc<View> {
        Arc::new(self.lock().view.clone())
    }

    async fn watch(&self, from: Revision) -> Result<Watch, Error> {
        let mut state = self.lock();
        if from < state.compacted {
            return Err(Error::Compacted { from, oldest: state.compacted });
        }
        let past: Vec<_> = state.history.iter().filter(|c| c.revision > from).cloned().collect();
        let (sender, receiver) = mpsc::channel(past.len() + WATCH_QUEUE);
        let synced = Change { revision: state.view.revision, kind: ChangeKind::Synced };
        for change in past.into_iter().chain([synced]) {
            sender.try_send(Ok(change)).expect("the queue was made long enough");
        }
        state.watchers.push(sender);
        Ok(receiver)
    }

    async fn device_diff(&self, device: DeviceId) -> Result<DeviceDiff, Error> {
        self.known(&device)?;
        Ok(answers::device_diff(device))
    }

    async fn blame(&self, device: DeviceId, path: Option<String>) -> Result<Vec<Blame>, Error> {
        self.known(&device)?;
        let mut leaves = answers::blame();
        leaves.retain(|leaf| path.as_ref().is_none_or(|path| leaf.path.starts_with(path)));
        Ok(leaves)
    }

    async fn reconcile(&self) -> Result<Operation, Error> {
        let (action, then) = (OperationAction::Reconcile, OperationState::Succeeded);
        Ok(self.write(|state| state.new_operation(None, action, then)))
    }
}

impl Fake {
    fn known(&self, device: &DeviceId) -> Result<(), Error> {
        let view = &self.lock().view;
        let known = view.devices.contains_key(device);
        if known { Ok(()) } else { Err(missing(DeviceId::KIND, device.as_str())) }
    }
}

/// Line by line: `nsd: ID` or `vnfd: ID` is a descriptor, and every line with `bad` a problem.
fn read_descriptors(request: &Onboard) -> (Vec<DescriptorRecord>, Vec<Diagnostic>) {
    let (mut records, mut errors) = (Vec::new(), Vec::new());
    for file in &request.files {
        for (number, line) in (1_u32..).zip(file.content.lines()) {
            if line.contains("bad") {
                errors.push(answers::diagnostic(&file.name, number, Severity::Error));
            }
            let (kind, id) = match line.split_once(": ") {
                Some(("nsd", id)) => (DescriptorKind::Nsd, id),
                Some(("vnfd", id)) => (DescriptorKind::Vnfd, id),
                _ => continue,
            };
            records.push(DescriptorRecord {
                id: id.to_owned(),
                kind,
                name: id.to_uppercase(),
                version: "1.0".to_owned(),
                content: file.content.clone(),
                revision: 0,
            });
        }
    }
    (records, errors)
}

fn put_descriptor(state: &mut State, mut record: DescriptorRecord) {
    record.revision = state.view.revision + 1;
    let record = Arc::new(record);
    state.view.descriptors.insert(record.id.clone(), Arc::clone(&record));
    state.commit(ChangeKind::Descriptor(record));
}
