//! Topologies.

use super::{Reader, Violation};
use crate::wire;
use model::topology::{
    Device, DriftPolicy, Interface, InterfaceRole, Link, Management, Pop, Protocol, SecretRef,
    Topology, Trust, Vim, VimKind,
};
use model::{Gibibytes, Mbps, Mebibytes, Micros, Resources, Vcpu};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// # Errors
/// All that is wrong with it, the references between its parts included.
pub fn topology(message: &wire::Topology) -> Result<Topology, Vec<Violation>> {
    let mut reader = Reader::default();
    let topology = Topology {
        pops: each(&mut reader, "pops", &message.pops, |m| &m.id, pop),
        vims: each(&mut reader, "vims", &message.vims, |m| &m.id, vim),
        devices: each(&mut reader, "devices", &message.devices, |m| &m.id, device),
        links: each(&mut reader, "links", &message.links, |m| &m.id, link),
    };
    // A part that could not be read would show up again as a reference that leads nowhere.
    if reader.violations.is_empty() {
        for problem in topology.problems() {
            reader.wrong(
                problem.field,
                problem.reason,
                "correct the reference or add what it names",
            );
        }
    }
    reader.finish(Some(topology))
}

/// The parts of a list by their ids.
fn each<M, K, V>(
    reader: &mut Reader,
    list: &str,
    messages: &[M],
    id: impl Fn(&M) -> &String,
    read: impl Fn(&mut Reader, &str, &M) -> Option<(K, V)>,
) -> BTreeMap<K, V>
where
    K: Ord,
{
    let mut parts = BTreeMap::new();
    for (i, message) in messages.iter().enumerate() {
        let id = id(message);
        let field = if id.is_empty() { format!("{list}[{i}]") } else { format!("{list}[{id}]") };
        if let Some((key, part)) = read(reader, &field, message)
            && parts.insert(key, part).is_some()
        {
            reader.wrong(field, "the id is there twice", "give each its own");
        }
    }
    parts
}

fn pop(reader: &mut Reader, field: &str, message: &wire::Pop) -> Option<(model::PopId, Pop)> {
    degrees(reader, &format!("{field}.latitude"), message.latitude, 90.0);
    degrees(reader, &format!("{field}.longitude"), message.longitude, 180.0);
    let id: model::PopId = reader.name(&format!("{field}.id"), &message.id)?;
    let pop = Pop {
        id: id.clone(),
        city: message.city.clone(),
        latitude: message.latitude,
        longitude: message.longitude,
        zone: given(&message.zone),
    };
    Some((id, pop))
}

fn degrees(reader: &mut Reader, field: &str, value: f64, limit: f64) {
    if !(-limit..=limit).contains(&value) {
        let reason = format!("{value} is not between -{limit} and {limit} degrees");
        reader.wrong(field, reason, "give WGS 84 degrees");
    }
}

fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn resources(message: &wire::Resources) -> Resources {
    Resources {
        vcpu: Vcpu(message.vcpu),
        memory: Mebibytes(message.memory_mib),
        storage: Gibibytes(message.storage_gib),
        accelerators: message.accelerators,
    }
}

fn vim(reader: &mut Reader, field: &str, message: &wire::Vim) -> Option<(model::VimId, Vim)> {
    let kind = vim_kind(reader, &format!("{field}.kind"), message.kind);
    let capacity = reader.required(
        &format!("{field}.capacity"),
        message.capacity.as_ref(),
        "give vcpu, memory_mib and storage_gib",
    );
    not_empty(reader, &format!("{field}.endpoint"), &message.endpoint, "the Keystone v3 URL");
    let id: Option<model::VimId> = reader.name(&format!("{field}.id"), &message.id);
    let pop = reader.name(&format!("{field}.pop"), &message.pop);
    let attachment = reader.port(&format!("{field}.attachment"), &message.attachment);
    let id = id?;
    let vim = Vim {
        id: id.clone(),
        pop: pop?,
        kind: kind?,
        endpoint: message.endpoint.clone(),
        credentials: SecretRef(message.credentials.clone()),
        trust: given(&message.trust),
        project: message.project.clone(),
        capacity: resources(capacity?),
        attachment: attachment?,
        physical_network: message.physical_network.clone(),
    };
    Some((id, vim))
}

fn vim_kind(reader: &mut Reader, field: &str, number: i32) -> Option<VimKind> {
    use wire::vim::Kind;
    match Kind::try_from(number) {
        Ok(Kind::Unspecified | Kind::Openstack) => Some(VimKind::Openstack),
        Err(_) => {
            reader.wrong(field, format!("there is no kind {number}"), "use OPENSTACK");
            None
        }
    }
}

fn not_empty(reader: &mut Reader, field: &str, text: &str, what: &str) {
    if text.is_empty() {
        reader.wrong(field, "it is missing", format!("give {what}"));
    }
}

fn device(
    reader: &mut Reader,
    field: &str,
    message: &wire::Device,
) -> Option<(model::DeviceId, Device)> {
    let id: Option<model::DeviceId> = reader.name(&format!("{field}.id"), &message.id);
    let pop = reader.name(&format!("{field}.pop"), &message.pop);
    let profile = reader.name(&format!("{field}.profile"), &message.profile);
    let management =
        management(reader, &format!("{field}.management"), message.management.as_ref());
    let router_id = address(reader, &format!("{field}.router_id"), &message.router_id);
    let drift = drift(reader, &format!("{field}.drift"), message.drift);
    let list = format!("{field}.interfaces");
    let interfaces = each(reader, &list, &message.interfaces, |m| &m.name, interface);
    let id = id?;
    let device = Device {
        id: id.clone(),
        pop: pop?,
        profile: profile?,
        management: management?,
        router_id: router_id?,
        drift: drift?,
        interfaces,
    };
    Some((id, device))
}

