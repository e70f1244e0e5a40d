//! A plan that can be read, with what each device would be sent. Nothing has happened.

use super::Tour;
use crate::example;
use crate::judge::{self, Snapshot};
use crate::report::{Evidence, Mismatch, Side, Table, mbps, micros};
use crate::stage::Stage;
use api::wire;
use api::wire::planned_link::Route;
use serde_json::json;
use std::collections::BTreeSet;

pub(super) async fn take(tour: &mut Tour) -> Result<Evidence, Mismatch> {
    let stage = tour.stage()?;
    let intent = example::first();
    let shown = stage.client.dry_run(intent.clone()).await?;
    let plan = shown.plan.clone().unwrap_or_default();
    let mut evidence = told(&shown, &plan);
    let topology = stage.lab.topology();
    let ran = example::service(&intent).saps.get("ran").map_or("", |sap| sap.port.as_str());
    evidence.object(judge::planes(&plan, topology, ran)?);
    let directions = judge::directions(&plan);
    evidence.object(directions.iter().flat_map(|way| judge::planned(way, topology)));
    devices(stage, &shown, &plan, &mut evidence);
    let there = stage.client.intents_there().await?;
    evidence.expect("intents after the dry run", &0, &there.len());
    evidence.object(tour.boot.differences(&Snapshot::of(&stage.lab)));
    tour.shown = Some(shown);
    Ok(evidence)
}

/// Those that would be sent something are those on which the plan's circuits stand.
fn devices(stage: &Stage, shown: &wire::DryRun, plan: &wire::Plan, evidence: &mut Evidence) {
    let touched = judge::touched(plan, stage.lab.topology());
    let listed = |ids: &BTreeSet<String>| ids.iter().cloned().collect::<Vec<_>>().join(" ");
    let expected = listed(&touched.iter().map(ToString::to_string).collect());
    let sent = shown.devices.iter().filter(|diff| !diff.lines.is_empty());
    let found = listed(&sent.map(|diff| diff.device.clone()).collect());
    evidence.expect("devices that would be sent something", &expected, &found);
}

fn told(shown: &wire::DryRun, plan: &wire::Plan) -> Evidence {
    let mut evidence = Evidence::default();
    let lines: usize = shown.devices.iter().map(|diff| diff.lines.len()).sum();
    let vims: BTreeSet<&String> = plan.functions.iter().map(|function| &function.vim).collect();
    evidence.say(format!(
        "{} functions in {} VIMs, {} virtual links: {lines} lines on {} switches, {} objects in the VIMs.",
        plan.functions.len(),
        vims.len(),
        plan.virtual_links.len(),
        shown.devices.len(),
        shown.vims.len(),
    ));
    evidence.show(functions(plan));
    evidence.show(links(plan));
    evidence.show(differences(shown));
    facts(shown, plan, &mut evidence);
    evidence
}

fn facts(shown: &wire::DryRun, plan: &wire::Plan, evidence: &mut Evidence) {
    let function = |f: &wire::PlacedFunction| json!({"id": f.id, "pop": f.pop, "vim": f.vim});
    let way = |way: &judge::Direction<'_>| {
        json!({"link": way.link.id, "direction": way.arrow, "route": way.route(),
               "latency-us": way.way.latency_us, "bound-us": way.link.latency_bound_us,
               "mbps": way.bandwidth_mbps})
    };
    let diff = |diff: &wire::DeviceDiff| {
        let lines: Vec<String> = diff.lines.iter().map(line).collect();
        (diff.device.clone(), json!(lines))
    };
    let change = |change: &wire::VimChange| {
        format!("{} {} in {}", change.action().as_str_name(), change.object, change.vim)
    };
    evidence.fact("functions", plan.functions.iter().map(function).collect::<Vec<_>>());
    evidence.fact("ways", judge::directions(plan).iter().map(way).collect::<Vec<_>>());
    evidence.fact("diff", shown.devices.iter().map(diff).collect::<serde_json::Map<_, _>>());
    evidence.fact("vim-objects", shown.vims.iter().map(change).collect::<Vec<_>>());
}

fn functions(plan: &wire::Plan) -> Table {
    let mut table = Table::new(&[
        ("FUNCTION", Side::Left),
        ("RUNS IN", Side::Left),
        ("SERVERS", Side::Right),
        ("vCPU", Side::Right),
        ("MiB", Side::Right),
        ("GiB", Side::Right),
    ]);
    for function in &plan.functions {
        let used = function.resources.unwrap_or_default();
        let numbers = [function.servers.len() as u64, used.vcpu, used.memory_mib, used.storage_gib];
        let [servers, vcpu, memory, storage] = numbers.map(|number| number.to_string());
        table.row([function.id.clone(), function.vim.clone(), servers, vcpu, memory, storage]);
    }
    table
}

fn links(plan: &wire::Plan) -> Table {
    let mut table = Table::new(&[
        ("VIRTUAL LINK", Side::Left),
        ("LINKS", Side::Left),
        ("LATENCY", Side::Right),
        ("AT MOST", Side::Right),
        ("RATE", Side::Right),
    ]);
    for way in judge::directions(plan) {
        let bound = way.link.latency_bound_us.map(micros).unwrap_or_default();
        let latency = micros(way.way.latency_us);
        table.row([way.name(), way.route(), latency, bound, mbps(way.bandwidth_mbps)]);
    }
    for link in &plan.virtual_links {
        if let Some(Route::InsideVim(network)) = &link.route {
            let bound = link.latency_bound_us.map(micros).unwrap_or_default();
            let rate = mbps(link.bandwidth_a_to_z_mbps);
            table.row([
                link.id.clone(),
                format!("inside {}", network.vim),
                String::new(),
                bound,
                rate,
            ]);
        }
    }
    table
}

/// How much each device would be sent, and how that begins.
fn differences(shown: &wire::DryRun) -> Table {
    let mut table =
        Table::new(&[("SWITCH", Side::Left), ("LINES", Side::Right), ("FOR EXAMPLE", Side::Left)]);
    for diff in &shown.devices {
        let with_value = diff.lines.iter().find(|line| line.after.is_some());
        let example = with_value.map(line).unwrap_or_default();
        table.row([diff.device.clone(), diff.lines.len().to_string(), example]);
    }
    table
}

/// `+ PATH = VALUE`, `- PATH`.
fn line(line: &wire::DiffLine) -> String {
    match (&line.before, &line.after) {
        (_, Some(after)) => format!("+ {} = {after}", line.path),
        (Some(before), None) => format!("- {} = {before}", line.path),
        (None, None) => format!("- {}", line.path),
    }
}
