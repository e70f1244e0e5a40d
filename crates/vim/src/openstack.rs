//! OpenStack: everything is found by its name before it is created, so that doing it twice is doing
//! it once.

use crate::http::{Cloud, Config, VimError};
use crate::workload::{Inventory, Network, Server, Volume, Workload};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long a server may take to become ACTIVE.
const BUILD_DEADLINE: Duration = Duration::from_secs(300);
const FIRST_POLL: Duration = Duration::from_millis(20);
const SLOWEST_POLL: Duration = Duration::from_secs(2);
const OWNER: &str = "wayleave-owner";

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
        let compute = |name: &str| nova["limits"]["absolute"][name].as_u64().unwrap_or_default();
        let storage = |name: &str| cinder["limits"]["absolute"][name].as_u64().unwrap_or_default();
        Ok(Inventory {
            total: [
                compute("maxTotalCores"),
                compute("maxTotalRAMSize"),
                storage("maxTotalVolumeGigabytes"),
            ],
            used: [
                compute("totalCoresUsed"),
                compute("totalRAMUsed"),
                storage("totalGigabytesUsed"),
            ],
        })
    }

    /// Creates what is missing and waits until every server runs.
    ///
    /// # Errors
    /// With what failed; what was created before it stays and carries the owner.
    pub async fn ensure(&self, workload: &Workload) -> Result<(), VimError> {
        let mut networks = BTreeMap::new();
        for network in &workload.networks {
            let id = self.ensure_network(network, &workload.owner).await?;
            networks.insert(network.name.as_str(), id);
        }
        let mut servers = Vec::new();
        for server in &workload.servers {
            servers.push((server, self.ensure_server(server, &workload.owner, &networks).await?));
        }
        for (server, id) in servers {
            self.wait_active(server, &id).await?;
        }
        Ok(())
    }

    /// Removes everything that carries the owner: servers, then volumes, then networks.
    ///
    /// # Errors
    /// Where the cloud refuses or does not answer.
    pub async fn remove(&self, owner: &str) -> Result<(), VimError> {
        for id in self.owned("compute", "/servers/detail", "servers", owner).await? {
            self.delete("compute", &format!("/servers/{id}"), &format!("server {id}")).await?;
        }
        for id in self.owned("volumev3", "/volumes/detail", "volumes", owner).await? {
            self.delete("volumev3", &format!("/volumes/{id}"), &format!("volume {id}")).await?;
        }
        for network in self.networks_of(owner).await? {
            let id = network["id"].as_str().unwrap_or_default();
            self.delete("network", &format!("/v2.0/networks/{id}"), &format!("network {id}"))
                .await?;
        }
        Ok(())
    }

    /// The names of the servers and networks that carry the owner and are in order.
    ///
    /// # Errors
    /// Where the cloud does not answer.
    pub async fn observe(&self, owner: &str) -> Result<Vec<String>, VimError> {
        let servers = self.get("compute", "/servers/detail", "servers").await?;
        let servers = members(&servers, "servers").into_iter();
        let active = servers.filter(|s| s["metadata"][OWNER] == owner && s["status"] == "ACTIVE");
        let mut names: Vec<String> = active.filter_map(|server| name_of(&server)).collect();
        names.extend(self.networks_of(owner).await?.iter().filter_map(name_of));
        names.sort();
        Ok(names)
    }

    async fn networks_of(&self, owner: &str) -> Result<Vec<Value>, VimError> {
        let path = format!("/v2.0/networks?description={}", encoded(&described(owner)));
        let found = self.get("network", &path, "networks").await?;
        let described = described(owner);
        Ok(members(&found, "networks")
            .into_iter()
            .filter(|n| n["description"] == described)
            .collect())
    }

    async fn owned(
        &self,
        service: &str,
        path: &str,
        member: &str,
        owner: &str,
    ) -> Result<Vec<String>, VimError> {
        let all = self.get(service, path, member).await?;
        let owned =
            members(&all, member).into_iter().filter(|item| item["metadata"][OWNER] == owner);
        Ok(owned.filter_map(|item| item["id"].as_str().map(str::to_owned)).collect())
    }

    async fn ensure_network(&self, network: &Network, owner: &str) -> Result<String, VimError> {
        let object = format!("network {}", network.name);
        let path = format!("/v2.0/networks?name={}", encoded(&network.name));
        let found = self.get("network", &path, &object).await?;
        if let Some(id) = named(&found, "networks", &network.name) {
            return Ok(id);
        }
        let mut body = json!({"name": network.name, "description": described(owner)});
        if let Some((physical, vlan)) = &network.provider {
            body["provider:network_type"] = json!("vlan");
            body["provider:physical_network"] = json!(physical);
            body["provider:segmentation_id"] = json!(vlan);
        }
        let body = json!({"network": body});
        let made = self.post("network", "/v2.0/networks", &body, &object).await?;
        id_of(&made["network"], &object)
    }

    async fn ensure_server(
        &self,
        server: &Server,
        owner: &str,
        networks: &BTreeMap<&str, String>,
    ) -> Result<String, VimError> {
        let object = format!("server {}", server.name);
        let path = format!("/servers/detail?name={}", encoded(&format!("^{}$", server.name)));
        let found = self.get("compute", &path, &object).await?;
        if let Some(id) = named(&found, "servers", &server.name) {
            return Ok(id);
        }
        let mut volumes = Vec::new();
        for volume in &server.volumes {
            let id = self.ensure_volume(volume, owner).await?;
            volumes.push(json!({"uuid": id, "source_type": "volume", "destination_type": "volume",
                                "boot_index": -1, "delete_on_termination": false}));
        }
        let ports = server.networks.iter().filter_map(|name| networks.get(name.as_str()));
        let mut body = json!({
            "name": server.name,
            "flavorRef": self.ensure_flavor(server).await?,
            "networks": ports.map(|id| json!({"uuid": id})).collect::<Vec<_>>(),
            "metadata": {OWNER: owner},
        });
        if let Some(image) = &server.image {
            body["imageRef"] = json!(self.image(image).await?);
        }
        if !volumes.is_empty() {
            body["block_device_mapping_v2"] = json!(volumes);
        }
        let made = self.post("compute", "/servers", &json!({"server": body}), &object).await?;
        id_of(&made["server"], &object)
    }

    async fn ensure_volume(&self, volume: &Volume, owner: &str) -> Result<String, VimError> {
        let object = format!("volume {}", volume.name);
        let found = self.get("volumev3", "/volumes/detail", &object).await?;
        if let Some(id) = named(&found, "volumes", &volume.name) {
            return Ok(id);
        }
        let body = json!({"volume": {"name": volume.name, "size": volume.gib, "metadata": {OWNER: owner}}});
        let made = self.post("volumev3", "/volumes", &body, &object).await?;
        id_of(&made["volume"], &object)
    }

    /// A flavor of exactly this size, under a name that says so.
    async fn ensure_flavor(&self, server: &Server) -> Result<String, VimError> {
        let (vcpus, ram, disk) = (server.vcpus, server.memory_mib, server.disk_gib);
        let name = format!("wayleave-{vcpus}-{ram}-{disk}");
        let object = format!("flavor {name}");
        let found = self.get("compute", "/flavors/detail", &object).await?;
        if let Some(id) = named(&found, "flavors", &name) {
            return Ok(id);
        }
        let body = json!({"flavor": {"name": name, "vcpus": vcpus, "ram": ram, "disk": disk}});
        match self.post("compute", "/flavors", &body, &object).await {
            Ok(made) => id_of(&made["flavor"], &object),
            // Somebody made it in the meantime.
            Err(VimError::Refused { status: 409, .. }) => {
                let found = self.get("compute", "/flavors/detail", &object).await?;
                named(&found, "flavors", &name).ok_or(VimError::NotFound { object })
            }
            Err(error) => Err(error),
        }
    }

    async fn image(&self, name: &str) -> Result<String, VimError> {
        let object = format!("image {name}");
        let path = format!("/v2/images?name={}", encoded(name));
        let found = self.get("image", &path, &object).await?;
        named(&found, "images", name).ok_or(VimError::NotFound { object })
    }

    async fn wait_active(&self, server: &Server, id: &str) -> Result<(), VimError> {
        let object = format!("server {}", server.name);
        let started = Instant::now();
        let mut pause = FIRST_POLL;
        loop {
            let seen = self.get("compute", &format!("/servers/{id}"), &object).await?;
            match seen["server"]["status"].as_str() {
                Some("ACTIVE") => return Ok(()),
                Some("ERROR") => {
                    let reason =
                        seen["server"]["fault"]["message"].as_str().unwrap_or("no reason given");
                    return Err(VimError::NotReady { object, reason: reason.to_owned() });
                }
                _ if started.elapsed() > BUILD_DEADLINE => {
                    let reason = format!("not ACTIVE within {} s", BUILD_DEADLINE.as_secs());
                    return Err(VimError::NotReady { object, reason });
                }
                _ => tokio::time::sleep(pause).await,
            }
            pause = (pause * 2).min(SLOWEST_POLL);
        }
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

fn described(owner: &str) -> String {
    format!("wayleave: {owner}")
}

fn members(body: &Value, name: &str) -> Vec<Value> {
    body[name].as_array().cloned().unwrap_or_default()
}

fn name_of(item: &Value) -> Option<String> {
    item["name"].as_str().map(str::to_owned)
}

/// The id of the one with that very name; a service's own filter may be wider.
fn named(body: &Value, member: &str, name: &str) -> Option<String> {
    let items = body[member].as_array()?;
    let item = items.iter().find(|item| item["name"] == name)?;
    item["id"].as_str().map(str::to_owned)
}

fn id_of(made: &Value, object: &str) -> Result<String, VimError> {
    made["id"].as_str().map(str::to_owned).ok_or_else(|| VimError::Refused {
        object: object.to_owned(),
        status: 200,
        message: "the answer has no id".to_owned(),
    })
}

/// Percent-encoding for a query (RFC 3986 §2.3: what is not unreserved is encoded).
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
