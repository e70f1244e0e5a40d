//! OpenStack: everything is found by its name before it is created, so that doing it twice is doing
//! it once; and everything carries its owner, so that it can be found and removed by that.

mod ensure;
mod named;
mod remove;

use crate::http::{Cloud, Config, VimError};
use crate::workload::Inventory;
use named::{OWNER, described, encoded, is_going, members, name_of};
use reqwest::Method;
use serde_json::Value;
use std::time::{Duration, Instant};

const FIRST_POLL: Duration = Duration::from_millis(20);
const SLOWEST_POLL: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub struct OpenStack {
    cloud: Cloud,
}

impl OpenStack {
    /// # Errors
    /// Where Keystone cannot be reached or refuses.
    pub async fn connect(config: Config) -> Result<Self, VimError> {
        Ok(Self { cloud: Cloud::connect(config).await? })
    }

    /// # Errors
    /// Where the cloud does not answer.
    pub async fn inventory(&self) -> Result<Inventory, VimError> {
        let nova = self.get("compute", "/limits", "limits").await?;
        let cinder = self.get("volumev3", "/limits", "limits").await?;
        let (nova, cinder) = (&nova["limits"]["absolute"], &cinder["limits"]["absolute"]);
        Ok(Inventory {
            total: [
                limit(&nova["maxTotalCores"]),
                limit(&nova["maxTotalRAMSize"]),
                limit(&cinder["maxTotalVolumeGigabytes"]),
            ],
            used: [
                limit(&nova["totalCoresUsed"]),
                limit(&nova["totalRAMUsed"]),
                limit(&cinder["totalGigabytesUsed"]),
            ],
        })
    }

    /// The names of the servers and networks that carry the owner and are in order.
    ///
    /// # Errors
    /// Where the cloud does not answer.
    pub async fn observe(&self, owner: &str) -> Result<Vec<String>, VimError> {
        let servers = self.get("compute", "/servers/detail", "servers").await?;
        let servers = members(&servers, "servers").into_iter();
        let owned = servers.filter(|server| server["metadata"][OWNER] == owner);
        let active = owned.filter(|server| server["status"] == "ACTIVE" && !is_going(server));
        let mut names: Vec<String> = active.filter_map(|server| name_of(&server)).collect();
        names.extend(self.networks_of(owner).await?.iter().filter_map(name_of));
        names.sort();
        Ok(names)
    }

    async fn networks_of(&self, owner: &str) -> Result<Vec<Value>, VimError> {
        let described = described(owner);
        let path = format!("/v2.0/networks?description={}", encoded(&described));
        let found = self.get("network", &path, "networks").await?;
        let networks = members(&found, "networks").into_iter();
        Ok(networks.filter(|network| network["description"] == described).collect())
    }

    async fn get(&self, service: &str, path: &str, object: &str) -> Result<Value, VimError> {
        self.cloud.call(service, Method::GET, path, None, object).await
    }

    async fn post(
        &self,
        service: &str,
        path: &str,
        body: &Value,
        object: &str,
    ) -> Result<Value, VimError> {
        self.cloud.call(service, Method::POST, path, Some(body), object).await
    }

    /// What is gone already is as good as removed.
    async fn delete(&self, service: &str, path: &str, object: &str) -> Result<(), VimError> {
        match self.cloud.call(service, Method::DELETE, path, None, object).await {
            Ok(_) | Err(VimError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// -1 is OpenStack's word for "no limit".
fn limit(value: &Value) -> u64 {
    match value.as_i64() {
        Some(number) => u64::try_from(number).unwrap_or(u64::MAX),
        None => value.as_u64().unwrap_or_default(),
    }
}

/// Looks again and again, with growing pauses and an end.
struct Patience {
    end: Instant,
    pause: Duration,
}

impl Patience {
    fn new(deadline: Duration) -> Self {
        Self { end: Instant::now() + deadline, pause: FIRST_POLL }
    }

    /// Waits a while; tells whether there is time for another look.
    async fn wait(&mut self) -> bool {
        if Instant::now() > self.end {
            return false;
        }
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(SLOWEST_POLL);
        true
    }
}
