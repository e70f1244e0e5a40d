//! The network transaction: prepared everywhere, put in force to be undone by itself, read back,
//! decided by one durable record, and then made final everywhere (docs/decisions/0005).
//!
//! Before the decision any failure takes back all of it. After it there is only forwards.

use super::at_once::at_once;
use super::operation::{finished, with_state};
use super::rounds::Work;
use super::settle::Way;
use super::{Inner, device, lock};
use crate::api::{IntentState, Participant, TransactionPhase, TransactionRecord};
use crate::config::{DeviceChange, Plans};
use crate::error::Error;
use crate::ports::{DeviceError, Workload};
use crate::records::{Key, Record, StoredTransaction, StoredWork, Writes};
use crate::state::State;
use crate::workload::workloads;
use futures::future::{BoxFuture, FutureExt};
use model::topology::Protocol;
use model::{DeviceId, IntentName, TransactionId, VimId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// A transaction that is under way.
#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) id: TransactionId,
    pub(super) works: Vec<StoredWork>,
    pub(super) changes: BTreeMap<DeviceId, DeviceChange>,
    /// Devices that were not reached at all, so that nothing is to be taken back there.
    pub(super) spared: Mutex<BTreeSet<DeviceId>>,
}

impl Transaction {
    /// The devices that are sent something.
    pub(super) fn changed(&self) -> impl Iterator<Item = (&DeviceId, &DeviceChange)> {
        self.changes.iter().filter(|(_, change)| !change.change.is_empty())
    }
}

/// What stands in the way before the decision.
#[derive(Debug)]
pub(super) struct Trouble {
    culprit: Culprit,
    error: Error,
}

#[derive(Debug)]
enum Culprit {
    Device(DeviceId),
    Vim(VimId),
    Intent(IntentName),
    /// The whole of it, such as a store that fails.
    All,
}

impl Trouble {
    fn of_intent(intent: &IntentName, error: Error) -> Self {
        Self { culprit: Culprit::Intent(intent.clone()), error }
    }

    fn concerns(&self, work: &Work) -> bool {
        match &self.culprit {
            Culprit::Device(device) => work.devices.contains(device),
            Culprit::Vim(vim) => uses_vim(&work.part, vim),
            Culprit::Intent(intent) => work.part.intent == *intent,
            Culprit::All => true,
        }
    }

    /// Whether it is about the content of one work rather than about whom all of them need.
    fn is_refusal(&self) -> bool {
        matches!(self.error, Error::DeviceRefused { .. } | Error::VimRefused { .. })
    }
}

fn uses_vim(part: &StoredWork, vim: &VimId) -> bool {
    let plans = [&part.before, &part.after].into_iter().flatten();
    plans.into_iter().any(|plan| workloads(&plan.plan).contains_key(vim))
}

impl Inner {
    /// Carries out works that came together. One that is refused is cut out, and the others go on
    /// without it.
    pub(super) async fn carry_out_all(self: &Arc<Self>, works: Vec<Work>) {
        let mut groups = vec![works];
        let mut mended = BTreeSet::new();
        while let Some(group) = groups.pop() {
            match self.transact(&group).await {
                Err(trouble) if self.mend_drift(&trouble, &mut mended).await => groups.push(group),
                Ok(()) => group.into_iter().for_each(|work| work.end(Ok(()))),
                Err(trouble) => groups.extend(self.apart(group, &trouble)),
            }
        }
    }

    /// Where a device did not hold what was there before, that is put right, and the works are
    /// tried again: once for each device.
    async fn mend_drift(&self, trouble: &Trouble, mended: &mut BTreeSet<DeviceId>) -> bool {
        let Culprit::Device(device) = &trouble.culprit else { return false };
        trouble.is_refusal()
            && mended.insert(device.clone())
            && self.mend(device).await.unwrap_or(false)
    }

