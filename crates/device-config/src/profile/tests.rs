use super::*;
use model::{InterfaceName, Label, Mbps, VlanId};

fn port(name: &str) -> InterfaceName {
    InterfaceName::new(name).unwrap()
}

fn every_fragment() -> Vec<Fragment> {
    let vlan = VlanId::new(100).unwrap();
    let label = |value| Label::new(value).unwrap();
    let name = || "svc.link".to_owned();
    vec![
        Fragment::Attachment { port: port("ge-0/0/0"), vlan, description: name() },
        Fragment::Policer { name: name(), port: port("ge-0/0/0"), vlan, rate: Mbps(100) },
        Fragment::CrossConnect { name: "x".into(), a: (port("a"), vlan), z: (port("z"), vlan) },
        Fragment::Termination {
            name: name(),
            vc: label(500_000),
            port: port("ge-0/0/0"),
            vlan,
            remote: "192.0.2.1".parse().unwrap(),
        },
        Fragment::Ingress {
            name: "in".into(),
            vc: label(500_000),
            push: label(16),
            out: port("et-0/2/0"),
            next_hop: None,
        },
        Fragment::Transit {
            name: "through".into(),
            incoming: label(17),
            push: label(18),
            out: port("et-0/2/0"),
            next_hop: Some("198.51.100.1".parse().unwrap()),
        },
        Fragment::Egress { name: "out".into(), incoming: label(19) },
    ]
}

#[test]
fn the_bundled_profile_writes_every_fragment() {
    let profile = openconfig();
    for fragment in every_fragment() {
        let rendered = profile.render(std::slice::from_ref(&fragment)).unwrap();
        assert!(rendered.leaves().count() > 1, "{}", fragment.kind());
    }
    let ingress = profile.render(&every_fragment()[4..5]).unwrap();
    assert!(!ingress.leaves().any(|(path, _)| path.to_string().ends_with("ip-address")));
}

#[test]
fn a_mistake_in_a_profile_is_placed() {
    let cases = [
        ("/config/index: \"{vlan}\"", "/config/number: \"{vlan}\"", "no node"),
        ("cir: \"{bits-per-second}\"", "cir: \"{bits}\"", "{bits}"),
        ("[name={port}]/subinterfaces", "[name={prot}]/subinterfaces", "{prot}"),
        ("config/sequence: \"1\"", "config/sequence: one", "unsigned integer"),
        ("- openconfig-vlan", "- openconfig-wlan", "openconfig-wlan"),
    ];
    for (from, to, named) in cases {
        let text = OPENCONFIG.replacen(from, to, 1);
        let errors = Profile::load("p.yaml", &text, yang::bundled::schema()).unwrap_err();
        assert!(errors.iter().any(|e| e.reason.contains(named) && e.line > 1), "{to}: {errors:?}");
    }
}
