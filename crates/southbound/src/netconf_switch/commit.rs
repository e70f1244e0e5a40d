//! Putting a prepared change in force, once or again.

use super::error::Sent;
use super::session::Session;
use super::{CONFIRMED_COMMIT, NetconfSwitch};
use crate::local;
use crate::memory::{Memory, Progress};
use device_config::Change;
use engine::ports::{DeviceError, DeviceTarget};
use model::TransactionId;
use netconf::{Client, ClientError, Reply};
use std::time::Duration;

const COMMIT: Sent = Sent::Step("commit");

impl NetconfSwitch {
    pub(super) async fn try_commit(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
        change: &Change,
        within: Duration,
    ) -> Result<(), DeviceError> {
        let mut memory = self.memory.lock().await;
        memory.free_for(&self.device, transaction)?;
        let session = self.sessions.get().await?;
        let prepared = memory.holds_on(transaction, session.number)
            && memory.progress(transaction) == Some(Progress::Prepared);
        if prepared {
            return self.send(&session, &mut memory, transaction, within).await;
        }
        // It was sent before, or the preparation went with its session, or this process is new.
        let running = self.running(target).await?;
        let session = self.sessions.get().await?;
        if local::unmet(&running, change).is_none() {
            return self.extend(&session, &mut memory, transaction, change, within).await;
        }
        local::check(target, &running, change).await?;
        self.prepare_on(&session, &mut memory, target, &running, transaction, change).await?;
        self.send(&session, &mut memory, transaction, within).await
    }

    async fn send(
        &self,
        session: &Session,
        memory: &mut Memory,
        transaction: &TransactionId,
        within: Duration,
    ) -> Result<(), DeviceError> {
        memory.note(Progress::Sent);
        let sent = put_in_force(&session.client, transaction, within).await;
        self.known.forget();
        match sent {
            Ok(_) => {
                memory.note(Progress::Committed);
                Ok(())
            }
            Err(error) => {
                if !matches!(error, ClientError::Timeout { .. } | ClientError::Closed(_)) {
                    memory.note(Progress::Prepared);
                }
                Err(self.lost(session, COMMIT, error).await)
            }
        }
    }

    /// The change is in force already. Where the device still waits for a confirmation its time
    /// starts again; where it does not, the change is there to stay.
    async fn extend(
        &self,
        session: &Session,
        memory: &mut Memory,
        transaction: &TransactionId,
        change: &Change,
        within: Duration,
    ) -> Result<(), DeviceError> {
        // Whatever is in the candidate would be committed along with it.
        self.lock(session).await?;
        memory.hold(transaction, change, Some(session.number));
        memory.note(Progress::Committed);
        let id = transaction.as_str();
        match session.client.extend_confirmed_commit(within, id).await {
            Ok(_) | Err(ClientError::Rpc(_) | ClientError::Unsupported(_)) => Ok(()),
            Err(error) => Err(self.lost(session, COMMIT, error).await),
        }
    }
}

async fn put_in_force(
    client: &Client,
    transaction: &TransactionId,
    within: Duration,
) -> Result<Reply, ClientError> {
    if !client.has(CONFIRMED_COMMIT) {
        return client.commit().await;
    }
    let id = transaction.as_str();
    let refusal = match client.confirmed_commit(within, id).await {
        Err(ClientError::Rpc(errors)) => errors,
        outcome => return outcome,
    };
    // One that waits under the same id, from a former life of ours, wants to be named
    // (RFC 6241 §8.4.1).
    match client.extend_confirmed_commit(within, id).await {
        Err(ClientError::Rpc(_)) => Err(ClientError::Rpc(refusal)),
        outcome => outcome,
    }
}
