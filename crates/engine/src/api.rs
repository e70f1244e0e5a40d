//! What the engine offers to the outside: the one door. `northbound` translates gRPC to it and
//! knows nothing else of the engine.

use crate::error::Error;
use async_trait::async_trait;
use model::descriptor::Diagnostic;
use model::intent::Intent;
use model::plan::Plan;
use model::topology::Topology;
use model::{
    DeviceId, IntentName, LinkId, Mbps, OperationId, PortRef, Resources, TransactionId, VimId,
};
pub use planner::books::PortUse;
pub use planner::{Decision, PlanReport};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// The store's revision at which something was last written; also the etag of what was written.
pub type Revision = u64;
/// Milliseconds since 1970-01-01T00:00:00Z, as the `Clock` port gave them.
pub type Timestamp = u64;

#[async_trait]
pub trait Orchestrator: Send + Sync + 'static {
    /// Checks the files together with what is onboarded, and onboards all of them or none.
    async fn onboard(&self, request: Onboard) -> Result<Onboarded, Error>;
    /// Refused while an NSD or an intent uses it.
    async fn delete_descriptor(&self, id: String, write: WriteOptions) -> Result<Revision, Error>;
    /// Replaces the topology. Refused where a live plan would lose what it stands on.
    async fn apply_topology(
        &self,
        topology: Topology,
        write: WriteOptions,
    ) -> Result<Revision, Error>;
    /// Durable when it returns; the network follows, and the operation tells how far it is.
    async fn apply(&self, intent: Intent, write: WriteOptions) -> Result<Accepted, Error>;
    async fn delete(&self, intent: IntentName, write: WriteOptions) -> Result<Accepted, Error>;
    /// The plan that `apply` would make now, checked, with what each device would be sent.
    async fn dry_run(&self, intent: Intent) -> Result<DryRun, Error>;
    async fn cancel(&self, operation: OperationId) -> Result<Operation, Error>;
    /// Returns when the operation has ended or the time is up, whichever is first.
    async fn wait(&self, operation: OperationId, at_most: Duration) -> Result<Operation, Error>;
    /// Everything that can be read, at one revision. Cheap: nothing is copied.
    fn view(&self) -> Arc<View>;
    /// Changes after `from`, oldest first, then live. `Error::Compacted` where they are gone.
    async fn watch(&self, from: Revision) -> Result<Watch, Error>;
    /// What the device holds against what it should hold, owned leaves only, read now.
    async fn device_diff(&self, device: DeviceId) -> Result<DeviceDiff, Error>;
    /// Which intents own which leaves of the device, at or below the path.
    async fn blame(&self, device: DeviceId, path: Option<String>) -> Result<Vec<Blame>, Error>;
    /// Reads every device and compares it with the target; repairs as each device's policy says.
    async fn reconcile(&self) -> Result<Operation, Error>;
}

/// A bounded queue of changes; it ends when the reader falls too far behind.
pub type Watch = tokio::sync::mpsc::Receiver<Result<Change, Error>>;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// Same id and same content again: same answer, no second effect. Same id, other content: refused.
    pub request_id: Option<String>,
    /// Only if the thing is still at this revision; `Some(0)`: only if it does not exist.
    pub expected: Option<Revision>,
}

