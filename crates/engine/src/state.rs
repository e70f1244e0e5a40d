//! Everything the engine knows, as one value. No I/O, no clock: records go in, and what follows
//! from them is kept beside them.

use crate::api::{
    Connection, DescriptorRecord, DeviceStatus, IntentRecord, Operation, Revision, Timestamp,
    TransactionRecord, Usage, View, VimStatus,
};
use crate::error::Error;
use crate::records::{Key, Record, StoredIntent, StoredPlan, StoredRequest};
use device_config::{Change, Desired, Profile, Rendered, fragments};
use imbl::OrdMap;
use model::plan::Plan;
use model::topology::Topology;
use model::{DeviceId, IntentName, OperationId, ProfileName, TransactionId};
use planner::{Books, Pools};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) type Profiles = BTreeMap<ProfileName, Arc<Profile>>;

#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) revision: Revision,
    pub(crate) topology: Arc<Topology>,
    pub(crate) topology_revision: Revision,
    pub(crate) descriptors: OrdMap<String, Arc<DescriptorRecord>>,
    pub(crate) intents: OrdMap<IntentName, Arc<StoredIntent>>,
    pub(crate) plans: OrdMap<IntentName, Arc<StoredPlan>>,
    pub(crate) operations: OrdMap<OperationId, Arc<Operation>>,
    pub(crate) transactions: OrdMap<TransactionId, Arc<TransactionRecord>>,
    pub(crate) requests: OrdMap<String, Arc<StoredRequest>>,
    pub(crate) books: Books,
    /// What each device should hold, leaf by leaf.
    pub(crate) desired: OrdMap<DeviceId, Desired>,
    pub(crate) rendered: OrdMap<(IntentName, DeviceId), Arc<Rendered>>,
    pub(crate) seen: OrdMap<String, Seen>,
    pub(crate) pools: Pools,
}

/// What was last seen of a device or a VIM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) connection: Connection,
    pub(crate) at: Option<Timestamp>,
    pub(crate) drift: Option<Timestamp>,
}

/// What a plan changes on the devices: each change, and the one that undoes it.
pub(crate) type Changes = BTreeMap<DeviceId, DeviceChange>;

#[derive(Clone, Debug)]
pub(crate) struct DeviceChange {
    pub(crate) change: Change,
    pub(crate) undo: Change,
    /// What the intent has there afterwards: to be read back.
    pub(crate) after: Arc<Rendered>,
}

impl State {
    /// Takes a record over, at a revision.
    pub(crate) fn put(&mut self, record: Record, revision: Revision) {
        match record {
            Record::Format(_) => {}
            Record::Topology(topology) => {
                self.topology = Arc::from(topology);
                self.topology_revision = revision;
            }
            Record::Descriptor(mut descriptor) => {
                descriptor.revision = revision;
                self.descriptors.insert(descriptor.id.clone(), Arc::new(descriptor));
            }
            Record::Intent(intent) => {
                self.intents.insert(intent.intent.name.clone(), Arc::from(intent));
            }
            Record::Plan(plan) => {
                self.plans.insert(plan.plan.intent.clone(), Arc::from(plan));
            }
            Record::Operation(operation) => {
                self.operations.insert(operation.id.clone(), Arc::new(operation));
            }
            Record::Transaction(transaction) => {
                self.transactions.insert(transaction.id.clone(), Arc::new(transaction));
            }
            Record::Request(request) => {
                self.requests.insert(request.id.clone(), Arc::new(request));
            }
        }
    }

    pub(crate) fn remove(&mut self, key: &Key) {
        match key {
            Key::Format | Key::Topology => {}
            Key::Descriptor(id) => drop(self.descriptors.remove(id)),
            Key::Intent(name) => drop(self.intents.remove(name)),
            Key::Plan(name) => drop(self.plans.remove(name)),
            Key::Operation(id) => drop(self.operations.remove(id)),
            Key::Transaction(id) => drop(self.transactions.remove(id)),
            Key::Request(id) => drop(self.requests.remove(id)),
        }
    }

    /// Puts one plan in another's place, in the books and in what devices should hold. Nothing is
    /// changed where that is not possible.
    pub(crate) fn replan(
        &mut self,
        intent: &IntentName,
        before: Option<&Plan>,
        after: Option<&Plan>,
        profiles: &Profiles,
    ) -> Result<Changes, Error> {
        let mut next = self.clone();
        if let Some(plan) = before {
            next.books.remove(plan, &self.topology);
        }
        if let Some(plan) = after {
            next.books
                .add(plan, &self.topology)
                .map_err(|e| Error::Bug { detail: format!("a checked plan does not fit: {e}") })?;
        }
        let wanted = self.render(after, profiles)?;
        let changes = next.rewrite(intent, wanted)?;
        *self = next;
        Ok(changes)
    }

    /// What a plan comes to on each device.
    fn render(
        &self,
        plan: Option<&Plan>,
        profiles: &Profiles,
    ) -> Result<BTreeMap<DeviceId, Rendered>, Error> {
        let Some(plan) = plan else { return Ok(BTreeMap::new()) };
        let bug = |detail: String| Error::Bug { detail };
        let by_device = fragments(plan, &self.topology).map_err(|e| bug(e.to_string()))?;
        let mut rendered = BTreeMap::new();
        for (device, fragments) in by_device {
            let profile = self.profile(&device, profiles)?;
            let leaves = profile.render(&fragments).map_err(|e| bug(e.to_string()))?;
            rendered.insert(device, leaves);
        }
        Ok(rendered)
    }

