use super::*;
use serde_json::{Value, json};

/// The near end of a circuit: VLAN 100 of ge-0/0/0 enters the tunnel through et-0/2/0.
fn near() -> Value {
    json!({
        "openconfig-interfaces:interfaces": {"interface": [
            {"name": "ge-0/0/0", "config": {"enabled": true}, "subinterfaces": {"subinterface": [
                {"index": 100, "config": {"enabled": true},
                 "openconfig-vlan:vlan": {"match": {"single-tagged": {"config": {"vlan-id": 100}}}}},
            ]}},
            {"name": "et-0/2/0", "config": {"enabled": true}},
        ]},
        "openconfig-qos:qos": {
            "scheduler-policies": {"scheduler-policy": [{"name": "p", "schedulers": {"scheduler": [
                {"sequence": 1, "one-rate-two-color": {"config": {"cir": "50000000"}}}]}}]},
            "interfaces": {"interface": [{"interface-id": "x",
                "interface-ref": {"config": {"interface": "ge-0/0/0", "subinterface": 100}},
                "input": {"scheduler-policy": {"config": {"name": "p"}}}}]},
        },
        "openconfig-network-instance:network-instances": {"network-instance": [
            {"name": "default", "config": {"type": "openconfig-network-instance-types:DEFAULT_INSTANCE"},
             "mpls": {"lsps": {"static-lsps": {"static-lsp": [
                {"name": "out", "ingress": {"config": {"incoming-label": 500_000}, "lsp-next-hops": {"lsp-next-hop": [
                    {"index": 1, "config": {"push-label": 16, "interface": "et-0/2/0"}}]}}},
                {"name": "through", "transit": {"config": {"incoming-label": 20}, "lsp-next-hops": {"lsp-next-hop": [
                    {"index": 1, "config": {"push-label": 21, "interface": "et-0/2/0"}}]}}},
                {"name": "back", "egress": {"config": {"incoming-label": 17}}},
             ]}}}},
            {"name": "c", "config": {"type": "openconfig-network-instance-types:L2P2P", "enabled": true},
             "connection-points": {"connection-point": [
                {"connection-point-id": "local", "endpoints": {"endpoint": [{"endpoint-id": "local",
                    "config": {"type": "openconfig-network-instance-types:LOCAL"},
                    "local": {"config": {"interface": "ge-0/0/0", "subinterface": 100}}}]}},
                {"connection-point-id": "remote", "endpoints": {"endpoint": [{"endpoint-id": "remote",
                    "config": {"type": "openconfig-network-instance-types:REMOTE"},
                    "remote": {"config": {"virtual-circuit-identifier": 500_000}}}]}},
             ]}},
        ]},
    })
}

fn frame(port: &str, encapsulation: Encapsulation) -> Frame {
    Frame { port: port.into(), encapsulation, payload: "hello".into() }
}

#[test]
fn a_tagged_frame_is_policed_and_pushed() {
    let out =
        Tables::from_json(&near()).forward(&frame("ge-0/0/0", Encapsulation::Tagged(100))).unwrap();
    assert_eq!(out.frame, frame("et-0/2/0", Encapsulation::Mpls(vec![16, 500_000])));
    assert_eq!(out.policer, Some(50_000_000));
}

#[test]
fn frames_tell_which_entries_they_use_and_the_rest_is_idle() {
    let tables = Tables::from_json(&near());
    let in_and_out = [
        frame("ge-0/0/0", Encapsulation::Tagged(100)),
        frame("et-0/2/0", Encapsulation::Mpls(vec![17, 500_000])),
    ];
    let mut idle = tables.entries();
    for frame in in_and_out {
        for used in tables.forward(&frame).unwrap().used {
            idle.remove(&used);
        }
    }
    assert_eq!(Vec::from_iter(idle), [Entry::Lsp("through/transit".into())]);
}

#[test]
fn a_transit_label_is_swapped() {
    let out = Tables::from_json(&near())
        .forward(&frame("et-0/2/0", Encapsulation::Mpls(vec![20, 7])))
        .unwrap();
    assert_eq!(out.frame.encapsulation, Encapsulation::Mpls(vec![21, 7]));
}

#[test]
fn an_egress_label_is_popped_and_the_frame_delivered() {
    let out = Tables::from_json(&near())
        .forward(&frame("et-0/2/0", Encapsulation::Mpls(vec![17, 500_000])))
        .unwrap();
    assert_eq!(out.frame, frame("ge-0/0/0", Encapsulation::Tagged(100)));
}

#[test]
fn each_missing_piece_is_a_drop_that_names_it() {
    let cases: &[(&str, &str, Frame, Drop)] = &[
        ("", "", frame("xe-9", Encapsulation::Tagged(1)), Drop::NoInterface("xe-9".into())),
        (
            "",
            "",
            frame("ge-0/0/0", Encapsulation::Tagged(7)),
            Drop::NoSubinterface { port: "ge-0/0/0".into(), vlan: 7 },
        ),
        ("", "", frame("et-0/2/0", Encapsulation::Mpls(vec![99])), Drop::NoLabel(99)),
        ("", "", frame("et-0/2/0", Encapsulation::Mpls(vec![17])), Drop::StackEmpty),
        ("", "", frame("et-0/2/0", Encapsulation::Mpls(vec![17, 9])), Drop::UnknownCircuit(9)),
        (
            "\"push-label\":16",
            "\"metric\":1",
            frame("ge-0/0/0", Encapsulation::Tagged(100)),
            Drop::NoNextHop("out/ingress".into()),
        ),
        (
            "\"incoming-label\":500000",
            "\"incoming-label\":500001",
            frame("ge-0/0/0", Encapsulation::Tagged(100)),
            Drop::NoIngressLsp(500_000),
        ),
        (
            ":L2P2P\",\"enabled\":true",
            ":L2P2P\",\"enabled\":false",
            frame("ge-0/0/0", Encapsulation::Tagged(100)),
            Drop::CircuitDisabled("c".into()),
        ),
    ];
    for (from, to, frame, expected) in cases {
        let text = near().to_string();
        assert!(text.contains(from), "{from} is not in the configuration");
        let text = if from.is_empty() { text } else { text.replace(from, to) };
        let tables = Tables::from_json(&serde_json::from_str(&text).unwrap());
        assert_eq!(tables.forward(frame).as_ref(), Err(expected));
    }
}
