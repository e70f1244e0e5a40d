//! The port `Devices`: each device by its own protocol.

use crate::deadlines::Deadlines;
use crate::gnmi_switch::GnmiSwitch;
use crate::netconf_switch::NetconfSwitch;
use crate::secrets::Secrets;
use async_trait::async_trait;
use device_config::Change;
use engine::ports::{DeviceError, DeviceTarget, Devices};
use model::topology::{Management, Protocol};
use model::{DeviceId, TransactionId};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use yang::Tree;

/// One for each device of the topology, with the way it was reached.
type Switches = BTreeMap<DeviceId, (Management, Arc<dyn Devices>)>;

/// Switches on the network. A copy shares sessions with its original.
#[derive(Clone)]
pub struct NetworkDevices {
    secrets: Secrets,
    deadlines: Deadlines,
    switches: Arc<Mutex<Switches>>,
}

impl fmt::Debug for NetworkDevices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NetworkDevices").field("deadlines", &self.deadlines).finish_non_exhaustive()
    }
}

impl NetworkDevices {
    #[must_use]
    pub fn new(secrets: Secrets) -> Self {
        Self { secrets, deadlines: Deadlines::default(), switches: Arc::default() }
    }

    /// Other deadlines, for the devices that were not used yet.
    #[must_use]
    pub fn with_deadlines(mut self, deadlines: Deadlines) -> Self {
        self.deadlines = deadlines;
        self
    }

    /// A device that is now reached another way is another device: its sessions are closed.
    fn switch(&self, target: &DeviceTarget) -> Arc<dyn Devices> {
        let (id, management) = (&target.device.id, &target.device.management);
        let mut switches = self.switches.lock().unwrap_or_else(PoisonError::into_inner);
        match switches.get(id) {
            Some((known, switch)) if known == management => Arc::clone(switch),
            _ => {
                let switch = self.open(id, management);
                switches.insert(id.clone(), (management.clone(), Arc::clone(&switch)));
                switch
            }
        }
    }

    fn open(&self, id: &DeviceId, management: &Management) -> Arc<dyn Devices> {
        let (secrets, deadlines) = (self.secrets.clone(), self.deadlines);
        match management.protocol {
            Protocol::Netconf => {
                Arc::new(NetconfSwitch::new(id, management.clone(), secrets, deadlines))
            }
            Protocol::Gnmi => Arc::new(GnmiSwitch::new(id, management.clone(), secrets, deadlines)),
        }
    }
}

#[async_trait]
impl Devices for NetworkDevices {
    async fn read(&self, target: &DeviceTarget) -> Result<Tree, DeviceError> {
        self.switch(target).read(target).await
    }

    async fn prepare(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
        change: &Change,
    ) -> Result<(), DeviceError> {
        self.switch(target).prepare(target, transaction, change).await
    }

    async fn commit(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
        change: &Change,
        confirm_within: Duration,
    ) -> Result<(), DeviceError> {
        self.switch(target).commit(target, transaction, change, confirm_within).await
    }

    async fn confirm(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
    ) -> Result<(), DeviceError> {
        self.switch(target).confirm(target, transaction).await
    }

    async fn cancel(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
        undo: &Change,
    ) -> Result<(), DeviceError> {
        self.switch(target).cancel(target, transaction, undo).await
    }
}
