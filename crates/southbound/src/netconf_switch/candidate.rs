//! Steps on the candidate of one session (RFC 6241 §8.3).

use super::error::{Sent, denied, failure, holder, unsupported};
use super::session::Session;
use device_config::Change;
use engine::ports::{DeviceError, DeviceTarget};
use netconf::{ClientError, Edit};
use yang::Tree;

const CANDIDATE: &str = "candidate";

/// A session that holds the candidate's lock, or is about to.
#[derive(Debug)]
pub(crate) struct Candidate<'s> {
    pub(crate) device: &'s str,
    pub(crate) session: &'s Session,
}

impl Candidate<'_> {
    fn fail(&self, error: ClientError) -> DeviceError {
        failure(self.device, Sent::Nothing, error)
    }

    /// Takes the lock. Nobody holds it where only leftovers of a session that is gone stand in
    /// the way: they are thrown away.
    ///
    /// # Errors
    /// `Locked` with the holder's name.
    pub(crate) async fn lock(&self) -> Result<(), DeviceError> {
        match self.try_lock().await? {
            Lock::Taken => self.discard().await,
            Lock::Held { session: Some(0), .. } => {
                self.discard().await?;
                match self.try_lock().await? {
                    Lock::Taken => Ok(()),
                    Lock::Held { holder, .. } => Err(self.locked(holder)),
                }
            }
            Lock::Held { holder, .. } => Err(self.locked(holder)),
        }
    }

    async fn try_lock(&self) -> Result<Lock, DeviceError> {
        let errors = match self.session.client.lock(CANDIDATE).await {
            Ok(_) => return Ok(Lock::Taken),
            Err(ClientError::Rpc(errors)) => errors,
            Err(error) => return Err(self.fail(error)),
        };
        if unsupported(&errors) {
            tracing::debug!(device = self.device, "it has no locks; going on without");
            return Ok(Lock::Taken);
        }
        let Some(error) = denied(&errors) else {
            return Err(self.fail(ClientError::Rpc(errors)));
        };
        let session = error.lock_holder();
        // It is denied to its own holder, too (RFC 6241 §7.5).
        if session.is_some() && session == self.session.client.hello().session_id {
            return Ok(Lock::Taken);
        }
        Ok(Lock::Held { session, holder: holder(error) })
    }

    fn locked(&self, holder: String) -> DeviceError {
        DeviceError::Locked { device: self.device.to_owned(), holder }
    }

    pub(crate) async fn discard(&self) -> Result<(), DeviceError> {
        let done = self.session.client.discard_changes().await;
        done.map(|_| ()).map_err(|e| self.fail(e))
    }

    /// Writes a change into the candidate and has the device validate it.
    pub(crate) async fn edit(
        &self,
        target: &DeviceTarget,
        running: &Tree,
        change: &Change,
    ) -> Result<(), DeviceError> {
        let client = &self.session.client;
        let there = change.deletions().filter(|path| running.contains(path));
        let config = target.profile.schema().edit_xml(there, change.settings());
        if !config.is_empty() {
            let edit = Edit {
                target: CANDIDATE,
                default_operation: Some("merge"),
                test_option: None,
                error_option: client.has("rollback-on-error:1.0").then_some("rollback-on-error"),
                config: &config,
            };
            client.edit_config(edit).await.map_err(|e| self.fail(e))?;
        }
        if client.has("validate:1.1") || client.has("validate:1.0") {
            client.validate(CANDIDATE).await.map_err(|e| self.fail(e))?;
        }
        Ok(())
    }

    /// Throws away what is in the candidate and gives the lock back.
    pub(crate) async fn release(&self) -> Result<(), DeviceError> {
        self.discard().await?;
        self.unlock().await
    }

    pub(crate) async fn unlock(&self) -> Result<(), DeviceError> {
        match self.session.client.unlock(CANDIDATE).await {
            Ok(_) => Ok(()),
            Err(ClientError::Rpc(errors)) if unsupported(&errors) => Ok(()),
            Err(error) => Err(self.fail(error)),
        }
    }
}

enum Lock {
    Taken,
    Held { session: Option<u32>, holder: String },
}
