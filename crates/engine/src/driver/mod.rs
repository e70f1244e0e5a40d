//! Runs what the state decides: commits records, calls the ports, and carries operations to their
//! end. All awaiting is here.

mod at_once;
mod committer;
mod descriptors;
mod device;
mod housekeeping;
mod intake;
mod operation;
mod orchestrator;
mod planning;
mod reconcile;
mod restart;
mod rounds;
mod settle;
mod transaction;
mod turns;
mod vims;
mod watch;

use crate::api::{Connection, Operation, Timestamp, View};
use crate::error::Error;
use crate::ports::{Clock, DeviceTarget, Devices, Store, Vims};
use crate::state::{Profiles, State, not_found};
use model::{DeviceId, OperationId};
use rounds::Rounds;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore, mpsc, watch as signal};
use turns::Turns;

/// Plans that are made at the same time.
const PLANNERS: usize = 4;

/// What the engine works with.
#[derive(Clone)]
pub struct Parts {
    pub store: Arc<dyn Store>,
    pub devices: Arc<dyn Devices>,
    pub vims: Arc<dyn Vims>,
    pub clock: Arc<dyn Clock>,
    pub profiles: Profiles,
    pub planning: Planning,
}

/// Where plans are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Planning {
    /// On threads of their own, several at a time.
    #[default]
    Threads,
    /// Where they are asked for, one after the other: for tests that have to be repeatable.
    Inline,
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").field("profiles", &self.profiles.keys()).finish_non_exhaustive()
    }
}

/// A running engine; copies are handles to the same one.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    parts: Parts,
    state: Mutex<State>,
    commits: mpsc::Sender<committer::Request>,
    /// Held to re-check a plan and enter it in the books: nobody changes them in between.
    books: tokio::sync::Mutex<()>,
    planners: Semaphore,
    turns: Turns,
    rounds: Mutex<Rounds>,
    /// A device is free again.
    freed: Notify,
    /// Operations that somebody asked to stop.
    cancelled: Mutex<BTreeSet<OperationId>>,
    /// Those who wait for operations to end.
    waiters: Mutex<BTreeMap<OperationId, Arc<Notify>>>,
    stopping: signal::Sender<bool>,
    /// The store failed: what is durable is not known, and nothing more is done.
    failed: signal::Sender<Option<String>>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("revision", &self.inner.snapshot().revision).finish()
    }
}

impl Engine {
    /// Loads what is stored and goes on where it was left.
    ///
    /// # Errors
    /// Where the store cannot be read or is of a later version.
    pub async fn start(parts: Parts) -> Result<Self, Error> {
        let state = restart::load(&parts).await?;
        let (commits, queue) = mpsc::channel(committer::QUEUE);
        let inner = Arc::new(Inner {
            parts,
            state: Mutex::new(state),
            commits,
            books: tokio::sync::Mutex::default(),
            planners: Semaphore::new(PLANNERS),
            turns: Turns::default(),
            rounds: Mutex::default(),
            freed: Notify::new(),
            cancelled: Mutex::default(),
            waiters: Mutex::default(),
            stopping: signal::channel(false).0,
            failed: signal::channel(None).0,
        });
        tokio::spawn(committer::run(Arc::downgrade(&inner), queue));
        restart::mark_format(&inner).await?;
        restart::resume(&inner);
        let clock = Arc::clone(&inner.parts.clock);
        tokio::spawn(housekeeping::run(Arc::downgrade(&inner), clock));
        Ok(Self { inner })
    }

    /// Returns when the store has failed, with the reason. What is durable is then not known: the
    /// daemon has to end and to start again.
    pub async fn failed(&self) -> String {
        let mut failed = self.inner.failed.subscribe();
        let reason = failed.wait_for(Option::is_some).await.map(|reason| reason.clone());
        reason.ok().flatten().unwrap_or_default()
    }

    /// Begins no new step, and gives those that are under way some time to end. What does not end
    /// goes on from the journal next time.
    pub async fn stop(&self, grace: Duration) {
        self.inner.stopping.send_replace(true);
        let quiet = async {
            loop {
                let freed = self.inner.freed.notified();
                tokio::pin!(freed);
                freed.as_mut().enable();
                if lock(&self.inner.rounds).is_idle() {
                    return;
                }
                freed.await;
            }
        };
        if tokio::time::timeout(grace, quiet).await.is_err() {
            tracing::warn!("transactions are under way; they go on at the next start");
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
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
        let now = self.now();
        self.state().view(now)
    }

    fn target(&self, device: &DeviceId) -> Result<DeviceTarget, Error> {
        let state = self.state();
        let known = state.topology.devices.get(device);
        let known = known.ok_or_else(|| not_found("device", device))?;
        let profile = Arc::clone(state.profile(device, &self.parts.profiles)?);
        Ok(DeviceTarget { device: Arc::new(known.clone()), profile })
    }

    fn saw_device(&self, device: &DeviceId, connection: Connection) {
        let now = self.now();
        self.state().saw_device(device, connection, now);
    }

    fn operation(&self, id: &OperationId) -> Result<Operation, Error> {
        known_operation(&self.state(), id)
    }

    /// How far an operation is. Not stored: it starts again where it is taken up again.
    fn progress(&self, id: &OperationId, done: u32, phase: &str) {
        let now = self.now();
        let mut state = self.state();
        let Ok(mut operation) = known_operation(&state, id) else { return };
        if operation.state.is_done() {
            return;
        }
        operation.steps_done = done;
        operation.updated = now;
        phase.clone_into(&mut operation.phase);
        state.put_operation(operation);
    }

    fn is_cancelled(&self, id: &OperationId) -> bool {
        lock(&self.cancelled).contains(id)
    }

    fn tell_ended(&self, ended: &[OperationId]) {
        let mut waiters = lock(&self.waiters);
        let mut cancelled = lock(&self.cancelled);
        for id in ended {
            cancelled.remove(id);
            if let Some(waiter) = waiters.remove(id) {
                waiter.notify_waiters();
            }
        }
    }

    /// Returns when the operation has ended.
    async fn ended(&self, id: &OperationId) -> Result<(), Error> {
        loop {
            let waiter = Arc::clone(lock(&self.waiters).entry(id.clone()).or_default());
            let told = waiter.notified();
            tokio::pin!(told);
            told.as_mut().enable();
            if self.operation(id)?.state.is_done() {
                lock(&self.waiters).remove(id);
                waiter.notify_waiters();
                return Ok(());
            }
            told.await;
        }
    }
}

fn known_operation(state: &State, id: &OperationId) -> Result<Operation, Error> {
    let known = state.operations.get(id).map(|operation| operation.as_ref().clone());
    known.ok_or_else(|| not_found("operation", id))
}
