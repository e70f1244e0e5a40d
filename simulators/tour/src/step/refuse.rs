//! A "no" that is true, and leaves nothing behind.

use super::Tour;
use crate::client::Refusal;
use crate::example;
use crate::judge::{self, Snapshot};
use crate::report::{Evidence, Mismatch, Progress};
use crate::stage::Stage;
use api::wire;
use api::wire::intent_status::State;

pub(super) async fn take(tour: &mut Tour) -> Result<Evidence, Mismatch> {
    let stage = tour.stage()?;
    let before = Snapshot::of(&stage.lab);
    let intent = example::too_large();
    let name = intent.name.clone();
    let demands = judge::demands(example::NSD.1, example::service(&intent));
    let refusal = match ask(stage, intent, &tour.progress).await {
        Err(refusal) => refusal,
        Ok(()) => return Err(Mismatch::new(name, "a refusal", "it was applied")),
    };
    let mut evidence = Evidence::default();
    evidence.say(format!("{name}: {}", refusal.message));
    let topology = stage.lab.topology();
    evidence.object(judge::compare_refusal(&refusal, &demands, topology, &stage.lab.carried()));
    let total: u64 = demands.iter().map(|demand| demand.mbps).sum();
    evidence.conclude(format!(
        "True: {} virtual links of {} together have no other way that is fast enough.",
        demands.len(),
        crate::report::mbps(total)
    ));
    evidence.fact("intent", &name);
    evidence.fact("code", &refusal.code);
    evidence.fact("reason", &refusal.message);
    evidence.fact("details", &refusal.details);
    forget(stage, &name, &tour.progress, &mut evidence).await?;
    evidence.object(before.differences(&Snapshot::of(&stage.lab)));
    Ok(evidence)
}

/// It may be refused at once, or when it is planned.
async fn ask(stage: &Stage, intent: wire::Intent, progress: &Progress) -> Result<(), Refusal> {
    let operation = stage.client.apply(intent).await?;
    stage.client.wait(&operation, progress).await.map(|_| ())
}

/// Where the intent was kept, it is kept as failed; it is taken away again.
async fn forget(
    stage: &Stage,
    name: &str,
    progress: &Progress,
    evidence: &mut Evidence,
) -> Result<(), Mismatch> {
    let kept = stage.client.intents_there().await?.into_iter().find(|intent| intent.name == name);
    let Some(intent) = kept else { return Ok(()) };
    let state = intent.status.unwrap_or_default().state();
    let (failed, found) = (State::Failed.as_str_name(), state.as_str_name());
    evidence.expect(format!("state of {name}"), &failed, &found);
    let operation = stage.client.delete(name).await?;
    stage.client.wait(&operation, progress).await?;
    Ok(())
}
