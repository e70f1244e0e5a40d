//! What remains of a transaction: taking back one that was not decided, and catching up who is
//! behind with one that was.
//!
//! Both are the same: every node that the transaction has to do with is brought to what the plans
//! in force say by then. So it may be done late, in any order, and again.

use super::at_once::at_once;
use super::device::error_of;
use super::operation::with_state;
use super::transaction::{Behind, Transaction, behind, phase};
use super::turns::Turn;
use super::{Inner, lock};
use crate::api::{IntentState, TransactionPhase};
use crate::config::{Plans, Touched};
use crate::error::Error;
use crate::ports::{DeviceError, Workload};
use crate::records::{StoredTransaction, StoredWork};
use crate::workload::workloads;
use device_config::Change;
use futures::future::FutureExt;
use model::{DeviceId, IntentName, TransactionId, VimId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// First and longest wait between two tries.
const WAIT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// A transaction as far as it has to be settled.
#[derive(Debug)]
pub(super) struct Remains {
    pub(super) id: TransactionId,
    works: Vec<StoredWork>,
    touched: Touched,
}

/// Which way a transaction is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Back,
    Forward,
}

impl Remains {
    pub(super) fn devices(&self) -> BTreeSet<DeviceId> {
        self.touched.keys().cloned().collect()
    }
}

impl Inner {
    pub(super) fn remains_of(&self, transaction: &Transaction) -> Remains {
        let mut remains = self.remains(transaction.id.clone(), transaction.works.clone());
        for device in lock(&transaction.spared).iter() {
            remains.touched.remove(device);
        }
        remains
    }

    pub(super) fn remains_of_stored(&self, stored: &StoredTransaction) -> Remains {
        self.remains(stored.record.id.clone(), stored.works.clone())
    }

    fn remains(&self, id: TransactionId, works: Vec<StoredWork>) -> Remains {
        let snapshot = self.snapshot();
        let plans = works.iter().flat_map(|work| [&work.before, &work.after]).flatten();
        let plans = plans.map(|stored| &stored.plan);
        let touched = Plans::new(&snapshot, &self.parts.profiles).touched(plans);
        let touched = touched.unwrap_or_else(|error| {
            tracing::error!(transaction = %id, %error, "its nodes are not known any more");
            Touched::new()
        });
        Remains { id, works, touched }
    }

    /// Settles a transaction; the caller holds its devices. What cannot be reached now is settled
    /// later: the transaction stays in the journal until then.
    pub(super) async fn settle(self: &Arc<Self>, remains: Remains, way: Way) {
        let left = self.settle_devices(&remains, way, remains.devices()).await;
        if left.is_empty() && self.settle_vims(&remains).await.is_empty() {
            self.record_settled(&remains, way).await;
            return;
        }
        if way == Way::Back {
            self.record_phase(&remains, TransactionPhase::RollingBack).await;
        }
        tracing::warn!(transaction = %remains.id, ?left, "not everybody is settled yet");
        let inner = Arc::clone(self);
        tokio::spawn(async move { inner.settle_later(remains, way, left).await });
    }

    /// Until everybody is. Nobody works on its intents or its devices meanwhile.
    pub(super) async fn settle_later(
        self: Arc<Self>,
        remains: Remains,
        way: Way,
        mut left: BTreeSet<DeviceId>,
    ) {
        let mut wait = WAIT.0;
        while !self.is_stopping() {
            self.parts.clock.sleep(wait).await;
            wait = (wait * 2).min(WAIT.1);
            let turns = self.turns_of(&remains).await;
            let hold = self.hold(left.clone()).await;
            left = self.settle_devices(&remains, way, left).await;
            drop(hold);
            let vims = self.settle_vims(&remains).await;
            if left.is_empty() && vims.is_empty() {
                self.record_settled(&remains, way).await;
                return;
            }
            drop(turns);
        }
    }

