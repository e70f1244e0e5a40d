//! How a connection is protected.

use crate::server::{ServeError, builder};
use std::net::SocketAddr;
use tonic::transport::{Certificate, Identity, ServerTlsConfig};

#[derive(Clone, Debug)]
pub enum Security {
    /// No protection. A lab may ask for it; it is refused on any address but loopback.
    LoopbackPlain,
    Tls(TlsIdentity),
}

/// PEM texts.
#[derive(Clone)]
pub struct TlsIdentity {
    pub certificate: String,
    pub key: String,
    /// Where there is one, a client has to show a certificate that it signed.
    pub client_authority: Option<String>,
}

/// Leaves the key out.
impl std::fmt::Debug for TlsIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TlsIdentity")
            .field("client_authority", &self.client_authority.is_some())
            .finish_non_exhaustive()
    }
}

impl Security {
    /// Whether a server can be built with it.
    ///
    /// # Errors
    /// Where the certificate, the key or the authority cannot be used.
    pub fn check(&self) -> Result<(), ServeError> {
        builder(self).map(|_| ())
    }

    pub(crate) fn allows(&self, address: SocketAddr) -> bool {
        matches!(self, Self::Tls(_)) || address.ip().is_loopback()
    }

    pub(crate) fn tls(&self) -> Option<ServerTlsConfig> {
        let Self::Tls(tls) = self else { return None };
        let config =
            ServerTlsConfig::new().identity(Identity::from_pem(&tls.certificate, &tls.key));
        Some(match &tls.client_authority {
            Some(authority) => config.client_ca_root(Certificate::from_pem(authority)),
            None => config,
        })
    }
}
