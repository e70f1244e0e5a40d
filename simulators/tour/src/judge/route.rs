//! The way of a frame against the way that was planned for it.

use super::paths::circuit;
use crate::report::{Mismatch, micros};
use api::wire;
use lab::trace::{Outcome, Trace};
use model::topology::Topology;
use model::{Micros, PortRef, VlanId};

const BITS_PER_MEGABIT: u64 = 1_000_000;

/// One direction of a planned virtual link that leaves its VIM.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Direction<'p> {
    pub(crate) link: &'p wire::PlannedLink,
    pub(crate) arrow: &'static str,
    pub(crate) from: &'p wire::Attachment,
    pub(crate) way: &'p wire::Lsp,
    pub(crate) to: &'p wire::Attachment,
    pub(crate) bandwidth_mbps: u64,
    /// The inner label.
    vc: u32,
}

/// Both directions of every circuit of a plan.
pub(crate) fn directions(plan: &wire::Plan) -> Vec<Direction<'_>> {
    plan.virtual_links.iter().flat_map(both).collect()
}

fn both(link: &wire::PlannedLink) -> Vec<Direction<'_>> {
    let Some(wire::Circuit {
        a: Some(a),
        z: Some(z),
        a_to_z: Some(there),
        z_to_a: Some(back),
        vc,
        ..
    }) = circuit(link)
    else {
        return Vec::new();
    };
    let direction = |arrow, from, way, to, bandwidth_mbps| Direction {
        link,
        arrow,
        from,
        way,
        to,
        bandwidth_mbps,
        vc: *vc,
    };
    vec![
        direction("a → z", a, there, z, link.bandwidth_a_to_z_mbps),
        direction("z → a", z, back, a, link.bandwidth_z_to_a_mbps),
    ]
}

impl Direction<'_> {
    /// `n3 a → z`.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.link.id, self.arrow)
    }

    /// Where a frame is put in.
    pub(crate) fn start(&self) -> Option<(PortRef, VlanId)> {
        Some((port(&self.from.port)?, vlan(self.from.vlan)?))
    }

    /// The planned links in order, `bru-par par-fra`.
    pub(crate) fn route(&self) -> String {
        joined(self.way.hops.iter().map(|hop| hop.link.as_str()))
    }
}

pub(crate) fn port(text: &str) -> Option<PortRef> {
    let (device, interface) = text.split_once(':')?;
    Some(PortRef { device: device.parse().ok()?, interface: interface.parse().ok()? })
}

fn vlan(id: u32) -> Option<VlanId> {
    VlanId::new(u16::try_from(id).ok()?)
}

pub(crate) fn joined<'t>(links: impl Iterator<Item = &'t str>) -> String {
    let text = links.collect::<Vec<_>>().join(" ");
    if text.is_empty() { "(one switch)".to_owned() } else { text }
}

/// Everything in which the frame's way differs from the plan, or the plan's from what was asked.
pub(crate) fn compare(direction: &Direction<'_>, trace: &Trace, payload: &str) -> Vec<Mismatch> {
    let name = direction.name();
    let mut found = Vec::new();
    let mut expect = |what: &str, expected: String, seen: String| {
        if expected != seen {
            found.push(Mismatch::new(format!("{name}: {what}"), expected, seen));
        }
    };
    let there = format!("delivered at {} VLAN {}", direction.to.port, direction.to.vlan);
    expect("frame", there, trace.outcome.to_string());
    if let Outcome::Delivered { payload: carried, .. } = &trace.outcome {
        expect("payload", payload.to_owned(), carried.clone());
    }
    let links = joined(trace.links.iter().map(|link| link.as_str()));
    expect("route", direction.route(), links);
    let hops = direction.way.hops.iter();
    let planned: Vec<_> = hops.map(|hop| vec![hop.label, direction.vc]).collect();
    expect("labels", stacks(&planned), stacks(&trace.labels));
    expect("latency", micros(direction.way.latency_us), micros(trace.latency.0));
    expect(
        "policer of the plan",
        mbps(direction.bandwidth_mbps),
        mbps(direction.from.policer_mbps),
    );
    expect("policer", bits(direction.bandwidth_mbps), trace.policer.map_or_else(|| bits(0), exact));
    found.extend(too_slow(direction, trace.latency));
    found
}

