//! The topology that a daemon is started with.

use crate::complaint::{self, Complaint};
use engine::Engine;
use engine::api::{Orchestrator as _, WriteOptions};
use model::topology::Topology;
use std::path::Path;

/// Reads a manifest of kind `Topology`.
pub(super) fn read(path: &Path) -> Result<Topology, Complaint> {
    let text = complaint::read(path)?;
    let name = path.display().to_string();
    cli::read_topology(&name, &text)
        .map_err(|problem| Complaint::usage(problem, "mend the manifest"))
}

/// Writes it unless it is in force already: a restart changes nothing.
pub(super) async fn apply(engine: &Engine, topology: Topology) -> Result<(), Complaint> {
    if *engine.view().topology == topology {
        return Ok(());
    }
    let applied = engine.apply_topology(topology, WriteOptions::default()).await;
    applied.map(|_| ()).map_err(|error| {
        let next = "leave --topology out to go on with the stored one";
        Complaint::failed(format!("the topology is refused: {error}"), next)
    })
}
