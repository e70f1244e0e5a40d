//! Taking away what carries an owner, and waiting until it is gone.

use super::named::{OWNER, group_prefix, members, name_of};
use super::{OpenStack, Patience};
use crate::http::VimError;
use crate::workload::Workload;
use serde_json::Value;
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
    /// Removes what carries the workload's owner and is not part of the workload: servers, then
    /// what they used. Everything of the owner goes where the workload is empty.
    ///
    /// # Errors
    /// Where the cloud refuses or does not answer, or something does not go.
    pub async fn prune(&self, keep: &Workload) -> Result<(), VimError> {
        let kept = keep.names();
        let goes = |item: &Value| name_of(item).is_none_or(|name| !kept.contains(name.as_str()));
        self.remove_kind(&SERVERS, &keep.owner, goes).await?;
        self.remove_kind(&VOLUMES, &keep.owner, goes).await?;
        for network in self.networks_of(&keep.owner).await?.into_iter().filter(goes) {
            let id = network["id"].as_str().unwrap_or_default();
            let path = format!("/v2.0/networks/{id}");
            self.delete("network", &path, &format!("network {id}")).await?;
        }
        self.remove_groups(keep).await
    }

    /// A volume is in use until its server is gone, and so is a network.
    async fn remove_kind(
        &self,
        kind: &Kind,
        owner: &str,
        goes: impl Fn(&Value) -> bool + Copy,
    ) -> Result<(), VimError> {
        for id in self.owned(kind, owner, goes).await? {
            let path = format!("{}/{id}", kind.path);
            self.delete(kind.service, &path, &format!("{} {id}", kind.word)).await?;
        }
        let mut patience = Patience::new(DEADLINE);
        loop {
            let left = self.owned(kind, owner, goes).await?;
            let Some(id) = left.first() else { return Ok(()) };
            if !patience.wait().await {
                let object = format!("{} {id}", kind.word);
                let reason = format!("still there after {} s", DEADLINE.as_secs());
                return Err(VimError::NotReady { object, reason });
            }
        }
    }

    async fn owned(
        &self,
        kind: &Kind,
        owner: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Vec<String>, VimError> {
        let all = self.get(kind.service, kind.list, kind.member).await?;
        let all = members(&all, kind.member).into_iter();
        let owned = all.filter(|item| item["metadata"][OWNER] == owner && wanted(item));
        Ok(owned.filter_map(|item| item["id"].as_str().map(str::to_owned)).collect())
    }

    async fn remove_groups(&self, keep: &Workload) -> Result<(), VimError> {
        let kept: Vec<String> =
            keep.groups().map(|group| format!("{}{group}", group_prefix(&keep.owner))).collect();
        let groups = self.get("compute", "/os-server-groups", "server groups").await?;
        let prefix = group_prefix(&keep.owner);
        for group in members(&groups, "server_groups") {
            let goes = |name: String| name.starts_with(&prefix) && !kept.contains(&name);
            if name_of(&group).is_some_and(goes) {
                let id = group["id"].as_str().unwrap_or_default();
                let path = format!("/os-server-groups/{id}");
                self.delete("compute", &path, &format!("server group {id}")).await?;
            }
        }
        Ok(())
    }
}
