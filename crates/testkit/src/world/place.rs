//! Where it happens: a ring of four switches, half NETCONF and half gNMI, with a VIM at two of
//! them, and what can be asked for there.

use super::random::Random;
use crate::fixture;
use engine::api::DescriptorFile;
use model::intent::{
    ConnectivityPattern, ConnectivitySpec, Intent, IntentSpec, NetworkServiceSpec, SapBinding, Slo,
};
use model::topology::{
    Interface, InterfaceRole, Link, Pop, Protocol, SecretRef, Topology, Vim, VimKind,
};
use model::{
    DescriptorId, DeviceId, IntentName, InterfaceName, LinkId, Mbps, Micros, PopId, PortRef,
    Resources, SapId, VimId,
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const NAMES: [&str; 6] = ["s1", "s2", "s3", "s4", "s5", "s6"];
const RING: [(&str, Protocol); 4] = [
    ("a", Protocol::Netconf),
    ("b", Protocol::Gnmi),
    ("c", Protocol::Netconf),
    ("d", Protocol::Gnmi),
];
/// Small enough that services get into one another's way.
const LINK: Mbps = Mbps(1000);

fn id<T: std::str::FromStr<Err = model::NameError>>(text: &str) -> T {
    text.parse().expect("a name of this file")
}

fn port(device: &str, interface: &str) -> PortRef {
    PortRef { device: id(device), interface: id(interface) }
}

pub(super) fn topology() -> Topology {
    let mut topology = Topology::default();
    for (name, protocol) in RING {
        let mut device = fixture::switch(name, protocol);
        device.pop = id(name);
        for (port, role) in [("et-0/2/1", InterfaceRole::Core), ("xe-0/1/0", InterfaceRole::Vim)] {
            let port: InterfaceName = id(port);
            device.interfaces.insert(port, Interface { role, capacity: LINK, address: None });
        }
        topology.devices.insert(device.id.clone(), device);
        let pop: PopId = id(name);
        let here =
            Pop { id: pop.clone(), city: String::new(), latitude: 0.0, longitude: 0.0, zone: None };
        topology.pops.insert(pop, here);
    }
    for at in ["a", "c"] {
        let vim = vim(at);
        topology.vims.insert(vim.id.clone(), vim);
    }
    for (index, (from, _)) in RING.iter().enumerate() {
        let (to, _) = RING[(index + 1) % RING.len()];
        cable(&mut topology, port(from, "et-0/2/1"), port(to, "et-0/2/0"));
    }
    topology
}

fn vim(at: &str) -> Vim {
    Vim {
        id: id(&format!("vim-{at}")),
        pop: id(at),
        kind: VimKind::Openstack,
        endpoint: "http://127.0.0.1:0".to_owned(),
        credentials: SecretRef("vims".to_owned()),
        trust: None,
        project: "world".to_owned(),
        capacity: Resources::from_array([4, 8192, 100, 0]),
        attachment: port(at, "xe-0/1/0"),
        physical_network: "physnet".to_owned(),
    }
}

fn cable(topology: &mut Topology, a: PortRef, z: PortRef) {
    for (from, to) in [(&a, &z), (&z, &a)] {
        let id: LinkId = id(&format!("{}-{}", from.device, to.device));
        let link = Link {
            id: id.clone(),
            from: from.clone(),
            to: to.clone(),
            capacity: LINK,
            latency: Micros(1000),
            te_metric: 1,
            admin_groups: 0,
            srlgs: BTreeSet::new(),
        };
        topology.links.insert(id, link);
    }
}

pub(super) fn devices() -> impl Iterator<Item = DeviceId> {
    RING.iter().map(|(name, _)| id(name))
}

pub(super) fn vims() -> [VimId; 2] {
    [id("vim-a"), id("vim-c")]
}

/// A function between two access points.
pub(super) fn descriptors() -> Vec<DescriptorFile> {
    let file = |name: &str, content: &str| DescriptorFile {
        name: name.to_owned(),
        content: content.to_owned(),
    };
    vec![
        file("gate-vnfd.yaml", include_str!("gate-vnfd.yaml")),
        file("gated.yaml", include_str!("gated.yaml")),
    ]
}

/// Something that somebody may want.
pub(super) fn intent(name: &str, random: &mut Random) -> Intent {
    let spec = if random.per_mille(300) { service(random) } else { connection(random) };
    Intent { name: id::<IntentName>(name), priority: 0, labels: BTreeMap::new(), spec }
}

fn access(random: &mut Random) -> SapBinding {
    let (device, _) = random.pick(&RING);
    let interface: &&str = random.pick(&["ge-0/0/0", "ge-0/0/1"]);
    let port = port(device, interface);
    SapBinding { port, vlan: None }
}

fn connection(random: &mut Random) -> IntentSpec {
    // Now and then more than fits.
    let bandwidth = Mbps(*random.pick(&[1, 50, 200, 400, 900, 5000]));
    let (a, z) = (access(random), access(random));
    IntentSpec::Connectivity(ConnectivitySpec {
        pattern: ConnectivityPattern::PointToPoint,
        endpoints: vec![a, z],
        slo: Slo { bandwidth, latency: None },
    })
}

fn service(random: &mut Random) -> IntentSpec {
    let saps = ["inside", "outside"].map(|sap| (id::<SapId>(sap), access(random)));
    IntentSpec::NetworkService(NetworkServiceSpec {
        nsd: id::<DescriptorId>("gated"),
        flavour: None,
        instantiation_level: None,
        saps: BTreeMap::from(saps),
        placement: BTreeMap::new(),
    })
}