    /// Ends the works that cannot be, and says in which groups the others are tried again.
    fn apart(&self, group: Vec<Work>, trouble: &Trouble) -> Vec<Vec<Work>> {
        let (mut suspects, others): (Vec<_>, Vec<_>) =
            group.into_iter().partition(|work| trouble.concerns(work));
        if suspects.is_empty() || suspects.len() == 1 || !trouble.is_refusal() {
            for work in suspects {
                self.give_up(work, trouble.error.clone());
            }
            return Some(others).into_iter().filter(|group| !group.is_empty()).collect();
        }
        let half = suspects.split_off(suspects.len() / 2);
        [suspects, half, others].into_iter().filter(|group| !group.is_empty()).collect()
    }

    fn give_up(&self, work: Work, error: Error) {
        if !same_plan(&work.part) {
            self.release(work.part.after.as_deref(), work.part.before.as_deref());
        }
        work.end(Err(error));
    }

    async fn transact(self: &Arc<Self>, group: &[Work]) -> Result<(), Trouble> {
        for work in group {
            if self.is_cancelled(&work.part.operation) {
                return Err(Trouble::of_intent(&work.part.intent, Error::Cancelled));
            }
        }
        let works: Vec<StoredWork> = group.iter().map(|work| work.part.clone()).collect();
        let changes = self.draft(&works)?;
        let id = self.journal(works.clone(), &changes).await?;
        let transaction = Transaction { id, works, changes, spared: Mutex::default() };
        if let Err(trouble) = self.attempt(&transaction).await {
            self.settle(self.remains_of(&transaction), Way::Back).await;
            return Err(trouble);
        }
        if let Err(error) = self.decide(&transaction).await {
            self.settle(self.remains_of(&transaction), Way::Back).await;
            return Err(Trouble { culprit: Culprit::All, error });
        }
        self.complete(&transaction).await;
        Ok(())
    }

    /// What the works come to on each device.
    fn draft(&self, works: &[StoredWork]) -> Result<BTreeMap<DeviceId, DeviceChange>, Trouble> {
        let snapshot = self.snapshot();
        let mut plans = Plans::new(&snapshot, &self.parts.profiles);
        for work in works {
            let (before, after) = (work.before.as_ref(), work.after.as_ref());
            plans
                .replace(&work.intent, before.map(|p| &p.plan), after.map(|p| &p.plan))
                .map_err(|error| Trouble::of_intent(&work.intent, error))?;
        }
        Ok(plans.changes())
    }

    /// The journal comes before the first effect.
    async fn journal(
        &self,
        works: Vec<StoredWork>,
        changes: &BTreeMap<DeviceId, DeviceChange>,
    ) -> Result<TransactionId, Trouble> {
        let now = self.now();
        let participants = participants(&works, changes);
        let all = |error| Trouble { culprit: Culprit::All, error };
        let journalled = self.commit(None, move |state, stamp| {
            let id = TransactionId::new(format!("tx-{}", stamp.text()))
                .map_err(|e| Error::Bug { detail: e.to_string() })?;
            let record = TransactionRecord {
                id: id.clone(),
                intents: works.iter().map(|work| work.intent.clone()).collect(),
                phase: TransactionPhase::Preparing,
                started: now,
                updated: now,
                participants,
            };
            let states = works.iter().filter_map(|work| {
                let transaction = id.clone();
                let next = match work.after {
                    Some(_) => IntentState::Deploying { transaction },
                    None => IntentState::Removing { transaction: Some(transaction) },
                };
                with_state(state, &work.intent, next, now)
            });
            let mut writes = Writes::put(states);
            let stored = StoredTransaction { record, works };
            writes.put.push(Record::Transaction(Box::new(stored)));
            Ok((writes, id))
        });
        journalled.await.map(|(_, id)| id).map_err(all)
    }

