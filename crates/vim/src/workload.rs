//! What one owner wants of a VIM.

use std::collections::BTreeSet;

/// Every object carries the owner, so that it can be found and removed by it. Names are unique.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workload {
    pub owner: String,
    pub networks: Vec<Network>,
    pub servers: Vec<Server>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    pub name: String,
    /// Physical network and VLAN, where the network leaves the VIM.
    pub provider: Option<(String, u16)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    pub name: String,
    pub vcpus: u64,
    pub memory_mib: u64,
    pub disk_gib: u64,
    pub image: Option<String>,
    pub volumes: Vec<Volume>,
    /// Networks by name, in the order of the server's ports.
    pub networks: Vec<String>,
    /// Servers of one group never share a host.
    pub anti_affinity_group: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    pub name: String,
    pub gib: u64,
}

/// vCPU, MiB and GiB: what there is, and what is used by anybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    pub total: [u64; 3],
    pub used: [u64; 3],
}

impl Workload {
    /// The names of all that it is made of.
    #[must_use]
    pub fn names(&self) -> BTreeSet<&str> {
        let servers = self.servers.iter().map(|server| server.name.as_str());
        let volumes = self.servers.iter().flat_map(|server| &server.volumes);
        let networks = self.networks.iter().map(|network| network.name.as_str());
        servers.chain(volumes.map(|volume| volume.name.as_str())).chain(networks).collect()
    }

    /// The anti-affinity groups of its servers.
    pub(crate) fn groups(&self) -> impl Iterator<Item = &str> {
        self.servers.iter().filter_map(|server| server.anti_affinity_group.as_deref())
    }
}
