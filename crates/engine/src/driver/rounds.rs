//! Group commit for the network: works that wait for the same devices go in one transaction,
//! those on disjoint devices run beside one another.

use super::{Inner, lock};
use crate::error::Error;
use crate::records::{StoredPlan, StoredWork};
use device_config::fragments;
use model::{DeviceId, IntentName, OperationId};
use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Works in one transaction at the most.
const LARGEST: usize = 128;

/// One intent's way from one plan to another.
pub(super) struct Work {
    pub(super) part: StoredWork,
    pub(super) devices: BTreeSet<DeviceId>,
    done: oneshot::Sender<Result<(), Error>>,
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Work {{ {} on {:?} }}", self.part.intent, self.devices)
    }
}

impl Work {
    pub(super) fn new(
        inner: &Inner,
        intent: IntentName,
        operation: OperationId,
        before: Option<Arc<StoredPlan>>,
        after: Option<Arc<StoredPlan>>,
        done: oneshot::Sender<Result<(), Error>>,
    ) -> Result<Self, Error> {
        let part = StoredWork { operation, intent, before, after };
        let devices = devices_of(inner, &part)?;
        Ok(Self { part, devices, done })
    }

    pub(super) fn end(self, result: Result<(), Error>) {
        // Nobody may be waiting any more; the outcome is in the records.
        drop(self.done.send(result));
    }
}

/// Every device that either plan has something on.
fn devices_of(inner: &Inner, part: &StoredWork) -> Result<BTreeSet<DeviceId>, Error> {
    let topology = Arc::clone(&inner.state().topology);
    let mut devices = BTreeSet::new();
    for plan in [&part.before, &part.after].into_iter().flatten() {
        let by_device = fragments(&plan.plan, &topology).map_err(|e| Error::Precondition {
            reason: e.to_string(),
            hint: "delete the intent before what it stands on leaves the topology".to_owned(),
        })?;
        devices.extend(by_device.into_keys());
    }
    Ok(devices)
}

/// What waits, and which devices a transaction has.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    waiting: VecDeque<Work>,
    busy: BTreeSet<DeviceId>,
    running: usize,
}

impl Rounds {
    pub(super) fn is_idle(&self) -> bool {
        self.running == 0
    }

    /// Takes out what can begin now. First come, first served: a work that has to wait keeps later
    /// ones off its devices.
    fn next(&mut self) -> Vec<Group> {
        let mut taken = self.busy.clone();
        let mut groups: Vec<Group> = Vec::new();
        for work in std::mem::take(&mut self.waiting) {
            let size: usize = joined(&groups, &work).map(|group| group.works.len()).sum();
            if taken.is_disjoint(&work.devices) && size < LARGEST {
                join(&mut groups, work);
            } else {
                taken.extend(work.devices.iter().cloned());
                self.waiting.push_back(work);
            }
        }
        for group in &groups {
            self.busy.extend(group.devices.iter().cloned());
        }
        self.running += groups.len();
        groups
    }
}

/// Works that share devices, one through another.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) works: Vec<Work>,
    pub(super) devices: BTreeSet<DeviceId>,
}

fn joined<'g>(groups: &'g [Group], work: &'g Work) -> impl Iterator<Item = &'g Group> {
    groups.iter().filter(|group| !group.devices.is_disjoint(&work.devices))
}

fn join(groups: &mut Vec<Group>, work: Work) {
    let (same, other): (Vec<_>, Vec<_>) =
        groups.drain(..).partition(|group| !group.devices.is_disjoint(&work.devices));
    let mut group = Group::default();
    for part in same {
        group.works.extend(part.works);
        group.devices.extend(part.devices);
    }
    group.devices.extend(work.devices.iter().cloned());
    group.works.push(work);
    *groups = other;
    groups.push(group);
}

/// Devices that nobody else writes meanwhile; they are free again when this is dropped.
pub(super) struct Hold {
    inner: Arc<Inner>,
    devices: BTreeSet<DeviceId>,
}

impl Drop for Hold {
    fn drop(&mut self) {
        {
            let mut rounds = lock(&self.inner.rounds);
            for device in &self.devices {
                rounds.busy.remove(device);
            }
            rounds.running -= 1;
        }
        self.inner.freed.notify_waiters();
        self.inner.dispatch();
    }
}

impl Inner {
    pub(super) fn enqueue(self: &Arc<Self>, work: Work) {
        lock(&self.rounds).waiting.push_back(work);
        self.dispatch();
    }

    /// Begins every round that can begin.
    fn dispatch(self: &Arc<Self>) {
        if self.is_stopping() {
            return;
        }
        let groups = lock(&self.rounds).next();
        for group in groups {
            let hold = Hold { inner: Arc::clone(self), devices: group.devices };
            let inner = Arc::clone(self);
            tokio::spawn(async move {
                inner.carry_out_all(group.works).await;
                drop(hold);
            });
        }
    }

    /// Waits until nobody writes these devices.
    pub(super) async fn hold(self: &Arc<Self>, devices: BTreeSet<DeviceId>) -> Hold {
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            {
                let mut rounds = lock(&self.rounds);
                if rounds.busy.is_disjoint(&devices) {
                    rounds.busy.extend(devices.iter().cloned());
                    rounds.running += 1;
                    return Hold { inner: Arc::clone(self), devices };
                }
            }
            freed.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(intent: &str, devices: &[&str]) -> Work {
        let part = StoredWork {
            operation: OperationId::new(format!("op-{intent}")).unwrap(),
            intent: IntentName::new(intent).unwrap(),
            before: None,
            after: None,
        };
        let devices = devices.iter().map(|id| DeviceId::new(id).unwrap()).collect();
        Work { part, devices, done: oneshot::channel().0 }
    }

    fn rounds(works: impl IntoIterator<Item = Work>) -> Rounds {
        Rounds { waiting: works.into_iter().collect(), ..Rounds::default() }
    }

    fn names(groups: &[Group]) -> Vec<Vec<String>> {
        let names = |group: &Group| group.works.iter().map(|w| w.part.intent.to_string()).collect();
        groups.iter().map(names).collect()
    }

    #[test]
    fn those_that_share_devices_go_together_and_others_beside_them() {
        let mut rounds =
            rounds([work("a", &["1", "2"]), work("b", &["3"]), work("c", &["2", "4"])]);
        assert_eq!(names(&rounds.next()), [vec!["b"], vec!["a", "c"]]);
        assert_eq!(rounds.busy.len(), 4);
    }

    #[test]
    fn one_that_waits_is_not_overtaken() {
        let mut rounds = rounds([work("a", &["1"])]);
        assert_eq!(names(&rounds.next()), [vec!["a"]]);
        rounds.waiting.extend([work("b", &["1", "2"]), work("c", &["2"]), work("d", &["3"])]);
        assert_eq!(names(&rounds.next()), [vec!["d"]]);
        rounds.busy.clear();
        assert_eq!(names(&rounds.next()), [vec!["b", "c"]]);
    }

    #[test]
    fn a_round_has_a_largest_size() {
        let many = (0..LARGEST + 5).map(|i| work(&format!("w{i}"), &["1"]));
        let mut rounds = rounds(many);
        assert_eq!(rounds.next()[0].works.len(), LARGEST);
        assert_eq!(rounds.waiting.len(), 5);
    }
}
