//! The steps of a transaction on a target that has no candidate.

use super::{GnmiSwitch, wire};
use crate::local;
use crate::memory::{Memory, Progress};
use device_config::Change;
use engine::ports::{DeviceError, DeviceTarget};
use gnmi::client::{commit_cancel, commit_confirm, commit_request};
use gnmi::ext::Extension;
use gnmi::{Client, ClientError, SetChange};
use model::TransactionId;
use std::time::Duration;

impl GnmiSwitch {
    /// Validates here, and remembers. The target hears nothing of it.
    pub(super) async fn try_prepare(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
        change: &Change,
    ) -> Result<(), DeviceError> {
        let mut memory = self.memory.lock().await;
        memory.free_for(&self.device, transaction)?;
        self.check(target, change).await?;
        memory.hold(transaction, change, None);
        Ok(())
    }

    pub(super) async fn try_commit(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
        change: &Change,
        within: Duration,
    ) -> Result<(), DeviceError> {
        let mut memory = self.memory.lock().await;
        memory.free_for(&self.device, transaction)?;
        if memory.progress(transaction) != Some(Progress::Prepared) {
            // It was sent before, or this process is new.
            let running = self.running(target).await?;
            let done = local::unmet(&running, change).is_none();
            if !done {
                local::check(target, &running, change).await?;
            }
            memory.hold(transaction, change, None);
            if done {
                memory.note(Progress::Committed);
                return Ok(());
            }
        }
        let confirms = self.connections.confirms().await?;
        let extension = confirms.then(|| commit_request(transaction.as_str(), within));
        let set = wire::set_change(target.profile.schema(), change);
        let client = self.connections.get().await?;
        memory.note(Progress::Sent);
        match self.set(&client, &set, extension).await {
            Ok(()) => {
                memory.note(Progress::Committed);
                Ok(())
            }
            Err(error) => {
                if !matches!(error, ClientError::OutcomeUnknown(_)) {
                    memory.note(Progress::Prepared);
                }
                Err(self.connections.failed("commit", error).await)
            }
        }
    }

    /// A Set that cannot be confirmed is final by itself.
    pub(super) async fn try_confirm(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
    ) -> Result<(), DeviceError> {
        let mut memory = self.memory.lock().await;
        if memory.is_confirmed(transaction) {
            return Ok(());
        }
        memory.free_for(&self.device, transaction)?;
        if self.connections.confirms().await? {
            let confirm = commit_confirm(transaction.as_str());
            let client = self.connections.get().await?;
            match self.set(&client, &SetChange::default(), Some(confirm)).await {
                Ok(()) => {}
                Err(ClientError::Refused { reason, .. } | ClientError::NotFound(reason)) => {
                    self.settle(&mut memory, target, transaction, &reason).await?;
                }
                Err(error) => return Err(self.connections.failed("confirm", error).await),
            }
        }
        memory.confirm(transaction);
        Ok(())
    }

    /// Nothing waits under this id: it was confirmed before, or the target has undone it. What is
    /// there tells which, if the change is known.
    async fn settle(
        &self,
        memory: &mut Memory,
        target: &DeviceTarget,
        transaction: &TransactionId,
        said: &str,
    ) -> Result<(), DeviceError> {
        let unmet = match memory.held(transaction) {
            Some(held) => {
                self.known.forget();
                match local::unmet(&self.running(target).await?, &held.change) {
                    None => return Ok(()),
                    unmet => unmet,
                }
            }
            None => None,
        };
        memory.clear(transaction);
        Err(local::nothing_waits(&self.device, transaction, said, unmet))
    }

    pub(super) async fn try_cancel(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
        undo: &Change,
    ) -> Result<(), DeviceError> {
        let mut memory = self.memory.lock().await;
        let prepared = memory.progress(transaction) == Some(Progress::Prepared);
        if !prepared && !self.take_back(&memory, transaction).await? {
            self.compensate(&memory, target, transaction, undo).await?;
        }
        memory.clear(transaction);
        Ok(())
    }

    /// Whether the Set waited for its confirmation and is undone now.
    async fn take_back(
        &self,
        memory: &Memory,
        transaction: &TransactionId,
    ) -> Result<bool, DeviceError> {
        if memory.is_confirmed(transaction) || !self.connections.confirms().await? {
            return Ok(false);
        }
        let cancel = commit_cancel(transaction.as_str());
        let client = self.connections.get().await?;
        match self.set(&client, &SetChange::default(), Some(cancel)).await {
            Ok(()) => Ok(true),
            Err(ClientError::Refused { .. } | ClientError::NotFound(_)) => Ok(false),
            Err(error) => Err(self.connections.failed("cancel", error).await),
        }
    }

    /// It never was in force, the target has undone it, or it is final. Only in the last case
    /// `undo` changes anything.
    async fn compensate(
        &self,
        memory: &Memory,
        target: &DeviceTarget,
        transaction: &TransactionId,
        undo: &Change,
    ) -> Result<(), DeviceError> {
        self.known.forget();
        let running = self.running(target).await?;
        if local::applied(&running, undo) == running {
            return Ok(());
        }
        memory.free_for(&self.device, transaction)?;
        let set = wire::set_change(target.profile.schema(), undo);
        let client = self.connections.get().await?;
        match self.set(&client, &set, None).await {
            Ok(()) => Ok(()),
            Err(error) => Err(self.connections.failed("cancel", error).await),
        }
    }

    /// One Set. Whatever comes of it, what was known of the target's configuration is out of date.
    async fn set(
        &self,
        client: &Client,
        change: &SetChange,
        extension: Option<Extension>,
    ) -> Result<(), ClientError> {
        let client = client.answering_within(self.deadlines.commit);
        let set = client.set(change, extension.into_iter().collect()).await;
        self.known.forget();
        set.map(|_| ())
    }
}
