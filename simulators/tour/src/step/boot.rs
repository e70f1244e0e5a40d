//! Every switch and VIM is up, and the daemon has read them all.

use super::Tour;
use crate::judge::Snapshot;
use crate::place::Place;
use crate::report::{Evidence, Mismatch, Progress};
use crate::stage::Stage;
use api::wire;
use model::topology::Protocol;
use std::net::{Ipv4Addr, SocketAddr};

pub(super) async fn take(tour: &mut Tour) -> Result<Evidence, Mismatch> {
    let failed = |error: &dyn std::fmt::Display| Mismatch::new("lab and daemon", "running", error);
    let place = Place::temporary().map_err(|error| failed(&error))?;
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let stage = Stage::start(&tour.scenario, place, listen).await.map_err(|e| failed(&e))?;
    tour.boot = Snapshot::of(&stage.lab);
    let stage = tour.stage.insert(stage);
    let mut evidence = described(stage);
    known(stage, &mut evidence).await?;
    read(stage, &tour.progress, &mut evidence).await?;
    evidence.object(tour.boot.differences(&Snapshot::of(&stage.lab)));
    Ok(evidence)
}

fn described(stage: &Stage) -> Evidence {
    let topology = stage.lab.topology();
    let speak = |protocol| {
        topology.devices.values().filter(|device| device.management.protocol == protocol).count()
    };
    let (netconf, gnmi) = (speak(Protocol::Netconf), speak(Protocol::Gnmi));
    let (devices, vims) = (topology.devices.len(), topology.vims.len());
    let mut evidence = Evidence::default();
    evidence.fact("devices", devices);
    evidence.fact("netconf", netconf);
    evidence.fact("gnmi", gnmi);
    evidence.fact("vims", vims);
    evidence.fact("links", topology.links.len());
    evidence.fact("grpc", &stage.control.ready.grpc);
    evidence.say(format!(
        "{devices} switches ({netconf} over NETCONF, {gnmi} over gNMI), {} cables and {vims} VIMs are up.",
        topology.links.len() / 2
    ));
    evidence.object(
        topology
            .problems()
            .into_iter()
            .map(|problem| Mismatch::new(problem.field, "a sound topology", problem.reason)),
    );
    evidence
}

/// The daemon gives back the topology that it was given.
async fn known(stage: &Stage, evidence: &mut Evidence) -> Result<(), Mismatch> {
    let answer = stage.client.topology().await?;
    let topology = api::parse::topology(&answer.topology.unwrap_or_default());
    if topology.as_ref() != Ok(stage.lab.topology()) {
        let found = topology.err().map_or_else(
            || "another one".to_owned(),
            |wrong| wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        );
        evidence.object([Mismatch::new("topology of the daemon", "the lab's", found)]);
    }
    Ok(())
}

/// The daemon can read every switch.
async fn read(stage: &Stage, progress: &Progress, evidence: &mut Evidence) -> Result<(), Mismatch> {
    let operation = stage.client.reconcile().await?;
    stage.client.wait(&operation, progress).await?;
    let states = stage.client.device_states().await?;
    evidence.expect("switches that the daemon knows", &stage.lab.devices().len(), &states.len());
    let down = states.iter().filter(|state| state.connection() != wire::Connection::Up);
    evidence.object(down.map(|state| {
        let found = format!("{:?} {}", state.connection(), state.reason);
        Mismatch::new(format!("connection to {}", state.id), "Up", found)
    }));
    let grpc = &stage.control.ready.grpc;
    evidence.fact("read", states.len());
    evidence
        .conclude(format!("The daemon at {grpc} has read the configuration of {}.", states.len()));
    Ok(())
}
