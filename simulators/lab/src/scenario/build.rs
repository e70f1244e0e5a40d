//! From a scenario and the addresses of running simulators to a topology.

use super::geography::{capacity, distance_km, latency};
use super::{Scenario, ScenarioError, Site, VimSite, invalid};
use crate::secret;
use model::topology::{
    Device, DriftPolicy, Interface, InterfaceRole, Link, Management, Pop, Protocol, SecretRef,
    Topology, Trust, Vim, VimKind,
};
use model::{
    DeviceId, Gibibytes, InterfaceName, LinkId, Mbps, Mebibytes, NameError, PopId, PortRef,
    ProfileName, Resources, Vcpu, VimId,
};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

/// The VIMs' only project.
pub(crate) const PROJECT: &str = "wayleave";
/// What leads to the switch, in the VIMs' words.
pub(crate) const PHYSICAL_NETWORK: &str = "datacentre";

/// Where the simulators listen and how they prove who they are.
pub trait Addresses {
    fn device(&self, id: &str, protocol: Protocol) -> (String, Trust);
    /// The VIM's URL, and the authority that signed its certificate.
    fn vim(&self, id: &str) -> (String, Option<String>);
}

/// Every device of a site is named `<site>1`.
fn device_name(site: &str) -> String {
    format!("{site}1")
}

/// Before anything listens.
pub(crate) struct Nowhere;

impl Addresses for Nowhere {
    fn device(&self, _: &str, _: Protocol) -> (String, Trust) {
        ("127.0.0.1:0".to_owned(), Trust::Insecure)
    }

    fn vim(&self, _: &str) -> (String, Option<String>) {
        ("http://127.0.0.1:0".to_owned(), None)
    }
}

/// The topology of a scenario.
///
/// # Errors
/// Where a name is not allowed or a circuit is longer than any capacity row.
pub fn build(scenario: &Scenario, addresses: &dyn Addresses) -> Result<Topology, ScenarioError> {
    let mut topology = Topology::default();
    for (index, site) in (1u8..).zip(&scenario.sites) {
        topology.pops.insert(name(PopId::new(&site.id))?, pop(site)?);
        let device = device(scenario, site, index, addresses)?;
        topology.devices.insert(device.id.clone(), device);
    }
    for vim in &scenario.vims {
        add_vim(&mut topology, vim, addresses)?;
    }
    let mut ports = BTreeMap::new();
    for (index, ends) in (1u8..).zip(&scenario.links) {
        add_cable(&mut topology, scenario, ends, index, &mut ports)?;
    }
    Ok(topology)
}

fn pop(site: &Site) -> Result<Pop, ScenarioError> {
    let (latitude, longitude) = site.at;
    let id = name(PopId::new(&site.id))?;
    Ok(Pop { id, city: site.city.clone(), latitude, longitude, zone: None })
}

fn device(
    scenario: &Scenario,
    site: &Site,
    index: u8,
    addresses: &dyn Addresses,
) -> Result<Device, ScenarioError> {
    let id = name(DeviceId::new(device_name(&site.id)))?;
    let (address, trust) = addresses.device(id.as_str(), site.protocol);
    let mut interfaces = BTreeMap::new();
    for number in 0..scenario.access_ports {
        let port = name(InterfaceName::new(format!("ge-0/0/{number}")))?;
        let capacity = Mbps(scenario.access_mbps);
        interfaces.insert(port, Interface { role: InterfaceRole::Access, capacity, address: None });
    }
    Ok(Device {
        id,
        pop: name(PopId::new(&site.id))?,
        profile: name(ProfileName::new("openconfig"))?,
        management: Management {
            protocol: site.protocol,
            address,
            credentials: SecretRef(secret::DEVICES.to_owned()),
            trust,
        },
        router_id: IpAddr::V4(Ipv4Addr::new(192, 0, 2, index)),
        drift: DriftPolicy::Enforce,
        interfaces,
    })
}

