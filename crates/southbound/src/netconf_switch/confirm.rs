//! Making a commit final.

use super::error::Sent;
use super::session::Session;
use super::{CONFIRMED_COMMIT, NetconfSwitch};
use crate::local;
use crate::memory::Memory;
use engine::ports::{DeviceError, DeviceTarget};
use model::TransactionId;
use netconf::{ClientError, RpcError};

const CONFIRM: &str = "confirm";

impl NetconfSwitch {
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
        let session = self.sessions.get().await?;
        if !memory.holds_on(transaction, session.number) {
            // Whatever is in the candidate would be committed along with it.
            self.lock(&session).await?;
            memory.move_to(Some(session.number));
        }
        if session.client.has(CONFIRMED_COMMIT) {
            match session.client.confirm(transaction.as_str()).await {
                Ok(_) => {}
                Err(ClientError::Rpc(errors)) => {
                    self.settle(&session, &mut memory, target, transaction, &errors).await?;
                }
                Err(error) => return Err(self.lost(&session, Sent::Step(CONFIRM), error).await),
            }
        }
        memory.confirm(transaction);
        self.unlock(&session).await;
        Ok(())
    }

    /// Nothing waits under this id: it was confirmed before, or the device has undone it. What
    /// runs there tells which, if the change is known.
    async fn settle(
        &self,
        session: &Session,
        memory: &mut Memory,
        target: &DeviceTarget,
        transaction: &TransactionId,
        errors: &[RpcError],
    ) -> Result<(), DeviceError> {
        self.known.forget();
        let unmet = match memory.held(transaction) {
            Some(held) => match local::unmet(&self.running(target).await?, &held.change) {
                None => return Ok(()),
                unmet => unmet,
            },
            None => None,
        };
        memory.clear(transaction);
        self.release(session).await;
        let said = ClientError::Rpc(errors.to_vec()).to_string();
        Err(local::nothing_waits(&self.device, transaction, &said, unmet))
    }
}
