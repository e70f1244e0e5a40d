//! An engine over fakes: a line of three switches, the middle one over gNMI, and a VIM at an end.

#![allow(dead_code, clippy::unwrap_used, reason = "for tests; each file uses its own part")]

use engine::api::{Accepted, IntentState, Operation, OperationState, Orchestrator, WriteOptions};
use engine::{Engine, Error, Parts};
use model::intent::{ConnectivitySpec, Intent, IntentSpec, SapBinding, Slo};
use model::topology::{Interface, InterfaceRole, Link, Pop, Protocol, Topology};
use model::{DeviceId, IntentName, InterfaceName, LinkId, Mbps, Micros, PopId, PortRef};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use testkit::{FakeDevices, FakeVims, ManualClock, MemoryStore, Unsynced, fixture};

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct World {
    pub(crate) store: MemoryStore,
    pub(crate) devices: FakeDevices,
    pub(crate) vims: FakeVims,
    pub(crate) clock: ManualClock,
    pub(crate) engine: Engine,
    process: Process,
}

/// The engine runs in a runtime of its own, so that a crash stops it at whatever it waits for.
struct Process(Option<tokio::runtime::Runtime>);

impl Process {
    fn new() -> Self {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        Self(Some(builder.worker_threads(1).enable_all().build().unwrap()))
    }

    async fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        self.0.as_ref().unwrap().spawn(work).await.unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl World {
    /// Booted, and its topology known.
    pub(crate) async fn start() -> Self {
        let clock = ManualClock::default();
        let devices = FakeDevices::new(clock.clone());
        for device in topology().devices.values() {
            devices.add(device, fixture::boot(device));
        }
        let (store, vims) = (MemoryStore::new(), FakeVims::new());
        let process = Process::new();
        let engine = process.run(engine(parts(&store, &devices, &vims, &clock))).await;
        engine.apply_topology(topology(), WriteOptions::default()).await.unwrap();
        Self { store, devices, vims, clock, engine, process }
    }

    /// As if the process had been killed: what was not durable is gone, sessions are too.
    pub(crate) async fn crash(self) -> Self {
        let Self { store, devices, vims, clock, engine: old, process } = self;
        drop(process);
        drop(old);
        let store = store.reopen(Unsynced::Lost);
        devices.end_sessions();
        let process = Process::new();
        let engine = process.run(engine(parts(&store, &devices, &vims, &clock))).await;
        Self { store, devices, vims, clock, engine, process }
    }

    pub(crate) async fn apply(&self, intent: Intent) -> Operation {
        let accepted = self.accept(intent, WriteOptions::default()).await.unwrap();
        self.ended(accepted.operation).await
    }

    pub(crate) async fn accept(
        &self,
        intent: Intent,
        write: WriteOptions,
    ) -> Result<Accepted, Error> {
        let engine = self.engine.clone();
        self.process.run(async move { engine.apply(intent, write).await }).await
    }

    pub(crate) async fn delete(&self, name: &str) -> Operation {
        let name = IntentName::new(name).unwrap();
        let engine = self.engine.clone();
        let delete = async move { engine.delete(name, WriteOptions::default()).await };
        let accepted = self.process.run(delete).await.unwrap();
        self.ended(accepted.operation).await
    }

    pub(crate) async fn ended(&self, id: model::OperationId) -> Operation {
        let find = |world: &Self| world.engine.view().operations.get(&id).cloned();
        let done = |world: &Self| find(world).is_some_and(|operation| operation.state.is_done());
        self.until("the operation has ended", done).await;
        find(self).unwrap().as_ref().clone()
    }

    pub(crate) fn state(&self, name: &str) -> Option<IntentState> {
        let name = IntentName::new(name).unwrap();
        self.engine.view().intents.get(&name).map(|record| record.state.clone())
    }

    /// Every device as text.
    pub(crate) fn running(&self) -> BTreeMap<DeviceId, String> {
        let schema = fixture::openconfig();
        let text = |id: &DeviceId| self.devices.running(id).to_json(schema.schema()).to_string();
        topology().devices.keys().map(|id| (id.clone(), text(id))).collect()
    }

    /// Waits until something holds.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let wait = async {
            while !holds(self) {
                tokio::task::yield_now().await;
                tokio::time::sleep(Duration::from_millis(5)).await;
                self.clock.advance(Duration::from_millis(50));
            }
        };
        assert!(tokio::time::timeout(PATIENCE, wait).await.is_ok(), "never: {what}");
    }
}