/// The plan's ways against the topology: each is whole, and as long as it says.
pub(crate) fn planned(direction: &Direction<'_>, topology: &Topology) -> Vec<Mismatch> {
    let name = direction.name();
    let mut found = Vec::new();
    let mut at = device(&direction.from.port).to_owned();
    let mut latency = Micros::ZERO;
    for hop in &direction.way.hops {
        match topology.links.get(hop.link.as_str()) {
            Some(link) if link.from.device.as_str() == at => {
                link.to.device.as_str().clone_into(&mut at);
                latency = latency.saturating_add(link.latency);
            }
            _ => found.push(Mismatch::new(&name, format!("a link that leaves {at}"), &hop.link)),
        }
    }
    let end = device(&direction.to.port);
    if at != end {
        found.push(Mismatch::new(format!("{name}: end of the planned way"), end, at));
    }
    if latency.0 != direction.way.latency_us {
        let (sum, said) = (micros(latency.0), micros(direction.way.latency_us));
        found.push(Mismatch::new(format!("{name}: planned latency"), sum, said));
    }
    found.extend(too_slow(direction, latency));
    found
}

fn too_slow(direction: &Direction<'_>, latency: Micros) -> Option<Mismatch> {
    let bound = direction.link.latency_bound_us.filter(|bound| latency.0 > *bound)?;
    let what = format!("{}: latency that was asked for", direction.name());
    Some(Mismatch::new(what, format!("at most {}", micros(bound)), micros(latency.0)))
}

fn device(port: &str) -> &str {
    port.split_once(':').map_or(port, |(device, _)| device)
}

/// `16.500 17.500`, outer label first.
fn stacks(labels: &[Vec<u32>]) -> String {
    let stack =
        |stack: &Vec<u32>| stack.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
    labels.iter().map(stack).collect::<Vec<_>>().join(" ")
}

fn mbps(value: u64) -> String {
    crate::report::mbps(value)
}

/// What a policer has, in bit/s; none polices nothing.
fn bits(mbps: u64) -> String {
    match mbps {
        0 => "none".to_owned(),
        mbps => exact(mbps.saturating_mul(BITS_PER_MEGABIT)),
    }
}

