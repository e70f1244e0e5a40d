//! Topologies of a few words.

use model::topology::{
    Device, DriftPolicy, Interface, InterfaceRole, Link, Management, Pop, Protocol, SecretRef,
    Topology, Trust, Vim, VimKind,
};
use model::{
    DeviceId, InterfaceName, LinkId, Mbps, Micros, PopId, PortRef, ProfileName, Resources, VimId,
};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) topology: Topology,
    /// Core ports so far, by device.
    cores: BTreeMap<DeviceId, u32>,
}

pub(crate) fn port(device: &str, interface: &str) -> PortRef {
    PortRef {
        device: DeviceId::new(device).unwrap(),
        interface: InterfaceName::new(interface).unwrap(),
    }
}

impl World {
    pub(crate) fn pop(&mut self, id: &str, zone: Option<&str>) {
        let id = PopId::new(id).unwrap();
        let pop = Pop {
            id: id.clone(),
            city: String::new(),
            latitude: 0.0,
            longitude: 0.0,
            zone: zone.map(str::to_owned),
        };
        self.topology.pops.insert(id, pop);
    }

    /// With as many access ports, `a0` and so on.
    pub(crate) fn device(&mut self, id: &str, pop: &str, access: u32, capacity: u64) {
        let id = DeviceId::new(id).unwrap();
        let interfaces = (0..access).map(|n| {
            let name = InterfaceName::new(format!("a{n}")).unwrap();
            (name, interface(InterfaceRole::Access, capacity))
        });
        let device = Device {
            id: id.clone(),
            pop: PopId::new(pop).unwrap(),
            profile: ProfileName::new("openconfig").unwrap(),
            management: Management {
                protocol: Protocol::Gnmi,
                address: "127.0.0.1:1".to_owned(),
                credentials: SecretRef("devices".to_owned()),
                trust: Trust::Insecure,
            },
            router_id: "192.0.2.1".parse().unwrap(),
            drift: DriftPolicy::Enforce,
            interfaces: interfaces.collect(),
        };
        self.topology.devices.insert(id, device);
    }

    /// Behind a port of its own name.
    pub(crate) fn vim(&mut self, id: &str, device: &str, capacity: Resources, port_capacity: u64) {
        let attachment = port(device, id);
        let at = self.topology.devices.get_mut(&attachment.device).unwrap();
        let role = interface(InterfaceRole::Vim, port_capacity);
        at.interfaces.insert(attachment.interface.clone(), role);
        let vim = Vim {
            id: VimId::new(id).unwrap(),
            pop: at.pop.clone(),
            kind: VimKind::Openstack,
            endpoint: "http://127.0.0.1:1".to_owned(),
            credentials: SecretRef("vims".to_owned()),
            trust: None,
            project: "p".to_owned(),
            capacity,
            attachment,
            physical_network: "physnet".to_owned(),
        };
        self.topology.vims.insert(vim.id.clone(), vim);
    }

    /// Both directions, `a>z` and `z>a`.
    pub(crate) fn cable(&mut self, a: &str, z: &str, capacity: u64, latency: u64, metric: u32) {
        let (near, far) = (self.core(a, capacity), self.core(z, capacity));
        for (from, to, id) in [(&near, &far, format!("{a}>{z}")), (&far, &near, format!("{z}>{a}"))]
        {
            let id = LinkId::new(id).unwrap();
            let link = Link {
                id: id.clone(),
                from: from.clone(),
                to: to.clone(),
                capacity: Mbps(capacity),
                latency: Micros(latency),
                te_metric: metric,
                admin_groups: 0,
                srlgs: BTreeSet::new(),
            };
            self.topology.links.insert(id, link);
        }
    }

    fn core(&mut self, device: &str, capacity: u64) -> PortRef {
        let id = DeviceId::new(device).unwrap();
        let number = self.cores.entry(id.clone()).or_default();
        let at = port(device, &format!("c{number}"));
        *number += 1;
        let device = self.topology.devices.get_mut(&id).unwrap();
        device.interfaces.insert(at.interface.clone(), interface(InterfaceRole::Core, capacity));
        at
    }
}

fn interface(role: InterfaceRole, capacity: u64) -> Interface {
    Interface { role, capacity: Mbps(capacity), address: None }
}
