//! The engine's port `Store` over an embedded database: SQLite in a folder of its own.
//!
//! - One batch is one revision. Batches that wait at the same time share one durable transaction
//!   and one `fsync`; each is answered after it, with its own revision or its own refusal.
//! - All writing is on one thread behind a bounded queue. Readers have connections of their own
//!   and see the last durable revision; they never wait for a write.
//! - A watch pulls: it reads on from where it is, from memory or from the history table, so that
//!   there is nothing to miss between "history" and "live".
//! - History is bounded, see [`Retention`].

mod batch;
mod database;
mod embedded;
mod failure;
mod folder;
mod ledger;
mod place;
mod progress;
mod queue;
mod readers;
mod retention;
mod sweep;
mod tail;
mod watcher;
mod writer;

pub use batch::{MAX_BATCH_BYTES, MAX_WRITES};
pub use embedded::EmbeddedStore;
pub use engine::ports::StoreError;
pub use retention::Retention;

use std::time::Duration;

/// How long a call waits for the database before it gives up.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);
