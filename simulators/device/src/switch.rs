//! One switch: its datastores, and the two servers in front of them.

use crate::datastore::{CommitEvent, Datastore, Datastores, Millis};
use crate::fault::Faults;
use crate::forwarding::Tables;
use crate::gnmi_side::GnmiSide;
use crate::netconf_side::NetconfSide;
use crate::state::with_state;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use yang::{Schema, Tree};

/// How often a confirmed commit's time is looked at.
const TICK: Duration = Duration::from_millis(100);

/// What a switch is started with.
#[derive(Debug)]
pub struct Config {
    pub name: String,
    /// Where it listens; loopback, or an address of a network namespace.
    pub address: IpAddr,
    /// 0 for a free one.
    pub netconf_port: u16,
    pub gnmi_port: u16,
    pub schema: Arc<Schema>,
    pub boot: Tree,
    /// User name to password.
    pub users: BTreeMap<String, String>,
    /// The SSH host key comes from this.
    pub host_key_seed: [u8; 32],
    /// Certificate and key for gNMI; plain text without.
    pub identity: Option<(String, String)>,
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{name}: the boot configuration is not valid: {reason}")]
    Boot { name: String, reason: String },
    #[error("{name}: {reason}")]
    Listen { name: String, reason: String },
}

/// A running switch; it stops when this is dropped.
#[derive(Debug)]
pub struct Device {
    pub name: String,
    pub netconf: SocketAddr,
    /// The SSH host key's fingerprint.
    pub fingerprint: String,
    pub gnmi: SocketAddr,
    shared: Arc<Shared>,
    _servers: (netconf::server::Server, gnmi::server::Server),
}

/// What both servers share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) name: String,
    pub(crate) schema: Arc<Schema>,
    pub(crate) users: BTreeMap<String, String>,
    pub(crate) faults: Faults,
    /// Whether gNMI's commit extension is known here.
    pub(crate) confirms: AtomicBool,
    datastores: Mutex<Datastores<Tree>>,
    started: Instant,
    changes: watch::Sender<u64>,
}

impl Device {
    /// # Errors
    /// Where the boot configuration is not valid or an address cannot be bound.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let name = config.name.clone();
        let boot = |reason: String| StartError::Boot { name: name.clone(), reason };
        config.schema.validate(&config.boot).map_err(|e| boot(e.to_string()))?;
        let shared = Arc::new(Shared {
            name: config.name.clone(),
            schema: config.schema,
            users: config.users.clone(),
            faults: Faults::default(),
            confirms: AtomicBool::new(true),
            datastores: Mutex::new(Datastores::new(config.boot)),
            started: Instant::now(),
            changes: watch::channel(0).0,
        });
        let listen = |reason: String| StartError::Listen { name: name.clone(), reason };
        let access = netconf::server::Access {
            host_key: netconf::server::Access::host_key_from_seed(config.host_key_seed),
            users: config.users,
        };
        let side = Arc::new(NetconfSide::new(Arc::clone(&shared)));
        let address = SocketAddr::new(config.address, config.netconf_port);
        let netconf = netconf::server::Server::bind(address, access, side)
            .await
            .map_err(|e| listen(format!("{address}: {e}")))?;
        let identity = config
            .identity
            .map(|(certificate, key)| gnmi::server::ServerIdentity { certificate, key });
        let side = Arc::new(GnmiSide::new(Arc::clone(&shared)));
        let address = SocketAddr::new(config.address, config.gnmi_port);
        let gnmi = gnmi::server::Server::bind(address, identity, side).await.map_err(listen)?;
        tokio::spawn(watch_time(Arc::downgrade(&shared)));
        Ok(Self {
            name: config.name,
            netconf: netconf.address,
            fingerprint: netconf.fingerprint.clone(),
            gnmi: gnmi.address,
            shared,
            _servers: (netconf, gnmi),
        })
    }

    #[must_use]
    pub fn running(&self) -> Tree {
        self.shared.stores().get(Datastore::Running).clone()
    }

    /// The running configuration as text; equal configurations give equal bytes.
    #[must_use]
    pub fn running_text(&self) -> String {
        self.running().to_json(&self.shared.schema).to_string()
    }

    /// What the switch does with frames, as of now.
    #[must_use]
    pub fn tables(&self) -> Tables {
        Tables::from_json(&self.running().to_json(&self.shared.schema))
    }

    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// From now on it is a target that passes over gNMI's commit extension, as many do (G-091).
    pub fn forget_commit_extension(&self) {
        self.shared.confirms.store(false, Ordering::Relaxed);
    }

    /// Changes with each change of the running configuration.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changes.subscribe()
    }
}

impl Shared {
    pub(crate) fn stores(&self) -> MutexGuard<'_, Datastores<Tree>> {
        self.datastores.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something to the datastores and tells whoever watches.
    pub(crate) fn with_stores<R>(&self, act: impl FnOnce(&mut Datastores<Tree>) -> R) -> R {
        let mut stores = self.stores();
        let before = stores.generation();
        let result = act(&mut stores);
        let after = stores.generation();
        drop(stores);
        if before != after {
            self.changes.send_replace(after);
        }
        result
    }

    pub(crate) fn with_state(&self) -> Tree {
        let running = self.stores().get(Datastore::Running).clone();
        with_state(&running, &self.name)
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(crate) fn now(&self) -> Millis {
        Millis::try_from(self.started.elapsed().as_millis()).unwrap_or(Millis::MAX)
    }
}

/// Undoes confirmed commits whose time is up, for as long as the switch lives.
async fn watch_time(shared: std::sync::Weak<Shared>) {
    let mut interval = tokio::time::interval(TICK);
    loop {
        interval.tick().await;
        let Some(shared) = shared.upgrade() else { return };
        let now = shared.now();
        if let Some(CommitEvent::Timeout) = shared.with_stores(|stores| stores.tick(now)) {
            tracing::info!(device = %shared.name, "a confirmed commit was not confirmed and is undone");
        }
    }
}
