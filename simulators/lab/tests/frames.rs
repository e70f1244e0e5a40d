//! Frames over configurations that are written by hand: three switches in a row, one circuit.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

use lab::audit::{Carried, carried};
use lab::scenario::{Addresses, Scenario, build};
use lab::trace::{Cables, Outcome, Trace, trace};
use model::topology::{Protocol, Topology, Trust};
use model::{DeviceId, Mbps, Micros, PortRef};
use serde_json::{Value, json};
use sim_device::forwarding::{Drop, Entry, Tables};
use std::collections::BTreeMap;
use std::sync::Arc;

const ROW: &str = "
scenario: row
fibre: { route-factor: 1.0 }
capacity: [{ up-to-km: 1000, mbps: 1000 }]
sites:
  - { id: a, city: A, at: [50.0, 8.0], protocol: netconf }
  - { id: m, city: M, at: [50.0, 9.0], protocol: netconf }
  - { id: z, city: Z, at: [50.0, 10.0], protocol: netconf }
links: [[a, m], [m, z]]
access-ports: 1
access-mbps: 100
";

struct Nowhere;

impl Addresses for Nowhere {
    fn device(&self, _: &str, _: Protocol) -> (String, Trust) {
        (String::new(), Trust::Insecure)
    }
    fn vim(&self, _: &str) -> (String, Option<String>) {
        (String::new(), None)
    }
}

/// The configurations by device; a test spoils what it wants to.
struct Row {
    topology: Topology,
    configurations: BTreeMap<String, String>,
}

impl Row {
    fn new() -> Self {
        let topology = build(&Scenario::parse(ROW).unwrap(), &Nowhere).unwrap();
        let ends = [("a1", "et-0/2/0", 16, 19), ("z1", "et-0/2/0", 18, 17)];
        let mut configurations: BTreeMap<String, String> = ends
            .map(|(device, core, push, pop)| (device.to_owned(), end(core, push, pop).to_string()))
            .into();
        configurations.insert("m1".to_owned(), middle().to_string());
        Self { topology, configurations }
    }

    fn spoil(mut self, device: &str, from: &str, to: &str) -> Self {
        let text = self.configurations.get_mut(device).unwrap();
        assert!(text.contains(from), "{device} has no {from}: {text}");
        *text = text.replace(from, to);
        self
    }

    fn tables(&self) -> BTreeMap<DeviceId, Arc<Tables>> {
        let read = |(device, text): (&String, &String)| {
            let tables = Tables::from_json(&serde_json::from_str(text).unwrap());
            (device.parse().unwrap(), Arc::new(tables))
        };
        self.configurations.iter().map(read).collect()
    }

    fn sent_at_a(&self) -> Trace {
        let tables = self.tables();
        let cables = Cables::of(&self.topology);
        trace(&cables, &|device| tables.get(device).cloned(), &port("a1", "ge-0/0/0"), 100, "hello")
    }

    fn carried(&self) -> Carried {
        carried(&Cables::of(&self.topology), &self.tables())
    }
}

fn port(device: &str, interface: &str) -> PortRef {
    PortRef { device: device.parse().unwrap(), interface: interface.parse().unwrap() }
}

/// One end: VLAN 100 of ge-0/0/0 is joined to circuit 500, policed to 50 Mbps.
fn end(core: &str, push: u32, pop: u32) -> Value {
    json!({
        "interfaces": {"interface": [
            {"name": "ge-0/0/0", "config": {"enabled": true}, "subinterfaces": {"subinterface": [
                {"index": 100, "config": {"enabled": true},
                 "vlan": {"match": {"single-tagged": {"config": {"vlan-id": 100}}}}}]}},
            {"name": core, "config": {"enabled": true}}]},
        "qos": {
            "scheduler-policies": {"scheduler-policy": [{"name": "p", "schedulers": {"scheduler": [
                {"sequence": 1, "one-rate-two-color": {"config": {"cir": "50000000"}}}]}}]},
            "interfaces": {"interface": [{"interface-id": "p",
                "interface-ref": {"config": {"interface": "ge-0/0/0", "subinterface": 100}},
                "input": {"scheduler-policy": {"config": {"name": "p"}}}}]}},
        "network-instances": {"network-instance": [
            {"name": "default", "config": {"type": "DEFAULT_INSTANCE"},
             "mpls": {"lsps": {"static-lsps": {"static-lsp": [
                {"name": "out", "ingress": {"config": {"incoming-label": 500},
                    "lsp-next-hops": {"lsp-next-hop": [{"index": 1, "config": {"push-label": push, "interface": core}}]}}},
                {"name": "in", "egress": {"config": {"incoming-label": pop}}}]}}}},
            {"name": "c", "config": {"type": "L2P2P"}, "connection-points": {"connection-point": [
                {"connection-point-id": "local", "endpoints": {"endpoint": [{"endpoint-id": "local",
                    "config": {"type": "LOCAL"}, "local": {"config": {"interface": "ge-0/0/0", "subinterface": 100}}}]}},
                {"connection-point-id": "remote", "endpoints": {"endpoint": [{"endpoint-id": "remote",
                    "config": {"type": "REMOTE"}, "remote": {"config": {"virtual-circuit-identifier": 500}}}]}}]}}]},
    })
}

/// 16 becomes 17 towards z, 18 becomes 19 towards a.
fn middle() -> Value {
    let swap = |name: &str, incoming: u32, push: u32, out: &str| {
        json!({"name": name, "transit": {"config": {"incoming-label": incoming},
            "lsp-next-hops": {"lsp-next-hop": [{"index": 1, "config": {"push-label": push, "interface": out}}]}}})
    };
    json!({
        "interfaces": {"interface": [{"name": "et-0/2/0"}, {"name": "et-0/2/1"}]},
        "network-instances": {"network-instance": [
            {"name": "default", "config": {"type": "DEFAULT_INSTANCE"}, "mpls": {"lsps": {"static-lsps":
                {"static-lsp": [swap("there", 16, 17, "et-0/2/1"), swap("back", 18, 19, "et-0/2/0")]}}}}]},
    })
}

