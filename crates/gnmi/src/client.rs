//! The client half.

use crate::ext::{
    Commit, CommitCancel, CommitConfirm, CommitRequest, Extension, commit, extension,
};
use crate::path::GnmiPath;
use crate::value::json_ietf;
use crate::wire::g_nmi_client::GNmiClient;
use crate::wire::get_request::DataType;
use crate::wire::{self, Encoding, SubscribeRequest, SubscriptionList, subscribe_request};
use serde_json::Value;
use std::fmt;
use std::io::{self, ErrorKind};
use std::time::Duration;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Request, Status};

/// What only connecting can end in.
const UNCONNECTED: [ErrorKind; 4] = [
    ErrorKind::ConnectionRefused,
    ErrorKind::HostUnreachable,
    ErrorKind::NetworkUnreachable,
    ErrorKind::AddrNotAvailable,
];

/// Real devices answer with more than gRPC's usual 4 MiB (G-051).
const MESSAGE_LIMIT: usize = 64 << 20;

/// Where a target is and how both sides prove who they are.
#[derive(Clone)]
pub struct Connection {
    /// `host:port`.
    pub address: String,
    pub security: Security,
    pub user: String,
    pub password: String,
    pub connect_within: Duration,
    pub answer_within: Duration,
}

#[derive(Clone)]
pub enum Security {
    Tls {
        /// PEM of the authority that signed the target's certificate.
        authority: String,
        /// The name in the target's certificate.
        server_name: String,
        /// Our own certificate and key in PEM, where the target wants one.
        identity: Option<(String, String)>,
    },
    /// Plain text, for lab devices on loopback only (G-009).
    Insecure,
}

impl fmt::Debug for Security {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tls { .. } => "Tls(…)",
            Self::Insecure => "Insecure",
        })
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("address", &self.address)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    #[error("{address} is not reachable: {reason}")]
    Unreachable { address: String, reason: String },
    /// Its certificate is not one that the authority signed for the name.
    #[error("{address} is not who it should be: {reason}")]
    Untrusted { address: String, reason: String },
    #[error("{address} does not let {user} in: {reason}")]
    Unauthenticated { address: String, user: String, reason: String },
    /// It answered no; nothing was changed.
    #[error("refused ({code:?}): {reason}")]
    Refused { code: Code, reason: String },
    /// Known path, nothing there.
    #[error("nothing is there: {0}")]
    NotFound(String),
    #[error("the target cannot do that: {0}")]
    Unsupported(String),
    /// The request may have had its effect: read before repeating (G-066).
    #[error("the outcome is unknown: {0}; read before repeating")]
    OutcomeUnknown(String),
}

/// What a Set is to do; deletions come first (G-052).
#[derive(Clone, Debug, Default)]
pub struct SetChange {
    pub deletes: Vec<GnmiPath>,
    pub replaces: Vec<(GnmiPath, Value)>,
    pub updates: Vec<(GnmiPath, Value)>,
}

/// What a subscription brings.
pub type Subscribed = tonic::Streaming<wire::SubscribeResponse>;

#[derive(Clone, Debug)]
pub struct Client {
    inner: GNmiClient<Channel>,
    user: MetadataValue<Ascii>,
    password: MetadataValue<Ascii>,
    address: String,
    answer_within: Duration,
}

impl Client {
    /// # Errors
    /// Where the target cannot be reached in time or is not who it should be.
    pub async fn connect(connection: &Connection) -> Result<Self, ClientError> {
        let unreachable = |reason: String| ClientError::Unreachable {
            address: connection.address.clone(),
            reason,
        };
        let broken = |e: tonic::transport::Error| {
            not_connected(&connection.address, &e).unwrap_or_else(|| unreachable(chain(&e)))
        };
        let endpoint = endpoint(connection).map_err(broken)?;
        let connected = tokio::time::timeout(connection.connect_within, endpoint.connect()).await;
        let channel = match connected {
            Ok(channel) => channel.map_err(broken)?,
            Err(_) => return Err(unreachable("no connection in time".to_owned())),
        };
        let ascii = |text: &str| {
            MetadataValue::try_from(text)
                .map_err(|_| unreachable("credentials must be ASCII".into()))
        };
        let mut password = ascii(&connection.password)?;
        password.set_sensitive(true);
        Ok(Self {
            inner: GNmiClient::new(channel).max_decoding_message_size(MESSAGE_LIMIT),
            user: ascii(&connection.user)?,
            password,
            address: connection.address.clone(),
            answer_within: connection.answer_within,
        })
    }