fn add_vim(
    topology: &mut Topology,
    site: &VimSite,
    addresses: &dyn Addresses,
) -> Result<(), ScenarioError> {
    let id = name(VimId::new(&site.id))?;
    let device = name(DeviceId::new(device_name(&site.site)))?;
    let interface = name(InterfaceName::new("xe-0/1/0"))?;
    let port =
        Interface { role: InterfaceRole::Vim, capacity: Mbps(site.port_mbps), address: None };
    if let Some(known) = topology.devices.get_mut(&device) {
        known.interfaces.insert(interface.clone(), port);
    }
    let (endpoint, trust) = addresses.vim(id.as_str());
    let vim = Vim {
        id: id.clone(),
        pop: name(PopId::new(&site.site))?,
        kind: VimKind::Openstack,
        endpoint,
        credentials: SecretRef(secret::VIMS.to_owned()),
        trust,
        project: PROJECT.to_owned(),
        capacity: Resources {
            vcpu: Vcpu(site.vcpu),
            memory: Mebibytes(site.memory_gib.saturating_mul(1024)),
            storage: Gibibytes(site.storage_gib),
            accelerators: 0,
        },
        attachment: PortRef { device, interface },
        physical_network: PHYSICAL_NETWORK.to_owned(),
    };
    topology.vims.insert(id, vim);
    Ok(())
}

/// Both directions of one cable; each end takes the next core port of its device.
fn add_cable(
    topology: &mut Topology,
    scenario: &Scenario,
    (a, z): &(String, String),
    index: u8,
    ports: &mut BTreeMap<String, u32>,
) -> Result<(), ScenarioError> {
    let at = |id: &str| scenario.sites.iter().find(|site| site.id == id).map(|site| site.at);
    let km = at(a).zip(at(z)).map(|(a, z)| distance_km(a, z)).unwrap_or_default();
    let capacity = capacity(km, &scenario.capacity)
        .ok_or_else(|| invalid(format!("links[{a}-{z}]"), "no capacity row is long enough"))?;
    let latency = latency(km, scenario.fibre);
    // Addresses of TEST-NET-2 (RFC 5737), two for each cable.
    let subnet = |last: u8| IpAddr::V4(Ipv4Addr::new(198, 51, 100, index.wrapping_mul(2) | last));
    let near = core_port(topology, a, capacity, subnet(0), ports)?;
    let far = core_port(topology, z, capacity, subnet(1), ports)?;
    for (from, to, id) in [(&near, &far, format!("{a}-{z}")), (&far, &near, format!("{z}-{a}"))] {
        let id = name(LinkId::new(id))?;
        let (from, to, srlgs) = (from.clone(), to.clone(), BTreeSet::new());
        let link = Link {
            id: id.clone(),
            from,
            to,
            capacity,
            latency,
            te_metric: 1,
            admin_groups: 0,
            srlgs,
        };
        topology.links.insert(id, link);
    }
    Ok(())
}

fn core_port(
    topology: &mut Topology,
    site: &str,
    capacity: Mbps,
    address: IpAddr,
    ports: &mut BTreeMap<String, u32>,
) -> Result<PortRef, ScenarioError> {
    let number = ports.entry(site.to_owned()).or_default();
    let interface = name(InterfaceName::new(format!("et-0/2/{number}")))?;
    *number += 1;
    let device = name(DeviceId::new(device_name(site)))?;
    let port = Interface { role: InterfaceRole::Core, capacity, address: Some(address) };
    if let Some(known) = topology.devices.get_mut(&device) {
        known.interfaces.insert(interface.clone(), port);
    }
    Ok(PortRef { device, interface })
}

fn name<T>(name: Result<T, NameError>) -> Result<T, ScenarioError> {
    name.map_err(|e| ScenarioError::Invalid { field: "id".to_owned(), reason: e.to_string() })
}

#[cfg(test)]
mod tests {
    use super::super::DEFAULT;
    use super::*;

    #[test]
    fn the_default_scenario_is_what_the_tour_needs() {
        let scenario = Scenario::parse(DEFAULT).unwrap();
        let topology = build(&scenario, &Nowhere).unwrap();
        assert_eq!(topology.problems(), []);
        assert_eq!(topology.devices.len(), 22);
        let netconf = |d: &&Device| d.management.protocol == Protocol::Netconf;
        assert_eq!(topology.devices.values().filter(netconf).count(), 11);
        assert_eq!(topology.vims.len(), 4);
        assert_eq!(topology.links.len(), 72);
    }

    #[test]
    fn a_site_that_is_not_there_is_named() {
        let text = DEFAULT.replace("[ams, bru]", "[ams, xxx]");
        let error = Scenario::parse(&text).unwrap_err().to_string();
        assert!(error.contains("xxx"), "{error}");
    }
}
