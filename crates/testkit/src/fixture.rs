//! A small world to test in: one profile, and switches that start with nothing but their ports.

pub use device_config::profile::openconfig;
use model::topology::{
    Device, DriftPolicy, Interface, InterfaceRole, Management, Protocol, SecretRef, Trust,
};
use model::{DeviceId, InterfaceName, Mbps, PopId, ProfileName};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use yang::Tree;

/// A switch with two access ports, `ge-0/0/0` and `ge-0/0/1`, and a core port, `et-0/2/0`.
///
/// # Panics
/// Where the name is not one of a device.
#[must_use]
pub fn switch(name: &str, protocol: Protocol) -> Device {
    let port = |name: &str, role| {
        let name = InterfaceName::new(name).expect("a port's name");
        (name, Interface { role, capacity: Mbps(10_000), address: None })
    };
    Device {
        id: DeviceId::new(name).expect("a device's name"),
        pop: PopId::new("pop").expect("a PoP's name"),
        profile: ProfileName::new("openconfig").expect("a profile's name"),
        management: Management {
            protocol,
            address: "127.0.0.1:0".to_owned(),
            credentials: SecretRef("devices".to_owned()),
            trust: Trust::Insecure,
        },
        router_id: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
        drift: DriftPolicy::Enforce,
        interfaces: BTreeMap::from([
            port("ge-0/0/0", InterfaceRole::Access),
            port("ge-0/0/1", InterfaceRole::Access),
            port("et-0/2/0", InterfaceRole::Core),
        ]),
    }
}

/// What a switch holds before anybody configures it: its ports and the default network instance.
///
/// # Panics
/// Where a port's name does not make a path.
#[must_use]
pub fn boot(device: &Device) -> Tree {
    let mut tree = Tree::new();
    let mut set = |path: String, value: &str| {
        let path = path.parse().expect("a path");
        tree.set(&path, Some(value.to_owned()));
    };
    for name in device.interfaces.keys() {
        let config = format!("/interfaces/interface[name={name}]/config");
        set(format!("{config}/name"), name.as_str());
        set(format!("{config}/type"), "iana-if-type:ethernetCsmacd");
    }
    let config = "/network-instances/network-instance[name=default]/config";
    set(format!("{config}/name"), "default");
    set(format!("{config}/type"), "openconfig-network-instance-types:DEFAULT_INSTANCE");
    tree
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_boots_with_a_valid_configuration() {
        let boot = boot(&switch("sw1", Protocol::Netconf));
        openconfig().schema().validate(&boot).unwrap();
    }
}
