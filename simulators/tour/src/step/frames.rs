//! Frames arrive, by the planned way, in time, at the planned rate.

use super::Tour;
use crate::judge::{self, Direction};
use crate::report::{Evidence, Mismatch, Side, Table, mbps, micros};
use api::wire;
use api::wire::planned_link::Route;
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
        ("SERVICE", Side::Left),
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
            match follow(lab, &plan.intent, &direction) {
                Ok((trace, differences)) => {
                    evidence.object(differences);
                    table.row(row(&plan.intent, &direction, &trace));
                    facts.push(fact(&plan.intent, &direction, &trace));
                }
                Err(no_start) => evidence.object([no_start]),
            }
        }
    }
    told(plans, &facts, evidence);
    evidence.fact("frames", facts);
    evidence.show(table);
}

fn follow(
    lab: &Lab,
    intent: &str,
    direction: &Direction<'_>,
) -> Result<(Trace, Vec<Mismatch>), Mismatch> {
    let payload = format!("{intent} {}", direction.name());
    let (from, vlan) = direction.start().ok_or_else(|| {
        let found = format!("{} VLAN {}", direction.from.port, direction.from.vlan);
        Mismatch::new(direction.name(), "an attachment", found)
    })?;
    let trace = lab.trace(&from, vlan, &payload);
    let differences = judge::compare_route(direction, &trace, &payload);
    Ok((trace, differences))
}

fn told(plans: &[wire::Plan], facts: &[serde_json::Value], evidence: &mut Evidence) {
    let frames = facts.len();
    let links: Vec<_> = plans.iter().flat_map(|plan| &plan.virtual_links).collect();
    let stays = |link: &&&wire::PlannedLink| matches!(link.route, Some(Route::InsideVim(_)));
    let inside = links.iter().filter(stays).count();
    if frames == 0 {
        evidence.object([Mismatch::new("virtual links over switches", "some", "none")]);
    }
    evidence.expect(
        "frames for both ways of each virtual link",
        &(2 * (links.len() - inside)),
        &frames,
    );
    evidence.say(format!(
        "{frames} frames went in, and each was followed through the switches' running configurations."
    ));
    if inside > 0 {
        evidence.conclude(format!(
            "Virtual links that stay inside a VIM: {inside}; the servers of both ends are on its network."
        ));
    }
    evidence.fact("inside-vims", inside);
}

fn row(intent: &str, direction: &Direction<'_>, trace: &Trace) -> [String; 8] {
    let place = |at: &wire::Attachment| format!("{}.{}", at.port, at.vlan);
    let bound = direction.link.latency_bound_us.map(micros).unwrap_or_default();
    let rate = trace.policer.map(|bits| mbps(bits / BITS_PER_MEGABIT)).unwrap_or_default();
    let links = judge::joined(trace.links.iter().map(|link| link.as_str()));
    let (from, to) = (place(direction.from), place(direction.to));
    let latency = micros(trace.latency.0);
    [intent.to_owned(), direction.name(), from, to, links, latency, bound, rate]
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
