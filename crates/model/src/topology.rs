//! The resource side: points of presence, VIMs, devices and directed links.

use crate::{
    DeviceId, InterfaceName, LinkId, Mbps, Micros, PopId, PortRef, ProfileName, Resources, SrlgId,
    VimId,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Everything that one engine owns: a *domain*.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Topology {
    pub pops: BTreeMap<PopId, Pop>,
    pub vims: BTreeMap<VimId, Vim>,
    pub devices: BTreeMap<DeviceId, Device>,
    pub links: BTreeMap<LinkId, Link>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Pop {
    pub id: PopId,
    #[serde(default)]
    pub city: String,
    /// Degrees north.
    #[serde(default)]
    pub latitude: f64,
    /// Degrees east.
    #[serde(default)]
    pub longitude: f64,
    /// Availability zone, for affinity rules of that scope.
    #[serde(default)]
    pub zone: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Vim {
    pub id: VimId,
    pub pop: PopId,
    pub kind: VimKind,
    /// For OpenStack: the Keystone v3 URL.
    pub endpoint: String,
    pub credentials: SecretRef,
    /// PEM file of the authority that signed the endpoint's certificate; none for plain loopback HTTP.
    #[serde(default)]
    pub trust: Option<String>,
    pub project: String,
    pub capacity: Resources,
    /// The switch port that this VIM's provider networks leave through.
    pub attachment: PortRef,
    /// The VIM's own name for the physical network behind that port.
    pub physical_network: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VimKind {
    Openstack,
}

/// Where a secret can be read, never the secret itself: the name of an entry in the daemon's
/// secrets folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretRef(pub String);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Device {
    pub id: DeviceId,
    pub pop: PopId,
    pub profile: ProfileName,
    pub management: Management,
    /// The address by which other devices name this one (`remote-system` of a virtual circuit).
    pub router_id: IpAddr,
    #[serde(default)]
    pub drift: DriftPolicy,
    pub interfaces: BTreeMap<InterfaceName, Interface>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Management {
    pub protocol: Protocol,
    /// `host:port`.
    pub address: String,
    pub credentials: SecretRef,
    /// How the far end proves who it is: for NETCONF over SSH the host key's fingerprint
    /// (`SHA256:…`), for gNMI the PEM file of the certificate authority.
    pub trust: Trust,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    Netconf,
    Gnmi,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    HostKey(String),
    CertificateAuthority {
        pem_file: String,
        server_name: String,
    },
    /// A lab may say so, on loopback only.
    Insecure,
}

/// What to do about owned leaves that were changed behind our back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DriftPolicy {
    #[default]
    Enforce,
    Report,
    Adopt,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Interface {
    pub role: InterfaceRole,
    pub capacity: Mbps,
    /// The address that a neighbour uses as next hop towards this port; core ports only.
    #[serde(default)]
    pub address: Option<IpAddr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InterfaceRole {
    /// Towards another device of the domain.
    Core,
    /// Towards a customer or a neighbouring domain: SAPs attach here.
    Access,
    /// Towards a VIM.
    Vim,
}

/// One direction of a cable. The other direction is another link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Link {
    pub id: LinkId,
    pub from: PortRef,
    pub to: PortRef,
    pub capacity: Mbps,
    pub latency: Micros,
    #[serde(default = "one")]
    pub te_metric: u32,
    /// Administrative groups as a bit mask (RFC 5305 §3.1).
    #[serde(default)]
    pub admin_groups: u32,
    #[serde(default)]
    pub srlgs: BTreeSet<SrlgId>,
}

fn one() -> u32 {
    1
}

impl Topology {
    #[must_use]
    pub fn interface(&self, port: &PortRef) -> Option<&Interface> {
        self.devices.get(&port.device)?.interfaces.get(&port.interface)
    }

    /// Every reference that leads nowhere and every rule that is broken, all at once.
    #[must_use]
    pub fn problems(&self) -> Vec<TopologyProblem> {
        let mut found = Vec::new();
        self.device_problems(&mut found);
        self.vim_problems(&mut found);
        self.link_problems(&mut found);
        found
    }

    fn device_problems(&self, found: &mut Vec<TopologyProblem>) {
        for device in self.devices.values().filter(|d| !self.pops.contains_key(&d.pop)) {
            found.push(TopologyProblem::new(
                format!("devices[{}].pop", device.id),
                format!("no PoP is called {}", device.pop),
            ));
        }
    }

    fn vim_problems(&self, found: &mut Vec<TopologyProblem>) {
        let mut attached = BTreeMap::new();
        for vim in self.vims.values() {
            if let Some(other) = attached.insert(&vim.attachment, &vim.id) {
                found.push(TopologyProblem::new(
                    format!("vims[{}].attachment", vim.id),
                    format!("port {} already leads to VIM {other}", vim.attachment),
                ));
            }
            if !self.pops.contains_key(&vim.pop) {
                found.push(TopologyProblem::new(
                    format!("vims[{}].pop", vim.id),
                    format!("no PoP is called {}", vim.pop),
                ));
            }
            if self.interface(&vim.attachment).is_none_or(|i| i.role != InterfaceRole::Vim) {
                found.push(TopologyProblem::new(
                    format!("vims[{}].attachment", vim.id),
                    format!("{} is not a port of role vim", vim.attachment),
                ));
            }
        }
    }

    fn link_problems(&self, found: &mut Vec<TopologyProblem>) {
        let mut egress = BTreeMap::new();
        for link in self.links.values() {
            for (field, port) in [("from", &link.from), ("to", &link.to)] {
                if self.interface(port).is_none_or(|i| i.role != InterfaceRole::Core) {
                    found.push(TopologyProblem::new(
                        format!("links[{}].{field}", link.id),
                        format!("{port} is not a port of role core"),
                    ));
                }
            }
            if link.from.device == link.to.device {
                found.push(TopologyProblem::new(
                    format!("links[{}]", link.id),
                    "both ends are on the same device".to_owned(),
                ));
            }
            if let Some(other) = egress.insert(&link.from, &link.id) {
                found.push(TopologyProblem::new(
                    format!("links[{}].from", link.id),
                    format!("port {} already carries link {other}", link.from),
                ));
            }
        }
    }
}

/// A broken rule: which field, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct TopologyProblem {
    pub field: String,
    pub reason: String,
}

impl TopologyProblem {
    fn new(field: String, reason: String) -> Self {
        Self { field, reason }
    }
}
