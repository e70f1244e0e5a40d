//! Who may work on what: one operation at a time on each intent and on each device.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<BTreeMap<String, Arc<AsyncMutex<()>>>>);

/// The turn on several things at once; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Turn(#[expect(dead_code, reason = "held, not read")] Vec<OwnedMutexGuard<()>>);

impl Turns {
    /// Waits for all of them, always in the same order, so that two who want the same never wait
    /// for one another.
    pub(super) async fn take(&self, names: impl IntoIterator<Item = String>) -> Turn {
        let mut names: Vec<String> = names.into_iter().collect();
        names.sort();
        names.dedup();
        let mut held = Vec::with_capacity(names.len());
        for name in names {
            let lock = {
                let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                Arc::clone(all.entry(name).or_default())
            };
            held.push(lock.lock_owned().await);
        }
        Turn(held)
    }
}
