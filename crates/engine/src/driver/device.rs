//! Steps on devices: each is tried again where that can help, and what was seen is noted.

use super::Inner;
use crate::api::Connection;
use crate::config::DeviceChange;
use crate::error::Error;
use crate::ports::{DeviceError, DeviceTarget};
use device_config::Change;
use model::{DeviceId, TransactionId};
use std::future::Future;
use std::time::Duration;

/// After this long a device undoes what was not confirmed.
const CONFIRM_WITHIN: Duration = Duration::from_secs(300);
/// Waits between tries where a device is not reached or is locked.
const BACKOFF: [Duration; 2] = [Duration::from_millis(250), Duration::from_millis(1000)];

impl Inner {
    pub(super) async fn read_device(&self, device: &DeviceId) -> Result<yang::Tree, DeviceError> {
        let read = |target| async move { self.parts.devices.read(&target).await };
        self.step(device, read).await
    }

    pub(super) async fn prepare_device(
        &self,
        device: &DeviceId,
        id: &TransactionId,
        change: &Change,
    ) -> Result<(), DeviceError> {
        let prepare = |target| async move { self.parts.devices.prepare(&target, id, change).await };
        self.step(device, prepare).await
    }

    /// Not tried again: whether it took effect is read back.
    pub(super) async fn commit_device(
        &self,
        device: &DeviceId,
        id: &TransactionId,
        change: &Change,
    ) -> Result<(), DeviceError> {
        let target = self.target(device).map_err(|e| unknown(device, &e))?;
        let result = self.parts.devices.commit(&target, id, change, CONFIRM_WITHIN).await;
        self.note(device, &result);
        match result {
            Err(DeviceError::OutcomeUnknown { .. }) => Ok(()),
            other => other,
        }
    }

    pub(super) async fn confirm_device(
        &self,
        device: &DeviceId,
        id: &TransactionId,
    ) -> Result<(), DeviceError> {
        let confirm = |target| async move { self.parts.devices.confirm(&target, id).await };
        self.step(device, confirm).await
    }

    pub(super) async fn cancel_device(
        &self,
        device: &DeviceId,
        id: &TransactionId,
        undo: &Change,
    ) -> Result<(), DeviceError> {
        let cancel = |target| async move { self.parts.devices.cancel(&target, id, undo).await };
        self.step(device, cancel).await
    }

    /// Whether the device holds what the change was to make of it.
    pub(super) async fn verify_device(
        &self,
        device: &DeviceId,
        change: &DeviceChange,
    ) -> Result<(), DeviceError> {
        let running = self.read_device(device).await?;
        match crate::config::shortfall(change, &running) {
            None => Ok(()),
            Some(found) => Err(DeviceError::NotApplied {
                device: device.to_string(),
                path: found.path,
                wanted: found.wanted,
                found: found.found,
            }),
        }
    }

    async fn step<T, F: Future<Output = Result<T, DeviceError>>>(
        &self,
        device: &DeviceId,
        act: impl Fn(DeviceTarget) -> F,
    ) -> Result<T, DeviceError> {
        let target = self.target(device).map_err(|e| unknown(device, &e))?;
        let mut waits = BACKOFF.iter();
        loop {
            let result = act(target.clone()).await;
            self.note(device, &result);
            match (result, waits.next()) {
                (Err(error), Some(wait)) if can_help(&error) => {
                    tracing::debug!(%device, %error, "tried again");
                    self.parts.clock.sleep(*wait).await;
                }
                (result, _) => return result,
            }
        }
    }

    fn note<T>(&self, device: &DeviceId, result: &Result<T, DeviceError>) {
        let connection = match result {
            Err(
                error @ (DeviceError::Unreachable { .. }
                | DeviceError::Untrusted { .. }
                | DeviceError::OutcomeUnknown { .. }),
            ) => Connection::Down { reason: error.to_string() },
            _ => Connection::Up,
        };
        self.saw_device(device, connection);
    }
}

/// Whether the same step may succeed a little later.
fn can_help(error: &DeviceError) -> bool {
    match error {
        DeviceError::Locked { .. }
        | DeviceError::Unreachable { .. }
        | DeviceError::OutcomeUnknown { .. } => true,
        DeviceError::Refused { .. }
        | DeviceError::Untrusted { .. }
        | DeviceError::NotApplied { .. } => false,
    }
}

fn unknown(device: &DeviceId, error: &Error) -> DeviceError {
    DeviceError::Unreachable { device: device.to_string(), reason: error.to_string() }
}

/// What a caller can do about it.
pub(super) fn error_of(error: DeviceError) -> Error {
    let text = error.to_string();
    match error {
        DeviceError::Refused { device, path, reason } => {
            Error::DeviceRefused { device, path, reason }
        }
        DeviceError::NotApplied { device, path, wanted, found } => Error::DeviceRefused {
            reason: format!("it acknowledged {wanted} and holds {found}"),
            device,
            path,
        },
        DeviceError::Untrusted { .. } => Error::Precondition {
            reason: text,
            hint: "find out who answers there; if it is the device, put its key or authority in \
                   the topology"
                .to_owned(),
        },
        DeviceError::Locked { .. }
        | DeviceError::Unreachable { .. }
        | DeviceError::OutcomeUnknown { .. } => {
            Error::Unavailable { reason: text, retry_after_ms: 5000 }
        }
    }
}
