//! A VIM that speaks OpenStack's APIs: Keystone v3, Nova 2.1, Neutron 2.0, Cinder 3, Glance 2.
//!
//! It holds no machines. It holds what OpenStack would hold of them, with quotas, and answers as
//! OpenStack answers.

mod compute;
mod fault;
mod group;
mod identity;
mod image;
mod network;
mod reply;
mod state;
mod tls;
mod volume;

pub use fault::{FAULT_FORMS, Fault, UnknownFault};
pub use state::{Capacity, Config, NetworkView};
pub use tls::{Identity, StartError};

use axum::Router;
use axum::extract::State;
use axum::middleware;
use axum::routing::get;
use state::Vim;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tls::TlsListener;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub(crate) type Shared = Arc<Mutex<Vim>>;

/// A running VIM; it stops when this is dropped.
#[derive(Debug)]
pub struct VimSim {
    pub address: SocketAddr,
    auth_url: String,
    shared: Shared,
    stop: watch::Sender<bool>,
}

impl VimSim {
    /// Listens in plain text on an address; port 0 takes a free one.
    ///
    /// # Errors
    /// Where the address cannot be bound.
    pub async fn start(address: SocketAddr, config: Config) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self::serve(listener, address, format!("http://{address}"), config))
    }

    /// The same over TLS. Clients are told of the services under `host`, which the certificate
    /// has to name.
    ///
    /// # Errors
    /// Where the address cannot be bound or the identity is not a certificate with its key.
    pub async fn start_tls(
        address: SocketAddr,
        config: Config,
        host: &str,
        identity: &Identity,
    ) -> Result<Self, StartError> {
        let acceptor = identity.acceptor()?;
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let base = format!("https://{host}:{}", address.port());
        Ok(Self::serve(TlsListener::new(listener, acceptor)?, address, base, config))
    }

    fn serve<L>(listener: L, address: SocketAddr, base: String, config: Config) -> Self
    where
        L: axum::serve::Listener<Addr = SocketAddr>,
    {
        let auth_url = format!("{base}/identity/v3");
        let shared: Shared = Arc::new(Mutex::new(Vim::new(config, base)));
        let router = router(&shared);
        let (stop, mut stopped) = watch::channel(false);
        tokio::spawn(async move {
            let shutdown = async move {
                let _ = stopped.changed().await;
            };
            let serve = axum::serve(listener, router).with_graceful_shutdown(shutdown);
            if let Err(error) = serve.await {
                tracing::warn!(%error, "the VIM simulator ended");
            }
        });
        Self { address, auth_url, shared, stop }
    }

    /// The Keystone URL.
    #[must_use]
    pub fn auth_url(&self) -> String {
        self.auth_url.clone()
    }

    /// Everything that was created, as text; equal states give equal bytes.
    #[must_use]
    pub fn state_text(&self) -> String {
        lock(&self.shared).to_json().to_string()
    }

    /// The names of the servers that never share a host with one of the group's others.
    #[must_use]
    pub fn server_group(&self, name: &str) -> Vec<String> {
        let vim = lock(&self.shared);
        let groups = vim.groups.values().filter(|group| group.name == name);
        let members = groups.flat_map(|group| &group.members);
        members.filter_map(|id| vim.servers.get(id)).map(|server| server.name.clone()).collect()
    }

    /// What the servers and volumes use: vCPU, MiB, GiB.
    #[must_use]
    pub fn used(&self) -> Capacity {
        lock(&self.shared).used()
    }

    /// The networks that there are, each with the servers on it.
    #[must_use]
    pub fn networks(&self) -> Vec<NetworkView> {
        lock(&self.shared).network_views()
    }

    /// The names of everything that was created, by OpenStack's word for its kind.
    #[must_use]
    pub fn objects(&self) -> Vec<(&'static str, String)> {
        lock(&self.shared).objects()
    }

    /// Something that goes wrong the next time it can.
    pub fn push_fault(&self, fault: Fault) {
        lock(&self.shared).faults.push_back(fault);
    }
}

impl Drop for VimSim {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}

fn router(shared: &Shared) -> Router {
    Router::new()
        .merge(identity::routes())
        .merge(compute::routes())
        .merge(group::routes())
        .merge(network::routes())
        .merge(volume::routes())
        .merge(image::routes())
        .route("/sim/state", get(sim_state))
        .layer(middleware::from_fn_with_state(Arc::clone(shared), reply::maybe_lost))
        .with_state(Arc::clone(shared))
}

pub(crate) fn lock(shared: &Shared) -> std::sync::MutexGuard<'_, Vim> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn sim_state(State(shared): State<Shared>) -> axum::Json<serde_json::Value> {
    axum::Json(lock(&shared).to_json())
}
