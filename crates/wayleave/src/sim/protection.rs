//! The certificate of a simulator's server: given, or made under an authority of its own.

use super::listen::Wire;
use super::state_dir::StateDir;
use crate::complaint::{Complaint, read};
use lab::pki::Authority;
use std::net::IpAddr;
use std::path::PathBuf;

const AUTHORITY: &str = "ca.pem";
const CERTIFICATE: &str = "server.pem";
const KEY: &str = "server-key.pem";
/// What the kept certificate is for.
const NAMES: &str = "server.names";

#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "TLS")]
pub(crate) struct TlsArgs {
    /// PEM file of the server's certificate; one is made where it is left out
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// PEM file of the certificate's key
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// No TLS; on loopback only
    #[arg(long, conflicts_with = "tls_cert")]
    plain: bool,
}

/// PEM texts, and the file of the authority that clients have to trust.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) certificate: String,
    pub(crate) key: String,
    /// None where the certificate was given: whoever gave it knows its authority.
    pub(crate) authority: Option<PathBuf>,
}

impl TlsArgs {
    pub(crate) fn wire(&self) -> Wire {
        if self.plain { Wire::Plain } else { Wire::Tls }
    }

    /// None for plain text.
    pub(crate) fn identity(
        &self,
        name: &str,
        address: IpAddr,
        state: &StateDir,
    ) -> Result<Option<Identity>, Complaint> {
        if self.wire() == Wire::Plain {
            return Ok(None);
        }
        match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => {
                let (certificate, key) = (read(certificate)?, read(key)?);
                Ok(Some(Identity { certificate, key, authority: None }))
            }
            _ => match kept(name, address, state)? {
                Some(identity) => Ok(Some(identity)),
                None => make(name, address, state).map(Some),
            },
        }
    }
}

fn names(name: &str, address: IpAddr) -> String {
    format!("{name}\n{address}\n")
}

/// The one of the last start, if it was for the same names.
fn kept(name: &str, address: IpAddr, state: &StateDir) -> Result<Option<Identity>, Complaint> {
    if state.read(NAMES)? != Some(names(name, address)) {
        return Ok(None);
    }
    let (certificate, key) = (state.read(CERTIFICATE)?, state.read(KEY)?);
    let authority = Some(state.join(AUTHORITY)).filter(|path| path.is_file());
    let pair = certificate.zip(key).zip(authority);
    Ok(pair.map(|((certificate, key), authority)| Identity {
        certificate,
        key,
        authority: Some(authority),
    }))
}

/// The names are written last: where they are, the rest is whole.
fn make(name: &str, address: IpAddr, state: &StateDir) -> Result<Identity, Complaint> {
    let made = Authority::new().and_then(|authority| {
        let (certificate, key) = authority.server_at(name, address)?;
        Ok((authority.certificate, certificate, key))
    });
    let (authority, certificate, key) = made.map_err(|error| {
        Complaint::usage(
            format!("no certificate can be made for {name:?}: {error}"),
            "choose a --name of letters, digits, dots and dashes",
        )
    })?;
    let authority = Some(state.write(AUTHORITY, &authority)?);
    state.write(CERTIFICATE, &certificate)?;
    state.write(KEY, &key)?;
    state.write(NAMES, &names(name, address))?;
    Ok(Identity { certificate, key, authority })
}
