//! What is done now and then: old records are forgotten, and the store's history with them.

use super::Inner;
use crate::api::{Revision, Timestamp, TransactionPhase};
use crate::ports::Clock;
use crate::records::{Key, Writes};
use crate::state::State;
use std::sync::{Arc, Weak};
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(60);
/// How long a request id is remembered (AIP-155).
const REQUESTS_MS: u64 = 24 * 60 * 60 * 1000;
/// How long an operation or a transaction is kept after its end, and how many at the most.
const ENDED_MS: u64 = 24 * 60 * 60 * 1000;
const ENDED_MOST: usize = 10_000;
/// How much of the store's history watchers can go back.
const HISTORY: Revision = 100_000;

pub(super) async fn run(inner: Weak<Inner>, clock: Arc<dyn Clock>) {
    loop {
        clock.sleep(EVERY).await;
        let Some(inner) = inner.upgrade() else { return };
        if let Err(error) = inner.tidy().await {
            tracing::warn!(%error, "old records could not be forgotten");
        }
    }
}

impl Inner {
    async fn tidy(&self) -> Result<(), crate::Error> {
        let now = self.now();
        self.commit(None, move |state, _| {
            Ok((Writes { put: Vec::new(), delete: forgotten(state, now) }, ()))
        })
        .await?;
        let upto = self.snapshot().revision.saturating_sub(HISTORY);
        self.parts.store.compact(upto).await.map_err(super::committer::store_error)
    }
}

fn forgotten(state: &State, now: Timestamp) -> Vec<Key> {
    let requests = state.requests.values().filter(|r| r.at + REQUESTS_MS < now);
    let requests = requests.map(|r| Key::Request(r.id.clone()));
    let operations = state.operations.values().filter(|o| o.state.is_done());
    let operations = oldest(operations.map(|o| (o.updated, Key::Operation(o.id.clone()))), now);
    let has_ended = |phase| matches!(phase, TransactionPhase::Done | TransactionPhase::RolledBack);
    let transactions = state.transactions.values().filter(|t| has_ended(t.record.phase));
    let transactions =
        transactions.map(|t| (t.record.updated, Key::Transaction(t.record.id.clone())));
    requests.chain(operations).chain(oldest(transactions, now)).collect()
}

/// Those that are too old or too many.
fn oldest(ended: impl Iterator<Item = (Timestamp, Key)>, now: Timestamp) -> Vec<Key> {
    let mut ended: Vec<_> = ended.collect();
    ended.sort();
    let too_many = ended.len().saturating_sub(ENDED_MOST);
    let old = |at: Timestamp| at + ENDED_MS < now;
    let gone = ended.into_iter().enumerate().filter(|(i, (at, _))| *i < too_many || old(*at));
    gone.map(|(_, (_, key))| key).collect()
}
