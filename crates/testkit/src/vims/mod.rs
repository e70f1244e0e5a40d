//! The port `Vims` over clouds that are values.

mod cloud;
mod fault;

pub use fault::{VimCall, VimFault, VimStep};

use async_trait::async_trait;
use cloud::{Cloud, Refusal};
use engine::ports::{VimError, VimInventory, Vims, Workload};
use model::topology::Vim;
use model::{Resources, VimId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Clouds with a capacity, which is also the quota.
#[derive(Clone, Debug, Default)]
pub struct FakeVims {
    clouds: Arc<Mutex<Clouds>>,
}

#[derive(Debug, Default)]
struct Clouds {
    by_id: BTreeMap<VimId, Cloud>,
    calls: Vec<VimCall>,
}

impl FakeVims {
    /// No clouds yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A cloud with nothing in it.
    pub fn add(&self, vim: &VimId, capacity: Resources) {
        self.clouds().by_id.insert(vim.clone(), Cloud::new(capacity));
    }

    /// The names of all that is there, whoever owns it and however it is.
    #[must_use]
    pub fn objects(&self, vim: &VimId) -> Vec<String> {
        self.on(vim, |cloud| cloud.names()).unwrap_or_default()
    }

    /// Something goes behind our back; whether it was there.
    pub fn vanish(&self, vim: &VimId, object: &str) -> bool {
        self.on(vim, |cloud| cloud.vanish(object)).unwrap_or_default()
    }

    /// Somebody else uses this much of the capacity from now on.
    pub fn occupy(&self, vim: &VimId, resources: Resources) {
        self.on(vim, |cloud| cloud.others = resources);
    }

    /// The next call of this step goes wrong; several faults of one step are played one after
    /// another.
    pub fn fail_next(&self, vim: &VimId, step: VimStep, fault: VimFault) {
        self.on(vim, |cloud| cloud.faults.push(step, fault));
    }

    /// Forgets the faults that are still to come.
    pub fn clear_faults(&self) {
        self.clouds().by_id.values_mut().for_each(|cloud| cloud.faults.clear());
    }

    /// From now on the cloud is not reached; what is in it stays.
    pub fn disconnect(&self, vim: &VimId) {
        self.on(vim, |cloud| cloud.reachable = false);
    }

    pub fn connect(&self, vim: &VimId) {
        self.on(vim, |cloud| cloud.reachable = true);
    }

    /// The calls so far, in order, those that went wrong included; the list starts anew.
    #[must_use]
    pub fn take_calls(&self) -> Vec<VimCall> {
        std::mem::take(&mut self.clouds().calls)
    }

    fn clouds(&self) -> MutexGuard<'_, Clouds> {
        self.clouds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn on<R>(&self, vim: &VimId, act: impl FnOnce(&mut Cloud) -> R) -> Option<R> {
        self.clouds().by_id.get_mut(vim).map(act)
    }

    fn call<R>(
        &self,
        step: VimStep,
        vim: &Vim,
        owner: Option<&str>,
        act: impl FnOnce(&mut Cloud) -> Result<R, Refusal>,
    ) -> Result<R, VimError> {
        let owner = owner.map(str::to_owned);
        self.clouds().calls.push(VimCall { vim: vim.id.clone(), step, owner });
        let answer = self.on(&vim.id, |cloud| cloud.play(step, act));
        let answer = answer.unwrap_or(Err(Refusal::Unreachable));
        answer.map_err(|refusal| refusal.about(&vim.id))
    }
}

#[async_trait]
impl Vims for FakeVims {
    async fn inventory(&self, vim: &Vim) -> Result<VimInventory, VimError> {
        self.call(VimStep::Inventory, vim, None, |cloud| Ok(cloud.inventory()))
    }

    async fn ensure(&self, vim: &Vim, workload: &Workload) -> Result<(), VimError> {
        let owner = Some(workload.owner.as_str());
        self.call(VimStep::Ensure, vim, owner, |cloud| cloud.ensure(workload))
    }

    async fn prune(&self, vim: &Vim, keep: &Workload) -> Result<(), VimError> {
        let prune = |cloud: &mut Cloud| {
            cloud.prune(keep);
            Ok(())
        };
        self.call(VimStep::Prune, vim, Some(&keep.owner), prune)
    }

    async fn observe(&self, vim: &Vim, owner: &str) -> Result<Vec<String>, VimError> {
        self.call(VimStep::Observe, vim, Some(owner), |cloud| Ok(cloud.observe(owner)))
    }
}
