//! What goes wrong: the engine may end before and after any call of a port, calls take their time,
//! and devices, VIMs and the disk fail now and then.

use super::random::Random;
use super::sabotage::Sabotage;
use crate::clock::ManualClock;
use crate::{DeviceFault, DeviceStep, FakeDevices, FakeVims, MemoryStore, VimFault, VimStep};
use async_trait::async_trait;
use device_config::Change;
use engine::api::Revision;
use engine::ports::{
    Batch, Clock, DeviceError, DeviceTarget, Devices, KeyValue, Store, StoreError, StoreWatch,
    VimError, VimInventory, Vims, Workload,
};
use model::TransactionId;
use model::topology::{Protocol, Vim};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How rough it is; chances in a thousand calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mood {
    pub(super) crash: u64,
    pub(super) device_fault: u64,
    pub(super) vim_fault: u64,
    pub(super) slowest_ms: u64,
}

impl Mood {
    pub(super) const CALM: Self = Self { crash: 0, device_fault: 0, vim_fault: 0, slowest_ms: 3 };
}

/// Shared by the ports of one engine.
#[derive(Clone, Debug)]
pub(super) struct Chaos {
    dice: Arc<Mutex<Dice>>,
    pub(super) clock: ManualClock,
    pub(super) sabotage: Option<Sabotage>,
    trace: Trace,
}

/// Whether a run tells what it does, on standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trace {
    #[default]
    Silent,
    Told,
}

#[derive(Debug)]
struct Dice {
    random: Random,
    mood: Mood,
    calls: u64,
    crashed: bool,
}

impl Chaos {
    pub(super) fn new(
        random: Random,
        mood: Mood,
        clock: ManualClock,
        sabotage: Option<Sabotage>,
        trace: Trace,
    ) -> Self {
        let dice = Dice { random, mood, calls: 0, crashed: false };
        Self { dice: Arc::new(Mutex::new(dice)), clock, sabotage, trace }
    }

    pub(super) fn tell(&self, what: impl FnOnce() -> String) {
        if self.trace == Trace::Told {
            eprintln!("{:>10} {}", self.clock.now(), what());
        }
    }

    fn told<T, E: std::fmt::Display>(
        &self,
        who: &impl std::fmt::Display,
        step: &str,
        about: &str,
        result: &Result<T, E>,
    ) {
        self.tell(|| match result {
            Ok(_) => format!("{who} {step} {about}: ok"),
            Err(error) => format!("{who} {step} {about}: {error}"),
        });
    }

    pub(super) fn is_crashed(&self) -> bool {
        self.dice().crashed
    }

    /// Goes up with every call.
    pub(super) fn calls(&self) -> u64 {
        self.dice().calls
    }

    fn dice(&self) -> MutexGuard<'_, Dice> {
        self.dice.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A point at which the engine may end. It never goes on from there.
    async fn point(&self) {
        let (crashed, wait) = {
            let mut dice = self.dice();
            dice.calls += 1;
            let (crash, slowest) = (dice.mood.crash, dice.mood.slowest_ms);
            dice.crashed = dice.crashed || dice.random.per_mille(crash);
            (dice.crashed, dice.random.below(slowest + 1))
        };
        if crashed {
            self.tell(|| "the engine ends".to_owned());
            std::future::pending::<()>().await;
        }
        if wait > 0 {
            self.clock.sleep(Duration::from_millis(wait)).await;
        }
    }

    fn draw_device_fault(&self) -> Option<DeviceFault> {
        let mut dice = self.dice();
        let chance = dice.mood.device_fault;
        if !dice.random.per_mille(chance) {
            return None;
        }
        Some(match dice.random.below(5) {
            0 => {
                let (path, reason) = ("/".to_owned(), "it is not in the mood".to_owned());
                DeviceFault::Refuse { path, reason }
            }
            1 => DeviceFault::Unreachable,
            2 => DeviceFault::AcknowledgeOnly,
            _ => DeviceFault::LostReply,
        })
    }

    fn draw_vim_fault(&self) -> Option<VimFault> {
        let mut dice = self.dice();
        let chance = dice.mood.vim_fault;
        if !dice.random.per_mille(chance) {
            return None;
        }
        Some(match dice.random.below(4) {
            0 => VimFault::Refuse { reason: "it is not in the mood".to_owned() },
            1 => VimFault::Unreachable,
            2 => VimFault::BrokenServer { reason: "no host".to_owned() },
            _ => VimFault::LostReply,
        })
    }
}

#[derive(Clone, Debug)]
pub(super) struct ChaoticDevices {
    pub(super) devices: FakeDevices,
    pub(super) chaos: Chaos,
}

impl ChaoticDevices {
    /// Before a call: it may be the last, and it may fail.
    async fn before(&self, target: &DeviceTarget, step: DeviceStep) {
        self.chaos.point().await;
        let silent = matches!(step, DeviceStep::Read | DeviceStep::Confirm | DeviceStep::Cancel);
        match self.chaos.draw_device_fault() {
            // What says yes and does nothing is found by reading back; a reading that lies, a
            // confirmation or an undoing that lies cannot be found by anybody.
            Some(DeviceFault::AcknowledgeOnly | DeviceFault::Refuse { .. }) if silent => {}
            Some(fault) => self.devices.fail_next(&target.device.id, step, fault),
            None => {}
        }
    }

