//! What must hold when everything has come to rest. The judge shares no state with the engine: it
//! has the plans, the devices and the VIMs.

use super::place;
use crate::{FakeDevices, FakeVims, fixture};
use device_config::fragments;
use engine::api::{IntentState, TransactionPhase, View};
use model::plan::{Plan, Route};
use model::{DeviceId, VimId};
use planner::Books;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use yang::Tree;

pub(super) fn check(view: &View, devices: &FakeDevices, vims: &FakeVims) -> Result<(), String> {
    ended(view)?;
    states(view)?;
    let plans: Vec<Arc<Plan>> = view.intents.values().filter_map(|i| i.plan.clone()).collect();
    books(view, &plans)?;
    for device in place::devices() {
        holds_what_plans_say(&device, &plans, devices)?;
        if let Some(holder) = devices.holder(&device) {
            return Err(format!("device {device} is still held by {holder}"));
        }
    }
    for vim in place::vims() {
        runs_what_plans_say(&vim, &plans, vims)?;
    }
    Ok(())
}

fn ended(view: &View) -> Result<(), String> {
    if let Some(open) = view.operations.values().find(|o| !o.state.is_done()) {
        return Err(format!("operation {} has not ended: {}", open.id, open.phase));
    }
    let over = |phase| matches!(phase, TransactionPhase::Done | TransactionPhase::RolledBack);
    match view.transactions.values().find(|t| !over(t.phase)) {
        Some(open) => Err(format!("transaction {} is still {:?}", open.id, open.phase)),
        None => Ok(()),
    }
}

/// State shown is state that is.
fn states(view: &View) -> Result<(), String> {
    for (name, record) in &view.intents {
        let fits = match &record.state {
            IntentState::Active { .. } | IntentState::Degraded { .. } => record.plan.is_some(),
            IntentState::Failed { .. } => record.plan.is_none(),
            IntentState::Accepted
            | IntentState::Deploying { .. }
            | IntentState::Removing { .. } => false,
        };
        if !fits {
            let plan = record.plan.is_some();
            return Err(format!("intent {name} is {:?} at rest, plan: {plan}", record.state));
        }
    }
    Ok(())
}

/// No double use, no capacity exceeded, and the engine's books are those of the plans.
fn books(view: &View, plans: &[Arc<Plan>]) -> Result<(), String> {
    let mut books = Books::default();
    for plan in plans {
        books.add(plan, &view.topology).map_err(|e| e.to_string())?;
    }
    for (link, used) in books.links() {
        let capacity = view.topology.links[link].capacity;
        if used > capacity {
            return Err(format!("link {link} carries {used} of {capacity}"));
        }
    }
    for (vim, used) in books.vims() {
        if let Some(short) = view.topology.vims[vim].capacity.first_shortage(used) {
            return Err(format!("VIM {vim} is overbooked: {short:?}"));
        }
    }
    let (links, ports, used) = books.totals();
    if (&links, &ports, &used) != (&view.usage.links, &view.usage.ports, &view.usage.vims) {
        return Err(format!("the books are {:?}, the plans use {links:?}", view.usage));
    }
    Ok(())
}

fn holds_what_plans_say(
    device: &DeviceId,
    plans: &[Arc<Plan>],
    devices: &FakeDevices,
) -> Result<(), String> {
    let running = devices.running(device);
    let expected = expected(device, plans)?;
    if running == expected {
        return Ok(());
    }
    let first = expected.diff(&running).into_iter().next();
    Err(format!("device {device} is not what the plans say: {first:?}"))
}

/// What it booted with, and what the plans own.
fn expected(device: &DeviceId, plans: &[Arc<Plan>]) -> Result<Tree, String> {
    let topology = place::topology();
    let mut tree = fixture::boot(&topology.devices[device]);
    let profile = fixture::openconfig();
    for plan in plans {
        let by_device = fragments(plan, &topology).map_err(|e| e.to_string())?;
        let Some(own) = by_device.get(device) else { continue };
        let rendered = profile.render(own).map_err(|e| e.to_string())?;
        for (path, value) in rendered.leaves() {
            tree.set(path, Some(value.to_owned()));
        }
    }
    Ok(tree)
}

fn runs_what_plans_say(vim: &VimId, plans: &[Arc<Plan>], vims: &FakeVims) -> Result<(), String> {
    let found: BTreeSet<String> = vims.objects(vim).into_iter().collect();
    let expected = objects(plans).remove(vim).unwrap_or_default();
    if found == expected {
        return Ok(());
    }
    Err(format!("VIM {vim} has {found:?}, the plans want {expected:?}"))
}

/// Networks and servers by VIM.
fn objects(plans: &[Arc<Plan>]) -> BTreeMap<VimId, BTreeSet<String>> {
    let mut all: BTreeMap<VimId, BTreeSet<String>> = BTreeMap::new();
    let mut put = |vim: &VimId, name: &str| {
        all.entry(vim.clone()).or_default().insert(name.to_owned());
    };
    for plan in plans {
        for link in &plan.virtual_links {
            match &link.route {
                Route::InsideVim { vim, network } => put(vim, network),
                Route::Circuit(circuit) => {
                    let ends = [&circuit.a.vim_network, &circuit.z.vim_network];
                    ends.into_iter().flatten().for_each(|network| put(&network.vim, &network.name));
                }
            }
        }
        for function in &plan.functions {
            for server in &function.servers {
                put(&function.vim, &server.name);
            }
        }
    }
    all
}
