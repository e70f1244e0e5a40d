//! Value → message → bytes → message → value, and bad messages with all that is wrong with them.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use api::wire::{self, intent::Spec};
use api::{parse, show};
use model::intent::{
    ConnectivityPattern, ConnectivitySpec, Intent, IntentSpec, NetworkServiceSpec, PlacementRule,
    SapBinding, Slo,
};
use model::topology::{
    Device, DriftPolicy, Interface, InterfaceRole, Link, Management, Pop, Protocol, SecretRef,
    Topology, Trust, Vim, VimKind,
};
use model::{Mbps, Micros, PortRef, Resources, VlanId};
use prost::Message;
use std::collections::BTreeMap;

fn port(device: &str, interface: &str) -> PortRef {
    PortRef { device: device.parse().unwrap(), interface: interface.parse().unwrap() }
}

fn binding(device: &str, interface: &str, vlan: Option<u16>) -> SapBinding {
    SapBinding { port: port(device, interface), vlan: vlan.and_then(VlanId::new) }
}

fn network_service() -> Intent {
    let rule = PlacementRule {
        pops: ["ams", "fra"].map(|pop| pop.parse().unwrap()).into(),
        excluded_pops: ["lon".parse().unwrap()].into(),
    };
    Intent {
        name: "core-1".parse().unwrap(),
        priority: 7,
        labels: BTreeMap::from([("tier".into(), "gold".into())]),
        spec: IntentSpec::NetworkService(NetworkServiceSpec {
            nsd: "urn:5gc/1".parse().unwrap(),
            flavour: Some("small".into()),
            instantiation_level: None,
            saps: BTreeMap::from([(
                "n6".parse().unwrap(),
                binding("ams", "et-0/0/1:2", Some(4094)),
            )]),
            placement: BTreeMap::from([("upf".into(), rule)]),
        }),
    }
}

fn connectivity() -> Intent {
    Intent {
        name: "wire".parse().unwrap(),
        priority: 0,
        labels: BTreeMap::new(),
        spec: IntentSpec::Connectivity(ConnectivitySpec {
            pattern: ConnectivityPattern::HubAndSpoke,
            endpoints: vec![
                binding("ams", "a1", None),
                binding("fra", "a1", Some(10)),
                binding("lon", "a2", None),
            ],
            slo: Slo { bandwidth: Mbps(2000), latency: Some(Micros(10_000)) },
        }),
    }
}

#[test]
fn intents_survive_the_wire() {
    for intent in [network_service(), connectivity()] {
        let bytes = show::intent(&intent).encode_to_vec();
        let message = wire::Intent::decode(bytes.as_slice()).unwrap();
        assert_eq!(parse::intent(&message), Ok(intent));
    }
}

fn device(id: &str, management: Management, drift: DriftPolicy) -> Device {
    let interface = |role, address: Option<&str>| Interface {
        role,
        capacity: Mbps(10_000),
        address: address.map(|text| text.parse().unwrap()),
    };
    Device {
        id: id.parse().unwrap(),
        pop: "ams".parse().unwrap(),
        profile: "openconfig".parse().unwrap(),
        management,
        router_id: "10.0.0.1".parse().unwrap(),
        drift,
        interfaces: BTreeMap::from([
            ("c1".parse().unwrap(), interface(InterfaceRole::Core, Some("10.1.0.1"))),
            ("v1".parse().unwrap(), interface(InterfaceRole::Vim, None)),
            ("a1".parse().unwrap(), interface(InterfaceRole::Access, None)),
        ]),
    }
}

fn management(protocol: Protocol, trust: Trust) -> Management {
    Management {
        protocol,
        address: "127.0.0.1:830".into(),
        credentials: SecretRef("lab".into()),
        trust,
    }
}