fn exact(bits: u64) -> String {
    format!("{bits} bit/s")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use lab::trace::TraceHop;
    use model::topology::Link;
    use sim_device::forwarding::Drop;
    use std::collections::BTreeSet;

    /// n3 from a1 over m1 to z1: 2 Gbps each way in at most 3 ms.
    pub(crate) fn link() -> wire::PlannedLink {
        let attachment = |device: &str, vlan| wire::Attachment {
            port: format!("{device}:ge-0/0/0"),
            vlan,
            policer_mbps: 2000,
            vim_network: None,
        };
        let way = |links: [&str; 2]| wire::Lsp {
            hops: links.map(|link| wire::Hop { link: link.to_owned(), label: 16 }).to_vec(),
            latency_us: 2100,
        };
        let circuit = wire::Circuit {
            name: "svc.n3".to_owned(),
            vc: 500,
            a: Some(attachment("a1", 100)),
            z: Some(attachment("z1", 200)),
            a_to_z: Some(way(["a-m", "m-z"])),
            z_to_a: Some(way(["z-m", "m-a"])),
        };
        wire::PlannedLink {
            id: "n3".to_owned(),
            bandwidth_a_to_z_mbps: 2000,
            bandwidth_z_to_a_mbps: 2000,
            latency_bound_us: Some(3000),
            route: Some(wire::planned_link::Route::Circuit(circuit)),
            ..Default::default()
        }
    }

    pub(crate) fn plan() -> wire::Plan {
        wire::Plan { virtual_links: vec![link()], ..Default::default() }
    }

    pub(crate) fn topology() -> Topology {
        let mut topology = Topology::default();
        for (id, from, to, latency) in [
            ("a-m", "a1:e1", "m1:e1", 1000),
            ("m-a", "m1:e1", "a1:e1", 1000),
            ("m-z", "m1:e2", "z1:e1", 1100),
            ("z-m", "z1:e1", "m1:e2", 1100),
        ] {
            let link = Link {
                id: id.parse().unwrap(),
                from: port(from).unwrap(),
                to: port(to).unwrap(),
                capacity: model::Mbps(10_000),
                latency: Micros(latency),
                te_metric: 1,
                admin_groups: 0,
                srlgs: BTreeSet::new(),
            };
            topology.links.insert(link.id.clone(), link);
        }
        topology
    }

    pub(crate) fn trace() -> Trace {
        let hop = TraceHop {
            device: "a1".parse().unwrap(),
            came_in: "ge-0/0/0 VLAN 100".to_owned(),
            action: "push 16 over circuit 500".to_owned(),
            went_out: "e1 labels [16, 500]".to_owned(),
            used: Vec::new(),
        };
        Trace {
            from: port("a1:ge-0/0/0").unwrap(),
            vlan: 100,
            hops: vec![hop],
            links: ["a-m", "m-z"].map(|link| link.parse().unwrap()).to_vec(),
            labels: vec![vec![16, 500]; 2],
            latency: Micros(2100),
            policer: Some(2_000_000_000),
            outcome: Outcome::Delivered {
                to: port("z1:ge-0/0/0").unwrap(),
                vlan: 200,
                payload: "hello".to_owned(),
            },
        }
    }

    #[test]
    fn a_frame_that_goes_as_planned_is_no_mismatch() {
        let plan = plan();
        let directions = directions(&plan);
        assert_eq!(directions.len(), 2);
        assert_eq!(compare(&directions[0], &trace(), "hello"), []);
        assert_eq!(planned(&directions[0], &topology()), []);
        assert_eq!(planned(&directions[1], &topology()), []);
        assert_eq!(directions[1].start().unwrap().0, port("z1:ge-0/0/0").unwrap());
    }

    #[test]
    fn whatever_differs_is_told() {
        type Spoil = fn(&mut Trace);
        let cases: [(&str, Spoil); 9] = [
            ("n3 a → z: frame", |t| {
                let device = "m1".parse().unwrap();
                t.outcome = Outcome::Dropped { device, reason: Drop::NoLabel(16) };
            }),
            ("n3 a → z: frame", |t| {
                let Outcome::Delivered { vlan, .. } = &mut t.outcome else { unreachable!() };
                *vlan = 201;
            }),
            ("n3 a → z: payload", |t| {
                let Outcome::Delivered { payload, .. } = &mut t.outcome else { unreachable!() };
                *payload = "another".to_owned();
            }),
            ("n3 a → z: route", |t| t.links.truncate(1)),
            ("n3 a → z: labels", |t| t.labels[1][0] = 17),
            ("n3 a → z: labels", |t| t.labels[0][1] = 501),
            ("n3 a → z: latency", |t| t.latency = Micros(2101)),
            ("n3 a → z: policer", |t| t.policer = Some(2_000_000_001)),
            ("n3 a → z: policer", |t| t.policer = None),
        ];
        for (what, spoil) in cases {
            let mut trace = trace();
            spoil(&mut trace);
            let plan = plan();
            let found = compare(&directions(&plan)[0], &trace, "hello");
            assert_eq!(found.iter().map(|m| m.what.as_str()).collect::<Vec<_>>(), [what]);
        }
    }

    #[test]
    fn a_way_that_is_slower_than_asked_is_told_even_if_it_is_the_planned_one() {
        let mut plan = plan();
        plan.virtual_links[0].latency_bound_us = Some(2099);
        let directions = directions(&plan);
        for found in
            [compare(&directions[0], &trace(), "hello"), planned(&directions[0], &topology())]
        {
            assert_eq!(found.len(), 1);
            assert!(found[0].what.contains("asked for"), "{found:?}");
        }
    }

    #[test]
    fn a_planned_way_with_a_gap_or_a_wrong_sum_is_told() {
        let mut plan = plan();
        let Some(wire::planned_link::Route::Circuit(circuit)) = &mut plan.virtual_links[0].route
        else {
            unreachable!()
        };
        let way = circuit.a_to_z.as_mut().unwrap();
        way.hops.remove(0);
        way.latency_us = 1100;
        let found = planned(&directions(&plan)[0], &topology());
        assert!(found.iter().any(|m| m.expected == "a link that leaves a1"), "{found:?}");
        assert!(found.iter().any(|m| m.what.contains("end of the planned way")), "{found:?}");
    }
}
