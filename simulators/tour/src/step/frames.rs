//! Frames arrive, by the planned way, in time, at the planned rate.

use super::Tour;
use crate::judge::{self, Direction};
use crate::report::{Evidence, Mismatch, Side, Table, mbps, micros};
use api::wire;
use lab::Lab;
use lab::trace::Trace;
use serde_json::json;

const BITS_PER_MEGABIT: u64 = 1_000_000;

pub(super) fn take(tour: &mut Tour) -> Result<Evidence, Mismatch> {
    let stage = tour.stage()?;
    let mut evidence = Evidence::default();
    send(&stage.lab, &tour.plans, &mut evidence);
    Ok(evidence)
}

/// One frame for each direction of each virtual link of each plan.
pub(super) fn send(lab: &Lab, plans: &[wire::Plan], evidence: &mut Evidence) {
    let mut table = Table::new(&[
        ("FRAME", Side::Left),
        ("FROM", Side::Left),
        ("TO", Side::Left),
        ("LINKS", Side::Left),
        ("LATENCY", Side::Right),
        ("AT MOST", Side::Right),
        ("POLICED TO", Side::Right),
    ]);
    let mut facts = Vec::new();
    for plan in plans {
        evidence.object(judge::networks(plan, lab.topology(), &lab.vim_networks()));
        for direction in judge::directions(plan) {
            let payload = format!("{} {}", plan.intent, direction.name());
            let Some((from, vlan)) = direction.start() else {
                let found = format!("{} VLAN {}", direction.from.port, direction.from.vlan);
                evidence.object([Mismatch::new(direction.name(), "an attachment", found)]);
                continue;
            };
            let trace = lab.trace(&from, vlan, &payload);
            evidence.object(judge::compare_route(&direction, &trace, &payload));
            table.row(row(&direction, &trace));
            facts.push(fact(&plan.intent, &direction, &trace));
        }
    }
    if facts.is_empty() {
        evidence.object([Mismatch::new("virtual links between VIMs and ports", "some", "none")]);
    }
    let inside: usize =
        plans.iter().map(|plan| plan.virtual_links.len()).sum::<usize>() - facts.len() / 2;
    evidence.say(format!(
        "{} frames sent, each through the running configurations of the switches on its way.",
        facts.len()
    ));
    if inside > 0 {
        evidence.say(format!(
            "{inside} virtual links stay inside a VIM: both ends are on its network."
        ));
    }
    evidence.fact("frames", facts);
    evidence.fact("inside-vims", inside);
    evidence.show(table);
}

fn row(direction: &Direction<'_>, trace: &Trace) -> [String; 7] {
    let place = |at: &wire::Attachment| format!("{}.{}", at.port, at.vlan);
    let bound = direction.link.latency_bound_us.map(micros).unwrap_or_default();
    let rate = trace.policer.map(|bits| mbps(bits / BITS_PER_MEGABIT)).unwrap_or_default();
    let links = judge::joined(trace.links.iter().map(|link| link.as_str()));
    let (from, to) = (place(direction.from), place(direction.to));
    [direction.name(), from, to, links, micros(trace.latency.0), bound, rate]
}

fn fact(intent: &str, direction: &Direction<'_>, trace: &Trace) -> serde_json::Value {
    json!({
        "intent": intent, "link": direction.link.id, "direction": direction.arrow,
        "outcome": trace.outcome.to_string(), "links": trace.links,
        "planned": direction.way.hops.iter().map(|hop| &hop.link).collect::<Vec<_>>(),
        "latency-us": trace.latency, "bound-us": direction.link.latency_bound_us,
        "policer-bit-s": trace.policer,
    })
}
