//! Three cities in a triangle, with two clouds.

use super::answers::{name, port};
use engine::api::{Connection, DeviceStatus, PortUse, Usage, View, VimStatus};
use model::topology::{
    Device, DriftPolicy, Interface, InterfaceRole, Link, Management, Pop, Protocol, SecretRef,
    Topology, Trust, Vim, VimKind,
};
use model::{Mbps, Micros, Resources};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// 2026-11-24T12:00:00Z.
const NOON: u64 = 1_795_521_600_000;
const CITIES: [(&str, &str, f64, f64); 3] = [
    ("ams", "Amsterdam", 52.370, 4.895),
    ("fra", "Frankfurt", 50.110, 8.682),
    ("lon", "London", 51.507, -0.128),
];
const CABLES: [(&str, &str, u64); 3] =
    [("ams", "fra", 2275), ("ams", "lon", 2240), ("fra", "lon", 3990)];

pub(super) fn view() -> View {
    let topology = topology();
    View {
        revision: 10,
        at: NOON,
        topology_revision: 9,
        devices: topology
            .devices
            .keys()
            .map(|id| (id.clone(), Arc::new(device_status(id))))
            .collect(),
        vims: topology.vims.keys().map(|id| (id.clone(), Arc::new(vim_status(id)))).collect(),
        usage: usage(),
        topology: Arc::new(topology),
        ..View::default()
    }
}

fn topology() -> Topology {
    let links =
        CABLES.iter().flat_map(|&(a, z, latency)| [link(a, z, latency), link(z, a, latency)]);
    Topology {
        pops: CITIES
            .iter()
            .map(|&(id, city, lat, lon)| (name(id), pop(id, city, lat, lon)))
            .collect(),
        vims: ["ams", "lon"].map(|pop| (name(&format!("vim-{pop}")), vim(pop))).into(),
        devices: CITIES.iter().map(|&(id, ..)| (name(id), device(id))).collect(),
        links: links.map(|link| (link.id.clone(), link)).collect(),
    }
}

fn pop(id: &str, city: &str, latitude: f64, longitude: f64) -> Pop {
    Pop { id: name(id), city: city.to_owned(), latitude, longitude, zone: None }
}

fn vim(pop: &str) -> Vim {
    Vim {
        id: name(&format!("vim-{pop}")),
        pop: name(pop),
        kind: VimKind::Openstack,
        endpoint: "http://127.0.0.1:5000/v3".to_owned(),
        credentials: SecretRef("lab".to_owned()),
        trust: None,
        project: "lab".to_owned(),
        capacity: Resources::from_array([64, 131_072, 1000, 0]),
        attachment: port(pop, "v1"),
        physical_network: "physnet1".to_owned(),
    }
}

fn device(id: &str) -> Device {
    let port = |role, mbps| Interface { role, capacity: Mbps(mbps), address: None };
    let peers = CITIES.iter().filter(|city| city.0 != id);
    let mut interfaces: BTreeMap<_, _> = peers
        .map(|city| (name(&format!("c-{}", city.0)), port(InterfaceRole::Core, 10_000)))
        .collect();
    interfaces.insert(name("a1"), port(InterfaceRole::Access, 10_000));
    interfaces.insert(name("v1"), port(InterfaceRole::Vim, 40_000));
    Device {
        id: name(id),
        pop: name(id),
        profile: name("openconfig"),
        management: Management {
            protocol: Protocol::Gnmi,
            address: "127.0.0.1:9339".to_owned(),
            credentials: SecretRef("lab".to_owned()),
            trust: Trust::Insecure,
        },
        router_id: "10.0.0.1".parse().expect("an address"),
        drift: DriftPolicy::Enforce,
        interfaces,
    }
}

fn link(from: &str, to: &str, latency: u64) -> Link {
    Link {
        id: name(&format!("{from}>{to}")),
        from: port(from, &format!("c-{to}")),
        to: port(to, &format!("c-{from}")),
        capacity: Mbps(10_000),
        latency: Micros(latency),
        te_metric: 1,
        admin_groups: 0,
        srlgs: BTreeSet::new(),
    }
}

fn device_status(id: &model::DeviceId) -> DeviceStatus {
    let down = id.as_str() == "lon";
    DeviceStatus {
        id: id.clone(),
        connection: if down {
            Connection::Down { reason: "connection refused".to_owned() }
        } else {
            Connection::Up
        },
        last_seen: Some(NOON - if down { 90_000 } else { 2_000 }),
        owned_leaves: 12,
        drift: (id.as_str() == "fra").then_some(NOON - 60_000),
    }
}

fn vim_status(id: &model::VimId) -> VimStatus {
    VimStatus { id: id.clone(), connection: Connection::Up, last_seen: Some(NOON - 2_000) }
}

fn usage() -> Usage {
    Usage {
        links: [("ams>fra", 9_500), ("fra>ams", 5_000), ("lon>fra", 1_000)]
            .into_iter()
            .map(|(id, used)| (name(id), Mbps(used)))
            .collect(),
        ports: imbl::OrdMap::unit(
            port("ams", "v1"),
            PortUse { inwards: Mbps(500), outwards: Mbps(200) },
        ),
        vims: imbl::OrdMap::unit(name("vim-ams"), Resources::from_array([48, 65_536, 100, 0])),
    }
}