    /// Everything up to the decision.
    async fn attempt(&self, transaction: &Transaction) -> Result<(), Trouble> {
        self.steps(transaction, 1, "preparing devices and VIMs");
        let (devices, vims) =
            futures::join!(self.prepare(transaction), self.ensure_all(transaction));
        vims.and(devices)?;
        self.not_cancelled(transaction)?;
        self.steps(transaction, 2, "putting it in force");
        for wave in waves(&self.snapshot(), transaction) {
            let commits = wave.iter().filter_map(|device| {
                let change = &transaction.changes.get(device)?.change;
                Some((device, self.commit_device(device, &transaction.id, change).boxed()))
            });
            on_devices(commits.collect()).await?;
        }
        self.steps(transaction, 3, "reading back");
        let all = transaction.changes.iter();
        let reads =
            all.map(|(device, change)| (device, self.verify_device(device, change).boxed()));
        on_devices(reads.collect()).await?;
        self.not_cancelled(transaction)
    }

    async fn prepare(&self, transaction: &Transaction) -> Result<(), Trouble> {
        let prepares = transaction.changed().map(|(device, change)| {
            let prepare = self.prepare_device(device, &transaction.id, &change.change);
            let spare = move |result: &Result<(), DeviceError>| {
                use DeviceError::{Unreachable, Untrusted};
                if matches!(result, Err(Unreachable { .. } | Untrusted { .. })) {
                    lock(&transaction.spared).insert(device.clone());
                }
            };
            (device, prepare.inspect(spare).boxed())
        });
        on_devices(prepares.collect()).await
    }

    async fn ensure_all(&self, transaction: &Transaction) -> Result<(), Trouble> {
        let plans = transaction.works.iter().filter_map(|work| work.after.as_ref());
        let all = plans.flat_map(|plan| workloads(&plan.plan));
        let steps = all.map(|(vim, workload)| self.ensure_one(vim, workload).boxed());
        at_once(steps.collect()).await.into_iter().collect()
    }

    async fn ensure_one(&self, vim: VimId, workload: Workload) -> Result<(), Trouble> {
        let result = self.ensure_workload(&vim, &workload).await;
        let culprit = match IntentName::new(&workload.owner) {
            Ok(intent) if is_own(&result) => Culprit::Intent(intent),
            _ => Culprit::Vim(vim),
        };
        result.map_err(|error| Trouble { culprit, error })
    }

    fn not_cancelled(&self, transaction: &Transaction) -> Result<(), Trouble> {
        let cancelled = |work: &&StoredWork| self.is_cancelled(&work.operation);
        match transaction.works.iter().find(cancelled) {
            Some(work) => Err(Trouble::of_intent(&work.intent, Error::Cancelled)),
            None => Ok(()),
        }
    }

    /// The decision: one durable record. With it the plans are the target.
    async fn decide(&self, transaction: &Transaction) -> Result<(), Error> {
        let now = self.now();
        let id = transaction.id.clone();
        let works = transaction.works.clone();
        self.commit(None, move |state, _| {
            let mut writes = phase(state, &id, TransactionPhase::Decided, now)?;
            for work in &works {
                match &work.after {
                    Some(plan) => writes.put.push(Record::Plan(Arc::clone(plan))),
                    None => writes.delete.push(Key::Plan(work.intent.clone())),
                }
            }
            Ok((writes, ()))
        })
        .await?;
        self.enter_target(transaction);
        Ok(())
    }

    /// The books and the devices' desired leaves follow the plans.
    fn enter_target(&self, transaction: &Transaction) {
        let mut state = self.state();
        let topology = Arc::clone(&state.topology);
        for work in transaction.works.iter().filter(|work| !same_plan(work)) {
            let (before, after) = (work.before.as_ref(), work.after.as_ref());
            let (before, after) = (before.map(|p| &p.plan), after.map(|p| &p.plan));
            if let Err(error) = state.books.settle(before, after, &topology) {
                tracing::error!(intent = %work.intent, %error, "a decided plan is not in the books");
            }
        }
        for (device, change) in &transaction.changes {
            state.set_desired(device, change.desired.clone());
        }
    }

