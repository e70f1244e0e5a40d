//! The services, one file each. All share the one door to the engine.

mod catalogue;
mod device;
mod intent;
mod operation;
mod plan;
mod topology;
mod watch;

use crate::status;
use engine::Error;
use engine::api::Orchestrator;
use std::sync::Arc;
use tokio::sync::watch::Receiver;
use tonic::Status;

/// What every service holds.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) engine: Arc<dyn Orchestrator>,
    /// Becomes true when the server goes down; open streams end then.
    pub(crate) closing: Receiver<bool>,
}

fn not_found(kind: &str, name: &str) -> Status {
    status::of(&Error::NotFound { kind: kind.to_owned(), name: name.to_owned() })
}
