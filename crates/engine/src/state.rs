//! Everything the engine knows, as one value. No I/O, no clock: records go in, and what follows
//! from them is kept beside them. A copy costs nothing.

use crate::api::{
    Connection, DescriptorRecord, DeviceStatus, IntentRecord, Operation, Revision, Timestamp,
    TransactionRecord, Usage, View, VimStatus,
};
use crate::error::Error;
use crate::records::{Key, Record, StoredIntent, StoredPlan, StoredRequest, StoredTransaction};
use device_config::{Desired, Profile};
use imbl::OrdMap;
use model::descriptor::{self, Catalogue};
use model::topology::Topology;
use model::{DeviceId, IntentName, OperationId, ProfileName, TransactionId, VimId};
use planner::{Books, Network, Pools};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) type Profiles = BTreeMap<ProfileName, Arc<Profile>>;

#[derive(Clone, Debug)]
pub(crate) struct State {
    // As it is stored.
    pub(crate) revision: Revision,
    pub(crate) topology: Arc<Topology>,
    pub(crate) topology_revision: Revision,
    pub(crate) descriptors: OrdMap<String, Arc<DescriptorRecord>>,
    pub(crate) intents: OrdMap<IntentName, Arc<StoredIntent>>,
    /// The target: the plans in force.
    pub(crate) plans: OrdMap<IntentName, Arc<StoredPlan>>,
    pub(crate) operations: OrdMap<OperationId, Arc<Operation>>,
    pub(crate) transactions: OrdMap<TransactionId, Arc<StoredTransaction>>,
    pub(crate) requests: OrdMap<String, Arc<StoredRequest>>,
    // What follows from it.
    pub(crate) open_operations: usize,
    pub(crate) catalogue: Arc<Catalogue>,
    /// The topology as the planner sees it.
    pub(crate) network: Arc<Network>,
    shown: OrdMap<IntentName, Arc<IntentRecord>>,
    shown_transactions: OrdMap<TransactionId, Arc<TransactionRecord>>,
    devices: OrdMap<DeviceId, Arc<DeviceStatus>>,
    vims: OrdMap<VimId, Arc<VimStatus>>,
    // What the driver enters: reservations come before they are stored.
    pub(crate) books: Books,
    /// What each device holds of ours by the plans in force, leaf by leaf.
    pub(crate) desired: OrdMap<DeviceId, Desired>,
    pub(crate) pools: Pools,
}

impl Default for State {
    fn default() -> Self {
        let topology = Topology::default();
        Self {
            revision: 0,
            network: Arc::new(Network::of(&topology)),
            topology: Arc::new(topology),
            topology_revision: 0,
            descriptors: OrdMap::new(),
            intents: OrdMap::new(),
            plans: OrdMap::new(),
            operations: OrdMap::new(),
            transactions: OrdMap::new(),
            requests: OrdMap::new(),
            open_operations: 0,
            catalogue: Arc::default(),
            shown: OrdMap::new(),
            shown_transactions: OrdMap::new(),
            devices: OrdMap::new(),
            vims: OrdMap::new(),
            books: Books::default(),
            desired: OrdMap::new(),
            pools: Pools::default(),
        }
    }
}

impl State {
    /// Takes a record over, at a revision.
    pub(crate) fn put(&mut self, record: Record, revision: Revision) {
        match record {
            Record::Format(_) => {}
            Record::Topology(topology) => self.put_topology(topology, revision),
            Record::Descriptor(mut descriptor) => {
                descriptor.revision = revision;
                self.put_document(&descriptor);
                self.descriptors.insert(descriptor.id.clone(), Arc::new(descriptor));
            }
            Record::Intent(intent) => {
                let name = intent.intent.name.clone();
                self.intents.insert(name.clone(), Arc::from(intent));
                self.show(&name);
            }
            Record::Plan(plan) => {
                let name = plan.plan.intent.clone();
                self.plans.insert(name.clone(), plan);
                self.show(&name);
            }
            Record::Operation(operation) => self.put_operation(operation),
            Record::Transaction(transaction) => {
                let id = transaction.record.id.clone();
                self.shown_transactions.insert(id.clone(), Arc::new(transaction.record.clone()));
                self.transactions.insert(id, Arc::from(transaction));
            }
            Record::Request(request) => {
                self.requests.insert(request.id.clone(), Arc::new(request));
            }
        }
    }

    pub(crate) fn remove(&mut self, key: &Key) {
        match key {
            Key::Format | Key::Topology => {}
            Key::Descriptor(id) => {
                Arc::make_mut(&mut self.catalogue).remove(id);
                self.descriptors.remove(id);
            }
            Key::Intent(name) => {
                self.intents.remove(name);
                self.show(name);
            }
            Key::Plan(name) => {
                self.plans.remove(name);
                self.show(name);
            }
            Key::Operation(id) => {
                let gone = self.operations.remove(id);
                self.open_operations -= usize::from(gone.is_some_and(|o| !o.state.is_done()));
            }
            Key::Transaction(id) => {
                self.transactions.remove(id);
                self.shown_transactions.remove(id);
            }
            Key::Request(id) => drop(self.requests.remove(id)),
        }
    }

