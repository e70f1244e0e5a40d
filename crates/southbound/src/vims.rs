//! The port `Vims`, over OpenStack.

use crate::secrets::Secrets;
use async_trait::async_trait;
use engine::ports::{VimError, VimInventory, Vims, Workload};
use model::plan::PlannedServer;
use model::topology::Vim;
use model::{Resources, VimId};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use vim::OpenStack;

/// One for each VIM of the topology, with the record that it was opened by.
type Clouds = BTreeMap<VimId, (Vim, Arc<OpenStack>)>;

/// VIMs on the network. A copy shares connections with its original.
#[derive(Clone)]
pub struct NetworkVims {
    secrets: Secrets,
    clouds: Arc<Mutex<Clouds>>,
}

impl fmt::Debug for NetworkVims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NetworkVims").finish_non_exhaustive()
    }
}

impl NetworkVims {
    #[must_use]
    pub fn new(secrets: Secrets) -> Self {
        Self { secrets, clouds: Arc::default() }
    }

    async fn cloud(&self, vim: &Vim) -> Result<Arc<OpenStack>, VimError> {
        if let Some((known, cloud)) = self.clouds().get(&vim.id)
            && known == vim
        {
            return Ok(Arc::clone(cloud));
        }
        let config = self.config(vim).await?;
        let cloud = OpenStack::connect(config).await.map_err(|e| meaning(vim, e))?;
        let cloud = Arc::new(cloud);
        self.clouds().insert(vim.id.clone(), (vim.clone(), Arc::clone(&cloud)));
        Ok(cloud)
    }

    fn clouds(&self) -> MutexGuard<'_, Clouds> {
        self.clouds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn config(&self, vim: &Vim) -> Result<vim::Config, VimError> {
        let unreachable =
            |reason: String| VimError::Unreachable { vim: vim.id.to_string(), reason };
        let (login, password) =
            self.secrets.password(&vim.credentials).map_err(|e| unreachable(e.to_string()))?;
        let authority = match &vim.trust {
            None => None,
            Some(file) => {
                let pem = tokio::fs::read_to_string(file).await;
                Some(pem.map_err(|e| unreachable(format!("{file}: {e}")))?)
            }
        };
        Ok(vim::Config {
            auth_url: vim.endpoint.clone(),
            user: login.username,
            password: vim::Secret(password),
            project: vim.project.clone(),
            domain: login.domain.unwrap_or_else(|| "Default".to_owned()),
            authority,
        })
    }

    /// What an error means. After a refused login the secret is read again.
    fn failed(&self, vim: &Vim, error: vim::VimError) -> VimError {
        if error == vim::VimError::Unauthenticated {
            self.clouds().remove(&vim.id);
        }
        meaning(vim, error)
    }
}

#[async_trait]
impl Vims for NetworkVims {
    async fn inventory(&self, vim: &Vim) -> Result<VimInventory, VimError> {
        let inventory = self.cloud(vim).await?.inventory().await;
        let inventory = inventory.map_err(|e| self.failed(vim, e))?;
        let resources = |[vcpus, mib, gib]: [u64; 3]| Resources::from_array([vcpus, mib, gib, 0]);
        Ok(VimInventory { capacity: resources(inventory.total), used: resources(inventory.used) })
    }

    async fn ensure(&self, vim: &Vim, workload: &Workload) -> Result<(), VimError> {
        let wanted = translated(vim, workload)?;
        self.cloud(vim).await?.ensure(&wanted).await.map_err(|e| self.failed(vim, e))
    }

    async fn prune(&self, vim: &Vim, keep: &Workload) -> Result<(), VimError> {
        let kept = translated(vim, keep)?;
        self.cloud(vim).await?.prune(&kept).await.map_err(|e| self.failed(vim, e))
    }

    async fn observe(&self, vim: &Vim, owner: &str) -> Result<Vec<String>, VimError> {
        self.cloud(vim).await?.observe(owner).await.map_err(|e| self.failed(vim, e))
    }
}

fn translated(vim: &Vim, workload: &Workload) -> Result<vim::Workload, VimError> {
    let networks = workload.networks.iter().map(|network| vim::Network {
        name: network.name.clone(),
        provider: network.vlan.map(|vlan| (vim.physical_network.clone(), vlan.get())),
    });
    let servers = workload.servers.iter().map(|server| translated_server(vim, server));
    Ok(vim::Workload {
        owner: workload.owner.clone(),
        networks: networks.collect(),
        servers: servers.collect::<Result<_, _>>()?,
    })
}

/// A server's storage is its volumes, and what they leave of it is its own disk.
fn translated_server(vim: &Vim, server: &PlannedServer) -> Result<vim::Server, VimError> {
    let [vcpus, memory_mib, storage, accelerators] = server.resources.as_array();
    if accelerators > 0 {
        return Err(VimError::Refused {
            vim: vim.id.to_string(),
            object: format!("server {}", server.name),
            reason: "accelerators cannot be had of an OpenStack VIM yet; ask for none".to_owned(),
        });
    }
    let on_volumes = server.volumes.iter().map(|volume| volume.size.0).sum::<u64>();
    let volume = |volume: &model::plan::PlannedVolume| vim::Volume {
        name: volume.name.clone(),
        gib: volume.size.0,
    };
    Ok(vim::Server {
        name: server.name.clone(),
        vcpus,
        memory_mib,
        disk_gib: storage.saturating_sub(on_volumes),
        image: server.image.clone(),
        volumes: server.volumes.iter().map(volume).collect(),
        networks: server.networks.clone(),
        anti_affinity_group: server.anti_affinity_group.clone(),
    })
}

fn meaning(vim: &Vim, error: vim::VimError) -> VimError {
    let vim = vim.id.to_string();
    let refused =
        |object: String, reason: String| VimError::Refused { vim: vim.clone(), object, reason };
    match error {
        vim::VimError::Unreachable { url, reason } => {
            VimError::Unreachable { vim, reason: format!("{url}: {reason}") }
        }
        error @ vim::VimError::Unauthenticated => {
            refused("the login".to_owned(), error.to_string())
        }
        vim::VimError::Quota { object, quota, message } => {
            match (quota.limit, quota.used, quota.requested) {
                (Some(limit), Some(used), Some(requested)) => {
                    let resource = quota.resource;
                    VimError::Quota { vim, object, resource, limit, used, requested }
                }
                // A number that nobody gave is not made up.
                _ => refused(object, message),
            }
        }
        vim::VimError::NotFound { object } => refused(object, "it does not exist".to_owned()),
        vim::VimError::Refused { object, status, message } => {
            refused(object, format!("{message} (HTTP {status})"))
        }
        vim::VimError::OutcomeUnknown { object, reason } => {
            VimError::OutcomeUnknown { vim, object, reason }
        }
        vim::VimError::NotReady { object, reason } => refused(object, reason),
    }
}
