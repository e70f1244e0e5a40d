//! The daemon ends when it is asked to, and nothing listens any more.

use super::Tour;
use crate::report::{Evidence, Mismatch};
use tokio::net::TcpStream;

pub(super) async fn take(tour: &mut Tour) -> Result<Evidence, Mismatch> {
    let missing = || Mismatch::new("the lab", "running", "not started");
    let stage = tour.stage.take().ok_or_else(missing)?;
    tour.log = stage.daemon_said();
    let grpc = stage.control.ready.grpc.clone();
    let stopped = stage.stop().await;
    stopped.map_err(|error| Mismatch::new("the daemon", "ends well", error))?;
    let mut evidence = Evidence::default();
    if TcpStream::connect(&grpc).await.is_ok() {
        evidence.object([Mismatch::new(format!("{grpc} after the end"), "silence", "an answer")]);
    }
    evidence.say("The daemon ended in good order.");
    evidence.fact("daemon", "ended");
    Ok(evidence)
}
