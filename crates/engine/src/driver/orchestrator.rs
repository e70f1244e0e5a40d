//! The one door, over what is behind it.

use super::{Engine, lock};
use crate::api::{
    Accepted, Blame, DeviceDiff, DryRun, Onboard, Onboarded, Operation, Orchestrator, Revision,
    View, Watch, WriteOptions,
};
use crate::error::Error;
use async_trait::async_trait;
use model::intent::Intent;
use model::topology::Topology;
use model::{DeviceId, IntentName, OperationId};
use std::sync::Arc;
use std::time::Duration;

#[async_trait]
impl Orchestrator for Engine {
    async fn onboard(&self, request: Onboard) -> Result<Onboarded, Error> {
        self.inner.take_descriptors(request).await
    }

    async fn delete_descriptor(&self, id: String, write: WriteOptions) -> Result<Revision, Error> {
        self.inner.drop_descriptor(id, write).await
    }

    async fn apply_topology(
        &self,
        topology: Topology,
        write: WriteOptions,
    ) -> Result<Revision, Error> {
        self.inner.take_topology(topology, write).await
    }

    async fn apply(&self, intent: Intent, write: WriteOptions) -> Result<Accepted, Error> {
        self.inner.accept_apply(intent, write).await
    }

    async fn delete(&self, intent: IntentName, write: WriteOptions) -> Result<Accepted, Error> {
        self.inner.accept_delete(intent, write).await
    }

    async fn dry_run(&self, intent: Intent) -> Result<DryRun, Error> {
        self.inner.plan_only(intent).await
    }

    async fn cancel(&self, operation: OperationId) -> Result<Operation, Error> {
        self.inner.operation(&operation)?;
        lock(&self.inner.cancelled).insert(operation.clone());
        let known = self.inner.operation(&operation)?;
        if known.state.is_done() {
            lock(&self.inner.cancelled).remove(&operation);
        }
        Ok(known)
    }

    async fn wait(&self, operation: OperationId, at_most: Duration) -> Result<Operation, Error> {
        // Whether it ended or the time is up: the answer is the operation as it is.
        if let Ok(ended) = tokio::time::timeout(at_most, self.inner.ended(&operation)).await {
            ended?;
        }
        self.inner.operation(&operation)
    }

    fn view(&self) -> Arc<View> {
        Arc::new(self.inner.view())
    }

    async fn watch(&self, from: Revision) -> Result<Watch, Error> {
        self.inner.open_watch(from).await
    }

    async fn device_diff(&self, device: DeviceId) -> Result<DeviceDiff, Error> {
        self.inner.diff_of(device).await
    }

    async fn blame(&self, device: DeviceId, path: Option<String>) -> Result<Vec<Blame>, Error> {
        self.inner.owners_of(&device, path)
    }

    async fn reconcile(&self) -> Result<Operation, Error> {
        self.inner.begin_reconcile().await
    }
}
