//! A switch over NETCONF: a candidate under its lock, and confirmed commits (RFC 6241 §8.3, §8.4).

mod cancel;
mod candidate;
mod commit;
mod confirm;
mod error;
mod prepare;
mod session;

use crate::deadlines::Deadlines;
use crate::known::Known;
use crate::memory::Memory;
use crate::secrets::Secrets;
use async_trait::async_trait;
use candidate::Candidate;
use device_config::Change;
use engine::ports::{DeviceError, DeviceTarget, Devices};
use error::{Sent, failure};
use model::topology::Management;
use model::{DeviceId, TransactionId};
use netconf::ClientError;
use session::{Session, Sessions};
use std::time::Duration;
use tokio::sync::Mutex;
use yang::Tree;

/// What lets a device undo a commit by itself (RFC 6241 §8.4).
const CONFIRMED_COMMIT: &str = "confirmed-commit:1.1";

#[derive(Debug)]
pub(crate) struct NetconfSwitch {
    device: String,
    deadlines: Deadlines,
    sessions: Sessions,
    /// Held through each step: steps on one device come one after another (P-32).
    memory: Mutex<Memory>,
    known: Known,
}

impl NetconfSwitch {
    pub(crate) fn new(
        id: &DeviceId,
        management: Management,
        secrets: Secrets,
        deadlines: Deadlines,
    ) -> Self {
        Self {
            device: id.to_string(),
            deadlines,
            sessions: Sessions::new(id, management, secrets, deadlines),
            memory: Mutex::default(),
            known: Known::default(),
        }
    }

    fn candidate<'s>(&'s self, session: &'s Session) -> Candidate<'s> {
        Candidate { device: &self.device, session }
    }

    /// Running, as far as the profile has to do with it. A session that broke unnoticed is found
    /// out here, and a new one asked.
    async fn running(&self, target: &DeviceTarget) -> Result<Tree, DeviceError> {
        let reading = self.known.begin();
        let mut session = self.sessions.get().await?;
        let mut read = self.get_config(&session, target).await;
        if matches!(read, Err(ClientError::Closed(_))) {
            self.sessions.drop(&session).await;
            session = self.sessions.get().await?;
            read = self.get_config(&session, target).await;
        }
        let xml = match read {
            Ok(xml) => xml,
            Err(error) => return Err(self.lost(&session, Sent::Nothing, error).await),
        };
        let running = Tree::from_xml_known(target.profile.schema(), &xml);
        let running = running.map_err(|e| DeviceError::Refused {
            device: self.device.clone(),
            path: "/".to_owned(),
            reason: format!("its configuration cannot be read: {e}"),
        })?;
        self.known.end(reading, &running);
        Ok(running)
    }

    async fn get_config(
        &self,
        session: &Session,
        target: &DeviceTarget,
    ) -> Result<String, ClientError> {
        let reads = target.profile.reads();
        let filter = target.profile.schema().subtree_filter(reads);
        // An empty filter would select nothing (RFC 6241 §6.4.2).
        let filter = (!filter.is_empty()).then_some(filter.as_str());
        session.client.get_config("running", filter).await
    }

    /// What an error means. A session that did not answer is given up, so that the device frees
    /// what it holds.
    async fn lost(&self, session: &Session, sent: Sent, error: ClientError) -> DeviceError {
        if matches!(error, ClientError::Timeout { .. } | ClientError::Closed(_)) {
            self.sessions.drop(session).await;
        }
        failure(&self.device, sent, error)
    }

    /// Takes the candidate's lock.
    async fn lock(&self, session: &Session) -> Result<(), DeviceError> {
        let locked = self.candidate(session).lock().await;
        if matches!(locked, Err(DeviceError::Unreachable { .. })) {
            self.sessions.drop(session).await;
        }
        locked
    }

    /// Gives the lock back, and what is in the candidate up.
    async fn release(&self, session: &Session) {
        let released = self.candidate(session).release().await;
        self.or_drop(session, released).await;
    }

    /// Gives the lock back after a commit, when there is nothing left in the candidate.
    async fn unlock(&self, session: &Session) {
        let unlocked = self.candidate(session).unlock().await;
        self.or_drop(session, unlocked).await;
    }

    async fn or_drop(&self, session: &Session, freed: Result<(), DeviceError>) {
        if let Err(error) = freed {
            tracing::debug!(device = self.device, %error, "a lock goes with its session");
            self.sessions.drop(session).await;
        }
    }
}

#[async_trait]
impl Devices for NetconfSwitch {
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
