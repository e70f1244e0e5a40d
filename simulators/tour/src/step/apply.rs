//! What was shown is what is there: leaf by leaf, object by object.

use super::Tour;
use crate::example;
use crate::judge::{self, Snapshot};
use crate::report::{Evidence, Mismatch, Progress};
use crate::stage::Stage;
use api::wire;
use api::wire::intent_status::State;
use std::collections::{BTreeMap, BTreeSet};

pub(super) async fn take(tour: &mut Tour) -> Result<Evidence, Mismatch> {
    let stage = tour.stage()?;
    let mut evidence = Evidence::default();
    let plan = deploy(stage, example::first(), &tour.progress, &mut evidence).await?;
    if let Some(shown) = &tour.shown {
        evidence.object(judge::same_plan(&shown.plan.clone().unwrap_or_default(), &plan));
        leaves(stage, shown, &mut evidence);
        let there = stage.lab.vim_objects().into_iter().map(|(id, names)| (id.to_string(), names));
        evidence.object(judge::objects(&shown.vims, &there.collect()));
    }
    let changed = tour.boot.changed_devices(&Snapshot::of(&stage.lab));
    let touched = judge::touched(&plan, stage.lab.topology());
    let names = |ids: &BTreeSet<model::DeviceId>| {
        ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    evidence.expect("switches that hold something else now", &names(&touched), &names(&changed));
    evidence.object(judge::networks(&plan, stage.lab.topology(), &stage.lab.vim_networks()));
    vims_seen(stage, &plan, &mut evidence).await?;
    evidence.fact("switches", names(&changed));
    evidence.conclude(format!("Written and read back on {}.", names(&changed)));
    tour.plans.push(plan);
    Ok(evidence)
}

/// Applies an intent and waits until it is seen to be there; its plan.
pub(super) async fn deploy(
    stage: &Stage,
    intent: wire::Intent,
    progress: &Progress,
    evidence: &mut Evidence,
) -> Result<wire::Plan, Mismatch> {
    let name = intent.name.clone();
    let operation = stage.client.apply(intent).await?;
    let operation = stage.client.wait(&operation, progress).await?;
    let status = stage.client.intent(&name).await?.status.unwrap_or_default();
    evidence.expect(
        format!("state of {name}"),
        &State::Active.as_str_name(),
        &status.state().as_str_name(),
    );
    if status.observe_time.is_none() {
        evidence.object([Mismatch::new(format!("{name} was observed"), "a time", "none")]);
    }
    let steps = operation.steps_done;
    evidence.say(format!(
        "{} took {steps} steps; {name} is {}.",
        operation.id,
        status.state().as_str_name()
    ));
    evidence.fact("operation", operation.id);
    evidence.fact("state", status.state().as_str_name());
    Ok(stage.client.plan(&name).await?)
}

/// The daemon has seen every VIM in which the plan runs something.
async fn vims_seen(
    stage: &Stage,
    plan: &wire::Plan,
    evidence: &mut Evidence,
) -> Result<(), Mismatch> {
    let used: BTreeSet<&str> =
        plan.functions.iter().map(|function| function.vim.as_str()).collect();
    let states = stage.client.vim_states().await?;
    let states: BTreeMap<&str, _> = states.iter().map(|vim| (vim.id.as_str(), vim)).collect();
    for vim in used {
        let connection = states.get(vim).map(|state| state.connection());
        if connection != Some(wire::Connection::Up) {
            let found = format!("{connection:?}");
            evidence.object([Mismatch::new(format!("connection to {vim}"), "Up", found)]);
        }
    }
    Ok(())
}

/// Every line of the dry run is in the switches' running configurations.
fn leaves(stage: &Stage, shown: &wire::DryRun, evidence: &mut Evidence) {
    let mut checked = 0;
    for diff in &shown.devices {
        for line in &diff.lines {
            let Some(after) = &line.after else { continue };
            checked += 1;
            evidence.object(leaf(stage, &diff.device, &line.path, after));
        }
    }
    evidence.fact("leaves", checked);
    evidence.conclude(format!(
        "{checked} leaves are in the running configurations as they were shown."
    ));
}

fn leaf(stage: &Stage, device: &str, path: &str, value: &str) -> Option<Mismatch> {
    let found = match stage.lab.leaf(device, path) {
        Ok(Some(found)) => found,
        Ok(None) => "nothing".to_owned(),
        Err(error) => error.to_string(),
    };
    (found != value).then(|| Mismatch::new(format!("{device} {path}"), value, found))
}