async fn engine(parts: Parts) -> Engine {
    Engine::start(parts).await.unwrap()
}

fn parts(
    store: &MemoryStore,
    devices: &FakeDevices,
    vims: &FakeVims,
    clock: &ManualClock,
) -> Parts {
    let profile = fixture::openconfig();
    Parts {
        store: Arc::new(store.clone()),
        devices: Arc::new(devices.clone()),
        vims: Arc::new(vims.clone()),
        clock: Arc::new(clock.clone()),
        profiles: BTreeMap::from([(profile.name().clone(), profile)]),
        planning: engine::Planning::default(),
    }
}

/// `a` and `c` over NETCONF, `b` between them over gNMI.
pub(crate) fn topology() -> Topology {
    let mut topology = Topology::default();
    for (name, protocol) in
        [("a", Protocol::Netconf), ("b", Protocol::Gnmi), ("c", Protocol::Netconf)]
    {
        let mut device = fixture::switch(name, protocol);
        let second = InterfaceName::new("et-0/2/1").unwrap();
        let port = Interface { role: InterfaceRole::Core, capacity: Mbps(10_000), address: None };
        device.interfaces.insert(second, port);
        topology.devices.insert(device.id.clone(), device);
    }
    let pop = PopId::new("pop").unwrap();
    let here =
        Pop { id: pop.clone(), city: String::new(), latitude: 0.0, longitude: 0.0, zone: None };
    topology.pops.insert(pop, here);
    for (from, to) in [(("a", 0), ("b", 0)), (("b", 1), ("c", 0))] {
        for (from, to) in [(from, to), (to, from)] {
            let id = LinkId::new(format!("{}-{}", from.0, to.0)).unwrap();
            let end = |(device, port): (&str, u8)| self::port(device, &format!("et-0/2/{port}"));
            let link = Link {
                id: id.clone(),
                from: end(from),
                to: end(to),
                capacity: Mbps(10_000),
                latency: Micros(1000),
                te_metric: 1,
                admin_groups: 0,
                srlgs: BTreeSet::new(),
            };
            topology.links.insert(id, link);
        }
    }
    topology
}

pub(crate) fn switch(name: &str) -> model::topology::Device {
    topology().devices[&DeviceId::new(name).unwrap()].clone()
}

pub(crate) fn port(device: &str, interface: &str) -> PortRef {
    PortRef {
        device: DeviceId::new(device).unwrap(),
        interface: InterfaceName::new(interface).unwrap(),
    }
}

/// From one end of the line to the other.
pub(crate) fn connection(name: &str, mbps: u64) -> Intent {
    let end = |device| SapBinding { port: port(device, "ge-0/0/0"), vlan: None };
    Intent {
        name: IntentName::new(name).unwrap(),
        priority: 0,
        labels: BTreeMap::new(),
        spec: IntentSpec::Connectivity(ConnectivitySpec {
            pattern: model::intent::ConnectivityPattern::PointToPoint,
            endpoints: vec![end("a"), end("c")],
            slo: Slo { bandwidth: Mbps(mbps), latency: None },
        }),
    }
}

pub(crate) fn failure(operation: &Operation) -> &Error {
    match &operation.state {
        OperationState::Failed { error } => error,
        other => panic!("it did not fail: {other:?}"),
    }
}
