//! Lock, edit, validate; and before any of it, validate here.

use super::NetconfSwitch;
use super::session::Session;
use crate::local;
use crate::memory::{Memory, Progress};
use device_config::Change;
use engine::ports::{DeviceError, DeviceTarget};
use model::TransactionId;
use yang::Tree;

impl NetconfSwitch {
    pub(super) async fn try_prepare(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
        change: &Change,
    ) -> Result<(), DeviceError> {
        let mut memory = self.memory.lock().await;
        memory.free_for(&self.device, transaction)?;
        let running = self.checked(target, change).await?;
        let session = self.sessions.get().await?;
        self.prepare_on(&session, &mut memory, target, &running, transaction, change).await
    }

    /// The running configuration that the change was held against. What is known from before is
    /// good enough to say yes to settings: the device has the last word on them.
    pub(super) async fn checked(
        &self,
        target: &DeviceTarget,
        change: &Change,
    ) -> Result<Tree, DeviceError> {
        let known = self.known.get().filter(|_| change.deletions().next().is_none());
        if let Some(known) = known
            && local::check(target, &known, change).await.is_ok()
        {
            return Ok(known);
        }
        let running = self.running(target).await?;
        local::check(target, &running, change).await?;
        Ok(running)
    }

    /// Everything after the check. Where it fails the device is as it was, the lock included (P-27).
    pub(super) async fn prepare_on(
        &self,
        session: &Session,
        memory: &mut Memory,
        target: &DeviceTarget,
        running: &Tree,
        transaction: &TransactionId,
        change: &Change,
    ) -> Result<(), DeviceError> {
        // Held from here on, so that a caller that goes away in the middle can still cancel.
        memory.hold(transaction, change, Some(session.number));
        let locked = self.lock(session).await;
        let prepared = match locked {
            Ok(()) => self.candidate(session).edit(target, running, change).await,
            Err(error) => Err(error),
        };
        match &prepared {
            Ok(()) => return Ok(()),
            Err(DeviceError::Unreachable { .. }) => self.sessions.drop(session).await,
            Err(DeviceError::Locked { .. }) => {}
            Err(_) => self.release(session).await,
        }
        self.known.forget();
        match memory.progress(transaction) {
            Some(Progress::Prepared) => memory.clear(transaction),
            _ => memory.move_to(None),
        }
        prepared
    }
}
