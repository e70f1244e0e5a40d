//! A switch over gNMI: one atomic Set, confirmed where the target can do that (the commit
//! extension), and undone by another Set where it cannot.

mod connection;
mod steps;
mod wire;

use crate::deadlines::Deadlines;
use crate::known::Known;
use crate::local;
use crate::memory::Memory;
use crate::secrets::Secrets;
use async_trait::async_trait;
use connection::Connections;
use device_config::Change;
use engine::ports::{DeviceError, DeviceTarget, Devices};
use gnmi::{Client, GnmiPath};
use model::topology::Management;
use model::{DeviceId, TransactionId};
use std::time::Duration;
use tokio::sync::Mutex;
use yang::Tree;

#[derive(Debug)]
pub(crate) struct GnmiSwitch {
    device: String,
    deadlines: Deadlines,
    connections: Connections,
    /// Held through each step: steps on one device come one after another (P-32).
    memory: Mutex<Memory>,
    known: Known,
}

impl GnmiSwitch {
    pub(crate) fn new(
        id: &DeviceId,
        management: Management,
        secrets: Secrets,
        deadlines: Deadlines,
    ) -> Self {
        Self {
            device: id.to_string(),
            deadlines,
            connections: Connections::new(id, management, secrets, deadlines),
            memory: Mutex::default(),
            known: Known::default(),
        }
    }

    /// The configuration, as far as the profile has to do with it.
    async fn running(&self, target: &DeviceTarget) -> Result<Tree, DeviceError> {
        let reading = self.known.begin();
        let paths: Vec<GnmiPath> = target.profile.reads().iter().map(wire::path).collect();
        let schema = target.profile.schema();
        let paths = &paths;
        let get = |client: Client| async move { wire::get(&client, paths).await };
        let mut running = Tree::new();
        for update in self.connections.ask("read", get).await? {
            let part = wire::config(schema, &update).map_err(|reason| DeviceError::Refused {
                device: self.device.clone(),
                path: update.path.to_string(),
                reason: format!("its configuration cannot be read: {reason}"),
            })?;
            running.merge(&part);
        }
        self.known.end(reading, &running);
        Ok(running)
    }

    /// The change is held against what is known from before, and where that does not do against
    /// what is there now.
    async fn check(&self, target: &DeviceTarget, change: &Change) -> Result<(), DeviceError> {
        if let Some(known) = self.known.get()
            && local::check(target, &known, change).await.is_ok()
        {
            return Ok(());
        }
        let running = self.running(target).await?;
        local::check(target, &running, change).await
    }
}

#[async_trait]
impl Devices for GnmiSwitch {
    async fn read(&self, target: &DeviceTarget) -> Result<Tree, DeviceError> {
        self.running(target).await
    }

    async fn prepare(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
        change: &Change,
    ) -> Result<(), DeviceError> {
        self.deadlines.until_free(|| self.try_prepare(target, transaction, change)).await
    }

    async fn commit(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
        change: &Change,
        confirm_within: Duration,
    ) -> Result<(), DeviceError> {
        let attempt = || self.try_commit(target, transaction, change, confirm_within);
        self.deadlines.until_free(attempt).await
    }

    async fn confirm(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
    ) -> Result<(), DeviceError> {
        self.deadlines.until_free(|| self.try_confirm(target, transaction)).await
    }

    async fn cancel(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
        undo: &Change,
    ) -> Result<(), DeviceError> {
        self.deadlines.until_free(|| self.try_cancel(target, transaction, undo)).await
    }
}