    /// Makes it final everywhere. Who cannot be reached is caught up later; the intents say so.
    async fn complete(self: &Arc<Self>, transaction: &Transaction) {
        self.steps(transaction, 4, "confirming");
        let behind = self.finish_all(transaction).await;
        if let Err(error) = self.record_end(transaction, &behind).await {
            tracing::error!(transaction = %transaction.id, %error, "the end was not recorded");
        }
        if !behind.is_empty() {
            let (inner, remains) = (Arc::clone(self), self.remains_of(transaction));
            let devices = transaction.changed().map(|(device, _)| device.clone()).collect();
            tokio::spawn(async move { inner.settle_later(remains, Way::Forward, devices).await });
        }
    }

    /// Confirms devices and removes from VIMs what is no longer wanted; gives back who is behind.
    async fn finish_all(&self, transaction: &Transaction) -> Behind {
        let confirms = transaction.changed().map(|(device, _)| {
            let confirm = self.confirm_device(device, &transaction.id);
            confirm.map(move |result| behind(device, result)).boxed()
        });
        let prunes = self.prune_all(kept(&transaction.works));
        let (devices, vims) = futures::join!(at_once(confirms.collect()), prunes);
        devices.into_iter().flatten().chain(vims).collect()
    }

    /// Leaves each VIM with what it is to keep; gives back who is behind.
    async fn prune_all(&self, kept: Vec<(VimId, Workload)>) -> Behind {
        let prunes = kept.iter().map(|(vim, keep)| {
            let prune = self.prune_workload(vim, keep);
            prune.map(move |result| behind(vim, result)).boxed()
        });
        at_once(prunes.collect()).await.into_iter().flatten().collect()
    }

    /// The operations end here; the transaction does, where nobody is behind.
    async fn record_end(&self, transaction: &Transaction, behind: &Behind) -> Result<(), Error> {
        let now = self.now();
        let id = transaction.id.clone();
        let works = transaction.works.clone();
        let reason = behind_text(behind);
        self.commit(None, move |state, _| {
            let mut writes = match &reason {
                None => phase(state, &id, TransactionPhase::Done, now)?,
                Some(_) => phase(state, &id, TransactionPhase::Confirming, now)?,
            };
            for work in &works {
                let next = match &reason {
                    None => IntentState::Active { observed: now },
                    Some(reason) => IntentState::Degraded { reason: reason.clone() },
                };
                let in_force = work.after.is_some().then_some(next);
                let more = finished(state, &work.intent, &work.operation, in_force, now);
                writes.put.extend(more.put);
                writes.delete.extend(more.delete);
            }
            Ok((writes, ()))
        })
        .await
        .map(|_| ())
    }

    fn steps(&self, transaction: &Transaction, done: u32, phase: &str) {
        for work in &transaction.works {
            self.progress(&work.operation, done, phase);
        }
    }
}