#[derive(Clone, Debug)]
pub struct Onboard {
    pub files: Vec<DescriptorFile>,
    pub commit: CommitMode,
    pub write: WriteOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitMode {
    Commit,
    /// Answer as if, and change nothing.
    ValidateOnly,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescriptorFile {
    pub name: String,
    pub content: String,
}

#[derive(Clone, Debug)]
pub struct Onboarded {
    pub revision: Revision,
    pub descriptors: Vec<DescriptorRecord>,
    /// Warnings; errors come as `Error::Descriptors`.
    pub diagnostics: Vec<Diagnostic>,
}

#[derive(Clone, Debug)]
pub struct Accepted {
    pub operation: OperationId,
    /// Of the intent, after the write.
    pub revision: Revision,
}

#[derive(Clone, Debug)]
pub struct DryRun {
    pub plan: Plan,
    pub report: PlanReport,
    pub devices: Vec<DeviceDiff>,
    /// One line per VIM object that would be created or removed.
    pub vims: Vec<VimChange>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceDiff {
    pub device: DeviceId,
    pub lines: Vec<DiffLine>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct DiffLine {
    pub path: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VimChange {
    pub vim: VimId,
    pub action: VimAction,
    pub object: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VimAction {
    Create,
    Remove,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blame {
    pub path: String,
    pub value: String,
    pub owners: Vec<IntentName>,
}

/// Everything that can be read, at one revision.
#[derive(Clone, Debug, Default)]
pub struct View {
    pub revision: Revision,
    /// What "now" was when the view was made.
    pub at: Timestamp,
    pub topology: Arc<Topology>,
    pub topology_revision: Revision,
    pub descriptors: imbl::OrdMap<String, Arc<DescriptorRecord>>,
    pub intents: imbl::OrdMap<IntentName, Arc<IntentRecord>>,
    pub operations: imbl::OrdMap<OperationId, Arc<Operation>>,
    pub transactions: imbl::OrdMap<TransactionId, Arc<TransactionRecord>>,
    pub devices: imbl::OrdMap<DeviceId, Arc<DeviceStatus>>,
    pub vims: imbl::OrdMap<VimId, Arc<VimStatus>>,
    pub usage: Usage,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct DescriptorRecord {
    pub id: String,
    pub kind: DescriptorKind,
    pub name: String,
    pub version: String,
    /// The file as it was given.
    pub content: String,
    #[serde(default)]
    pub revision: Revision,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DescriptorKind {
    Nsd,
    Vnfd,
}

#[derive(Clone, Debug)]
pub struct IntentRecord {
    pub intent: Intent,
    /// The etag: changes when the intent's own content does.
    pub revision: Revision,
    pub state: IntentState,
    pub state_since: Timestamp,
    /// The plan in force.
    pub plan: Option<Arc<Plan>>,
    pub report: Option<Arc<PlanReport>>,
    pub operation: Option<OperationId>,
}

/// States carry their evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum IntentState {
    /// Durable, no plan yet.
    Accepted,
    /// A checked plan is being carried out.
    Deploying {
        transaction: TransactionId,
    },
    /// Every owned leaf was read back and every VIM object observed, at this time.
    Active {
        observed: Timestamp,
    },
    /// In force, but not whole.
    Degraded {
        reason: String,
    },
    /// Not in force; nothing of it is in the network.
    Failed {
        code: String,
        reason: String,
    },
    Removing {
        transaction: Option<TransactionId>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Operation {
    pub id: OperationId,
    pub intent: Option<IntentName>,
    pub action: OperationAction,
    pub state: OperationState,
    pub started: Timestamp,
    pub updated: Timestamp,
    pub steps_done: u32,
    pub steps_total: u32,
    /// What it is doing, in plain words.
    pub phase: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationAction {
    Apply,
    Delete,
    Reconcile,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum OperationState {
    Running,
    Succeeded,
    Failed { error: Error },
    Cancelled,
}

impl OperationState {
    #[must_use]
    pub fn is_done(&self) -> bool {
        !matches!(self, Self::Running)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TransactionRecord {
    pub id: TransactionId,
    pub intents: Vec<IntentName>,
    pub phase: TransactionPhase,
    pub started: Timestamp,
    pub updated: Timestamp,
    pub participants: Vec<Participant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransactionPhase {
    Preparing,
    /// The decision is durable: from here on only forwards.
    Decided,
    Confirming,
    Done,
    RollingBack,
    RolledBack,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Participant {
    pub name: String,
    pub step: String,
    pub error: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceStatus {
    pub id: DeviceId,
    pub connection: Connection,
    /// When the device last answered.
    pub last_seen: Option<Timestamp>,
    pub owned_leaves: u64,
    /// Owned leaves that were found to differ, and since when; none if they match.
    pub drift: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connection {
    Unknown,
    Up,
    Down { reason: String },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VimStatus {
    pub id: VimId,
    pub connection: Connection,
    pub last_seen: Option<Timestamp>,
}

/// What the live plans use, as the books have it. A copy costs nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub links: imbl::OrdMap<LinkId, Mbps>,
    pub ports: imbl::OrdMap<PortRef, PortUse>,
    pub vims: imbl::OrdMap<VimId, Resources>,
}

/// One thing changed, at one revision.
#[derive(Clone, Debug)]
pub struct Change {
    pub revision: Revision,
    pub kind: ChangeKind,
}

#[derive(Clone, Debug)]
pub enum ChangeKind {
    /// All that was there when the watch began has been sent.
    Synced,
    Intent(Arc<IntentRecord>),
    IntentRemoved(IntentName),
    Operation(Arc<Operation>),
    Descriptor(Arc<DescriptorRecord>),
    DescriptorRemoved(String),
    Topology,
    /// Nothing changed; the revision is still reached. Sent at intervals.
    Heartbeat,
}
