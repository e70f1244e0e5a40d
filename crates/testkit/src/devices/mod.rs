//! The port `Devices` over switches that are values.
//!
//! A device of protocol `netconf` has a candidate behind a lock and a confirmed commit that it
//! undoes by itself when the clock says so; one of protocol `gnmi` has neither, and its
//! preparation is no more than a check. Each is driven through a *session* that ends with a lost
//! reply, a lost connection, or [`FakeDevices::end_sessions`].

mod fault;
mod gnmi;
mod netconf;
mod switch;

pub use fault::{DeviceCall, DeviceFault, DeviceStep};

use crate::clock::ManualClock;
use async_trait::async_trait;
use device_config::Change;
use engine::ports::{Clock, DeviceError, DeviceTarget, Devices};
use model::topology::{Device, Protocol};
use model::{DeviceId, TransactionId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use switch::{Refusal, Switch};
use yang::Tree;

#[derive(Clone, Debug)]
pub struct FakeDevices {
    network: Arc<Mutex<Network>>,
    clock: ManualClock,
}

#[derive(Debug, Default)]
struct Network {
    switches: BTreeMap<DeviceId, Switch>,
    calls: Vec<DeviceCall>,
}

impl FakeDevices {
    /// No devices yet.
    #[must_use]
    pub fn new(clock: ManualClock) -> Self {
        Self { network: Arc::default(), clock }
    }

    /// A device that holds `running` comes to the network.
    pub fn add(&self, device: &Device, running: Tree) {
        self.network().switches.insert(device.id.clone(), Switch::new(running));
    }

    /// What the device has in force now.
    #[must_use]
    pub fn running(&self, device: &DeviceId) -> Tree {
        self.on(device, |switch| switch.running.clone()).unwrap_or_default()
    }

    /// Somebody else changes the device behind our back.
    pub fn edit(&self, device: &DeviceId, edit: impl FnOnce(&mut Tree)) {
        self.on(device, |switch| edit(&mut switch.running));
    }

    /// The next call of this step goes wrong; several faults of one step are played one after
    /// another.
    pub fn fail_next(&self, device: &DeviceId, step: DeviceStep, fault: DeviceFault) {
        self.on(device, |switch| switch.faults.push(step, fault));
    }

    /// Forgets the faults that are still to come.
    pub fn clear_faults(&self) {
        self.network().switches.values_mut().for_each(|switch| switch.faults.clear());
    }

    /// From now on the device is not reached. What it was asked before goes on: a commit that is
    /// not confirmed is undone in its time.
    pub fn disconnect(&self, device: &DeviceId) {
        self.on(device, |switch| {
            switch.reachable = false;
            switch.end_session();
        });
    }

    pub fn connect(&self, device: &DeviceId) {
        self.on(device, |switch| switch.reachable = true);
    }

    /// Somebody else takes the device's lock.
    pub fn lock(&self, device: &DeviceId, holder: &str) {
        self.on(device, |switch| switch.stranger = Some(holder.to_owned()));
    }

    pub fn unlock(&self, device: &DeviceId) {
        self.on(device, |switch| switch.stranger = None);
    }

    /// As if the orchestrator had ended: locks and candidates go, and so does all that an adapter
    /// would remember. Commits that wait for their confirmation stay.
    pub fn end_sessions(&self) {
        self.network().switches.values_mut().for_each(Switch::end_session);
    }

    /// The calls so far, in order, those that went wrong included; the list starts anew.
    #[must_use]
    pub fn take_calls(&self) -> Vec<DeviceCall> {
        std::mem::take(&mut self.network().calls)
    }

    /// The transaction that holds the device, by a candidate or by a commit that waits.
    #[must_use]
    pub fn holder(&self, device: &DeviceId) -> Option<TransactionId> {
        self.on(device, |switch| {
            let locked = switch.session.candidate.as_ref().map(|candidate| &candidate.transaction);
            locked.or(switch.pending.as_ref().map(|pending| &pending.transaction)).cloned()
        })?
    }

    /// How many calls there were since they were last taken.
    #[must_use]
    pub fn call_count(&self) -> usize {
        self.network().calls.len()
    }

    fn network(&self) -> MutexGuard<'_, Network> {
        self.network.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn on<R>(&self, device: &DeviceId, act: impl FnOnce(&mut Switch) -> R) -> Option<R> {
        let mut network = self.network();
        let switch = network.switches.get_mut(device)?;
        switch.pass_time(self.clock.now());
        Some(act(switch))
    }

    fn call<R>(
        &self,
        step: DeviceStep,
        target: &DeviceTarget,
        transaction: Option<&TransactionId>,
        act: impl FnOnce(&mut Switch) -> Result<R, Refusal>,
        nothing: impl FnOnce(&Switch) -> R,
    ) -> Result<R, DeviceError> {
        let device = &target.device.id;
        let call = DeviceCall { device: device.clone(), step, transaction: transaction.cloned() };
        self.network().calls.push(call);
        let answer = self.on(device, |switch| switch.play(step, act, nothing));
        let answer = answer.unwrap_or(Err(Refusal::unreachable("there is no such device")));
        answer.map_err(|refusal| refusal.about(device))
    }
}

fn speaks_netconf(target: &DeviceTarget) -> bool {
    target.device.management.protocol == Protocol::Netconf
}

#[async_trait]
impl Devices for FakeDevices {
    async fn read(&self, target: &DeviceTarget) -> Result<Tree, DeviceError> {
        let read = |switch: &Switch| switch.running.only(target.profile.reads());
        self.call(DeviceStep::Read, target, None, |switch| Ok(read(switch)), read)
    }

    async fn prepare(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
        change: &Change,
    ) -> Result<(), DeviceError> {
        let schema = target.profile.schema();
        let prepare = |switch: &mut Switch| {
            if speaks_netconf(target) {
                netconf::prepare(switch, transaction, change, schema)
            } else {
                gnmi::prepare(switch, transaction, change, schema)
            }
        };
        self.call(DeviceStep::Prepare, target, Some(transaction), prepare, |_| ())
    }

    async fn commit(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
        change: &Change,
        confirm_within: Duration,
    ) -> Result<(), DeviceError> {
        let schema = target.profile.schema();
        let milliseconds = u64::try_from(confirm_within.as_millis()).unwrap_or(u64::MAX);
        let deadline = self.clock.now().saturating_add(milliseconds);
        let commit = |switch: &mut Switch| {
            if speaks_netconf(target) {
                netconf::commit(switch, transaction, change, schema, deadline)
            } else {
                gnmi::commit(switch, transaction, change, schema)
            }
        };
        self.call(DeviceStep::Commit, target, Some(transaction), commit, |_| ())
    }

    async fn confirm(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
    ) -> Result<(), DeviceError> {
        let confirm = |switch: &mut Switch| {
            if speaks_netconf(target) { netconf::confirm(switch, transaction) } else { Ok(()) }
        };
        self.call(DeviceStep::Confirm, target, Some(transaction), confirm, |_| ())
    }

    async fn cancel(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
        undo: &Change,
    ) -> Result<(), DeviceError> {
        let cancel = |switch: &mut Switch| {
            if speaks_netconf(target) {
                netconf::cancel(switch, transaction);
            } else {
                gnmi::cancel(switch, transaction, undo);
            }
            Ok(())
        };
        self.call(DeviceStep::Cancel, target, Some(transaction), cancel, |_| ())
    }
}