    async fn turns_of(&self, remains: &Remains) -> Vec<Turn<'_>> {
        let intents: BTreeSet<&IntentName> = remains.works.iter().map(|w| &w.intent).collect();
        let mut turns = Vec::new();
        for intent in intents {
            turns.push(self.turns.take(intent).await);
        }
        turns
    }

    /// Gives back the devices that are not settled.
    async fn settle_devices(
        &self,
        remains: &Remains,
        way: Way,
        devices: BTreeSet<DeviceId>,
    ) -> BTreeSet<DeviceId> {
        let steps = devices.iter().map(|device| {
            let settled = self.settle_device(remains, way, device);
            settled.map(move |result| (device, result)).boxed()
        });
        let mut left = BTreeSet::new();
        for (device, result) in at_once(steps.collect()).await {
            if let Err(error) = result {
                tracing::debug!(transaction = %remains.id, %device, %error, "not settled");
                left.insert(device.clone());
            }
        }
        left
    }

    async fn settle_device(
        &self,
        remains: &Remains,
        way: Way,
        device: &DeviceId,
    ) -> Result<(), Error> {
        match way {
            Way::Back => {
                let undo = self.towards_target(remains, device, None);
                self.cancel_device(device, &remains.id, &undo).await.map_err(error_of)
            }
            Way::Forward => self.bring_forward(remains, device).await,
        }
    }

    /// A commit that still waits to be confirmed is; one that the device took back itself is made
    /// again.
    async fn bring_forward(&self, remains: &Remains, device: &DeviceId) -> Result<(), Error> {
        match self.confirm_device(device, &remains.id).await {
            // Refused: there is nothing that waits.
            Ok(()) | Err(DeviceError::Refused { .. }) => {}
            Err(error) => return Err(error_of(error)),
        }
        let running = self.read_device(device).await.map_err(error_of)?;
        let rest = self.towards_target(remains, device, Some(&running));
        if rest.is_empty() { Ok(()) } else { self.write_now(device, &remains.id, &rest).await }
    }

    fn towards_target(
        &self,
        remains: &Remains,
        device: &DeviceId,
        running: Option<&yang::Tree>,
    ) -> Change {
        let desired = self.state().desired.get(device).cloned().unwrap_or_default();
        desired.bring(remains.touched.get(device).into_iter().flatten(), running)
    }

    /// VIMs run what the plans in force want for the transaction's intents, and nothing else.
    async fn settle_vims(&self, remains: &Remains) -> Behind {
        let wanted = self.wanted_of_vims(remains);
        let steps = wanted.iter().map(|(vim, workload)| {
            let settled = self.settle_vim(vim, workload);
            settled.map(move |result| behind(vim, result)).boxed()
        });
        at_once(steps.collect()).await.into_iter().flatten().collect()
    }

    async fn settle_vim(&self, vim: &VimId, workload: &Workload) -> Result<(), Error> {
        if !workload.is_empty() {
            self.ensure_workload(vim, workload).await?;
        }
        self.prune_workload(vim, workload).await
    }

    fn wanted_of_vims(&self, remains: &Remains) -> Vec<(VimId, Workload)> {
        let state = self.snapshot();
        let mut all = Vec::new();
        for work in &remains.works {
            let plans = [work.before.as_ref(), work.after.as_ref()].into_iter().flatten();
            let vims: BTreeSet<VimId> =
                plans.flat_map(|stored| workloads(&stored.plan).into_keys()).collect();
            let mut wanted: BTreeMap<VimId, Workload> = state
                .plans
                .get(&work.intent)
                .map(|stored| workloads(&stored.plan))
                .unwrap_or_default();
            all.extend(vims.into_iter().map(|vim| {
                let nothing = Workload { owner: work.intent.to_string(), ..Workload::default() };
                let workload = wanted.remove(&vim).unwrap_or(nothing);
                (vim, workload)
            }));
        }
        all
    }

    async fn record_settled(&self, remains: &Remains, way: Way) {
        match way {
            Way::Back => self.record_phase(remains, TransactionPhase::RolledBack).await,
            Way::Forward => self.record_caught_up(remains).await,
        }
    }

    async fn record_caught_up(&self, remains: &Remains) {
        let now = self.now();
        let (id, works) = (remains.id.clone(), remains.works.clone());
        let recorded = self.commit(None, move |state, _| {
            let mut writes = phase(state, &id, TransactionPhase::Done, now)?;
            for work in &works {
                let waits = state.intents.get(&work.intent).is_some_and(|stored| {
                    matches!(stored.state, IntentState::Degraded { .. })
                        && stored.operation.as_ref() == Some(&work.operation)
                });
                let next = IntentState::Active { observed: now };
                writes.put.extend(with_state(state, &work.intent, next, now).filter(|_| waits));
            }
            Ok((writes, ()))
        });
        if let Err(error) = recorded.await {
            tracing::error!(transaction = %remains.id, %error, "its end was not recorded");
        }
    }

    async fn record_phase(&self, remains: &Remains, next: TransactionPhase) {
        let (id, now) = (remains.id.clone(), self.now());
        let recorded = self.commit(None, move |state, _| Ok((phase(state, &id, next, now)?, ())));
        if let Err(error) = recorded.await {
            tracing::error!(transaction = %remains.id, %error, "the phase was not recorded");
        }
    }
}
