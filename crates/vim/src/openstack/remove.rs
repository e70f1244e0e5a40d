//! Taking away what carries an owner, and waiting until it is gone.

use super::named::{OWNER, group_prefix, members, name_of};
use super::{OpenStack, Patience};
use crate::http::VimError;
use std::time::Duration;

/// How long the servers, and then the volumes, of one owner may take to go.
const DEADLINE: Duration = Duration::from_secs(300);

/// What of an owner is found in a list.
struct Kind {
    service: &'static str,
    list: &'static str,
    member: &'static str,
    path: &'static str,
    word: &'static str,
}

const SERVERS: Kind = Kind {
    service: "compute",
    list: "/servers/detail",
    member: "servers",
    path: "/servers",
    word: "server",
};
const VOLUMES: Kind = Kind {
    service: "volumev3",
    list: "/volumes/detail",
    member: "volumes",
    path: "/volumes",
    word: "volume",
};

impl OpenStack {
    /// Removes everything that carries the owner: servers, then what they used.
    ///
    /// # Errors
    /// Where the cloud refuses or does not answer, or something does not go.
    pub async fn remove(&self, owner: &str) -> Result<(), VimError> {
        self.remove_kind(&SERVERS, owner).await?;
        self.remove_kind(&VOLUMES, owner).await?;
        for network in self.networks_of(owner).await? {
            let id = network["id"].as_str().unwrap_or_default();
            let path = format!("/v2.0/networks/{id}");
            self.delete("network", &path, &format!("network {id}")).await?;
        }
        self.remove_groups(owner).await
    }

    /// A volume is in use until its server is gone, and so is a network.
    async fn remove_kind(&self, kind: &Kind, owner: &str) -> Result<(), VimError> {
        for id in self.owned(kind, owner).await? {
            let path = format!("{}/{id}", kind.path);
            self.delete(kind.service, &path, &format!("{} {id}", kind.word)).await?;
        }
        let mut patience = Patience::new(DEADLINE);
        loop {
            let left = self.owned(kind, owner).await?;
            let Some(id) = left.first() else { return Ok(()) };
            if !patience.wait().await {
                let object = format!("{} {id}", kind.word);
                let reason = format!("still there after {} s", DEADLINE.as_secs());
                return Err(VimError::NotReady { object, reason });
            }
        }
    }

    async fn owned(&self, kind: &Kind, owner: &str) -> Result<Vec<String>, VimError> {
        let all = self.get(kind.service, kind.list, kind.member).await?;
        let all = members(&all, kind.member).into_iter();
        let owned = all.filter(|item| item["metadata"][OWNER] == owner);
        Ok(owned.filter_map(|item| item["id"].as_str().map(str::to_owned)).collect())
    }

    async fn remove_groups(&self, owner: &str) -> Result<(), VimError> {
        let groups = self.get("compute", "/os-server-groups", "server groups").await?;
        let prefix = group_prefix(owner);
        for group in members(&groups, "server_groups") {
            if name_of(&group).is_some_and(|name| name.starts_with(&prefix)) {
                let id = group["id"].as_str().unwrap_or_default();
                let path = format!("/os-server-groups/{id}");
                self.delete("compute", &path, &format!("server group {id}")).await?;
            }
        }
        Ok(())
    }
}
