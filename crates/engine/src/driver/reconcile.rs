//! What is there against what should be: reading, comparing, and repairing as each device's
//! policy says.

use super::at_once::at_once;
use super::intake::open_operation;
use super::operation::{ended, finished, with_state};
use super::{Inner, device, known_operation};
use crate::api::{
    Blame, DeviceDiff, IntentState, Operation, OperationAction, OperationState, Timestamp,
};
use crate::config::lines;
use crate::error::Error;
use crate::records::{Record, StoredIntent, StoredPlan, Writes};
use crate::state::{State, not_found};
use crate::workload::workloads;
use device_config::{Change, fragments};
use futures::future::FutureExt;
use model::topology::DriftPolicy;
use model::{DeviceId, IntentName, OperationId, TransactionId, VimId};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Inner {
    pub(super) async fn begin_reconcile(self: &Arc<Self>) -> Result<Operation, Error> {
        let now = self.now();
        let (_, operation) = self
            .commit(None, move |_, stamp| {
                let operation = open_operation(OperationAction::Reconcile, stamp, now)?;
                Ok((Writes::put([Record::Operation(operation.clone())]), operation))
            })
            .await?;
        let (inner, id) = (Arc::clone(self), operation.id.clone());
        tokio::spawn(async move { inner.run_reconcile(id).await });
        Ok(operation)
    }

    pub(super) async fn run_reconcile(self: Arc<Self>, id: OperationId) {
        let failed = self.sweep(&id).await;
        let now = self.now();
        let whole = failed.is_none();
        let end = match failed {
            None => OperationState::Succeeded,
            Some(error) => OperationState::Failed { error },
        };
        let recorded = self
            .commit(None, move |state, _| {
                let operation = known_operation(state, &id)?;
                let mut writes = Writes::put([ended(operation, end, now, "compared")]);
                writes.put.extend(if whole { seen_again(state, now) } else { Vec::new() });
                Ok((writes, ()))
            })
            .await;
        if let Err(error) = recorded {
            tracing::error!(%error, "the end of a reconciliation was not recorded");
        }
    }

    /// Every device and every VIM, one after the other; the first failure is given back, after the
    /// others have had their turn.
    async fn sweep(self: &Arc<Self>, id: &OperationId) -> Option<Error> {
        let mut failed = None;
        let devices: Vec<DeviceId> = self.state().topology.devices.keys().cloned().collect();
        for device in devices {
            if self.is_stopping() || self.is_cancelled(id) {
                return Some(Error::Cancelled);
            }
            self.progress(id, 1, &format!("comparing {device}"));
            let hold = self.hold(BTreeSet::from([device.clone()])).await;
            let result = self.compare(&device, id).await;
            drop(hold);
            failed = failed.or(result.err());
        }
        let plans: Vec<Arc<StoredPlan>> = self.state().plans.values().cloned().collect();
        for stored in plans {
            self.progress(id, 3, &format!("comparing the VIMs of {}", stored.plan.intent));
            for (vim, workload) in workloads(&stored.plan) {
                failed = failed.or(self.ensure_workload(&vim, &workload).await.err());
            }
        }
        failed
    }

    /// Reads everybody once, and repairs as each device's policy says: at the start, and when there
    /// is another topology.
    pub(super) async fn look_around(self: Arc<Self>) {
        let devices: Vec<DeviceId> = self.state().topology.devices.keys().cloned().collect();
        let compared = devices.iter().map(|device| self.look_at(device).boxed());
        at_once(compared.collect()).await;
        let plans: Vec<Arc<StoredPlan>> = self.state().plans.values().cloned().collect();
        for (vim, workload) in plans.iter().flat_map(|stored| workloads(&stored.plan)) {
            if let Err(error) = self.ensure_workload(&vim, &workload).await {
                tracing::warn!(%vim, %error, "what a service has there could not be seen to");
            }
        }
        let vims: Vec<VimId> = self.state().topology.vims.keys().cloned().collect();
        at_once(vims.iter().map(|vim| self.look_at_vim(vim).boxed()).collect()).await;
    }

    async fn look_at(self: &Arc<Self>, device: &DeviceId) {
        let _hold = self.hold(BTreeSet::from([device.clone()])).await;
        let Ok(id) = OperationId::new("start") else { return };
        if self.is_stopping() {
            return;
        }
        if let Err(error) = self.compare(device, &id).await {
            tracing::warn!(%device, %error, "it could not be compared");
        }
    }

    async fn compare(&self, device: &DeviceId, id: &OperationId) -> Result<(), Error> {
        let running = self.read_device(device).await.map_err(device::error_of)?;
        let (desired, policy) = {
            let state = self.state();
            let policy =
                state.topology.devices.get(device).map_or(DriftPolicy::Report, |d| d.drift);
            (state.desired.get(device).cloned().unwrap_or_default(), policy)
        };
        let repair = desired.repair(|path| running.get(path).map(str::to_owned));
        if repair.is_empty() {
            self.state().saw_drift(device, None);
            return Ok(());
        }
        let now = self.now();
        self.state().saw_drift(device, Some(now));
        tracing::warn!(%device, leaves = repair.edits.len(), ?policy, "owned leaves differ");
        if policy == DriftPolicy::Enforce {
            let transaction = TransactionId::new(format!("{id}.{device}"))
                .map_err(|e| Error::Bug { detail: e.to_string() })?;
            self.write_now(device, &transaction, &repair).await?;
            self.state().saw_drift(device, None);
        }
        Ok(())
    }

    /// Brings a device that the caller holds back to the target, where its policy has it so; whether
    /// there was anything to do.
    pub(super) async fn mend(&self, device: &DeviceId) -> Result<bool, Error> {
        let policy = self.state().topology.devices.get(device).map(|known| known.drift);
        if policy != Some(DriftPolicy::Enforce) {
            return Ok(false);
        }
        let running = self.read_device(device).await.map_err(device::error_of)?;
        let desired = self.state().desired.get(device).cloned().unwrap_or_default();
        let repair = desired.repair(|path| running.get(path).map(str::to_owned));
        if repair.is_empty() {
            return Ok(false);
        }
        let revision = self.snapshot().revision;
        let id = TransactionId::new(format!("mend-{revision}.{device}"))
            .map_err(|e| Error::Bug { detail: e.to_string() })?;
        self.write_now(device, &id, &repair).await.map(|()| true)
    }

    /// One device on its own: prepared, in force, read back, confirmed. The caller holds it.
    pub(super) async fn write_now(
        &self,
        device: &DeviceId,
        id: &TransactionId,
        change: &Change,
    ) -> Result<(), Error> {
        let written = async {
            self.prepare_device(device, id, change).await?;
            self.commit_device(device, id, change).await?;
            let whole = crate::config::DeviceChange {
                change: change.clone(),
                after: vec![set_leaves(change)],
                ..Default::default()
            };
            self.verify_device(device, &whole).await?;
            self.confirm_device(device, id).await
        };
        let result = written.await.map_err(device::error_of);
        if result.is_err() {
            // Nothing is held back on the device; what differs is found again next time.
            let _ = self.cancel_device(device, id, &Change::default()).await;
        }
        result
    }

    /// The same content again: what the plan in force wants is seen to, and nothing is planned.
    pub(super) async fn refresh(
        self: &Arc<Self>,
        name: &IntentName,
        id: &OperationId,
        plan: &StoredPlan,
    ) -> Result<(), Error> {
        let topology = Arc::clone(&self.state().topology);
        let by_device = fragments(&plan.plan, &topology).map_err(|e| Error::Precondition {
            reason: e.to_string(),
            hint: "delete the intent and apply it again".to_owned(),
        })?;
        for (vim, workload) in workloads(&plan.plan) {
            self.ensure_workload(&vim, &workload).await?;
        }
        for device in by_device.into_keys() {
            let _hold = self.hold(BTreeSet::from([device.clone()])).await;
            self.compare(&device, id).await?;
        }
        let (name, id, now) = (name.clone(), id.clone(), self.now());
        self.commit(None, move |state, _| {
            let active = IntentState::Active { observed: now };
            Ok((finished(state, &name, &id, Some(active), now), ()))
        })
        .await
        .map(|_| ())
    }

    pub(super) async fn diff_of(&self, device: DeviceId) -> Result<DeviceDiff, Error> {
        self.known_device(&device)?;
        let running = self.read_device(&device).await.map_err(device::error_of)?;
        let desired = self.state().desired.get(&device).cloned().unwrap_or_default();
        let repair = desired.repair(|path| running.get(path).map(str::to_owned));
        Ok(DeviceDiff { device, lines: lines(&repair) })
    }

    pub(super) fn owners_of(
        &self,
        device: &DeviceId,
        path: Option<String>,
    ) -> Result<Vec<Blame>, Error> {
        self.known_device(device)?;
        let below = path.map(|path| path.parse::<yang::Path>()).transpose().map_err(|e| {
            let hint = "write it like /interfaces/interface[name=ge-0/0/1]";
            Error::rejected("path", e.to_string(), hint)
        })?;
        let desired = self.state().desired.get(device).cloned().unwrap_or_default();
        let blame = desired.blame(below.as_ref()).map(|(path, value, owners)| Blame {
            path: path.to_string(),
            value: value.to_owned(),
            owners: owners.iter().cloned().collect(),
        });
        Ok(blame.collect())
    }

    fn known_device(&self, device: &DeviceId) -> Result<(), Error> {
        let known = self.state().topology.devices.contains_key(device);
        if known { Ok(()) } else { Err(not_found("device", device)) }
    }
}

/// Services whose plans were just seen to be whole.
fn seen_again(state: &State, now: Timestamp) -> Vec<Record> {
    let whole = |stored: &&Arc<StoredIntent>| {
        let plan = state.plans.get(&stored.intent.name);
        matches!(stored.state, IntentState::Active { .. } | IntentState::Degraded { .. })
            && plan.is_some_and(|plan| plan.plan.intent_revision == stored.revision)
    };
    let whole = state.intents.values().filter(whole);
    let next = IntentState::Active { observed: now };
    whole.filter_map(|s| with_state(state, &s.intent.name, next.clone(), now)).collect()
}

fn set_leaves(change: &Change) -> device_config::Rendered {
    let leaves = change.settings().map(|(path, value)| (path.clone(), Some(value.to_owned())));
    device_config::Rendered { nodes: leaves.collect() }
}
