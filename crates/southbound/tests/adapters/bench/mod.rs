//! A simulated switch, and our adapter in front of it: NETCONF by host key, gNMI by certificate.

mod pki;
mod secrets;

use async_trait::async_trait;
use engine::ports::{DeviceError, DeviceTarget, Devices};
use model::TransactionId;
use model::topology::{Protocol, Trust};
use netconf::{Client, Credentials, HostKeyPolicy, Target};
pub(crate) use pki::Pki;
pub(crate) use secrets::{PASSWORD, private_folder, secrets, write_secret};
use sim_device::{Config, Device, Fault, StartError};
use southbound::{Deadlines, NetworkDevices, Secrets};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testkit::contract::devices::{DeviceBench, DeviceTrouble, Wish};
use testkit::fixture;
use tokio::time::timeout;
use yang::Tree;

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const AMPLE: Duration = Duration::from_secs(600);

pub(crate) struct Bench {
    device: Mutex<Option<Device>>,
    pub(crate) target: DeviceTarget,
    pub(crate) devices: NetworkDevices,
    pub(crate) pki: Pki,
    secrets: tempfile::TempDir,
    stranger: Mutex<Option<Client>>,
}

/// Short where a test waits for their end.
pub(crate) fn deadlines() -> Deadlines {
    Deadlines {
        connect: 10 * SECOND,
        hello: 10 * SECOND,
        lock: SECOND,
        request: 10 * SECOND,
        commit: 2 * SECOND,
    }
}

pub(crate) fn transaction(name: &str) -> TransactionId {
    TransactionId::new(name).unwrap()
}

async fn start(boot: Tree, pki: &Pki, ports: (u16, u16)) -> Result<Device, StartError> {
    Device::start(Config {
        name: "sw1".to_owned(),
        address: "127.0.0.1".parse().unwrap(),
        netconf_port: ports.0,
        gnmi_port: ports.1,
        schema: Arc::clone(fixture::openconfig().schema()),
        boot,
        users: BTreeMap::from([("admin".to_owned(), secrets::PASSWORD.to_owned())]),
        host_key_seed: [9; 32],
        identity: Some(pki.identity("sw1")),
    })
    .await
}

impl Bench {
    pub(crate) async fn new(protocol: Protocol) -> Self {
        let mut device = fixture::switch("sw1", protocol);
        let pki = Pki::new();
        let simulated = start(fixture::boot(&device), &pki, (0, 0)).await.unwrap();
        let (address, trust) = match protocol {
            Protocol::Netconf => (simulated.netconf, Trust::HostKey(simulated.fingerprint.clone())),
            Protocol::Gnmi => (simulated.gnmi, pki.trust("sw1")),
        };
        device.management.address = address.to_string();
        device.management.trust = trust;
        let folder = secrets();
        Self {
            device: Mutex::new(Some(simulated)),
            target: DeviceTarget { device: Arc::new(device), profile: fixture::openconfig() },
            devices: adapter(&folder),
            pki,
            secrets: folder,
            stranger: Mutex::default(),
        }
    }

    pub(crate) fn on<R>(&self, act: impl FnOnce(&Device) -> R) -> R {
        act(self.device.lock().unwrap().as_ref().expect("the device is there"))
    }

    pub(crate) fn text(&self) -> String {
        self.on(Device::running_text)
    }

    pub(crate) fn fault(&self, fault: Fault) {
        self.on(|device| device.faults().push(fault));
    }

    pub(crate) fn secrets_folder(&self) -> &std::path::Path {
        self.secrets.path()
    }

    /// An adapter that knows nothing of the one before.
    pub(crate) fn forget(&mut self) {
        self.devices = adapter(&self.secrets);
    }

    /// An adapter with no patience at all.
    pub(crate) fn impatient(&self) -> NetworkDevices {
        let deadlines = Deadlines { connect: SECOND / 4, hello: SECOND / 4, ..deadlines() };
        NetworkDevices::new(Secrets::open(self.secrets.path()).unwrap()).with_deadlines(deadlines)
    }

    /// The same device, reached another way.
    pub(crate) fn reached(
        &self,
        change: impl FnOnce(&mut model::topology::Management),
    ) -> DeviceTarget {
        let mut device = (*self.target.device).clone();
        change(&mut device.management);
        DeviceTarget { device: Arc::new(device), profile: Arc::clone(&self.target.profile) }
    }

