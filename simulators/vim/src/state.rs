//! What the VIM holds.

use crate::fault::Fault;
use crate::reply::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Units as OpenStack counts them: vCPU, MiB of memory, GiB of disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capacity {
    pub vcpus: u64,
    pub memory_mib: u64,
    pub disk_gib: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    pub user: String,
    pub password: String,
    pub project: String,
    /// Also the project's quota.
    pub capacity: Capacity,
    /// Names of images that can be booted.
    pub images: Vec<String>,
    pub physical_networks: Vec<String>,
    /// How often a new server is asked for before it is ACTIVE.
    pub build_polls: u32,
}

#[derive(Debug)]
pub(crate) struct Vim {
    pub(crate) config: Config,
    pub(crate) base: String,
    pub(crate) tokens: BTreeSet<String>,
    pub(crate) flavors: BTreeMap<String, Flavor>,
    pub(crate) servers: BTreeMap<String, Server>,
    pub(crate) groups: BTreeMap<String, ServerGroup>,
    pub(crate) networks: BTreeMap<String, Network>,
    pub(crate) volumes: BTreeMap<String, Volume>,
    pub(crate) faults: VecDeque<Fault>,
    next: u64,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Flavor {
    pub(crate) name: String,
    pub(crate) vcpus: u64,
    pub(crate) ram: u64,
    pub(crate) disk: u64,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Server {
    pub(crate) name: String,
    pub(crate) flavor: Flavor,
    pub(crate) image: Option<String>,
    pub(crate) networks: Vec<String>,
    pub(crate) volumes: Vec<String>,
    pub(crate) metadata: BTreeMap<String, String>,
    #[serde(skip)]
    pub(crate) polls_left: u32,
    pub(crate) fault: Option<String>,
    /// How often it is still found, once it was deleted.
    #[serde(skip)]
    pub(crate) going: Option<u32>,
}

/// Servers that never share a host.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ServerGroup {
    pub(crate) name: String,
    /// Server ids.
    #[serde(skip)]
    pub(crate) members: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Network {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) vlan: Option<(String, u16)>,
}

/// A network as the machines on it see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NetworkView {
    pub name: String,
    /// Physical network and VLAN, where it leaves the VIM.
    pub vlan: Option<(String, u16)>,
    /// The servers with a port on it, in order of their names.
    pub servers: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Volume {
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) metadata: BTreeMap<String, String>,
}

impl Vim {
    pub(crate) fn new(config: Config, base: String) -> Self {
        Self {
            config,
            base,
            tokens: BTreeSet::new(),
            flavors: BTreeMap::new(),
            servers: BTreeMap::new(),
            groups: BTreeMap::new(),
            networks: BTreeMap::new(),
            volumes: BTreeMap::new(),
            faults: VecDeque::new(),
            next: 1,
        }
    }

    /// In the shape of a UUID, and never the same twice.
    pub(crate) fn new_id(&mut self) -> String {
        self.next += 1;
        format!("00000000-0000-4000-8000-{:012x}", self.next)
    }

    pub(crate) fn used(&self) -> Capacity {
        let mut used = Capacity::default();
        for server in self.servers.values() {
            used.vcpus += server.flavor.vcpus;
            used.memory_mib += server.flavor.ram;
            used.disk_gib += server.flavor.disk;
        }
        used.disk_gib += self.volumes.values().map(|volume| volume.size).sum::<u64>();
        used
    }

    pub(crate) fn network_views(&self) -> Vec<NetworkView> {
        let view = |(id, network): (&String, &Network)| {
            let on_it = self.servers.values().filter(|server| server.networks.contains(id));
            let servers: BTreeSet<String> = on_it.map(|server| server.name.clone()).collect();
            let (name, vlan) = (network.name.clone(), network.vlan.clone());
            NetworkView { name, vlan, servers: servers.into_iter().collect() }
        };
        self.networks.iter().map(view).collect()
    }

    pub(crate) fn objects(&self) -> Vec<(&'static str, String)> {
        let networks = self.networks.values().map(|network| ("network", network.name.clone()));
        let volumes = self.volumes.values().map(|volume| ("volume", volume.name.clone()));
        let servers = self.servers.values().map(|server| ("server", server.name.clone()));
        networks.chain(volumes).chain(servers).collect()
    }

    /// Flavors are not counted: they are the operator's, and nothing runs in them.
    pub(crate) fn to_json(&self) -> Value {
        let names = |list: Vec<&String>| list.into_iter().cloned().collect::<BTreeSet<_>>();
        json!({
            "servers": self.servers.values().map(|s| (&s.name, s)).collect::<BTreeMap<_, _>>(),
            "server_groups": names(self.groups.values().map(|g| &g.name).collect()),
            "networks": self.networks.values().map(|n| (&n.name, n)).collect::<BTreeMap<_, _>>(),
            "volumes": names(self.volumes.values().map(|v| &v.name).collect()),
        })
    }

    /// The next fault, if it is of the kind that the caller can play.
    pub(crate) fn take_fault(&mut self, fits: impl Fn(&Fault) -> bool) -> Option<Fault> {
        if self.faults.front().is_some_and(fits) { self.faults.pop_front() } else { None }
    }

    /// Looking for servers brings those that were deleted nearer to their end.
    pub(crate) fn look_for_servers(&mut self) {
        self.servers.retain(|_, server| match &mut server.going {
            None => true,
            Some(0) => false,
            Some(looks) => {
                *looks -= 1;
                true
            }
        });
        let servers = &self.servers;
        for group in self.groups.values_mut() {
            group.members.retain(|id| servers.contains_key(id));
        }
    }

    /// A fault that refuses the creation at hand.
    pub(crate) fn refuse(&mut self) -> Result<(), Refusal> {
        match self.take_fault(|fault| matches!(fault, Fault::Refuse { .. })) {
            Some(Fault::Refuse { status, message }) => Err(Refusal::new(status, message)),
            _ => Ok(()),
        }
    }
}