    /// An operation, whether or not its progress is stored.
    pub(crate) fn put_operation(&mut self, operation: Operation) {
        let open = usize::from(!operation.state.is_done());
        let before = self.operations.insert(operation.id.clone(), Arc::new(operation));
        let was_open = usize::from(before.is_some_and(|o| !o.state.is_done()));
        self.open_operations = self.open_operations + open - was_open;
    }

    fn put_topology(&mut self, topology: Arc<Topology>, revision: Revision) {
        let known = |id: &DeviceId| self.devices.get(id).cloned();
        self.devices = topology
            .devices
            .keys()
            .map(|id| (id.clone(), known(id).unwrap_or_else(|| Arc::new(unseen_device(id)))))
            .collect();
        let known = |id: &VimId| self.vims.get(id).cloned();
        self.vims = topology
            .vims
            .keys()
            .map(|id| (id.clone(), known(id).unwrap_or_else(|| Arc::new(unseen_vim(id)))))
            .collect();
        self.network = Arc::new(Network::of(&topology));
        self.topology = topology;
        self.topology_revision = revision;
    }

    /// Only the descriptor that the record is about: its file may hold others, which may since
    /// have been replaced.
    fn put_document(&mut self, record: &DescriptorRecord) {
        let parsed = descriptor::parse(&record.id, &record.content);
        let own = parsed.documents.into_iter().find(|document| {
            document.descriptor.id() == record.id && kind(&document.descriptor) == record.kind
        });
        if let Some(document) = own {
            Arc::make_mut(&mut self.catalogue).insert(document);
        }
    }

    fn show(&mut self, name: &IntentName) {
        let Some(stored) = self.intents.get(name) else {
            self.shown.remove(name);
            return;
        };
        let record = self.record_of(stored);
        self.shown.insert(name.clone(), record);
    }

    /// An intent as it is or was, with the plan that is in force now.
    pub(crate) fn record_of(&self, stored: &StoredIntent) -> Arc<IntentRecord> {
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

    /// What each device should hold from now on.
    pub(crate) fn set_desired(&mut self, device: &DeviceId, desired: Desired) {
        if let Some(status) = self.devices.get_mut(device) {
            let owned_leaves = desired.leaf_count() as u64;
            *status = Arc::new(DeviceStatus { owned_leaves, ..status.as_ref().clone() });
        }
        if desired.is_empty() {
            self.desired.remove(device);
        } else {
            self.desired.insert(device.clone(), desired);
        }
    }

    /// Notes what was seen of a device. One that answers without a deviation has no drift.
    pub(crate) fn saw_device(&mut self, id: &DeviceId, connection: Connection, at: Timestamp) {
        let Some(status) = self.devices.get_mut(id) else { return };
        let last_seen = if connection == Connection::Up { Some(at) } else { status.last_seen };
        *status = Arc::new(DeviceStatus { connection, last_seen, ..status.as_ref().clone() });
    }

    pub(crate) fn saw_drift(&mut self, id: &DeviceId, drift: Option<Timestamp>) {
        let Some(status) = self.devices.get_mut(id) else { return };
        let since = drift.map(|now| status.drift.unwrap_or(now));
        *status = Arc::new(DeviceStatus { drift: since, ..status.as_ref().clone() });
    }

    pub(crate) fn saw_vim(&mut self, id: &VimId, connection: Connection, at: Timestamp) {
        let Some(status) = self.vims.get_mut(id) else { return };
        let last_seen = if connection == Connection::Up { Some(at) } else { status.last_seen };
        *status = Arc::new(VimStatus { id: id.clone(), connection, last_seen });
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
        let (links, ports, used) = self.books.totals();
        View {
            revision: self.revision,
            at,
            topology: Arc::clone(&self.topology),
            topology_revision: self.topology_revision,
            descriptors: self.descriptors.clone(),
            intents: self.shown.clone(),
            operations: self.operations.clone(),
            transactions: self.shown_transactions.clone(),
            devices: self.devices.clone(),
            vims: self.vims.clone(),
            usage: Usage { links, ports, vims: used },
        }
    }
}

fn unseen_device(id: &DeviceId) -> DeviceStatus {
    DeviceStatus {
        id: id.clone(),
        connection: Connection::Unknown,
        last_seen: None,
        owned_leaves: 0,
        drift: None,
    }
}

fn unseen_vim(id: &VimId) -> VimStatus {
    VimStatus { id: id.clone(), connection: Connection::Unknown, last_seen: None }
}

pub(crate) fn kind(descriptor: &descriptor::Descriptor) -> crate::api::DescriptorKind {
    match descriptor {
        descriptor::Descriptor::Nsd(_) => crate::api::DescriptorKind::Nsd,
        descriptor::Descriptor::Vnfd(_) => crate::api::DescriptorKind::Vnfd,
    }
}

pub(crate) fn not_found(kind: &str, name: &impl ToString) -> Error {
    Error::NotFound { kind: kind.to_owned(), name: name.to_string() }
}
