//! The one session to a device: opened when it is needed, and again when it is found broken.

use super::error::{Sent, failure};
use crate::deadlines::Deadlines;
use crate::secrets::Secrets;
use crate::trust::is_loopback;
use engine::ports::DeviceError;
use model::DeviceId;
use model::topology::{Management, Trust};
use netconf::{Client, Credentials, HostKeyPolicy, Target};
use tokio::sync::Mutex;

#[derive(Debug)]
pub(crate) struct Sessions {
    device: String,
    management: Management,
    secrets: Secrets,
    deadlines: netconf::Deadlines,
    open: Mutex<Slot>,
}

#[derive(Debug, Default)]
struct Slot {
    session: Option<Session>,
    /// How many were opened.
    count: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) client: Client,
    /// Never the same twice.
    pub(crate) number: u64,
}

impl Sessions {
    pub(crate) fn new(
        device: &DeviceId,
        management: Management,
        secrets: Secrets,
        deadlines: Deadlines,
    ) -> Self {
        let Deadlines { connect, hello, request, commit, .. } = deadlines;
        Self {
            device: device.to_string(),
            management,
            secrets,
            deadlines: netconf::Deadlines { connect, hello, rpc: request, commit },
            open: Mutex::default(),
        }
    }

    /// The open session, or a new one.
    pub(crate) async fn get(&self) -> Result<Session, DeviceError> {
        let mut slot = self.open.lock().await;
        if let Some(session) = slot.session.as_ref().filter(|session| !session.client.is_closed()) {
            return Ok(session.clone());
        }
        slot.session = None;
        let target = self.target()?;
        let connected = Client::connect(&target, self.deadlines).await;
        let (client, _) = connected.map_err(|e| failure(&self.device, Sent::Nothing, e))?;
        slot.count += 1;
        let session = Session { client, number: slot.count };
        slot.session = Some(session.clone());
        Ok(session)
    }

    /// The open session, if there is one.
    pub(crate) async fn open(&self) -> Option<Session> {
        let slot = self.open.lock().await;
        slot.session.clone().filter(|session| !session.client.is_closed())
    }

    /// Gives a session up, so that the device ends it and frees what it holds.
    pub(crate) async fn drop(&self, session: &Session) {
        let mut slot = self.open.lock().await;
        slot.session.take_if(|open| open.number == session.number);
    }

    fn target(&self) -> Result<Target, DeviceError> {
        let unreachable =
            |reason: String| DeviceError::Unreachable { device: self.device.clone(), reason };
        let host_key = self.host_key()?;
        let entry = &self.management.credentials;
        let login = self.secrets.login(entry).map_err(|e| unreachable(e.to_string()))?;
        let credentials = match (login.private_key, login.password) {
            (Some(key), _) => Credentials::PrivateKey(key),
            (None, Some(password)) => Credentials::Password(password),
            (None, None) => {
                let error = self.secrets.missing(entry, "password or private-key");
                return Err(unreachable(error.to_string()));
            }
        };
        let address = self.management.address.clone();
        Ok(Target { address, user: login.username, credentials, host_key })
    }

    fn host_key(&self) -> Result<HostKeyPolicy, DeviceError> {
        let untrusted = |reason: &str| DeviceError::Untrusted {
            device: self.device.clone(),
            reason: reason.to_owned(),
        };
        match &self.management.trust {
            Trust::HostKey(fingerprint) => Ok(HostKeyPolicy::Fingerprint(fingerprint.clone())),
            Trust::Insecure if is_loopback(&self.management.address) => {
                Ok(HostKeyPolicy::AcceptAny)
            }
            Trust::Insecure => Err(untrusted(
                "`insecure` is for loopback only; give the host key's fingerprint as `host-key`",
            )),
            Trust::CertificateAuthority { .. } => Err(untrusted(
                "NETCONF over SSH is trusted by its host key; give the fingerprint as `host-key`",
            )),
        }
    }
}