#[test]
fn a_frame_arrives_with_its_way_its_delay_and_its_rate() {
    let row = Row::new();
    let trace = row.sent_at_a();
    let outcome =
        Outcome::Delivered { to: port("z1", "ge-0/0/0"), vlan: 100, payload: "hello".to_owned() };
    assert_eq!(trace.outcome, outcome);
    assert_eq!(Vec::from_iter(trace.links.iter().map(|link| link.as_str())), ["a-m", "m-z"]);
    let latency: u64 = ["a-m", "m-z"].map(|link| row.topology.links[link].latency.0).iter().sum();
    assert_eq!(trace.latency, Micros(latency));
    assert_eq!(trace.policer, Some(50_000_000));
    assert_eq!(trace.labels, [[16, 500], [17, 500]]);
    let actions: Vec<_> = trace.hops.iter().map(|hop| hop.action.as_str()).collect();
    assert_eq!(
        actions,
        ["push 16 over circuit 500", "swap 16 for 17", "pop 17, deliver circuit 500"]
    );
}

#[test]
fn a_frame_is_dropped_where_its_way_ends() {
    let cases = [
        ("m1", "\"incoming-label\":16", "\"incoming-label\":99", "m1", Drop::NoLabel(16)),
        ("z1", "\"incoming-label\":17", "\"incoming-label\":99", "z1", Drop::NoLabel(17)),
        (
            "z1",
            "\"virtual-circuit-identifier\":500",
            "\"virtual-circuit-identifier\":501",
            "z1",
            Drop::UnknownCircuit(500),
        ),
    ];
    for (device, from, to, at, reason) in cases {
        let outcome = Row::new().spoil(device, from, to).sent_at_a().outcome;
        assert_eq!(outcome, Outcome::Dropped { device: at.parse().unwrap(), reason });
    }
}

#[test]
fn a_frame_that_leaves_through_the_wrong_port_is_lost() {
    // m1 sends it out of a port that has no cable.
    let row = Row::new().spoil("m1", "et-0/2/1", "ge-0/0/0");
    assert!(
        matches!(row.sent_at_a().outcome, Outcome::Lost { .. }),
        "{:?}",
        row.sent_at_a().outcome
    );
    // a1 and m1 send it to and fro for ever.
    let row = Row::new().spoil(
        "m1",
        "\"push-label\":17,\"interface\":\"et-0/2/1\"",
        "\"push-label\":19,\"interface\":\"et-0/2/0\"",
    );
    let row = row.spoil("a1", "\"name\":\"in\",\"egress\":{\"config\":{\"incoming-label\":19}}",
        "\"name\":\"in\",\"transit\":{\"config\":{\"incoming-label\":19},\"lsp-next-hops\":{\"lsp-next-hop\":[{\"index\":1,\"config\":{\"push-label\":16,\"interface\":\"et-0/2/0\"}}]}}");
    let trace = row.sent_at_a();
    assert!(matches!(trace.outcome, Outcome::Lost { .. }), "{:?}", trace.outcome);
    assert!(trace.hops.len() > 10);
}

#[test]
fn the_audit_counts_both_directions() {
    let carried = Row::new().carried();
    let each = |names: &[&str]| -> BTreeMap<String, Mbps> {
        names.iter().map(|name| ((*name).to_owned(), Mbps(50))).collect()
    };
    let links: BTreeMap<String, Mbps> =
        carried.links.iter().map(|(link, rate)| (link.to_string(), *rate)).collect();
    assert_eq!(links, each(&["a-m", "m-a", "m-z", "z-m"]));
    assert_eq!(carried.enters, each(&["a1:ge-0/0/0", "z1:ge-0/0/0"]));
    assert_eq!(carried.leaves, carried.enters);
    assert_eq!((carried.attachments, carried.broken.len()), (2, 0));
    assert_eq!(carried.idle, BTreeMap::new());
}

#[test]
fn the_audit_sees_a_wrong_policer() {
    let carried = Row::new().spoil("a1", "50000000", "51000000").carried();
    assert_eq!(carried.links["a-m"], Mbps(51));
    assert_eq!(carried.links["m-a"], Mbps(50));
}

#[test]
fn the_audit_sees_what_is_left_over() {
    let left = ",{\"name\":\"old\",\"transit\":{\"config\":{\"incoming-label\":40}}}";
    let row = Row::new().spoil("m1", "]}}}}]}", &format!("{left}]}}}}}}}}]}}"));
    let carried = row.carried();
    let idle = Entry::Lsp("old/transit".to_owned());
    assert_eq!(carried.idle, BTreeMap::from([("m1".parse().unwrap(), [idle].into())]));
    assert_eq!(carried.broken, []);
}

#[test]
fn the_audit_sees_an_attachment_that_leads_nowhere() {
    let carried =
        Row::new().spoil("m1", "\"incoming-label\":18", "\"incoming-label\":98").carried();
    assert_eq!(carried.broken.len(), 1);
    assert_eq!(carried.broken[0].port, port("z1", "ge-0/0/0"));
    assert!(carried.broken[0].reason.contains("18"), "{}", carried.broken[0].reason);
    assert!(
        carried.idle.contains_key("m1") && carried.idle.contains_key("a1"),
        "{:?}",
        carried.idle
    );
}
