//! The seeded world: the whole engine over fakes, in which everything follows from one number.
//!
//! A run draws what is asked for, what goes wrong and where the engine ends; then it lets things
//! come to rest and looks whether what must hold does hold. A failure is its seed: the same seed
//! does the same again. Nothing in it waits for real time.

mod chaos;
mod expected;
mod invariants;
mod life;
mod place;
mod random;
mod sabotage;

pub use chaos::Trace;
pub use sabotage::Sabotage;

use crate::clock::ManualClock;
use crate::{FakeDevices, FakeVims, MemoryStore, Unsynced, fixture};
use chaos::{Chaos, Mood};
use expected::Expected;
use life::{End, Life};
use random::Random;
use std::fmt;

/// How much happens in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Things that are asked for or happen.
    pub steps: u64,
    pub sabotage: Option<Sabotage>,
    pub trace: Trace,
}

impl Default for Options {
    fn default() -> Self {
        Self { steps: 12, sabotage: None, trace: Trace::Silent }
    }
}

/// What happened in a run in which everything held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How often the engine ended and began again.
    pub crashes: u64,
    /// Calls of the ports.
    pub calls: u64,
    /// Intents that were in force at the end, before all were removed.
    pub in_force: u64,
}

/// Something did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub seed: u64,
    pub what: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "seed {}: {}; replay with `cargo xtask world --seed {}`",
            self.seed, self.what, self.seed
        )
    }
}

impl std::error::Error for Failure {}

/// One run.
///
/// # Errors
/// Where something that must hold does not.
pub fn run(seed: u64, options: Options) -> Result<Outcome, Failure> {
    let mut world = World::new(seed, options);
    world.play().map_err(|what| Failure { seed, what })
}

/// What goes on through all lives of the engine.
struct World {
    random: Random,
    clock: ManualClock,
    store: MemoryStore,
    devices: FakeDevices,
    vims: FakeVims,
    expected: Expected,
    options: Options,
    steps_left: u64,
    outcome: Outcome,
}

/// Lives in one run at the most, so that it ends.
const LIVES: u64 = 60;

impl World {
    fn new(seed: u64, options: Options) -> Self {
        let clock = ManualClock::at(1_000_000);
        let devices = FakeDevices::new(clock.clone());
        let vims = FakeVims::new();
        for device in place::topology().devices.values() {
            devices.add(device, fixture::boot(device));
        }
        for vim in place::topology().vims.values() {
            vims.add(&vim.id, vim.capacity);
        }
        Self {
            random: Random::new(seed),
            clock,
            store: MemoryStore::new(),
            devices,
            vims,
            expected: Expected::default(),
            options,
            steps_left: options.steps,
            outcome: Outcome::default(),
        }
    }

    fn play(&mut self) -> Result<Outcome, String> {
        while self.steps_left > 0 && self.outcome.crashes < LIVES {
            let mood = self.mood();
            self.live(mood, End::Rough)?;
        }
        for device in place::devices() {
            self.devices.connect(&device);
            self.devices.unlock(&device);
        }
        self.devices.clear_faults();
        self.vims.clear_faults();
        self.live(Mood::CALM, End::Rest)?;
        Ok(self.outcome)
    }

    fn mood(&mut self) -> Mood {
        Mood {
            crash: *self.random.pick(&[0, 2, 10, 30]),
            device_fault: *self.random.pick(&[0, 10, 60]),
            vim_fault: *self.random.pick(&[0, 10, 60]),
            slowest_ms: *self.random.pick(&[0, 5, 500]),
        }
    }

    /// The engine from its start to its end, in a runtime of its own: with it goes whatever it
    /// was waiting for.
    fn live(&mut self, mood: Mood, end: End) -> Result<(), String> {
        let seed = self.random.next();
        let Options { sabotage, trace, .. } = self.options;
        let chaos = Chaos::new(Random::new(seed), mood, self.clock.clone(), sabotage, trace);
        chaos.tell(|| format!("a life begins, {mood:?}"));
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.map_err(|e| format!("no runtime: {e}"))?;
        let lived = runtime.block_on(Life::new(self, chaos.clone()).run(end));
        drop(runtime);
        self.outcome.calls += chaos.calls();
        self.outcome.crashes += u64::from(end == End::Rough);
        self.store = self.store.reopen(Unsynced::Lost);
        self.devices.end_sessions();
        lived
    }
}
