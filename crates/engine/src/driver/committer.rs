//! One writer with group commit: requests that wait go into one durable batch at one revision.
//!
//! A request sees the state with everything that goes before it in its batch, so that each is
//! decided as if it were alone.

use super::Inner;
use crate::api::Revision;
use crate::error::Error;
use crate::ports::{Batch, StoreError, Write};
use crate::records::{Key, Record, Writes};
use crate::state::State;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Weak;
use tokio::sync::{mpsc, oneshot};

/// Requests that may wait; those beyond it wait in line for a place.
pub(super) const QUEUE: usize = 4096;
/// Requests in one batch at the most.
const BATCH: usize = 512;

/// Where a request stands: the revision that it will get, and its place in the batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stamp {
    pub(super) revision: Revision,
    place: usize,
}

impl Stamp {
    /// Unique for each request: the revision, and the place where it is not the first.
    pub(super) fn text(self) -> String {
        match self.place {
            0 => self.revision.to_string(),
            place => format!("{}-{place}", self.revision),
        }
    }
}

type Answer = Box<dyn FnOnce(Result<Revision, Error>) + Send>;
type Make = Box<dyn FnOnce(&State, Stamp) -> Option<(Writes, Answer)> + Send>;

pub(super) struct Request {
    /// No batch holds two requests about one thing: each change of it has a revision of its own.
    about: Option<Key>,
    make: Make,
}

impl Inner {
    /// Makes records durable, then takes them over. `make` sees the state and its stamp, and says
    /// what to write and what to answer.
    pub(super) async fn commit<T: Send + 'static>(
        &self,
        about: Option<Key>,
        make: impl FnOnce(&State, Stamp) -> Result<(Writes, T), Error> + Send + 'static,
    ) -> Result<(Revision, T), Error> {
        let (sender, receiver) = oneshot::channel();
        let make: Make = Box::new(move |state, stamp| match make(state, stamp) {
            Ok((writes, answer)) => {
                let finish: Answer =
                    Box::new(move |result| drop(sender.send(result.map(|r| (r, answer)))));
                Some((writes, finish))
            }
            Err(error) => {
                drop(sender.send(Err(error)));
                None
            }
        });
        let gone = |_| Error::Unavailable {
            reason: "the daemon is going down".to_owned(),
            retry_after_ms: 1000,
        };
        let queue = self.commits.clone();
        queue.send(Request { about, make }).await.map_err(|e| gone(e.to_string()))?;
        receiver.await.map_err(|e| gone(e.to_string()))?
    }
}

/// Serves requests until the engine is dropped.
pub(super) async fn run(inner: Weak<Inner>, mut queue: mpsc::Receiver<Request>) {
    let mut next = queue.recv().await;
    while let Some(first) = next.take() {
        let Some(inner) = inner.upgrade() else { return };
        let (batch, left_over) = gather(first, &mut queue);
        inner.write(batch).await;
        drop(inner);
        next = match left_over {
            Some(request) => Some(request),
            None => queue.recv().await,
        };
    }
}

/// All that waits, up to the first that is about something that the batch is about already.
fn gather(first: Request, queue: &mut mpsc::Receiver<Request>) -> (Vec<Request>, Option<Request>) {
    let mut about: BTreeSet<Key> = first.about.iter().cloned().collect();
    let mut batch = vec![first];
    while batch.len() < BATCH {
        let Ok(request) = queue.try_recv() else { break };
        if request.about.as_ref().is_some_and(|key| !about.insert(key.clone())) {
            return (batch, Some(request));
        }
        batch.push(request);
    }
    (batch, None)
}

impl Inner {
    async fn write(&self, requests: Vec<Request>) {
        let mut draft = self.snapshot();
        let revision = draft.revision + 1;
        let mut changes: BTreeMap<Key, Option<Record>> = BTreeMap::new();
        let mut answers = Vec::new();
        for (place, request) in requests.into_iter().enumerate() {
            let Some((writes, answer)) = (request.make)(&draft, Stamp { revision, place }) else {
                continue;
            };
            for key in writes.delete {
                draft.remove(&key);
                changes.insert(key, None);
            }
            for record in writes.put {
                draft.put(record.clone(), revision);
                changes.insert(record.key(), Some(record));
            }
            answers.push(answer);
        }
        let result = if changes.is_empty() {
            Ok(draft.revision)
        } else {
            self.store_batch(changes, revision).await
        };
        for answer in answers {
            answer(result.clone());
        }
    }

    async fn store_batch(
        &self,
        changes: BTreeMap<Key, Option<Record>>,
        revision: Revision,
    ) -> Result<Revision, Error> {
        let writes = changes.iter().map(|(key, record)| match record {
            Some(record) => record.write().map_err(|e| Error::Bug { detail: e.to_string() }),
            None => Ok(Write::Delete { key: key.text() }),
        });
        let batch = Batch { compares: Vec::new(), writes: writes.collect::<Result<_, _>>()? };
        if let Some(reason) = self.failed.borrow().clone() {
            return Err(Error::Unavailable { reason, retry_after_ms: 5000 });
        }
        let stored = match self.parts.store.commit(batch).await {
            Ok(stored) if stored == revision => stored,
            Ok(stored) => {
                let detail = format!("the store is at {stored}, the engine at {revision}");
                self.failed.send_replace(Some(detail.clone()));
                return Err(Error::Bug { detail });
            }
            Err(error) => {
                self.failed.send_replace(Some(error.to_string()));
                return Err(store_error(error));
            }
        };
        self.take_over(changes, stored);
        Ok(stored)
    }

    fn take_over(&self, changes: BTreeMap<Key, Option<Record>>, revision: Revision) {
        let mut state = self.state();
        let mut ended = Vec::new();
        for (key, record) in changes {
            match record {
                Some(record) => {
                    if let Record::Operation(operation) = &record
                        && operation.state.is_done()
                    {
                        ended.push(operation.id.clone());
                    }
                    state.put(record, revision);
                }
                None => state.remove(&key),
            }
        }
        state.revision = revision;
        drop(state);
        self.tell_ended(&ended);
    }
}

pub(super) fn store_error(error: StoreError) -> Error {
    match error {
        StoreError::Compacted { oldest } => Error::Compacted { from: 0, oldest },
        StoreError::Compare { key, expected, current } => {
            Error::Conflict { what: key, expected, current }
        }
        other => Error::Unavailable { reason: other.to_string(), retry_after_ms: 1000 },
    }
}