fn management(
    reader: &mut Reader,
    field: &str,
    message: Option<&wire::Management>,
) -> Option<Management> {
    let message = reader.required(field, message, "say how the device is reached")?;
    let protocol = protocol(reader, &format!("{field}.protocol"), message.protocol);
    not_empty(reader, &format!("{field}.address"), &message.address, "HOST:PORT");
    let trust = trust(reader, &format!("{field}.trust"), message.trust.as_ref());
    Some(Management {
        protocol: protocol?,
        address: message.address.clone(),
        credentials: SecretRef(message.credentials.clone()),
        trust: trust?,
    })
}

fn protocol(reader: &mut Reader, field: &str, number: i32) -> Option<Protocol> {
    use wire::management::Protocol as Wire;
    match Wire::try_from(number) {
        Ok(Wire::Netconf) => Some(Protocol::Netconf),
        Ok(Wire::Gnmi) => Some(Protocol::Gnmi),
        Ok(Wire::Unspecified) | Err(_) => {
            reader.wrong(field, "it is missing or unknown", "use NETCONF or GNMI");
            None
        }
    }
}

fn trust(
    reader: &mut Reader,
    field: &str,
    message: Option<&wire::management::Trust>,
) -> Option<Trust> {
    use wire::management::Trust as Wire;
    match message {
        Some(Wire::HostKey(key)) => Some(Trust::HostKey(key.clone())),
        Some(Wire::CertificateAuthority(ca)) => Some(Trust::CertificateAuthority {
            pem_file: ca.pem_file.clone(),
            server_name: ca.server_name.clone(),
        }),
        Some(Wire::Insecure(_)) => Some(Trust::Insecure),
        None => {
            let hint = "give host_key, certificate_authority or, in a lab, insecure";
            reader.wrong(field, "it is missing", hint);
            None
        }
    }
}

fn drift(reader: &mut Reader, field: &str, number: i32) -> Option<DriftPolicy> {
    use wire::device::Drift;
    match Drift::try_from(number) {
        Ok(Drift::Unspecified | Drift::Enforce) => Some(DriftPolicy::Enforce),
        Ok(Drift::Report) => Some(DriftPolicy::Report),
        Ok(Drift::Adopt) => Some(DriftPolicy::Adopt),
        Err(_) => {
            reader.wrong(
                field,
                format!("there is no policy {number}"),
                "use ENFORCE, REPORT or ADOPT",
            );
            None
        }
    }
}

fn address(reader: &mut Reader, field: &str, text: &str) -> Option<IpAddr> {
    let address = text.parse().ok();
    if address.is_none() {
        reader.wrong(field, format!("{text:?} is not an IP address"), "give one, such as 10.0.0.1");
    }
    address
}

fn interface(
    reader: &mut Reader,
    field: &str,
    message: &wire::Interface,
) -> Option<(model::InterfaceName, Interface)> {
    let name = reader.name(&format!("{field}.name"), &message.name);
    let role = role(reader, &format!("{field}.role"), message.role);
    positive(reader, &format!("{field}.capacity_mbps"), message.capacity_mbps);
    let address = match message.address.as_str() {
        "" => None,
        text => address(reader, &format!("{field}.address"), text),
    };
    Some((name?, Interface { role: role?, capacity: Mbps(message.capacity_mbps), address }))
}

fn role(reader: &mut Reader, field: &str, number: i32) -> Option<InterfaceRole> {
    use wire::interface::Role;
    match Role::try_from(number) {
        Ok(Role::Core) => Some(InterfaceRole::Core),
        Ok(Role::Access) => Some(InterfaceRole::Access),
        Ok(Role::Vim) => Some(InterfaceRole::Vim),
        Ok(Role::Unspecified) | Err(_) => {
            reader.wrong(field, "it is missing or unknown", "use CORE, ACCESS or VIM");
            None
        }
    }
}

fn positive(reader: &mut Reader, field: &str, value: u64) {
    if value == 0 {
        reader.wrong(field, "it is missing or 0", "give at least 1 (1,000,000 bit/s)");
    }
}

fn link(reader: &mut Reader, field: &str, message: &wire::Link) -> Option<(model::LinkId, Link)> {
    let id: Option<model::LinkId> = reader.name(&format!("{field}.id"), &message.id);
    let from = reader.port(&format!("{field}.from"), &message.from);
    let to = reader.port(&format!("{field}.to"), &message.to);
    positive(reader, &format!("{field}.capacity_mbps"), message.capacity_mbps);
    let srlgs = message
        .srlgs
        .iter()
        .enumerate()
        .filter_map(|(i, name)| reader.name(&format!("{field}.srlgs[{i}]"), name))
        .collect();
    let id = id?;
    let link = Link {
        id: id.clone(),
        from: from?,
        to: to?,
        capacity: Mbps(message.capacity_mbps),
        latency: Micros(message.latency_us),
        te_metric: message.te_metric.unwrap_or(1),
        admin_groups: message.admin_groups,
        srlgs,
    };
    Some((id, link))
}
