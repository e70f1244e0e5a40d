//! Who may work on what: one operation at a time on each intent, in the order in which they came.

use model::IntentName;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<BTreeMap<IntentName, Arc<AsyncMutex<()>>>>);

/// The turn on an intent; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Turn<'t> {
    turns: &'t Turns,
    name: IntentName,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Turns {
    pub(super) async fn take(&self, name: &IntentName) -> Turn<'_> {
        let lock = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(name.clone()).or_default())
        };
        Turn { turns: self, name: name.clone(), guard: Some(lock.lock_owned().await) }
    }
}

impl Drop for Turn<'_> {
    /// Forgets the intent when nobody else waits for it.
    fn drop(&mut self) {
        let mut all = self.turns.0.lock().unwrap_or_else(PoisonError::into_inner);
        self.guard = None;
        let unused = |lock: &Arc<AsyncMutex<()>>| Arc::strong_count(lock) == 1;
        if all.get(&self.name).is_some_and(unused) {
            all.remove(&self.name);
        }
    }
}