fn topology() -> Topology {
    let ca = Trust::CertificateAuthority { pem_file: "ca.pem".into(), server_name: "s2".into() };
    let devices = [
        device(
            "s1",
            management(Protocol::Netconf, Trust::HostKey("SHA256:abc".into())),
            DriftPolicy::Report,
        ),
        device("s2", management(Protocol::Gnmi, ca), DriftPolicy::Adopt),
        device("s3", management(Protocol::Gnmi, Trust::Insecure), DriftPolicy::Enforce),
    ];
    let link = Link {
        id: "s1:c1>s2:c1".parse().unwrap(),
        from: port("s1", "c1"),
        to: port("s2", "c1"),
        capacity: Mbps(40_000),
        latency: Micros(1234),
        te_metric: 5,
        admin_groups: 3,
        srlgs: ["duct-1".parse().unwrap()].into(),
    };
    let vim = Vim {
        id: "edge".parse().unwrap(),
        pop: "ams".parse().unwrap(),
        kind: VimKind::Openstack,
        endpoint: "http://127.0.0.1:5000/v3".into(),
        credentials: SecretRef("edge".into()),
        trust: None,
        project: "lab".into(),
        capacity: Resources::from_array([64, 131_072, 1000, 2]),
        attachment: port("s1", "v1"),
        physical_network: "physnet1".into(),
    };
    let pop = Pop {
        id: "ams".parse().unwrap(),
        city: "Amsterdam".into(),
        latitude: 52.37,
        longitude: 4.895,
        zone: Some("west".into()),
    };
    Topology {
        pops: BTreeMap::from([(pop.id.clone(), pop)]),
        vims: BTreeMap::from([(vim.id.clone(), vim)]),
        devices: devices.map(|d| (d.id.clone(), d)).into(),
        links: BTreeMap::from([(link.id.clone(), link)]),
    }
}

#[test]
fn topologies_survive_the_wire() {
    let topology = topology();
    let bytes = show::topology(&topology).encode_to_vec();
    let message = wire::Topology::decode(bytes.as_slice()).unwrap();
    assert_eq!(parse::topology(&message), Ok(topology));
}

fn fields(violations: &[parse::Violation]) -> Vec<&str> {
    violations.iter().map(|v| v.field.as_str()).collect()
}

#[test]
fn everything_wrong_with_an_intent_is_found_at_once() {
    let endpoint = |port: &str, vlan| wire::SapBinding { port: port.into(), vlan };
    let message = wire::Intent {
        name: "two words".into(),
        spec: Some(Spec::Connectivity(wire::ConnectivitySpec {
            pattern: 9,
            endpoints: vec![
                endpoint("ams", None),
                endpoint("fra:a1", Some(4095)),
                endpoint("", Some(3)),
            ],
            slo: Some(wire::Slo { bandwidth_mbps: 0, latency_us: Some(0) }),
        })),
        ..Default::default()
    };
    let violations = parse::intent(&message).unwrap_err();
    let expected = [
        "name",
        "spec.pattern",
        "spec.endpoints[0].port",
        "spec.endpoints[1].vlan",
        "spec.endpoints[2].port",
        "spec.slo.bandwidth_mbps",
        "spec.slo.latency_us",
    ];
    assert_eq!(fields(&violations), expected);
    for violation in &violations {
        assert!(!violation.reason.is_empty() && !violation.hint.is_empty(), "{violation:?}");
    }
}

#[test]
fn an_intent_without_a_spec_says_which_there_are() {
    let message = wire::Intent { name: "x".into(), ..Default::default() };
    let violations = parse::intent(&message).unwrap_err();
    assert_eq!(fields(&violations), ["spec"]);
    assert!(violations[0].hint.contains("connectivity"));
}

#[test]
fn a_point_to_point_with_three_ends_and_a_port_twice() {
    let mut message = show::intent(&connectivity());
    let Some(Spec::Connectivity(spec)) = &mut message.spec else { unreachable!() };
    spec.pattern = wire::connectivity_spec::Pattern::PointToPoint.into();
    spec.endpoints[2] = spec.endpoints[1].clone();
    let violations = parse::intent(&message).unwrap_err();
    assert_eq!(fields(&violations), ["spec.endpoints", "spec.endpoints[2]"]);
}

#[test]
fn topologies_name_duplicates_and_broken_references() {
    let mut twice = show::topology(&topology());
    twice.pops.push(twice.pops[0].clone());
    twice.devices[0].router_id = "ten".into();
    twice.devices[1].interfaces[0].role = 0;
    let found = parse::topology(&twice).unwrap_err();
    let expected = ["pops[ams]", "devices[s1].router_id", "devices[s2].interfaces[a1].role"];
    assert_eq!(fields(&found), expected);

    let mut dangling = show::topology(&topology());
    dangling.links[0].to = "s9:c1".into();
    assert_eq!(fields(&parse::topology(&dangling).unwrap_err()), ["links[s1:c1>s2:c1].to"]);
}
