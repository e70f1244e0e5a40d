//! One life of the engine: from its start until it ends, or until everything has come to rest.

use super::chaos::{Chaos, ChaoticDevices, ChaoticStore, ChaoticVims};
use super::{World, invariants, place};
use crate::fixture;
use engine::api::{
    CommitMode, IntentState, Onboard, OperationAction, OperationState, Orchestrator,
    TransactionPhase, View, WriteOptions,
};
use engine::ports::Clock;
use engine::{Engine, Error, Parts, Planning};
use model::IntentName;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// How a life is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With a crash, or when nothing more is asked for.
    Rough,
    /// At rest: everything is looked at, removed, and looked at again.
    Rest,
}

/// Polls without a call of a port after which nothing moves but time.
const STILL: u32 = 40;
/// Simulated time after which something that was to happen never will.
const PATIENCE: Duration = Duration::from_secs(4 * 3600);

pub(super) struct Life<'w> {
    world: &'w mut World,
    chaos: Chaos,
}

/// The engine has ended.
struct Crashed;

impl<'w> Life<'w> {
    pub(super) fn new(world: &'w mut World, chaos: Chaos) -> Self {
        Self { world, chaos }
    }

    pub(super) async fn run(mut self, end: End) -> Result<(), String> {
        let start = Engine::start(self.parts());
        let engine = match self.during(start).await {
            Ok(engine) => engine.map_err(|e| format!("the engine does not start: {e}"))?,
            Err(Crashed) => return Ok(()),
        };
        if self.prepare(&engine).await.is_err() {
            return Ok(());
        }
        match end {
            End::Rough => {
                while self.world.steps_left > 0 {
                    if self.step(&engine).await.is_err() {
                        return Ok(());
                    }
                    self.world.steps_left -= 1;
                }
                Ok(())
            }
            End::Rest => self.come_to_rest(&engine).await,
        }
    }

    fn parts(&self) -> Parts {
        let (profile, chaos) = (fixture::openconfig(), self.chaos.clone());
        let store = ChaoticStore { store: self.world.store.clone(), chaos: chaos.clone() };
        let devices = ChaoticDevices { devices: self.world.devices.clone(), chaos: chaos.clone() };
        Parts {
            store: Arc::new(store),
            devices: Arc::new(devices),
            vims: Arc::new(ChaoticVims { vims: self.world.vims.clone(), chaos }),
            clock: Arc::new(self.world.clock.clone()),
            profiles: BTreeMap::from([(profile.name().clone(), profile)]),
            planning: Planning::Inline,
        }
    }

    /// The topology and the descriptors, where an earlier life did not get that far.
    async fn prepare(&mut self, engine: &Engine) -> Result<(), Crashed> {
        if engine.view().topology.devices.is_empty() {
            let topology = place::topology();
            let _ = self.during(engine.apply_topology(topology, WriteOptions::default())).await?;
        }
        if engine.view().descriptors.is_empty() {
            let onboard = Onboard {
                files: place::descriptors(),
                commit: CommitMode::Commit,
                write: WriteOptions::default(),
            };
            let _ = self.during(engine.onboard(onboard)).await?;
        }
        Ok(())
    }

    /// Something is asked for, or happens; then some time passes.
    async fn step(&mut self, engine: &Engine) -> Result<(), Crashed> {
        let name: IntentName = self.name();
        match self.world.random.below(12) {
            0..=5 => self.apply(engine, &name).await?,
            6..=8 => self.delete(engine, &name).await?,
            9 => {
                let _ = self.during(engine.reconcile()).await?;
            }
            10 => self.unplug(),
            _ => self.lock(),
        }
        let pause = *self.world.random.pick(&[0, 1, 20, 500, 5_000, 400_000]);
        self.pass(Duration::from_millis(pause)).await
    }

    fn name(&mut self) -> IntentName {
        self.world.random.pick(&place::NAMES).parse().expect("a name")
    }

    async fn apply(&mut self, engine: &Engine, name: &IntentName) -> Result<(), Crashed> {
        let intent = place::intent(name.as_str(), &mut self.world.random);
        self.world.expected.asked(name, Some(&intent));
        self.chaos.tell(|| format!("apply {name} {:?}", intent.spec));
        let answer = self.during(engine.apply(intent.clone(), WriteOptions::default())).await?;
        match answer {
            Ok(_) => self.world.expected.taken(name, Some(&intent)),
            Err(_) => self.world.expected.refused(name),
        }
        Ok(())
    }

    async fn delete(&mut self, engine: &Engine, name: &IntentName) -> Result<(), Crashed> {
        self.world.expected.asked(name, None);
        self.chaos.tell(|| format!("delete {name}"));
        match self.during(engine.delete(name.clone(), WriteOptions::default())).await? {
            Ok(_) | Err(Error::NotFound { .. }) => self.world.expected.taken(name, None),
            Err(_) => self.world.expected.refused(name),
        }
        Ok(())
    }

