//! The four ports. Nothing else crosses between the engine and the world.

use crate::api::Revision;
use async_trait::async_trait;
use device_config::{Change, Profile};
use model::topology::{Device, Vim};
use model::{Resources, TransactionId};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Keys with revisions: etcd's shape, so that etcd is one implementation of it.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// The revision of the last committed batch.
    async fn revision(&self) -> Result<Revision, StoreError>;
    /// Every key that starts with `prefix`, in order, at one revision.
    async fn range(&self, prefix: &str) -> Result<(Revision, Vec<KeyValue>), StoreError>;
    /// All of the batch or nothing; durable when it returns.
    async fn commit(&self, batch: Batch) -> Result<Revision, StoreError>;
    /// Changes with a revision above `from`, oldest first, then live.
    async fn watch(&self, prefix: &str, from: Revision) -> Result<StoreWatch, StoreError>;
    /// Forgets the history up to `upto`; the current values stay.
    async fn compact(&self, upto: Revision) -> Result<(), StoreError>;
}

pub type StoreWatch = mpsc::Receiver<Result<StoreEvent, StoreError>>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyValue {
    pub key: String,
    pub value: Vec<u8>,
    /// The revision of the batch that last wrote it.
    pub modified: Revision,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreEvent {
    pub revision: Revision,
    pub key: String,
    /// None where the key was deleted.
    pub value: Option<Vec<u8>>,
}

/// A compare-and-append: where every comparison holds, every write happens at one new revision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    pub compares: Vec<Compare>,
    pub writes: Vec<Write>,
}

/// The key was last modified at this revision; 0 for "does not exist".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compare {
    pub key: String,
    pub modified: Revision,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    Put { key: String, value: Vec<u8> },
    Delete { key: String },
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    #[error("key {key} is at revision {current}, not at {expected}")]
    Compare { key: String, expected: Revision, current: Revision },
    #[error("history before revision {oldest} was compacted")]
    Compacted { oldest: Revision },
    #[error("the reader fell behind and was dropped; watch again from revision {last}")]
    SlowReader { last: Revision },
    #[error("another daemon holds the data folder {folder}; stop it or choose another folder")]
    Locked { folder: String },
    #[error("the store failed: {reason}")]
    Failed { reason: String },
}

/// How to reach a device and in which words to speak to it.
#[derive(Clone, Debug)]
pub struct DeviceTarget {
    pub device: Arc<Device>,
    pub profile: Arc<Profile>,
}

/// Switches. Every call has a deadline of its own; every call may be repeated.
#[async_trait]
pub trait Devices: Send + Sync + 'static {
    /// The running configuration, as a tree in the profile's schema.
    async fn read(&self, target: &DeviceTarget) -> Result<yang::Tree, DeviceError>;
    /// Lock, edit, validate (NETCONF), or validate locally and remember (gNMI). Nothing is in force.
    async fn prepare(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
        change: &Change,
    ) -> Result<(), DeviceError>;
    /// Puts the change in force, to be undone by the device itself after `confirm_within` where it
    /// can do that. Repeating it after an unknown outcome is safe.
    async fn commit(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
        change: &Change,
        confirm_within: Duration,
    ) -> Result<(), DeviceError>;
    /// Makes a commit final and releases the lock.
    async fn confirm(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
    ) -> Result<(), DeviceError>;
    /// Undoes a prepare, or a commit that was not confirmed. Safe when there is nothing to undo.
    async fn cancel(
        &self,
        target: &DeviceTarget,
        transaction: &TransactionId,
        undo: &Change,
    ) -> Result<(), DeviceError>;
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// It answered no. Repeating will not help.
    #[error("device {device} refused {path}: {reason}")]
    Refused { device: String, path: String, reason: String },
    /// Somebody else holds the lock; try again.
    #[error("device {device} is locked by {holder}")]
    Locked { device: String, holder: String },
    /// Not reached, nothing happened.
    #[error("device {device} is not reachable: {reason}")]
    Unreachable { device: String, reason: String },
    /// It is not who it should be: host key or certificate.
    #[error("device {device} is not trusted: {reason}")]
    Untrusted { device: String, reason: String },
    /// The request went out and no answer came back: read before you decide.
    #[error("device {device}: the outcome of {step} is unknown: {reason}")]
    OutcomeUnknown { device: String, step: String, reason: String },
    /// It said yes and did not do it (pitfall P-58).
    #[error("device {device} acknowledged but {path} is {found}, not {wanted}")]
    NotApplied { device: String, path: String, wanted: String, found: String },
}

/// Virtual infrastructure managers. `ensure` and `prune` are idempotent.
#[async_trait]
pub trait Vims: Send + Sync + 'static {
    /// Capacity, and what is used by anybody.
    async fn inventory(&self, vim: &Vim) -> Result<VimInventory, VimError>;
    /// Creates what is missing of the workload; returns when all of it runs.
    async fn ensure(&self, vim: &Vim, workload: &Workload) -> Result<(), VimError>;
    /// Removes what carries the workload's owner and is not part of it: everything of the owner
    /// where the workload is empty. Returns when it is gone.
    async fn prune(&self, vim: &Vim, keep: &Workload) -> Result<(), VimError>;
    /// The names of the objects that carry the owner and are in order.
    async fn observe(&self, vim: &Vim, owner: &str) -> Result<Vec<String>, VimError>;
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VimInventory {
    pub capacity: Resources,
    pub used: Resources,
}

/// What one intent wants of one VIM. Names are unique in the domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Workload {
    /// The intent's name; every object carries it.
    pub owner: String,
    pub networks: Vec<WorkloadNetwork>,
    pub servers: Vec<model::plan::PlannedServer>,
}

impl Workload {
    /// Nothing is wanted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.networks.is_empty() && self.servers.is_empty()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct WorkloadNetwork {
    pub name: String,
    /// The provider VLAN where the network leaves the VIM; none where it stays inside.
    pub vlan: Option<model::VlanId>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VimError {
    #[error("VIM {vim} refused {object}: {reason}")]
    Refused { vim: String, object: String, reason: String },
    #[error(
        "VIM {vim} is out of {resource}: {requested} wanted, {used} of {limit} used; creating {object} failed"
    )]
    Quota { vim: String, object: String, resource: String, limit: u64, used: u64, requested: u64 },
    #[error("VIM {vim} is not reachable: {reason}")]
    Unreachable { vim: String, reason: String },
    #[error("VIM {vim}: the outcome of {object} is unknown: {reason}")]
    OutcomeUnknown { vim: String, object: String, reason: String },
}

/// The time, from outside.
#[async_trait]
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> crate::api::Timestamp;
    /// Returns when this much time has passed.
    async fn sleep(&self, duration: Duration);
}
