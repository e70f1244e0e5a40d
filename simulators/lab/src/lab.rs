//! A running lab: every switch and VIM of a scenario, in this process.

use crate::audit::{Carried, carried};
use crate::boot;
use crate::folder::{Folder, FolderError};
use crate::pki::Authority;
use crate::scenario::{
    Addresses, Nowhere, PHYSICAL_NETWORK, PROJECT, Scenario, ScenarioError, build,
};
use crate::secret::{self, Login};
use crate::trace::{Cables, Trace, trace};
use model::topology::{Protocol, Topology, Trust};
use model::{DeviceId, Gibibytes, Mebibytes, PortRef, Resources, Vcpu, VimId, VlanId};
use sim_device::forwarding::Tables;
use sim_device::{Device, StartError};
use sim_vim::{Capacity, NetworkView, VimSim};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use yang::{Schema, Tree};

pub(crate) const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// How often a new server is looked at before it is up.
const BUILD_POLLS: u32 = 1;

#[derive(Debug, thiserror::Error)]
pub enum LabError {
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error("{device}: the boot configuration does not fit the schema: {source}")]
    Boot { device: DeviceId, source: yang::DataError },
    #[error(transparent)]
    Device(#[from] StartError),
    #[error("{vim}: it cannot listen: {source}")]
    Vim { vim: VimId, source: std::io::Error },
    #[error("no certificate can be made: {0}")]
    Certificate(#[from] rcgen::Error),
}

/// Everything stops when this is dropped.
#[derive(Debug)]
pub struct Lab {
    topology: Topology,
    folder: Folder,
    cables: Cables,
    devices: BTreeMap<DeviceId, Device>,
    vims: BTreeMap<VimId, VimSim>,
    /// Nobody else writes the folder meanwhile.
    _claim: std::fs::File,
}

impl Lab {
    /// Starts every switch and VIM on free ports of the loopback, and writes what the daemon needs
    /// to reach them into the folder.
    ///
    /// # Errors
    /// Where the scenario is not sound, the folder cannot be written or nothing can listen.
    pub async fn start(scenario: &Scenario, folder: Folder) -> Result<Self, LabError> {
        let plan = build(scenario, &Nowhere)?;
        let claim = folder.claim()?;
        let authority = Authority::new()?;
        let ca = folder.folder("pki")?.write("ca.pem", &authority.certificate)?;
        let schema = yang::bundled::schema();
        let (to_devices, to_vims) =
            (login(&folder, secret::DEVICES)?, login(&folder, secret::VIMS)?);
        let devices = start_devices(&plan, &schema, &to_devices, &authority).await?;
        let vims = start_vims(&plan, scenario, &to_vims).await?;
        let topology = build(scenario, &Listening { devices: &devices, vims: &vims, ca: &ca })?;
        let cables = Cables::of(&topology);
        Ok(Self { topology, folder, cables, devices, vims, _claim: claim })
    }

    #[must_use]
    pub fn topology(&self) -> &Topology {
        &self.topology
    }

    #[must_use]
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    #[must_use]
    pub fn devices(&self) -> &BTreeMap<DeviceId, Device> {
        &self.devices
    }

    #[must_use]
    pub fn vims(&self) -> &BTreeMap<VimId, VimSim> {
        &self.vims
    }

    /// Every running configuration; equal ones have equal bytes.
    #[must_use]
    pub fn configurations(&self) -> BTreeMap<DeviceId, String> {
        self.devices.iter().map(|(id, device)| (id.clone(), device.running_text())).collect()
    }

    /// Everything that the VIMs hold; equal states have equal bytes.
    #[must_use]
    pub fn vim_states(&self) -> BTreeMap<VimId, String> {
        self.vims.iter().map(|(id, vim)| (id.clone(), vim.state_text())).collect()
    }

    /// What the VIMs' servers and volumes take; nothing where that is nothing.
    #[must_use]
    pub fn vim_use(&self) -> BTreeMap<VimId, Resources> {
        let used = self.vims.iter().map(|(id, vim)| (id.clone(), resources(vim.used())));
        used.filter(|(_, used)| *used != Resources::ZERO).collect()
    }

    /// The VIMs' networks, each with the servers on it.
    #[must_use]
    pub fn vim_networks(&self) -> BTreeMap<VimId, Vec<NetworkView>> {
        self.vims.iter().map(|(id, vim)| (id.clone(), vim.networks())).collect()
    }

    /// The names of everything that the VIMs hold.
    #[must_use]
    pub fn vim_objects(&self) -> BTreeMap<VimId, BTreeSet<String>> {
        let names = |vim: &VimSim| vim.objects().into_iter().map(|(_, name)| name).collect();
        self.vims.iter().map(|(id, vim)| (id.clone(), names(vim))).collect()
    }

    /// The value of a leaf of a running configuration.
    ///
    /// # Errors
    /// Where the text is not a path.
    pub fn leaf(&self, device: &str, path: &str) -> Result<Option<String>, yang::PathError> {
        let path = path.parse()?;
        let running = self.devices.get(device).map(Device::running);
        Ok(running.and_then(|running: Tree| running.get(&path).map(str::to_owned)))
    }

    /// Injects a tagged frame at a port and follows it through the switches' configurations.
    #[must_use]
    pub fn trace(&self, from: &PortRef, vlan: VlanId, payload: &str) -> Trace {
        let tables = |device: &DeviceId| self.devices.get(device).map(|d| Arc::new(d.tables()));
        trace(&self.cables, &tables, from, vlan.get(), payload)
    }

    /// What the switches really carry.
    #[must_use]
    pub fn carried(&self) -> Carried {
        let tables = |(id, device): (&DeviceId, &Device)| (id.clone(), Arc::new(device.tables()));
        let tables: BTreeMap<DeviceId, Arc<Tables>> = self.devices.iter().map(tables).collect();
        carried(&self.cables, &tables)
    }
}

/// A new password, in the folder under this name.
fn login(folder: &Folder, name: &str) -> Result<Login, FolderError> {
    let login = Login::random();
    folder.folder("secrets")?.write(name, &login.to_yaml())?;
    Ok(login)
}

async fn start_devices(
    plan: &Topology,
    schema: &Arc<Schema>,
    login: &Login,
    authority: &Authority,
) -> Result<BTreeMap<DeviceId, Device>, LabError> {
    let mut devices = BTreeMap::new();
    for (id, device) in &plan.devices {
        let configuration = boot::configuration(device);
        let boot = Tree::from_json(schema, &yang::Path::root(), &configuration)
            .map_err(|source| LabError::Boot { device: id.clone(), source })?;
        let config = sim_device::Config {
            name: id.to_string(),
            address: LOOPBACK,
            netconf_port: 0,
            gnmi_port: 0,
            schema: Arc::clone(schema),
            boot,
            users: BTreeMap::from([(login.username.to_owned(), login.password.clone())]),
            host_key_seed: secret::seed(),
            identity: Some(authority.server(id.as_str())?),
        };
        devices.insert(id.clone(), Device::start(config).await?);
    }
    Ok(devices)
}

async fn start_vims(
    plan: &Topology,
    scenario: &Scenario,
    login: &Login,
) -> Result<BTreeMap<VimId, VimSim>, LabError> {
    let mut vims = BTreeMap::new();
    for (id, vim) in &plan.vims {
        let config = sim_vim::Config {
            user: login.username.to_owned(),
            password: login.password.clone(),
            project: PROJECT.to_owned(),
            capacity: Capacity {
                vcpus: vim.capacity.vcpu.0,
                memory_mib: vim.capacity.memory.0,
                disk_gib: vim.capacity.storage.0,
            },
            images: scenario.images.clone(),
            physical_networks: vec![PHYSICAL_NETWORK.to_owned()],
            build_polls: BUILD_POLLS,
        };
        let started = VimSim::start(SocketAddr::new(LOOPBACK, 0), config).await;
        let started = started.map_err(|source| LabError::Vim { vim: id.clone(), source })?;
        vims.insert(id.clone(), started);
    }
    Ok(vims)
}

fn resources(capacity: Capacity) -> Resources {
    Resources {
        vcpu: Vcpu(capacity.vcpus),
        memory: Mebibytes(capacity.memory_mib),
        storage: Gibibytes(capacity.disk_gib),
        accelerators: 0,
    }
}

struct Listening<'l> {
    devices: &'l BTreeMap<DeviceId, Device>,
    vims: &'l BTreeMap<VimId, VimSim>,
    ca: &'l Path,
}

impl Addresses for Listening<'_> {
    fn device(&self, id: &str, protocol: Protocol) -> (String, Trust) {
        match (self.devices.get(id), protocol) {
            (None, protocol) => Nowhere.device(id, protocol),
            (Some(device), Protocol::Netconf) => {
                (device.netconf.to_string(), Trust::HostKey(device.fingerprint.clone()))
            }
            (Some(device), Protocol::Gnmi) => {
                let pem_file = self.ca.display().to_string();
                let trust = Trust::CertificateAuthority { pem_file, server_name: id.to_string() };
                (device.gnmi.to_string(), trust)
            }
        }
    }

    fn vim(&self, id: &str) -> (String, Option<String>) {
        self.vims.get(id).map_or_else(|| Nowhere.vim(id), |vim| (vim.auth_url(), None))
    }
}