    fn rewrite(
        &mut self,
        intent: &IntentName,
        mut wanted: BTreeMap<DeviceId, Rendered>,
    ) -> Result<Changes, Error> {
        let held: Vec<DeviceId> = self
            .rendered
            .keys()
            .filter(|(owner, _)| owner == intent)
            .map(|(_, device)| device.clone())
            .collect();
        for device in held {
            wanted.entry(device).or_default();
        }
        let mut changes = Changes::new();
        for (device, after) in wanted {
            let key = (intent.clone(), device.clone());
            let before = self.rendered.get(&key).cloned().unwrap_or_default();
            let mut desired = self.desired.get(&device).cloned().unwrap_or_default();
            let conflict = |e: device_config::Conflict| Error::Precondition {
                reason: format!("device {device}: {e}"),
                hint: "remove the other intent or change this one".to_owned(),
            };
            let change = desired.replace(intent, &before, &after).map_err(conflict)?;
            let undo = desired.clone().replace(intent, &after, &before).map_err(conflict)?;
            let after = Arc::new(after);
            if after.nodes.is_empty() {
                self.rendered.remove(&key);
            } else {
                self.rendered.insert(key, Arc::clone(&after));
            }
            self.desired.insert(device.clone(), desired);
            if !change.is_empty() {
                changes.insert(device, DeviceChange { change, undo, after });
            }
        }
        Ok(changes)
    }

    pub(crate) fn profile<'p>(
        &self,
        device: &DeviceId,
        profiles: &'p Profiles,
    ) -> Result<&'p Arc<Profile>, Error> {
        let known = self.topology.devices.get(device);
        let known = known.ok_or_else(|| not_found("device", device))?;
        profiles.get(&known.profile).ok_or_else(|| not_found("profile", &known.profile))
    }

    /// What `request_id` was answered, if it was used before for the same content.
    pub(crate) fn repeated(
        &self,
        id: Option<&str>,
        content: &str,
    ) -> Result<Option<Arc<StoredRequest>>, Error> {
        let Some(known) = id.and_then(|id| self.requests.get(id)) else { return Ok(None) };
        if known.content == content {
            return Ok(Some(Arc::clone(known)));
        }
        Err(Error::RequestReused { request_id: known.id.clone() })
    }

    pub(crate) fn view(&self, at: Timestamp) -> View {
        View {
            revision: self.revision,
            at,
            topology: Arc::clone(&self.topology),
            topology_revision: self.topology_revision,
            descriptors: self.descriptors.clone(),
            intents: self.intents.iter().map(|(name, i)| (name.clone(), self.intent(i))).collect(),
            operations: self.operations.clone(),
            transactions: self.transactions.clone(),
            devices: self.devices(),
            vims: self.vims(),
            usage: Arc::new(self.usage()),
        }
    }

    pub(crate) fn intent(&self, stored: &StoredIntent) -> Arc<IntentRecord> {
        let plan = self.plans.get(&stored.intent.name);
        Arc::new(IntentRecord {
            intent: stored.intent.clone(),
            revision: stored.revision,
            state: stored.state.clone(),
            state_since: stored.since,
            plan: plan.map(|stored| Arc::new(stored.plan.clone())),
            report: plan.map(|stored| Arc::new(stored.report.clone())),
            operation: stored.operation.clone(),
        })
    }

    fn devices(&self) -> OrdMap<DeviceId, Arc<DeviceStatus>> {
        let status = |id: &DeviceId| {
            let seen = self.seen.get(id.as_str());
            let owned = self.desired.get(id).map_or(0, |desired| desired.leaves().count());
            DeviceStatus {
                id: id.clone(),
                connection: seen.map_or(Connection::Unknown, |seen| seen.connection.clone()),
                last_seen: seen.and_then(|seen| seen.at),
                owned_leaves: owned as u64,
                drift: seen.and_then(|seen| seen.drift),
            }
        };
        self.topology.devices.keys().map(|id| (id.clone(), Arc::new(status(id)))).collect()
    }

    fn vims(&self) -> OrdMap<model::VimId, Arc<VimStatus>> {
        let status = |id: &model::VimId| {
            let seen = self.seen.get(id.as_str());
            VimStatus {
                id: id.clone(),
                connection: seen.map_or(Connection::Unknown, |seen| seen.connection.clone()),
                last_seen: seen.and_then(|seen| seen.at),
            }
        };
        self.topology.vims.keys().map(|id| (id.clone(), Arc::new(status(id)))).collect()
    }

    fn usage(&self) -> Usage {
        let port = |used: planner::books::PortUse| used.inwards.max(used.outwards);
        Usage {
            links: self.books.links().map(|(link, used)| (link.clone(), used)).collect(),
            ports: self.books.ports().map(|(at, used)| (at.clone(), port(used))).collect(),
            vims: self.books.vims().map(|(vim, used)| (vim.clone(), used)).collect(),
        }
    }
}

pub(crate) fn not_found(kind: &str, name: &impl ToString) -> Error {
    Error::NotFound { kind: kind.to_owned(), name: name.to_string() }
}
