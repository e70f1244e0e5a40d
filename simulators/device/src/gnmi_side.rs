//! The gNMI server's operations on the datastores.

use crate::datastore::{Datastore, Refusal};
use crate::fault::Fault;
use crate::switch::Shared;
use async_trait::async_trait;
use gnmi::ext::{Commit, commit};
use gnmi::server::{SetStep, Target};
use gnmi::wire::get_request::DataType;
use gnmi::{Elem, GnmiPath};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::watch;
use tonic::Status;
use yang::{Kind, Path, SchemaNode, Step, Tree};

/// gNMI has no sessions; what it holds is held by nobody in particular.
const NOBODY: u32 = 0;
const DEFAULT_ROLLBACK_SECONDS: u64 = 600;

#[derive(Debug)]
pub(crate) struct GnmiSide {
    shared: Arc<Shared>,
}

impl GnmiSide {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// The schema's node for a path, wildcards allowed.
    fn pattern(&self, path: &GnmiPath) -> Result<Path, Status> {
        if !matches!(path.origin.as_str(), "" | "openconfig") {
            return Err(Status::unimplemented(format!(
                "origin {}: not on this device",
                path.origin
            )));
        }
        let pattern = Path {
            steps: path
                .elems
                .iter()
                .map(|elem| {
                    Step::with_keys(elem.local_name(), elem.keys.clone().into_iter().collect())
                })
                .collect(),
        };
        let wild = pattern.steps.iter().any(|step| step.name == "*");
        if wild {
            return Ok(pattern);
        }
        let mut node = self.shared.schema.root();
        for step in &pattern.steps {
            let child = node.children.get(&step.name);
            node = child.ok_or_else(|| {
                Status::not_found(format!("{path}: the schema has no {}", step.name))
            })?;
            if let Some((key, _)) = step.keys.iter().find(|(key, _)| !node.keys.contains(key)) {
                return Err(Status::invalid_argument(format!(
                    "{path}: {} has no key {key}",
                    step.name
                )));
            }
        }
        Ok(pattern)
    }

    /// A path that names exactly one node, for writing (G-060).
    fn exact(&self, path: &GnmiPath) -> Result<(Path, &SchemaNode), Status> {
        let exact = self.pattern(path)?;
        let mut node = self.shared.schema.root();
        for (index, step) in exact.steps.iter().enumerate() {
            node =
                node.children.get(&step.name).ok_or_else(|| Status::not_found(path.to_string()))?;
            let last = index + 1 == exact.steps.len();
            if node.kind == Kind::List
                && step.keys.len() != node.keys.len()
                && !(last && step.keys.is_empty())
            {
                let message = format!("{path}: {} needs the keys {:?}", step.name, node.keys);
                return Err(Status::invalid_argument(message));
            }
        }
        Ok((exact, node))
    }

    fn apply(&self, tree: &Tree, steps: &[SetStep]) -> Result<Tree, SetFailure> {
        let mut next = tree.clone();
        for step in steps {
            self.step(&mut next, step).map_err(SetFailure::Status)?;
        }
        self.shared.schema.validate(&next).map_err(|violation| {
            SetFailure::Status(Status::aborted(format!(
                "{}: {}",
                violation.path, violation.message
            )))
        })?;
        Ok(next)
    }

    fn step(&self, tree: &mut Tree, step: &SetStep) -> Result<(), Status> {
        match step {
            SetStep::Delete(path) => {
                let pattern = self.pattern(path)?;
                if pattern.steps.is_empty() {
                    *tree = Tree::new();
                }
                for path in tree.expand(&self.shared.schema, &pattern) {
                    tree.delete(&path);
                }
                Ok(())
            }
            SetStep::Replace(path, value) => {
                let (at, node) = self.exact(path)?;
                if value.as_object().is_some_and(serde_json::Map::is_empty)
                    && node.kind == Kind::List
                {
                    let message = format!("{path}: {{}} is no entry; delete it instead");
                    return Err(Status::invalid_argument(message));
                }
                for old in tree.expand(&self.shared.schema, &at) {
                    tree.delete(&old);
                }
                self.merge(tree, path, &at, node, value)
            }
            SetStep::Update(path, value) => {
                let (at, node) = self.exact(path)?;
                self.merge(tree, path, &at, node, value)
            }
        }
    }

    fn merge(
        &self,
        tree: &mut Tree,
        path: &GnmiPath,
        at: &Path,
        node: &SchemaNode,
        value: &Value,
    ) -> Result<(), Status> {
        if !node.config && !at.steps.is_empty() {
            return Err(Status::invalid_argument(format!(
                "{path}: it is state, and cannot be set"
            )));
        }
        let part = Tree::from_json(&self.shared.schema, at, value)
            .map_err(|e| Status::invalid_argument(e.to_string()))?;
        tree.merge(&part);
        Ok(())
    }

    /// Nothing to set and nothing to confirm: whoever asks only wants to know. No fault plays then.
    fn does_nothing(&self, steps: &[SetStep]) -> bool {
        steps.is_empty() && self.shared.stores().pending().is_none()
    }

