//! The contract of the port `Devices`.

mod circuit;
mod trouble;
mod two_phases;

use async_trait::async_trait;
use device_config::Change;
use engine::ports::{DeviceError, DeviceTarget, Devices};
use model::TransactionId;
use model::topology::Protocol;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use yang::Tree;

pub use circuit::{Wish, wish};

/// How long a call, or what follows from it on the device, may take.
const DEADLINE: Duration = Duration::from_secs(60);
/// How often a device is looked at while something is awaited.
const LOOK: Duration = Duration::from_millis(20);
/// What a commit is given where it is to be confirmed in the test.
const AMPLE: Duration = Duration::from_secs(600);

/// One device that was started as [`crate::fixture::switch`] with [`crate::fixture::boot`], and
/// the adapter under test in front of it.
#[async_trait]
pub trait DeviceBench: Send + Sync {
    fn devices(&self) -> Arc<dyn Devices>;
    fn target(&self) -> DeviceTarget;
    /// What the device has in force, from the device itself and not through the adapter.
    fn running(&self) -> Tree;
    /// Time goes by for the device. Nothing to do where its time is the real one.
    fn pass(&self, time: Duration);
    /// From now on, or the next time, something is wrong with the device.
    async fn trouble(&self, trouble: DeviceTrouble);
    /// The orchestrator ends and begins again: sessions are gone, the adapter is a new one.
    async fn restart(&mut self);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceTrouble {
    /// The next preparation (`netconf`) or commit (`gnmi`) is refused with "out of memory".
    Refuses,
    /// The next commit is answered `ok` and not done.
    AcknowledgesOnly,
    /// The next commit is done and not answered.
    LosesTheReply,
    /// From now on it is not reached.
    Unreachable,
    /// From now on another session holds the lock of the candidate. For `netconf`.
    LockedByAnother,
    /// The other session gives it back.
    Unlocked,
}

/// Everything the port promises, over both protocols. `make` starts a device anew each time.
pub async fn devices<B: DeviceBench>(make: impl AsyncFn(Protocol) -> B) {
    for protocol in [Protocol::Netconf, Protocol::Gnmi] {
        two_phases::both_protocols(async || make(protocol).await).await;
        trouble::both_protocols(async || make(protocol).await).await;
    }
    two_phases::with_a_candidate(async || make(Protocol::Netconf).await).await;
    trouble::with_a_candidate(async || make(Protocol::Netconf).await).await;
}

/// Short names for the steps of a transaction on the bench's device.
#[async_trait]
trait Steps: DeviceBench {
    async fn read(&self) -> Result<Tree, DeviceError> {
        in_time(self.devices().read(&self.target())).await
    }

    async fn prepare(&self, name: &str, change: &Change) -> Result<(), DeviceError> {
        in_time(self.devices().prepare(&self.target(), &transaction(name), change)).await
    }

    async fn commit(&self, name: &str, change: &Change) -> Result<(), DeviceError> {
        self.commit_for(name, change, AMPLE).await
    }

    async fn commit_for(
        &self,
        name: &str,
        change: &Change,
        confirm_within: Duration,
    ) -> Result<(), DeviceError> {
        let transaction = transaction(name);
        let (devices, target) = (self.devices(), self.target());
        in_time(devices.commit(&target, &transaction, change, confirm_within)).await
    }

    async fn confirm(&self, name: &str) -> Result<(), DeviceError> {
        in_time(self.devices().confirm(&self.target(), &transaction(name))).await
    }

    async fn cancel(&self, name: &str, undo: &Change) -> Result<(), DeviceError> {
        in_time(self.devices().cancel(&self.target(), &transaction(name), undo)).await
    }

    /// A whole transaction that nothing goes wrong with.
    async fn apply(&self, name: &str, change: &Change) {
        assert_eq!(self.prepare(name, change).await, Ok(()));
        assert_eq!(self.commit(name, change).await, Ok(()));
        assert_eq!(self.confirm(name).await, Ok(()));
    }

    /// What is in force is this, or soon will be; and the adapter sees the same.
    async fn comes_to(&self, wanted: &Tree) {
        let arrives = async {
            while self.running() != *wanted {
                sleep(LOOK).await;
            }
        };
        if timeout(DEADLINE, arrives).await.is_err() {
            panic!("the device does not come to it: {:#?}", self.running().diff(wanted));
        }
        let seen = self.read().await.expect("the device can be read");
        assert_eq!(seen, wanted.only(self.target().profile.reads()));
    }
}

impl<B: DeviceBench + ?Sized> Steps for B {}

async fn in_time<T>(call: impl Future<Output = T>) -> T {
    timeout(DEADLINE, call).await.expect("a call has a deadline of its own")
}

fn transaction(name: &str) -> TransactionId {
    TransactionId::new(name).expect("a transaction's name")
}