    fn prepares(target: &DeviceTarget) -> bool {
        target.device.management.protocol == Protocol::Netconf
    }
}

#[async_trait]
impl Devices for ChaoticDevices {
    async fn read(&self, target: &DeviceTarget) -> Result<yang::Tree, DeviceError> {
        self.before(target, DeviceStep::Read).await;
        let read = self.devices.read(target).await;
        self.chaos.point().await;
        read
    }

    async fn prepare(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
        change: &Change,
    ) -> Result<(), DeviceError> {
        self.before(target, DeviceStep::Prepare).await;
        let prepared = self.devices.prepare(target, transaction, change).await;
        self.chaos.told(&target.device.id, "prepare", transaction.as_str(), &prepared);
        self.chaos.point().await;
        prepared
    }

    async fn commit(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
        change: &Change,
        confirm_within: Duration,
    ) -> Result<(), DeviceError> {
        self.before(target, DeviceStep::Commit).await;
        let committed = self.devices.commit(target, transaction, change, confirm_within).await;
        self.chaos.told(&target.device.id, "commit", transaction.as_str(), &committed);
        if self.chaos.sabotage == Some(Sabotage::ConfirmBeforeDecide) {
            let _ = self.devices.confirm(target, transaction).await;
        }
        self.chaos.point().await;
        committed
    }

    async fn confirm(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
    ) -> Result<(), DeviceError> {
        self.before(target, DeviceStep::Confirm).await;
        if self.chaos.sabotage == Some(Sabotage::NeverConfirm) {
            return Ok(());
        }
        let confirmed = self.devices.confirm(target, transaction).await;
        self.chaos.told(&target.device.id, "confirm", transaction.as_str(), &confirmed);
        self.chaos.point().await;
        confirmed
    }

    async fn cancel(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
        undo: &Change,
    ) -> Result<(), DeviceError> {
        self.before(target, DeviceStep::Cancel).await;
        match self.chaos.sabotage {
            Some(Sabotage::ForgetCompensation) if !Self::prepares(target) => return Ok(()),
            Some(Sabotage::ForgetCancel) if Self::prepares(target) => return Ok(()),
            _ => {}
        }
        let cancelled = self.devices.cancel(target, transaction, undo).await;
        self.chaos.told(&target.device.id, "cancel", transaction.as_str(), &cancelled);
        self.chaos.point().await;
        cancelled
    }
}

#[derive(Clone, Debug)]
pub(super) struct ChaoticVims {
    pub(super) vims: FakeVims,
    pub(super) chaos: Chaos,
}

impl ChaoticVims {
    async fn before(&self, vim: &Vim, step: VimStep) {
        self.chaos.point().await;
        if let Some(fault) = self.chaos.draw_vim_fault() {
            self.vims.fail_next(&vim.id, step, fault);
        }
    }
}

#[async_trait]
impl Vims for ChaoticVims {
    async fn inventory(&self, vim: &Vim) -> Result<VimInventory, VimError> {
        self.before(vim, VimStep::Inventory).await;
        self.vims.inventory(vim).await
    }

    async fn ensure(&self, vim: &Vim, workload: &Workload) -> Result<(), VimError> {
        self.before(vim, VimStep::Ensure).await;
        let ensured = self.vims.ensure(vim, workload).await;
        self.chaos.told(&vim.id, "ensure", &workload.owner, &ensured);
        self.chaos.point().await;
        ensured
    }

    async fn prune(&self, vim: &Vim, keep: &Workload) -> Result<(), VimError> {
        self.before(vim, VimStep::Prune).await;
        if self.chaos.sabotage == Some(Sabotage::ForgetPrune) {
            return Ok(());
        }
        let pruned = self.vims.prune(vim, keep).await;
        self.chaos.told(&vim.id, "prune", &keep.owner, &pruned);
        self.chaos.point().await;
        pruned
    }

    async fn observe(&self, vim: &Vim, owner: &str) -> Result<Vec<String>, VimError> {
        self.before(vim, VimStep::Observe).await;
        self.vims.observe(vim, owner).await
    }
}

#[derive(Clone, Debug)]
pub(super) struct ChaoticStore {
    pub(super) store: MemoryStore,
    pub(super) chaos: Chaos,
}

#[async_trait]
impl Store for ChaoticStore {
    async fn revision(&self) -> Result<Revision, StoreError> {
        self.store.revision().await
    }

    async fn range(&self, prefix: &str) -> Result<(Revision, Vec<KeyValue>), StoreError> {
        self.store.range(prefix).await
    }

    /// Ending before it loses the batch; ending after it keeps one that nobody was told of.
    async fn commit(&self, batch: Batch) -> Result<Revision, StoreError> {
        self.chaos.point().await;
        let batch = match self.chaos.sabotage {
            Some(sabotage) => sabotage.spoil(batch),
            None => batch,
        };
        let keys = batch.writes.iter().map(super::sabotage::key).collect::<Vec<_>>().join(" ");
        let committed = self.store.commit(batch).await;
        self.chaos.told(&"store", "commit", &keys, &committed);
        self.chaos.point().await;
        committed
    }

    async fn watch(&self, prefix: &str, from: Revision) -> Result<StoreWatch, StoreError> {
        self.store.watch(prefix, from).await
    }

    async fn compact(&self, upto: Revision) -> Result<(), StoreError> {
        self.store.compact(upto).await
    }
}
