//! One cloud as a value.

use super::fault::{Faults, VimFault, VimStep};
use engine::ports::{VimError, VimInventory, Workload, WorkloadNetwork};
use model::plan::PlannedServer;
use model::{Resources, VimId};
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub(super) struct Cloud {
    capacity: Resources,
    /// What is used by others.
    pub(super) others: Resources,
    /// By name: two objects of one name are a mistake in the plan.
    objects: BTreeMap<String, Object>,
    pub(super) reachable: bool,
    pub(super) faults: Faults,
    /// Why the next server that is made will not start.
    breaks: Option<String>,
}

#[derive(Clone, Debug)]
struct Object {
    owner: String,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Network,
    Server {
        uses: Resources,
        /// Why it does not run.
        broken: Option<String>,
    },
}

/// Why a call fails; the error of the port without the VIM's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Refused { object: String, reason: String },
    Quota { object: String, resource: &'static str, limit: u64, used: u64, requested: u64 },
    Unreachable,
    OutcomeUnknown { step: VimStep },
}

impl Cloud {
    pub(super) fn new(capacity: Resources) -> Self {
        Self {
            capacity,
            others: Resources::ZERO,
            objects: BTreeMap::new(),
            reachable: true,
            faults: Faults::default(),
            breaks: None,
        }
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.objects.keys().cloned().collect()
    }

    pub(super) fn vanish(&mut self, object: &str) -> bool {
        self.objects.remove(object).is_some()
    }

    pub(super) fn inventory(&self) -> VimInventory {
        VimInventory { capacity: self.capacity, used: self.used() }
    }

    /// Makes what is missing, in order; what is made before something fails stays.
    pub(super) fn ensure(&mut self, workload: &Workload) -> Result<(), Refusal> {
        for network in &workload.networks {
            self.ensure_network(&workload.owner, network)?;
        }
        for server in &workload.servers {
            self.ensure_server(&workload.owner, server)?;
        }
        workload.servers.iter().try_for_each(|server| self.runs(server))
    }

    pub(super) fn prune(&mut self, keep: &Workload) {
        let kept = |name: &String| {
            keep.networks.iter().any(|network| network.name == *name)
                || keep.servers.iter().any(|server| server.name == *name)
        };
        self.objects.retain(|name, object| object.owner != keep.owner || kept(name));
    }

    pub(super) fn observe(&self, owner: &str) -> Vec<String> {
        let fine = |object: &Object| !matches!(object.kind, Kind::Server { broken: Some(_), .. });
        let objects = self.objects.iter().filter(|(_, o)| o.owner == owner && fine(o));
        objects.map(|(name, _)| name.clone()).collect()
    }

    fn ensure_network(&mut self, owner: &str, network: &WorkloadNetwork) -> Result<(), Refusal> {
        let object = format!("network {}", network.name);
        if self.is_there(owner, &network.name, object)? {
            return Ok(());
        }
        let made = Object { owner: owner.to_owned(), kind: Kind::Network };
        self.objects.insert(network.name.clone(), made);
        Ok(())
    }

    fn ensure_server(&mut self, owner: &str, server: &PlannedServer) -> Result<(), Refusal> {
        let object = format!("server {}", server.name);
        if self.is_there(owner, &server.name, object.clone())? {
            return Ok(());
        }
        if let Some(network) = server.networks.iter().find(|name| !self.is_network(name)) {
            let reason = format!("there is no network {network}");
            return Err(Refusal::Refused { object, reason });
        }
        self.fits(server.resources, object)?;
        let kind = Kind::Server { uses: server.resources, broken: self.breaks.take() };
        self.objects.insert(server.name.clone(), Object { owner: owner.to_owned(), kind });
        Ok(())
    }

    /// Whether the owner has it already; another owner's is in the way.
    fn is_there(&self, owner: &str, name: &str, object: String) -> Result<bool, Refusal> {
        match self.objects.get(name) {
            None => Ok(false),
            Some(known) if known.owner == owner => Ok(true),
            Some(known) => {
                let reason = format!("{} has one of that name", known.owner);
                Err(Refusal::Refused { object, reason })
            }
        }
    }

    fn is_network(&self, name: &str) -> bool {
        self.objects.get(name).is_some_and(|object| matches!(object.kind, Kind::Network))
    }

    fn runs(&self, server: &PlannedServer) -> Result<(), Refusal> {
        match self.objects.get(&server.name).map(|object| &object.kind) {
            Some(Kind::Server { broken: Some(reason), .. }) => {
                let object = format!("server {}", server.name);
                Err(Refusal::Refused { object, reason: reason.clone() })
            }
            _ => Ok(()),
        }
    }

    fn used(&self) -> Resources {
        let servers = self.objects.values().filter_map(|object| match object.kind {
            Kind::Server { uses, .. } => Some(uses),
            Kind::Network => None,
        });
        servers.fold(self.others, |sum, uses| sum.checked_add(uses).unwrap_or(sum))
    }

    fn fits(&self, needs: Resources, object: String) -> Result<(), Refusal> {
        let (limits, used) = (self.capacity.as_array(), self.used().as_array());
        let needs = needs.as_array();
        let short = (0..needs.len()).find(|&i| used[i].saturating_add(needs[i]) > limits[i]);
        let Some(i) = short else { return Ok(()) };
        let (limit, used, requested) = (limits[i], used[i], needs[i]);
        Err(Refusal::Quota { object, resource: Resources::DIMENSIONS[i], limit, used, requested })
    }

    /// Does `act`, or what the next fault of this step does in its place.
    pub(super) fn play<R>(
        &mut self,
        step: VimStep,
        act: impl FnOnce(&mut Self) -> Result<R, Refusal>,
    ) -> Result<R, Refusal> {
        if !self.reachable {
            return Err(Refusal::Unreachable);
        }
        match self.faults.take(step) {
            None => act(self),
            Some(VimFault::Refuse { reason }) => {
                let object = format!("{step:?}").to_lowercase();
                Err(Refusal::Refused { object, reason })
            }
            Some(VimFault::Unreachable) => Err(Refusal::Unreachable),
            Some(VimFault::BrokenServer { reason }) => {
                self.breaks = Some(reason);
                act(self)
            }
            Some(VimFault::LostReply) => {
                act(self)?;
                Err(Refusal::OutcomeUnknown { step })
            }
        }
    }
}

impl Refusal {
    pub(super) fn about(self, vim: &VimId) -> VimError {
        let vim = vim.to_string();
        match self {
            Self::Refused { object, reason } => VimError::Refused { vim, object, reason },
            Self::Quota { object, resource, limit, used, requested } => {
                let resource = resource.to_owned();
                VimError::Quota { vim, object, resource, limit, used, requested }
            }
            Self::Unreachable => {
                VimError::Unreachable { vim, reason: "there is no answer".to_owned() }
            }
            Self::OutcomeUnknown { step } => {
                let object = format!("{step:?}").to_lowercase();
                let reason = "the connection broke before the answer".to_owned();
                VimError::OutcomeUnknown { vim, object, reason }
            }
        }
    }
}
