//! The store in memory: the contract, and the failures it can play.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use engine::ports::{Batch, Store, StoreError, Write};
use futures::FutureExt;
use std::sync::Arc;
use testkit::contract::{self, store::StoreBench};
use testkit::{MemoryStore, StoreFault, Unsynced};

struct Bench(MemoryStore);

impl StoreBench for Bench {
    fn open(&mut self) -> Arc<dyn Store> {
        self.0 = self.0.reopen(Unsynced::Lost);
        Arc::new(self.0.clone())
    }
}

#[tokio::test]
async fn it_keeps_the_contract() {
    contract::store(|| Bench(MemoryStore::new())).await;
}

fn batch(key: &str) -> Batch {
    let write = Write::Put { key: key.to_owned(), value: Vec::new() };
    Batch { compares: Vec::new(), writes: vec![write] }
}

async fn keys(store: &MemoryStore) -> Vec<String> {
    store.range("").await.unwrap().1.into_iter().map(|pair| pair.key).collect()
}

#[tokio::test]
async fn failures_come_in_order_and_do_what_they_say() {
    let store = MemoryStore::new();
    let reason = "the disk is full".to_owned();
    store.fail_next(StoreFault::Refuse { reason: reason.clone() });
    store.fail_next(StoreFault::LoseReply { reason: reason.clone() });
    let failed = Err(StoreError::Failed { reason });
    assert_eq!(store.commit(batch("a")).await, failed);
    assert_eq!(keys(&store).await, [""; 0]);
    assert_eq!(store.commit(batch("b")).await, failed);
    assert_eq!(keys(&store).await, ["b"]);
    assert_eq!(store.commit(batch("c")).await, Ok(2));
}

#[tokio::test]
async fn what_is_not_synced_is_not_seen_and_may_be_lost() {
    for (unsynced, left) in [(Unsynced::Lost, vec!["a"]), (Unsynced::Kept, vec!["a", "b"])] {
        let store = MemoryStore::new();
        store.commit(batch("a")).await.unwrap();
        store.hold();
        let mut waiting = Box::pin(store.commit(batch("b")));
        assert!((&mut waiting).now_or_never().is_none());
        assert_eq!((store.waiting(), keys(&store).await), (1, vec!["a".to_owned()]));
        let again = store.reopen(unsynced);
        assert!(waiting.await.unwrap_err().to_string().contains("closed"));
        assert_eq!(keys(&again).await, left);
        assert!(store.revision().await.is_err(), "the handle of before is closed");
    }
}

#[tokio::test]
async fn a_sync_answers_what_waits() {
    let store = MemoryStore::new();
    store.hold();
    let mut waiting = Box::pin(store.commit(batch("a")));
    assert!((&mut waiting).now_or_never().is_none());
    store.sync();
    assert_eq!(waiting.await, Ok(1));
}
