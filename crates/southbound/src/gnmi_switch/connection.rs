//! The one connection to a target, and what its errors mean to the engine.

use crate::deadlines::Deadlines;
use crate::secrets::Secrets;
use crate::trust::is_loopback;
use engine::ports::DeviceError;
use gnmi::client::Security;
use gnmi::{Client, ClientError, Connection};
use model::DeviceId;
use model::topology::{Management, Trust};
use tokio::sync::Mutex;
use tokio::time::Instant;
use tonic::Code;

#[derive(Debug)]
pub(crate) struct Connections {
    device: String,
    management: Management,
    secrets: Secrets,
    deadlines: Deadlines,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    client: Option<Client>,
    /// Whether the target has the commit extension; it is asked when it first matters.
    confirms: Option<bool>,
}

impl Connections {
    pub(crate) fn new(
        device: &DeviceId,
        management: Management,
        secrets: Secrets,
        deadlines: Deadlines,
    ) -> Self {
        let device = device.to_string();
        Self { device, management, secrets, deadlines, open: Mutex::default() }
    }

    /// The client; it finds its own way back when the connection breaks.
    pub(crate) async fn get(&self) -> Result<Client, DeviceError> {
        let mut open = self.open.lock().await;
        if let Some(client) = &open.client {
            return Ok(client.clone());
        }
        let connection = self.connection().await?;
        let client = Client::connect(&connection).await.map_err(|e| self.meaning("connect", e))?;
        open.client = Some(client.clone());
        Ok(client)
    }

    /// Asks something that changes nothing. A connection that broke unnoticed is found out here,
    /// and a new one asked; one that is silent has had its time.
    pub(crate) async fn ask<T, F>(
        &self,
        step: &str,
        ask: impl Fn(Client) -> F,
    ) -> Result<T, DeviceError>
    where
        F: Future<Output = Result<T, ClientError>>,
    {
        let started = Instant::now();
        let error = match ask(self.get().await?).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let broke = matches!(error, ClientError::Unreachable { .. })
            && started.elapsed() < self.deadlines.request;
        let meaning = self.failed(step, error).await;
        if !broke {
            return Err(meaning);
        }
        match ask(self.get().await?).await {
            Ok(answer) => Ok(answer),
            Err(error) => Err(self.failed(step, error).await),
        }
    }

    /// Whether a Set can be confirmed, and is undone by the target where it is not (P-54).
    pub(crate) async fn confirms(&self) -> Result<bool, DeviceError> {
        if let Some(confirms) = self.open.lock().await.confirms {
            return Ok(confirms);
        }
        let ask = |client: Client| async move { client.has_commit_extension().await };
        let confirms = self.ask("capabilities", ask).await?;
        self.open.lock().await.confirms = Some(confirms);
        Ok(confirms)
    }

    /// What an error means. After one that has to do with who we are or where the target is,
    /// certificates and secrets are read again.
    pub(crate) async fn failed(&self, step: &str, error: ClientError) -> DeviceError {
        let keep = matches!(
            error,
            ClientError::Refused { .. } | ClientError::NotFound(_) | ClientError::Unsupported(_)
        );
        if !keep {
            *self.open.lock().await = Open::default();
        }
        self.meaning(step, error)
    }

    fn meaning(&self, step: &str, error: ClientError) -> DeviceError {
        let device = self.device.clone();
        match error {
            ClientError::Unreachable { reason, .. } => DeviceError::Unreachable { device, reason },
            ClientError::Untrusted { reason, .. } => DeviceError::Untrusted { device, reason },
            // Another commit is pending, or somebody has the datastore (G-093).
            ClientError::Refused { code: Code::FailedPrecondition, reason } => {
                DeviceError::Locked { device, holder: format!("another writer ({reason})") }
            }
            ClientError::Refused { reason, .. } | ClientError::NotFound(reason) => {
                let (path, reason) = placed(&reason);
                DeviceError::Refused { device, path, reason }
            }
            error @ (ClientError::Unauthenticated { .. } | ClientError::Unsupported(_)) => {
                DeviceError::Refused { device, path: "/".to_owned(), reason: error.to_string() }
            }
            ClientError::OutcomeUnknown(reason) => {
                DeviceError::OutcomeUnknown { device, step: step.to_owned(), reason }
            }
        }
    }

    async fn connection(&self) -> Result<Connection, DeviceError> {
        let security = self.security().await?;
        let login = self.secrets.password(&self.management.credentials);
        let (login, password) = login.map_err(|e| DeviceError::Unreachable {
            device: self.device.clone(),
            reason: e.to_string(),
        })?;
        Ok(Connection {
            address: self.management.address.clone(),
            security,
            user: login.username,
            password,
            connect_within: self.deadlines.connect,
            answer_within: self.deadlines.request,
        })
    }

    async fn security(&self) -> Result<Security, DeviceError> {
        let untrusted =
            |reason: String| DeviceError::Untrusted { device: self.device.clone(), reason };
        match &self.management.trust {
            Trust::CertificateAuthority { pem_file, server_name } => {
                let pem = tokio::fs::read_to_string(pem_file).await;
                let authority = pem.map_err(|e| untrusted(format!("{pem_file}: {e}")))?;
                Ok(Security::Tls { authority, server_name: server_name.clone(), identity: None })
            }
            Trust::Insecure if is_loopback(&self.management.address) => Ok(Security::Insecure),
            Trust::Insecure => Err(untrusted(
                "`insecure` is for loopback only; give the `certificate-authority`".to_owned(),
            )),
            Trust::HostKey(_) => Err(untrusted(
                "gNMI is trusted by its certificate; give the `certificate-authority`".to_owned(),
            )),
        }
    }
}

/// Targets put the path before what they say of it, if they say where at all.
fn placed(reason: &str) -> (String, String) {
    match reason.split_once(": ") {
        Some((path, said)) if path.starts_with('/') => (path.to_owned(), said.to_owned()),
        _ => ("/".to_owned(), reason.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_told_apart_where_there_is_one() {
        for (reason, path, said) in [
            ("/a[k=x]/b: not a number: 7", "/a[k=x]/b", "not a number: 7"),
            ("no memory: sorry", "/", "no memory: sorry"),
            ("/a/b", "/", "/a/b"),
        ] {
            assert_eq!(placed(reason), (path.to_owned(), said.to_owned()));
        }
    }
}