    /// The same connection with another deadline for each answer.
    #[must_use]
    pub fn answering_within(&self, deadline: Duration) -> Self {
        Self { answer_within: deadline, ..self.clone() }
    }

    /// Credentials go with every call, and never into a message (G-012).
    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.set_timeout(self.answer_within);
        request.metadata_mut().insert("username", self.user.clone());
        request.metadata_mut().insert("password", self.password.clone());
        request
    }

    /// # Errors
    /// Where the target refuses or does not answer.
    pub async fn capabilities(&self) -> Result<wire::CapabilityResponse, ClientError> {
        let request = self.request(wire::CapabilityRequest::default());
        let answer = self.inner.clone().capabilities(request).await;
        answer.map(tonic::Response::into_inner).map_err(|s| self.read_error(&s))
    }

    /// # Errors
    /// Where the target refuses or does not answer.
    pub async fn get(
        &self,
        paths: &[GnmiPath],
        kind: DataType,
    ) -> Result<Vec<wire::Notification>, ClientError> {
        let request = wire::GetRequest {
            path: paths.iter().map(GnmiPath::to_wire).collect(),
            r#type: kind.into(),
            encoding: Encoding::JsonIetf.into(),
            ..wire::GetRequest::default()
        };
        let answer = self.inner.clone().get(self.request(request)).await;
        answer.map(|a| a.into_inner().notification).map_err(|s| self.read_error(&s))
    }

    /// One atomic Set.
    ///
    /// # Errors
    /// Where the target refuses; with `OutcomeUnknown` where no answer came.
    pub async fn set(
        &self,
        change: &SetChange,
        extensions: Vec<Extension>,
    ) -> Result<wire::SetResponse, ClientError> {
        let update = |(path, value): &(GnmiPath, Value)| wire::Update {
            path: Some(path.to_wire()),
            val: Some(json_ietf(value)),
            ..wire::Update::default()
        };
        let request = wire::SetRequest {
            delete: change.deletes.iter().map(GnmiPath::to_wire).collect(),
            replace: change.replaces.iter().map(update).collect(),
            update: change.updates.iter().map(update).collect(),
            extension: extensions,
            ..wire::SetRequest::default()
        };
        let answer = self.inner.clone().set(self.request(request)).await;
        answer.map(tonic::Response::into_inner).map_err(|s| self.write_error(&s))
    }

    /// Whether the target has the commit extension. Capabilities do not say so (G-022, P-54): who
    /// has it knows that nothing of that id is there to be confirmed, and who has not lets it pass.
    ///
    /// # Errors
    /// Where the target does not answer.
    pub async fn has_commit_extension(&self) -> Result<bool, ClientError> {
        let nothing = commit_confirm("wayleave-asks-whether-commits-can-be-confirmed");
        match self.set(&SetChange::default(), vec![nothing]).await {
            Err(ClientError::Refused { code: Code::FailedPrecondition, .. })
            | Err(ClientError::NotFound(_)) => Ok(true),
            Ok(_) | Err(ClientError::Unsupported(_) | ClientError::Refused { .. }) => Ok(false),
            Err(ClientError::OutcomeUnknown(reason)) => {
                Err(ClientError::Unreachable { address: self.address.clone(), reason })
            }
            Err(error) => Err(error),
        }
    }

    /// # Errors
    /// Where the target refuses or does not answer.
    pub async fn subscribe(&self, list: SubscriptionList) -> Result<Subscribed, ClientError> {
        let first = SubscribeRequest {
            request: Some(subscribe_request::Request::Subscribe(list)),
            ..SubscribeRequest::default()
        };
        // The sending side stays open for as long as the stream does.
        let requests =
            futures::StreamExt::chain(futures::stream::iter([first]), futures::stream::pending());
        let mut request = self.request(requests);
        request.metadata_mut().remove("grpc-timeout");
        let answer = self.inner.clone().subscribe(request).await;
        answer.map(tonic::Response::into_inner).map_err(|s| self.read_error(&s))
    }

    /// Reading changes nothing, so that no answer is no more than that.
    fn read_error(&self, status: &Status) -> ClientError {
        match self.write_error(status) {
            ClientError::OutcomeUnknown(reason) => {
                ClientError::Unreachable { address: self.address.clone(), reason }
            }
            error => error,
        }
    }

    fn write_error(&self, status: &Status) -> ClientError {
        if let Some(error) = not_connected(&self.address, status) {
            return error;
        }
        let reason = status.message().to_owned();
        match status.code() {
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Unknown => {
                ClientError::OutcomeUnknown(reason)
            }
            Code::Unauthenticated => ClientError::Unauthenticated {
                address: self.address.clone(),
                user: self.user.to_str().unwrap_or_default().to_owned(),
                reason,
            },
            Code::NotFound => ClientError::NotFound(reason),
            Code::Unimplemented => ClientError::Unsupported(reason),
            code => ClientError::Refused { code, reason },
        }
    }
}

