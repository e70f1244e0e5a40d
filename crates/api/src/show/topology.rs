//! Topologies.

use crate::wire;
use model::topology::{
    Device, DriftPolicy, Interface, InterfaceRole, Link, Management, Pop, Protocol, Topology,
    Trust, Vim, VimKind,
};
use model::{InterfaceName, Resources};

#[must_use]
pub fn topology(topology: &Topology) -> wire::Topology {
    wire::Topology {
        pops: topology.pops.values().map(pop).collect(),
        vims: topology.vims.values().map(vim).collect(),
        devices: topology.devices.values().map(device).collect(),
        links: topology.links.values().map(link).collect(),
    }
}

#[must_use]
pub fn resources(resources: Resources) -> wire::Resources {
    wire::Resources {
        vcpu: resources.vcpu.0,
        memory_mib: resources.memory.0,
        storage_gib: resources.storage.0,
        accelerators: resources.accelerators,
    }
}

fn pop(pop: &Pop) -> wire::Pop {
    wire::Pop {
        id: pop.id.to_string(),
        city: pop.city.clone(),
        latitude: pop.latitude,
        longitude: pop.longitude,
        zone: pop.zone.clone().unwrap_or_default(),
    }
}

fn vim(vim: &Vim) -> wire::Vim {
    let kind = match vim.kind {
        VimKind::Openstack => wire::vim::Kind::Openstack,
    };
    wire::Vim {
        id: vim.id.to_string(),
        pop: vim.pop.to_string(),
        kind: kind.into(),
        endpoint: vim.endpoint.clone(),
        credentials: vim.credentials.0.clone(),
        trust: vim.trust.clone().unwrap_or_default(),
        project: vim.project.clone(),
        capacity: Some(resources(vim.capacity)),
        attachment: vim.attachment.to_string(),
        physical_network: vim.physical_network.clone(),
    }
}

fn device(device: &Device) -> wire::Device {
    use wire::device::Drift;
    let drift = match device.drift {
        DriftPolicy::Enforce => Drift::Enforce,
        DriftPolicy::Report => Drift::Report,
        DriftPolicy::Adopt => Drift::Adopt,
    };
    wire::Device {
        id: device.id.to_string(),
        pop: device.pop.to_string(),
        profile: device.profile.to_string(),
        management: Some(management(&device.management)),
        router_id: device.router_id.to_string(),
        drift: drift.into(),
        interfaces: device.interfaces.iter().map(interface).collect(),
    }
}

fn management(management: &Management) -> wire::Management {
    use wire::management::{
        CertificateAuthority, Insecure, Protocol as WireProtocol, Trust as WireTrust,
    };
    let protocol = match management.protocol {
        Protocol::Netconf => WireProtocol::Netconf,
        Protocol::Gnmi => WireProtocol::Gnmi,
    };
    let trust = match &management.trust {
        Trust::HostKey(key) => WireTrust::HostKey(key.clone()),
        Trust::CertificateAuthority { pem_file, server_name } => {
            WireTrust::CertificateAuthority(CertificateAuthority {
                pem_file: pem_file.clone(),
                server_name: server_name.clone(),
            })
        }
        Trust::Insecure => WireTrust::Insecure(Insecure {}),
    };
    wire::Management {
        protocol: protocol.into(),
        address: management.address.clone(),
        credentials: management.credentials.0.clone(),
        trust: Some(trust),
    }
}

fn interface((name, interface): (&InterfaceName, &Interface)) -> wire::Interface {
    use wire::interface::Role;
    let role = match interface.role {
        InterfaceRole::Core => Role::Core,
        InterfaceRole::Access => Role::Access,
        InterfaceRole::Vim => Role::Vim,
    };
    wire::Interface {
        name: name.to_string(),
        role: role.into(),
        capacity_mbps: interface.capacity.0,
        address: interface.address.map(|a| a.to_string()).unwrap_or_default(),
    }
}

fn link(link: &Link) -> wire::Link {
    wire::Link {
        id: link.id.to_string(),
        from: link.from.to_string(),
        to: link.to.to_string(),
        capacity_mbps: link.capacity.0,
        latency_us: link.latency.0,
        te_metric: Some(link.te_metric),
        admin_groups: link.admin_groups,
        srlgs: link.srlgs.iter().map(ToString::to_string).collect(),
    }
}
