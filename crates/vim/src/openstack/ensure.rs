//! Creating what is missing.

use super::named::{OWNER, described, encoded, group_prefix, id_of, named, taken};
use super::{OpenStack, Patience};
use crate::http::VimError;
use crate::workload::{Network, Server, Volume, Workload};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a server may take to become ACTIVE.
const BUILD_DEADLINE: Duration = Duration::from_secs(300);

impl OpenStack {
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

    async fn ensure_network(&self, network: &Network, owner: &str) -> Result<String, VimError> {
        let object = format!("network {}", network.name);
        let path = format!("/v2.0/networks?name={}", encoded(&network.name));
        let found = self.get("network", &path, &object).await?;
        if let Some(known) = named(&found, "networks", &network.name) {
            if known["description"] != described(owner) {
                return Err(taken(&object, "which is not this service's"));
            }
            if !has_provider(known, network) {
                return Err(taken(&object, "with another VLAN"));
            }
            return id_of(known, &object);
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
        if let Some(known) = named(&found, "servers", &server.name) {
            return owned_by(known, owner, &object);
        }
        let mut volumes = Vec::new();
        for volume in &server.volumes {
            let id = self.ensure_volume(volume, owner).await?;
            volumes.push(json!({"uuid": id, "source_type": "volume", "destination_type": "volume",
                                "boot_index": -1, "delete_on_termination": false}));
        }
        let mut body = json!({
            "name": server.name,
            "flavorRef": self.ensure_flavor(server).await?,
            "networks": ports(server, networks)?,
            "metadata": {OWNER: owner},
        });
        if let Some(image) = &server.image {
            body["imageRef"] = json!(self.image(image).await?);
        }
        if !volumes.is_empty() {
            body["block_device_mapping_v2"] = json!(volumes);
        }
        let mut body = json!({"server": body});
        if let Some(group) = &server.anti_affinity_group {
            let id = self.ensure_group(group, owner).await?;
            body["os:scheduler_hints"] = json!({"group": id});
        }
        let made = self.post("compute", "/servers", &body, &object).await?;
        id_of(&made["server"], &object)
    }

    async fn ensure_volume(&self, volume: &Volume, owner: &str) -> Result<String, VimError> {
        let object = format!("volume {}", volume.name);
        let found = self.get("volumev3", "/volumes/detail", &object).await?;
        if let Some(known) = named(&found, "volumes", &volume.name) {
            return owned_by(known, owner, &object);
        }
        let body = json!({"volume": {"name": volume.name, "size": volume.gib, "metadata": {OWNER: owner}}});
        let made = self.post("volumev3", "/volumes", &body, &object).await?;
        id_of(&made["volume"], &object)
    }

    /// Servers of the group never share a host.
    async fn ensure_group(&self, group: &str, owner: &str) -> Result<String, VimError> {
        let name = format!("{}{group}", group_prefix(owner));
        let object = format!("server group {name}");
        let found = self.get("compute", "/os-server-groups", &object).await?;
        if let Some(known) = named(&found, "server_groups", &name) {
            return id_of(known, &object);
        }
        let body = json!({"server_group": {"name": name, "policies": ["anti-affinity"]}});
        let made = self.post("compute", "/os-server-groups", &body, &object).await?;
        id_of(&made["server_group"], &object)
    }

    /// A flavor of exactly this size, under a name that says so.
    async fn ensure_flavor(&self, server: &Server) -> Result<String, VimError> {
        let (vcpus, ram, disk) = (server.vcpus, server.memory_mib, server.disk_gib);
        let name = format!("wayleave-{vcpus}-{ram}-{disk}");
        let object = format!("flavor {name}");
        if let Some(id) = self.flavor(&name, &object).await? {
            return Ok(id);
        }
        let body = json!({"flavor": {"name": name, "vcpus": vcpus, "ram": ram, "disk": disk}});
        match self.post("compute", "/flavors", &body, &object).await {
            Ok(made) => id_of(&made["flavor"], &object),
            // Somebody made it in the meantime.
            Err(VimError::Refused { status: 409, .. }) => {
                self.flavor(&name, &object).await?.ok_or(VimError::NotFound { object })
            }
            Err(error) => Err(error),
        }
    }

    async fn flavor(&self, name: &str, object: &str) -> Result<Option<String>, VimError> {
        let found = self.get("compute", "/flavors/detail", object).await?;
        named(&found, "flavors", name).map(|known| id_of(known, object)).transpose()
    }

    async fn image(&self, name: &str) -> Result<String, VimError> {
        let object = format!("image {name}");
        let path = format!("/v2/images?name={}", encoded(name));
        let found = self.get("image", &path, &object).await?;
        match named(&found, "images", name) {
            Some(known) => id_of(known, &object),
            None => Err(VimError::NotFound { object }),
        }
    }

    async fn wait_active(&self, server: &Server, id: &str) -> Result<(), VimError> {
        let object = format!("server {}", server.name);
        let mut patience = Patience::new(BUILD_DEADLINE);
        loop {
            let seen = self.get("compute", &format!("/servers/{id}"), &object).await?;
            match seen["server"]["status"].as_str() {
                Some("ACTIVE") => return Ok(()),
                Some("ERROR") => {
                    let reason =
                        seen["server"]["fault"]["message"].as_str().unwrap_or("no reason given");
                    return Err(VimError::NotReady { object, reason: reason.to_owned() });
                }
                _ if !patience.wait().await => {
                    let reason = format!("not ACTIVE within {} s", BUILD_DEADLINE.as_secs());
                    return Err(VimError::NotReady { object, reason });
                }
                _ => {}
            }
        }
    }
}

/// One port for each network, in the server's order.
fn ports(server: &Server, networks: &BTreeMap<&str, String>) -> Result<Vec<Value>, VimError> {
    let port = |name: &String| match networks.get(name.as_str()) {
        Some(id) => Ok(json!({"uuid": id})),
        None => Err(VimError::NotFound {
            object: format!("network {name}, which server {} is to be on,", server.name),
        }),
    };
    server.networks.iter().map(port).collect()
}

fn has_provider(known: &Value, wanted: &Network) -> bool {
    match &wanted.provider {
        None => true,
        Some((physical, vlan)) => {
            known["provider:physical_network"] == json!(physical)
                && known["provider:segmentation_id"] == json!(vlan)
        }
    }
}

fn owned_by(known: &Value, owner: &str, object: &str) -> Result<String, VimError> {
    if known["metadata"][OWNER] == owner {
        id_of(known, object)
    } else {
        Err(taken(object, "which is not this service's"))
    }
}