fn endpoint(connection: &Connection) -> Result<Endpoint, tonic::transport::Error> {
    let endpoint =
        |scheme: &str| Endpoint::from_shared(format!("{scheme}://{}", connection.address));
    match &connection.security {
        Security::Insecure => endpoint("http"),
        Security::Tls { authority, server_name, identity } => {
            let mut tls = ClientTlsConfig::new()
                .ca_certificate(Certificate::from_pem(authority))
                .domain_name(server_name.clone());
            if let Some((certificate, key)) = identity {
                tls = tls.identity(Identity::from_pem(certificate, key));
            }
            endpoint("https")?.tls_config(tls)
        }
    }
}

/// An error from before there was a connection, so that no request went out.
fn not_connected(address: &str, error: &(dyn std::error::Error + 'static)) -> Option<ClientError> {
    let address = address.to_owned();
    let mut cause = Some(error);
    while let Some(error) = cause {
        let inner = error.downcast_ref::<io::Error>();
        let tls =
            inner.and_then(io::Error::get_ref).and_then(|e| e.downcast_ref::<rustls::Error>());
        if let Some(rustls::Error::InvalidCertificate(why)) = tls.or(error.downcast_ref()) {
            return Some(ClientError::Untrusted { address, reason: format!("certificate: {why}") });
        }
        if inner.is_some_and(|error| UNCONNECTED.contains(&error.kind())) {
            return Some(ClientError::Unreachable { address, reason: chain(error) });
        }
        cause = error.source();
    }
    None
}

/// The error with its causes; tonic's own text alone says only "transport error".
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// The commit extension: undo this Set unless it is confirmed within the time.
#[must_use]
pub fn commit_request(id: &str, rollback_after: Duration) -> Extension {
    let seconds = i64::try_from(rollback_after.as_secs()).unwrap_or(i64::MAX);
    let duration = prost_types::Duration { seconds, nanos: 0 };
    commit_extension(
        id,
        commit::Action::Commit(CommitRequest { rollback_duration: Some(duration) }),
    )
}

#[must_use]
pub fn commit_confirm(id: &str) -> Extension {
    commit_extension(id, commit::Action::Confirm(CommitConfirm {}))
}

#[must_use]
pub fn commit_cancel(id: &str) -> Extension {
    commit_extension(id, commit::Action::Cancel(CommitCancel {}))
}

fn commit_extension(id: &str, action: commit::Action) -> Extension {
    let commit = Commit { id: id.to_owned(), action: Some(action) };
    Extension { ext: Some(extension::Ext::Commit(commit)) }
}
