//! How the API is protected: TLS, or nothing where nobody else can come.

use crate::complaint::{Complaint, read};
use northbound::{Security, TlsIdentity};
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "TLS")]
pub(super) struct ProtectionArgs {
    /// PEM file of the server's certificate
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// PEM file of the certificate's key
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// PEM file of the authority whose certificates clients have to show
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    client_ca: Option<PathBuf>,

    /// No TLS; on loopback only
    #[arg(long, conflicts_with = "tls_cert")]
    insecure_loopback: bool,
}

impl ProtectionArgs {
    pub(super) fn security(&self, listen: SocketAddr) -> Result<Security, Complaint> {
        if let (Some(certificate), Some(key)) = (&self.tls_cert, &self.tls_key) {
            let security = Security::Tls(TlsIdentity {
                certificate: read(certificate)?,
                key: read(key)?,
                client_authority: self.client_ca.as_deref().map(read).transpose()?,
            });
            return match security.check() {
                Ok(()) => Ok(security),
                Err(error) => Err(Complaint::usage(error, "see that the key is the certificate's")),
            };
        }
        match (self.insecure_loopback, listen.ip().is_loopback()) {
            (true, true) => Ok(Security::LoopbackPlain),
            (true, false) => Err(Complaint::usage(
                format!("--insecure-loopback: {listen} is not a loopback address"),
                "give --tls-cert and --tls-key, or listen on 127.0.0.1",
            )),
            (false, _) => Err(Complaint::usage(
                "there is no certificate",
                "give --tls-cert and --tls-key, or --insecure-loopback for this machine only",
            )),
        }
    }
}
