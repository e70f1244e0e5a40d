//! The embedded store keeps the port's contract.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use engine::ports::Store;
use std::sync::Arc;
use store::EmbeddedStore;
use tempfile::TempDir;
use testkit::contract::{self, store::StoreBench};

struct Bench(TempDir);

impl StoreBench for Bench {
    fn open(&mut self) -> Arc<dyn Store> {
        Arc::new(EmbeddedStore::open(self.0.path()).unwrap())
    }
}

fn bench() -> Bench {
    Bench(tempfile::tempdir().unwrap())
}

#[tokio::test]
async fn it_keeps_the_contract_on_one_thread() {
    contract::store(bench).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_keeps_the_contract_on_many() {
    contract::store(bench).await;
}
