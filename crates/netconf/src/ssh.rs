//! The SSH side of a client: who the server must be, and who we are.

use crate::client::ClientError;
use russh::ChannelMsg;
use russh::client::{self, AuthResult, Handle};
use russh::keys::{HashAlg, PrivateKeyWithHashAlg, PublicKeyOrCertificate};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A server to connect to.
#[derive(Clone, Debug)]
pub struct Target {
    /// `host:port`.
    pub address: String,
    pub user: String,
    pub credentials: Credentials,
    pub host_key: HostKeyPolicy,
}

#[derive(Clone)]
pub enum Credentials {
    Password(String),
    /// A private key in OpenSSH's format.
    PrivateKey(String),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password(_) => "Password(…)",
            Self::PrivateKey(_) => "PrivateKey(…)",
        })
    }
}

/// Which host keys are good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostKeyPolicy {
    /// `SHA256:…`, as `ssh-keygen -l` prints it.
    Fingerprint(String),
    /// Whoever answers. For a lab on loopback only.
    AcceptAny,
}

/// Remembers what the server showed, so that a refusal can name it.
struct Verifier {
    policy: HostKeyPolicy,
    shown: Arc<Mutex<Option<String>>>,
}

impl client::Handler for Verifier {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        key: &PublicKeyOrCertificate,
    ) -> Result<bool, russh::Error> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = key else { return Ok(false) };
        let fingerprint = key.fingerprint(HashAlg::Sha256).to_string();
        let good = match &self.policy {
            HostKeyPolicy::AcceptAny => true,
            HostKeyPolicy::Fingerprint(expected) => *expected == fingerprint,
        };
        if let Ok(mut shown) = self.shown.lock() {
            *shown = Some(fingerprint);
        }
        Ok(good)
    }
}

/// An open channel of the `netconf` subsystem; the handle keeps the connection up.
pub(crate) struct SshChannel {
    pub(crate) stream: russh::ChannelStream<client::Msg>,
    pub(crate) _connection: Connection,
}

pub(crate) struct Connection(
    #[expect(dead_code, reason = "dropping it closes the connection")] Handle<Verifier>,
);

/// Connects, verifies, authenticates and asks for the subsystem, within one deadline.
pub(crate) async fn open(target: &Target, deadline: Duration) -> Result<SshChannel, ClientError> {
    let address = target.address.clone();
    match tokio::time::timeout(deadline, connect(target)).await {
        Ok(result) => result,
        Err(_) => Err(ClientError::Unreachable {
            address,
            reason: format!("no session within {} s", deadline.as_secs_f32()),
        }),
    }
}

async fn connect(target: &Target) -> Result<SshChannel, ClientError> {
    let unreachable =
        |reason: String| ClientError::Unreachable { address: target.address.clone(), reason };
    let config = Arc::new(client::Config { nodelay: true, ..client::Config::default() });
    let shown = Arc::new(Mutex::new(None));
    let verifier = Verifier { policy: target.host_key.clone(), shown: Arc::clone(&shown) };
    let connected = client::connect(config, target.address.as_str(), verifier).await;
    let mut handle = match connected {
        Ok(handle) => handle,
        Err(russh::Error::UnknownKey) => return Err(wrong_key(target, &shown)),
        Err(error) => return Err(unreachable(error.to_string())),
    };
    authenticate(&mut handle, target).await?;
    let mut channel =
        handle.channel_open_session().await.map_err(|e| unreachable(e.to_string()))?;
    channel.request_subsystem(true, "netconf").await.map_err(|e| unreachable(e.to_string()))?;
    loop {
        match channel.wait().await {
            Some(ChannelMsg::Success) => break,
            Some(ChannelMsg::WindowAdjusted { .. }) => {}
            _ => return Err(unreachable("the server has no netconf subsystem".to_owned())),
        }
    }
    Ok(SshChannel { stream: channel.into_stream(), _connection: Connection(handle) })
}

fn wrong_key(target: &Target, shown: &Mutex<Option<String>>) -> ClientError {
    let got = shown.lock().ok().and_then(|shown| shown.clone()).unwrap_or_default();
    let expected = match &target.host_key {
        HostKeyPolicy::Fingerprint(expected) => expected.clone(),
        HostKeyPolicy::AcceptAny => String::new(),
    };
    ClientError::HostKey { address: target.address.clone(), expected, got }
}

async fn authenticate(handle: &mut Handle<Verifier>, target: &Target) -> Result<(), ClientError> {
    let denied = |reason: String| ClientError::Authentication {
        address: target.address.clone(),
        user: target.user.clone(),
        reason,
    };
    let result = match &target.credentials {
        Credentials::Password(password) => {
            handle.authenticate_password(&target.user, password).await
        }
        Credentials::PrivateKey(pem) => {
            let key = russh::keys::decode_secret_key(pem, None)
                .map_err(|_| denied("the private key cannot be read".to_owned()))?;
            let hash = handle.best_supported_rsa_hash().await.ok().flatten().flatten();
            let key = PrivateKeyWithHashAlg::new(Arc::new(key), hash);
            handle.authenticate_publickey(&target.user, key).await
        }
    };
    match result {
        Ok(AuthResult::Success) => Ok(()),
        Ok(AuthResult::Failure { .. }) => Err(denied("the server refused".to_owned())),
        Err(error) => Err(denied(error.to_string())),
    }
}