    fn write(&self, steps: &[SetStep], commit: Option<&Commit>) -> Result<(), SetFailure> {
        match commit {
            Some(commit) => self.commit(steps, commit),
            None => self.shared.with_stores(|stores| match stores.pending() {
                // G-093: what is undone later would take this with it.
                Some(pending) => {
                    Err(SetFailure::Refused(Refusal::CommitPending { holder: pending.session }))
                }
                None => stores.edit_running(NOBODY, |tree| self.apply(tree, steps)),
            }),
        }
    }

    /// Sets with the commit extension, or deals with a commit that is pending.
    fn commit(&self, steps: &[SetStep], commit: &Commit) -> Result<(), SetFailure> {
        let id = Some(commit.id.as_str());
        self.shared.with_stores(|stores| match &commit.action {
            Some(commit::Action::Commit(request)) => {
                let seconds = request.rollback_duration.as_ref().map(|d| d.seconds);
                let seconds = seconds.and_then(|s| u64::try_from(s).ok());
                let seconds = seconds.unwrap_or(DEFAULT_ROLLBACK_SECONDS);
                let deadline = self.shared.now() + seconds * 1000;
                let edit = |tree: &Tree| self.apply(tree, steps);
                stores.edit_running_confirmed(NOBODY, deadline, commit.id.clone(), edit)
            }
            Some(commit::Action::Confirm(_)) => {
                stores.confirm_pending(NOBODY, id).map(|_| ()).map_err(SetFailure::Refused)
            }
            Some(commit::Action::Cancel(_)) => {
                stores.cancel_commit(NOBODY, id).map(|_| ()).map_err(SetFailure::Refused)
            }
            _ => Err(SetFailure::Status(Status::unimplemented(
                "this commit action is not supported",
            ))),
        })
    }
}

enum SetFailure {
    Refused(Refusal),
    Status(Status),
}

impl From<Refusal> for SetFailure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<SetFailure> for Status {
    fn from(failure: SetFailure) -> Self {
        match failure {
            SetFailure::Status(status) => status,
            SetFailure::Refused(
                refusal @ (Refusal::NothingPending
                | Refusal::WrongPersistId
                | Refusal::InUse { .. }
                | Refusal::CommitPending { .. }),
            ) => Self::failed_precondition(refusal.to_string()),
            SetFailure::Refused(refusal) => Self::aborted(refusal.to_string()),
        }
    }
}

#[async_trait]
impl Target for GnmiSide {
    fn models(&self) -> Vec<(String, String, String)> {
        let model = |m: &yang::ModuleInfo| {
            let organization = m.organization.clone().unwrap_or_default();
            (m.name.clone(), organization, m.revision.clone().unwrap_or_default())
        };
        self.shared.schema.modules().iter().map(model).collect()
    }

    fn authenticate(&self, user: &str, password: &str) -> bool {
        self.shared.users.get(user).is_some_and(|known| known == password)
    }

    fn read(&self, path: &GnmiPath, kind: DataType) -> Result<Vec<(GnmiPath, Value)>, Status> {
        let pattern = self.pattern(path)?;
        let tree = match kind {
            DataType::Config => self.shared.stores().get(Datastore::Running).clone(),
            _ => self.shared.with_state(),
        };
        let found: Vec<_> = tree
            .expand(&self.shared.schema, &pattern)
            .into_iter()
            .filter_map(|at| {
                let value = tree.json_below(&self.shared.schema, &at)?;
                Some((gnmi_path(&at), value))
            })
            .collect();
        if found.is_empty() {
            Err(Status::not_found(format!("{path}: nothing is there")))
        } else {
            Ok(found)
        }
    }

    fn leaves(&self, path: &GnmiPath) -> Result<BTreeMap<GnmiPath, Value>, Status> {
        let pattern = self.pattern(path)?;
        let tree = self.shared.with_state();
        let mut leaves = BTreeMap::new();
        for at in tree.expand(&self.shared.schema, &pattern) {
            for (leaf, value) in tree.below(&at) {
                let node = self.shared.schema.node(leaf);
                if let Some((value, node)) = value.zip(node) {
                    leaves.insert(gnmi_path(leaf), node.json_value(value));
                }
            }
        }
        Ok(leaves)
    }

    async fn set(&self, steps: Vec<SetStep>, commit: Option<Commit>) -> Result<(), Status> {
        let commit = commit.filter(|_| self.shared.confirms.load(Ordering::Relaxed));
        let fault =
            if self.does_nothing(&steps) { None } else { self.shared.faults.take(|_| true) };
        match fault {
            Some(Fault::RefuseEdit(reason)) => return Err(Status::aborted(reason)),
            Some(Fault::AcknowledgeOnly) => return Ok(()),
            Some(Fault::Delay(time)) => tokio::time::sleep(time).await,
            Some(Fault::DropReply) => {
                self.write(&steps, commit.as_ref())?;
                return Err(Status::unavailable("the connection broke"));
            }
            None => {}
        }
        Ok(self.write(&steps, commit.as_ref())?)
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changes()
    }
}

fn gnmi_path(path: &Path) -> GnmiPath {
    let elems = path
        .steps
        .iter()
        .map(|step| Elem { name: step.name.clone(), keys: step.keys.iter().cloned().collect() });
    GnmiPath { origin: String::new(), elems: elems.collect() }
}