    /// A device goes away, or those that went come back.
    fn unplug(&mut self) {
        let devices: Vec<_> = place::devices().collect();
        if self.world.random.per_mille(500) {
            let device = self.world.random.pick(&devices).clone();
            self.chaos.tell(|| format!("{device} goes away"));
            self.world.devices.disconnect(&device);
        } else {
            devices.iter().for_each(|device| self.world.devices.connect(device));
        }
    }

    /// Somebody takes a device's lock, or gives all back.
    fn lock(&mut self) {
        let devices: Vec<_> = place::devices().collect();
        if self.world.random.per_mille(300) {
            let device = self.world.random.pick(&devices).clone();
            self.chaos.tell(|| format!("somebody locks {device}"));
            self.world.devices.lock(&device, "somebody");
        } else {
            devices.iter().for_each(|device| self.world.devices.unlock(device));
        }
    }

    async fn come_to_rest(&mut self, engine: &Engine) -> Result<(), String> {
        self.quiet(engine).await?;
        let view = engine.view();
        let found = |name: &IntentName| view.intents.get(name).map(|i| i.intent.clone());
        let refused = |name: &IntentName| removal_failed(&view, name);
        if let Some(contradiction) = self.world.expected.contradiction(found, refused) {
            return Err(contradiction);
        }
        invariants::check(&view, &self.world.devices, &self.world.vims)?;
        let in_force = view.intents.values().filter(|i| i.plan.is_some()).count();
        self.world.outcome.in_force = in_force as u64;
        for name in view.intents.keys() {
            let deleted = self.during(engine.delete(name.clone(), WriteOptions::default())).await;
            let deleted = deleted.map_err(|Crashed| "a calm engine ended".to_owned())?;
            deleted.map_err(|e| format!("intent {name} is not taken away: {e}"))?;
        }
        self.quiet(engine).await?;
        let view = engine.view();
        if !view.intents.is_empty() {
            return Err(format!("intents are left: {:?}", view.intents.keys().collect::<Vec<_>>()));
        }
        invariants::check(&view, &self.world.devices, &self.world.vims)
    }

    /// Until nothing is under way. What only waits to be tried again is given its time.
    async fn quiet(&mut self, engine: &Engine) -> Result<(), String> {
        let until =
            self.world.clock.now() + u64::try_from(PATIENCE.as_millis()).unwrap_or(u64::MAX);
        while self.world.clock.now() < until {
            self.pass(Duration::from_secs(30))
                .await
                .map_err(|Crashed| "a calm engine ended".to_owned())?;
            if is_quiet(engine) {
                return Ok(());
            }
        }
        let view = engine.view();
        invariants::check(&view, &self.world.devices, &self.world.vims)?;
        Err("it never comes to rest".to_owned())
    }

    /// Lets simulated time pass.
    async fn pass(&mut self, time: Duration) -> Result<(), Crashed> {
        let clock = self.world.clock.clone();
        self.during(clock.sleep(time)).await
    }

    /// Does something while the engine lives. Time goes on whenever nothing else moves.
    async fn during<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Crashed> {
        tokio::pin!(work);
        let (mut still, mut calls) = (0, self.chaos.calls());
        loop {
            if let std::task::Poll::Ready(done) = futures::poll!(work.as_mut()) {
                return if self.chaos.is_crashed() { Err(Crashed) } else { Ok(done) };
            }
            if self.chaos.is_crashed() {
                return Err(Crashed);
            }
            tokio::task::yield_now().await;
            let now = self.chaos.calls();
            still = if now == calls { still + 1 } else { 0 };
            calls = now;
            if still >= STILL {
                still = 0;
                self.let_time_pass();
            }
        }
    }

    fn let_time_pass(&self) {
        if let Some(next) = self.world.clock.next_wake() {
            self.world.clock.advance_to(next);
        }
    }
}

/// It was to go, and somebody was told that it could not.
fn removal_failed(view: &View, name: &IntentName) -> bool {
    let operation = view.intents.get(name).and_then(|i| i.operation.as_ref());
    operation.and_then(|id| view.operations.get(id)).is_some_and(|operation| {
        operation.action == OperationAction::Delete
            && matches!(operation.state, OperationState::Failed { .. })
    })
}

fn is_quiet(engine: &Engine) -> bool {
    let view = engine.view();
    let over = |phase| matches!(phase, TransactionPhase::Done | TransactionPhase::RolledBack);
    view.operations.values().all(|o| o.state.is_done())
        && view.transactions.values().all(|t| over(t.phase))
        && view.intents.values().all(|i| !matches!(i.state, IntentState::Deploying { .. }))
}
