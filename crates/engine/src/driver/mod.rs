//! Runs what the state decides: commits records, calls the ports, and carries operations to their
//! end. All awaiting is here.

mod intake;
mod operation;
mod orchestrator;
mod reconcile;
mod restart;
mod transaction;
mod turns;

use crate::api::{Operation, OperationState, Revision, Timestamp, View};
use crate::error::Error;
use crate::ports::{Batch, Clock, DeviceTarget, Devices, Store, StoreError, Vims, Write};
use crate::records::{Key, Record};
use crate::state::{Profiles, Seen, State};
use model::{DeviceId, OperationId};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use turns::Turns;

/// What the engine works with.
#[derive(Clone)]
pub struct Parts {
    pub store: Arc<dyn Store>,
    pub devices: Arc<dyn Devices>,
    pub vims: Arc<dyn Vims>,
    pub clock: Arc<dyn Clock>,
    pub profiles: Profiles,
}

/// A running engine; copies are handles to the same one.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    parts: Parts,
    state: Mutex<State>,
    /// One writer: batches reach the store in the order in which the state takes them over.
    writing: tokio::sync::Mutex<()>,
    /// One plan is made and checked at a time, so that none is checked against a state that a
    /// neighbour is about to change.
    planning: tokio::sync::Mutex<()>,
    turns: Turns,
    /// Goes up with each commit.
    revision: watch::Sender<Revision>,
    stopping: watch::Sender<bool>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("revision", &*self.inner.revision.borrow()).finish()
    }
}

impl Engine {
    /// Loads what is stored and goes on where it was left.
    ///
    /// # Errors
    /// Where the store cannot be read or is of a later version.
    pub async fn start(parts: Parts) -> Result<Self, Error> {
        let state = restart::load(&parts).await?;
        let revision = watch::channel(state.revision).0;
        let inner = Arc::new(Inner {
            parts,
            state: Mutex::new(state),
            writing: tokio::sync::Mutex::default(),
            planning: tokio::sync::Mutex::default(),
            turns: Turns::default(),
            revision,
            stopping: watch::channel(false).0,
        });
        restart::resume(&inner);
        Ok(Self { inner })
    }

    /// No new step begins after this; what is under way goes on from the journal next time.
    pub fn stop(&self) {
        self.inner.stopping.send_replace(true);
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state as of now; a copy costs nothing.
    fn snapshot(&self) -> State {
        self.state().clone()
    }

    fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    fn view(&self) -> View {
        self.snapshot().view(self.now())
    }

    /// Makes records durable, then takes them over. `make` sees the revision they will get.
    async fn commit(
        &self,
        make: impl FnOnce(&State, Revision) -> Result<(Vec<Record>, Vec<Key>), Error>,
    ) -> Result<Revision, Error> {
        let _turn = self.writing.lock().await;
        let before = self.snapshot();
        let (records, gone) = make(&before, before.revision + 1)?;
        let mut batch = Batch::default();
        for record in &records {
            let write = record.write().map_err(|e| Error::Bug { detail: e.to_string() })?;
            batch.writes.push(write);
        }
        batch.writes.extend(gone.iter().map(|key| Write::Delete { key: key.text() }));
        let revision = self.parts.store.commit(batch).await.map_err(store_error)?;
        let mut state = self.state();
        for record in records {
            state.put(record, revision);
        }
        for key in &gone {
            state.remove(key);
        }
        state.revision = revision;
        drop(state);
        self.revision.send_replace(revision);
        Ok(revision)
    }

    fn target(&self, device: &DeviceId) -> Result<DeviceTarget, Error> {
        let state = self.state();
        let known = state.topology.devices.get(device);
        let known = known.ok_or_else(|| crate::state::not_found("device", device))?;
        let profile = Arc::clone(state.profile(device, &self.parts.profiles)?);
        Ok(DeviceTarget { device: Arc::new(known.clone()), profile })
    }

    /// Notes what was seen of a device or a VIM.
    fn saw(&self, name: &str, connection: crate::api::Connection) {
        let up = connection == crate::api::Connection::Up;
        let now = self.now();
        let mut state = self.state();
        let before = state.seen.get(name).cloned();
        let at = if up { Some(now) } else { before.as_ref().and_then(|seen| seen.at) };
        let drift = before.and_then(|seen| seen.drift);
        state.seen.insert(name.to_owned(), Seen { connection, at, drift });
    }

    fn operation(&self, id: &OperationId) -> Result<Operation, Error> {
        let state = self.state();
        let known = state.operations.get(id).map(|operation| operation.as_ref().clone());
        known.ok_or_else(|| crate::state::not_found("operation", id))
    }

    async fn progress(&self, id: &OperationId, done: u32, phase: &str) -> Result<(), Error> {
        let now = self.now();
        self.commit(|state, _| {
            let mut operation = known_operation(state, id)?;
            operation.steps_done = done;
            operation.updated = now;
            phase.clone_into(&mut operation.phase);
            Ok((vec![Record::Operation(operation)], Vec::new()))
        })
        .await
        .map(|_| ())
    }
}

fn known_operation(state: &State, id: &OperationId) -> Result<Operation, Error> {
    let known = state.operations.get(id).map(|operation| operation.as_ref().clone());
    known.ok_or_else(|| crate::state::not_found("operation", id))
}

fn ended(mut operation: Operation, state: OperationState, now: Timestamp, phase: &str) -> Record {
    operation.state = state;
    operation.updated = now;
    operation.steps_done = operation.steps_total;
    phase.clone_into(&mut operation.phase);
    Record::Operation(operation)
}

fn store_error(error: StoreError) -> Error {
    match error {
        StoreError::Compacted { oldest } => Error::Compacted { from: 0, oldest },
        StoreError::Compare { key, expected, current } => {
            Error::Conflict { what: key, expected, current }
        }
        other => Error::Unavailable { reason: other.to_string(), retry_after_ms: 1000 },
    }
}
