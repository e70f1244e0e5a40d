//! Who answers, and what is known when nobody does.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use async_trait::async_trait;
use gnmi::client::Security;
use gnmi::ext::{Commit, commit};
use gnmi::server::{Server, ServerIdentity, SetStep, Target};
use gnmi::wire::get_request::DataType;
use gnmi::{Client, ClientError, Connection, GnmiPath, SetChange};
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tonic::Status;

/// A target with nothing in it; it knows the commit extension or does not.
struct Nothing {
    confirms: bool,
    changes: watch::Sender<u64>,
}

#[async_trait]
impl Target for Nothing {
    fn models(&self) -> Vec<(String, String, String)> {
        Vec::new()
    }

    fn authenticate(&self, _: &str, _: &str) -> bool {
        true
    }

    fn read(&self, _: &GnmiPath, _: DataType) -> Result<Vec<(GnmiPath, Value)>, Status> {
        Ok(Vec::new())
    }

    fn leaves(&self, _: &GnmiPath) -> Result<BTreeMap<GnmiPath, Value>, Status> {
        Ok(BTreeMap::new())
    }

    async fn set(&self, _: Vec<SetStep>, commit: Option<Commit>) -> Result<(), Status> {
        match commit.and_then(|commit| commit.action) {
            Some(commit::Action::Confirm(_)) if self.confirms => {
                Err(Status::failed_precondition("nothing is pending"))
            }
            _ => Ok(()),
        }
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

async fn start(confirms: bool, identity: Option<ServerIdentity>) -> Server {
    let target = Arc::new(Nothing { confirms, changes: watch::channel(0).0 });
    Server::bind("127.0.0.1:0".parse().unwrap(), identity, target).await.unwrap()
}

async fn connect(server: &Server, security: Security) -> Result<Client, ClientError> {
    let within = Duration::from_secs(5);
    Client::connect(&Connection {
        address: server.address.to_string(),
        security,
        user: "admin".to_owned(),
        password: "admin".to_owned(),
        connect_within: within,
        answer_within: within,
    })
    .await
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn identity(authority: &CertifiedIssuer<'static, KeyPair>, name: &str) -> ServerIdentity {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    ServerIdentity { certificate: certificate.pem(), key: key.serialize_pem() }
}

fn tls(authority: &CertifiedIssuer<'static, KeyPair>, server_name: &str) -> Security {
    let (authority, server_name) = (authority.pem(), server_name.to_owned());
    Security::Tls { authority, server_name, identity: None }
}

#[tokio::test]
async fn a_wrong_authority_and_a_wrong_name_are_not_trusted() {
    let (ours, another) = (authority(), authority());
    let server = start(true, Some(identity(&ours, "sw1"))).await;
    connect(&server, tls(&ours, "sw1")).await.unwrap();
    for security in [tls(&another, "sw1"), tls(&ours, "sw2")] {
        match connect(&server, security).await {
            Err(ClientError::Untrusted { reason, .. }) => {
                assert!(reason.contains("certificate"), "{reason}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn g_022_the_commit_extension_is_asked_for() {
    for confirms in [true, false] {
        let server = start(confirms, None).await;
        let client = connect(&server, Security::Insecure).await.unwrap();
        assert_eq!(client.has_commit_extension().await, Ok(confirms));
    }
}

#[tokio::test]
async fn a_write_that_never_went_out_is_not_an_unknown_outcome() {
    let server = start(true, None).await;
    let client = connect(&server, Security::Insecure).await.unwrap();
    drop(server);
    let asked = async {
        loop {
            match client.set(&SetChange::default(), Vec::new()).await {
                Err(ClientError::Unreachable { reason, .. }) => return reason,
                // The old connection may still end under the request.
                Ok(_) | Err(ClientError::OutcomeUnknown(_)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
    };
    let reason = tokio::time::timeout(Duration::from_secs(5), asked).await.unwrap();
    assert!(reason.contains("refused"), "{reason}");
}
