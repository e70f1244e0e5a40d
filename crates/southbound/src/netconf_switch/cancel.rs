//! Undoing what a transaction did, as far as it got.

use super::error::Sent;
use super::session::Session;
use super::{CONFIRMED_COMMIT, NetconfSwitch};
use crate::local;
use crate::memory::{Memory, Progress};
use device_config::Change;
use engine::ports::{DeviceError, DeviceTarget};
use model::TransactionId;
use netconf::ClientError;
use yang::Tree;

const CANCEL: Sent = Sent::Step("cancel");

impl NetconfSwitch {
    pub(super) async fn try_cancel(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
        undo: &Change,
    ) -> Result<(), DeviceError> {
        let mut memory = self.memory.lock().await;
        if memory.progress(transaction) == Some(Progress::Prepared) {
            self.let_go(&mut memory, transaction).await;
            return Ok(());
        }
        let session = self.sessions.get().await?;
        self.known.forget();
        let cancelled =
            !memory.is_confirmed(transaction) && self.cancel_commit(&session, transaction).await?;
        if !cancelled {
            self.compensate(&mut memory, target, transaction, undo).await?;
        }
        self.let_go(&mut memory, transaction).await;
        Ok(())
    }

    /// The candidate and its lock; where the session is gone, so are they.
    async fn let_go(&self, memory: &mut Memory, transaction: &TransactionId) {
        if let Some(session) = self.sessions.open().await
            && memory.holds_on(transaction, session.number)
        {
            self.release(&session).await;
        }
        memory.clear(transaction);
    }

    /// Whether a commit waited for its confirmation and is undone now.
    async fn cancel_commit(
        &self,
        session: &Session,
        transaction: &TransactionId,
    ) -> Result<bool, DeviceError> {
        if !session.client.has(CONFIRMED_COMMIT) {
            return Ok(false);
        }
        match session.client.cancel_commit(transaction.as_str()).await {
            Ok(_) => Ok(true),
            Err(ClientError::Rpc(_)) => Ok(false),
            Err(error) => Err(self.lost(session, CANCEL, error).await),
        }
    }

    /// The device has nothing to undo by itself: it never was in force, the device has undone it,
    /// or it was final. Only in the last case `undo` changes anything.
    async fn compensate(
        &self,
        memory: &mut Memory,
        target: &DeviceTarget,
        transaction: &TransactionId,
        undo: &Change,
    ) -> Result<(), DeviceError> {
        if memory.held(transaction).is_some() {
            // A commit of ours may still be under way; the lock comes after it.
            self.take(memory, transaction).await?;
        }
        let running = self.running(target).await?;
        if local::applied(&running, undo) == running {
            return Ok(());
        }
        memory.free_for(&self.device, transaction)?;
        let session = self.take(memory, transaction).await?;
        let undone = self.edit_and_commit(&session, target, &running, undo).await;
        self.known.forget();
        if undone.is_err() || memory.held(transaction).is_none() {
            self.release(&session).await;
            memory.move_to(None);
        }
        undone
    }

    /// The lock, for this transaction.
    async fn take(
        &self,
        memory: &mut Memory,
        transaction: &TransactionId,
    ) -> Result<Session, DeviceError> {
        let session = self.sessions.get().await?;
        if !memory.holds_on(transaction, session.number) {
            self.lock(&session).await?;
            memory.move_to(Some(session.number));
        }
        Ok(session)
    }

    async fn edit_and_commit(
        &self,
        session: &Session,
        target: &DeviceTarget,
        running: &Tree,
        undo: &Change,
    ) -> Result<(), DeviceError> {
        let candidate = self.candidate(session);
        candidate.discard().await?;
        candidate.edit(target, running, undo).await?;
        match session.client.commit().await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.lost(session, CANCEL, error).await),
        }
    }
}