/// One step on each of several devices.
async fn on_devices(
    steps: Vec<(&DeviceId, BoxFuture<'_, Result<(), DeviceError>>)>,
) -> Result<(), Trouble> {
    let steps = steps.into_iter().map(|(device, step)| step.map(move |r| (device, r)).boxed());
    for (device, result) in at_once(steps.collect()).await {
        result.map_err(|error| Trouble {
            culprit: Culprit::Device(device.clone()),
            error: device::error_of(error),
        })?;
    }
    Ok(())
}

/// Devices and VIMs that do not have the end of a decided transaction yet, each with the reason.
pub(super) type Behind = Vec<(String, String)>;

pub(super) fn behind<E: ToString>(
    who: &impl ToString,
    result: Result<(), E>,
) -> Option<(String, String)> {
    result.err().map(|error| (who.to_string(), error.to_string()))
}

fn behind_text(behind: &Behind) -> Option<String> {
    let (_, first) = behind.first()?;
    Some(match behind.len() {
        1 => format!("{first}; it is caught up when it answers"),
        n => format!("{first} (and {} more); they are caught up when they answer", n - 1),
    })
}

/// Whether a failure of a VIM is about what was asked of it.
fn is_own(result: &Result<(), Error>) -> bool {
    matches!(result, Err(Error::VimRefused { .. }))
}

pub(super) fn same_plan(part: &StoredWork) -> bool {
    part.before.is_some() && part.before == part.after
}

/// A transaction's record in another phase; its works go when it has ended.
pub(super) fn phase(
    state: &State,
    id: &TransactionId,
    phase: TransactionPhase,
    now: u64,
) -> Result<Writes, Error> {
    let known = state.transactions.get(id);
    let known = known.ok_or_else(|| crate::state::not_found("transaction", id))?;
    let mut stored = known.as_ref().clone();
    stored.record.phase = phase;
    stored.record.updated = now;
    let step = match phase {
        TransactionPhase::Preparing => "prepare",
        TransactionPhase::Decided | TransactionPhase::Confirming => "confirm",
        TransactionPhase::Done => "done",
        TransactionPhase::RollingBack => "undo",
        TransactionPhase::RolledBack => "undone",
    };
    for participant in &mut stored.record.participants {
        step.clone_into(&mut participant.step);
    }
    if matches!(phase, TransactionPhase::Done | TransactionPhase::RolledBack) {
        stored.works.clear();
    }
    Ok(Writes::put([Record::Transaction(Box::new(stored))]))
}

fn participants(
    works: &[StoredWork],
    changes: &BTreeMap<DeviceId, DeviceChange>,
) -> Vec<Participant> {
    let plans = works.iter().flat_map(|work| [&work.before, &work.after]).flatten();
    let vims: BTreeSet<String> = plans
        .flat_map(|plan| workloads(&plan.plan).into_keys())
        .map(|vim| vim.to_string())
        .collect();
    let names = changes.keys().map(ToString::to_string).chain(vims);
    names.map(|name| Participant { name, step: "prepare".to_owned(), error: None }).collect()
}

/// What each VIM of the works is to keep for each intent, where something of it has to go.
fn kept(works: &[StoredWork]) -> Vec<(VimId, Workload)> {
    let mut all = Vec::new();
    for work in works.iter().filter(|work| !same_plan(work)) {
        let before = work.before.as_ref().map(|plan| workloads(&plan.plan)).unwrap_or_default();
        let mut after = work.after.as_ref().map(|plan| workloads(&plan.plan)).unwrap_or_default();
        for vim in before.into_keys() {
            let nothing = Workload { owner: work.intent.to_string(), ..Workload::default() };
            let keep = after.remove(&vim).unwrap_or(nothing);
            all.push((vim, keep));
        }
    }
    all
}

/// Devices in the order in which they are put in force: transit before ends, so that traffic
/// enters only a path that is ready, and the other way round to remove. Those that cannot prepare
/// come last.
fn waves(state: &State, transaction: &Transaction) -> Vec<Vec<DeviceId>> {
    let removes_only = transaction.works.iter().all(|work| work.after.is_none());
    let plans = transaction.works.iter().flat_map(|work| [&work.before, &work.after]).flatten();
    let ends: BTreeSet<&DeviceId> = plans
        .flat_map(|plan| plan.plan.circuits())
        .flat_map(|(_, circuit)| [&circuit.a.port.device, &circuit.z.port.device])
        .collect();
    let mut waves = vec![Vec::new(); 4];
    for (device, _) in transaction.changed() {
        let prepares = state
            .topology
            .devices
            .get(device)
            .is_some_and(|known| known.management.protocol == Protocol::Netconf);
        let late = usize::from(ends.contains(device) != removes_only);
        waves[late + if prepares { 0 } else { 2 }].push(device.clone());
    }
    waves
}
