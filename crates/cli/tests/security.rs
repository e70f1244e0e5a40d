//! TLS: the server shows a certificate, and asks for one.

#![allow(clippy::unwrap_used, reason = "this is a test")]

mod common;

use cli::Exit;
use common::{Served, Stream, run};
use northbound::{Security, TlsIdentity};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::path::Path;

/// The server's identity; `ca.pem`, `client.pem` and `client.key` are in the folder.
fn pki(folder: &Path) -> TlsIdentity {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let issue = |name: &str| {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &authority).unwrap().pem(), key.serialize_pem())
    };
    let ((certificate, key), client) = (issue("localhost"), issue("client"));
    for (name, text) in
        [("ca.pem", &authority.pem()), ("client.pem", &client.0), ("client.key", &client.1)]
    {
        std::fs::write(folder.join(name), text).unwrap();
    }
    TlsIdentity { certificate, key, client_authority: Some(authority.pem()) }
}

#[tokio::test]
async fn both_sides_show_who_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start_with(Security::Tls(pki(folder.path()))).await;
    let file = |name: &str| folder.path().join(name).display().to_string();
    let url = format!("https://localhost:{}", served.address.port());
    let (ca, cert, key) = (file("ca.pem"), file("client.pem"), file("client.key"));

    let all = format!("get devices --server {url} --ca {ca} --cert {cert} --key {key}");
    let (exit, printed) = run("", &all).await;
    assert_eq!(exit, Exit::Ok, "{printed:?}");

    for (arguments, exit, text) in [
        (format!("--server {url} --ca {ca}"), Exit::Unavailable, "CertificateRequired"),
        (
            format!("--server {url} --ca {cert} --cert {cert} --key {key}"),
            Exit::Unavailable,
            "WL0015",
        ),
        (format!("--server {url}"), Exit::Usage, "needs --ca"),
        (format!("--server http://{}", served.address), Exit::Unavailable, "the connection broke"),
        (format!("--server {url} --ca {key}.not"), Exit::Failed, "cannot be read"),
        (format!("--server {url} --ca {ca} --cert {cert}"), Exit::Usage, "--key"),
    ] {
        let (found, printed) = run("", &format!("get devices {arguments}")).await;
        assert_eq!(found, exit, "{arguments}: {printed:?}");
        assert!(printed.text(Stream::Err).contains(text), "{arguments}: {printed:?}");
    }
    served.stop().await;
}