    /// Power off and on: it comes up with what it booted with, at the same addresses.
    pub(crate) async fn reboot(&self, boot: Tree) {
        let device = self.device.lock().unwrap().take().expect("the device is there");
        let ports = (device.netconf.port(), device.gnmi.port());
        drop(device);
        let up = async {
            loop {
                // The old sockets take a moment to close.
                match start(boot.clone(), &self.pki, ports).await {
                    Ok(device) => return device,
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        };
        let device = timeout(10 * SECOND, up).await.expect("it comes up again");
        *self.device.lock().unwrap() = Some(device);
    }

    /// Somebody else's session.
    pub(crate) async fn client(&self) -> Client {
        let (address, fingerprint) = self.on(|d| (d.netconf.to_string(), d.fingerprint.clone()));
        let target = Target {
            address,
            user: "admin".to_owned(),
            credentials: Credentials::Password(secrets::PASSWORD.to_owned()),
            host_key: HostKeyPolicy::Fingerprint(fingerprint),
        };
        Client::connect(&target, netconf::Deadlines::default()).await.unwrap().0
    }

    pub(crate) async fn prepare(&self, name: &str, wish: &Wish) -> Result<(), DeviceError> {
        self.devices.prepare(&self.target, &transaction(name), &wish.change).await
    }

    pub(crate) async fn commit(&self, name: &str, wish: &Wish) -> Result<(), DeviceError> {
        self.devices.commit(&self.target, &transaction(name), &wish.change, AMPLE).await
    }

    pub(crate) async fn commit_for(&self, name: &str, wish: &Wish, within: Duration) {
        let transaction = transaction(name);
        let done = self.devices.commit(&self.target, &transaction, &wish.change, within);
        assert_eq!(done.await, Ok(()));
    }

    pub(crate) async fn confirm(&self, name: &str) -> Result<(), DeviceError> {
        self.devices.confirm(&self.target, &transaction(name)).await
    }

    pub(crate) async fn cancel(&self, name: &str, wish: &Wish) -> Result<(), DeviceError> {
        self.devices.cancel(&self.target, &transaction(name), &wish.undo).await
    }

    pub(crate) async fn apply(&self, name: &str, wish: &Wish) {
        assert_eq!(self.prepare(name, wish).await, Ok(()));
        assert_eq!(self.commit(name, wish).await, Ok(()));
        assert_eq!(self.confirm(name).await, Ok(()));
    }

    /// Waits until the device holds this.
    pub(crate) async fn until(&self, wanted: &Tree) {
        let mut changes = self.on(Device::changes);
        let arrives = async {
            while self.running() != *wanted {
                changes.changed().await.unwrap();
            }
        };
        timeout(10 * SECOND, arrives).await.expect("the device comes to it in time");
    }
}

fn adapter(folder: &tempfile::TempDir) -> NetworkDevices {
    NetworkDevices::new(Secrets::open(folder.path()).unwrap()).with_deadlines(deadlines())
}

#[async_trait]
impl DeviceBench for Bench {
    fn devices(&self) -> Arc<dyn Devices> {
        Arc::new(self.devices.clone())
    }

    fn target(&self) -> DeviceTarget {
        self.target.clone()
    }

    fn running(&self) -> Tree {
        self.on(Device::running)
    }

    fn pass(&self, _: Duration) {}

    async fn trouble(&self, trouble: DeviceTrouble) {
        match trouble {
            DeviceTrouble::Refuses => self.fault(Fault::RefuseEdit("out of memory".to_owned())),
            DeviceTrouble::AcknowledgesOnly => self.fault(Fault::AcknowledgeOnly),
            DeviceTrouble::LosesTheReply => self.fault(Fault::DropReply),
            DeviceTrouble::Unreachable => drop(self.device.lock().unwrap().take()),
            DeviceTrouble::LockedByAnother => {
                let client = self.client().await;
                client.lock("candidate").await.unwrap();
                *self.stranger.lock().unwrap() = Some(client);
            }
            DeviceTrouble::Unlocked => {
                let client = self.stranger.lock().unwrap().take().unwrap();
                client.unlock("candidate").await.unwrap();
            }
        }
    }

    async fn restart(&mut self) {
        self.forget();
    }
}
