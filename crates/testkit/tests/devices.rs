//! The fake devices: the contract, and what only they can do.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use async_trait::async_trait;
use engine::ports::{DeviceError, DeviceTarget, Devices};
use model::TransactionId;
use model::topology::{Device, Protocol};
use std::sync::Arc;
use std::time::Duration;
use testkit::contract::{
    self,
    devices::{DeviceBench, DeviceTrouble, wish},
};
use testkit::{DeviceCall, DeviceFault, DeviceStep, FakeDevices, ManualClock, fixture};
use yang::Tree;

struct Bench {
    devices: FakeDevices,
    clock: ManualClock,
    device: Arc<Device>,
}

impl Bench {
    fn new(protocol: Protocol) -> Self {
        let clock = ManualClock::default();
        let devices = FakeDevices::new(clock.clone());
        let device = Arc::new(fixture::switch("sw1", protocol));
        devices.add(&device, fixture::boot(&device));
        Self { devices, clock, device }
    }

    fn fails(&self, step: DeviceStep, fault: DeviceFault) {
        self.devices.fail_next(&self.device.id, step, fault);
    }
}

#[async_trait]
impl DeviceBench for Bench {
    fn devices(&self) -> Arc<dyn Devices> {
        Arc::new(self.devices.clone())
    }

    fn target(&self) -> DeviceTarget {
        DeviceTarget { device: Arc::clone(&self.device), profile: fixture::openconfig() }
    }

    fn running(&self) -> Tree {
        self.devices.running(&self.device.id)
    }

    fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    async fn trouble(&self, trouble: DeviceTrouble) {
        let device = &self.device.id;
        match trouble {
            DeviceTrouble::Refuses => {
                let (path, reason) = ("/".to_owned(), "out of memory".to_owned());
                self.fails(DeviceStep::Prepare, DeviceFault::Refuse { path, reason });
            }
            DeviceTrouble::AcknowledgesOnly => {
                self.fails(DeviceStep::Commit, DeviceFault::AcknowledgeOnly);
            }
            DeviceTrouble::LosesTheReply => self.fails(DeviceStep::Commit, DeviceFault::LostReply),
            DeviceTrouble::Unreachable => self.devices.disconnect(device),
            DeviceTrouble::LockedByAnother => self.devices.lock(device, "an operator"),
            DeviceTrouble::Unlocked => self.devices.unlock(device),
        }
    }

    async fn restart(&mut self) {
        self.devices.end_sessions();
    }
}

#[tokio::test]
async fn they_keep_the_contract() {
    contract::devices(async |protocol| Bench::new(protocol)).await;
}

fn transaction() -> TransactionId {
    TransactionId::new("t1").unwrap()
}

#[tokio::test]
async fn faults_come_in_order_for_their_step_and_calls_are_recorded() {
    let bench = Bench::new(Protocol::Gnmi);
    let (target, devices) = (bench.target(), bench.devices());
    bench.fails(DeviceStep::Confirm, DeviceFault::Unreachable);
    bench.fails(DeviceStep::Confirm, DeviceFault::Untrusted);
    devices.prepare(&target, &transaction(), &wish(100).change).await.unwrap();
    let answers = [
        devices.confirm(&target, &transaction()).await,
        devices.confirm(&target, &transaction()).await,
        devices.confirm(&target, &transaction()).await,
    ];
    assert!(matches!(answers[0], Err(DeviceError::Unreachable { .. })), "{answers:?}");
    assert!(matches!(answers[1], Err(DeviceError::Untrusted { .. })), "{answers:?}");
    assert_eq!(answers[2], Ok(()));
    let call = |step| DeviceCall {
        device: bench.device.id.clone(),
        step,
        transaction: Some(transaction()),
    };
    let confirm = || call(DeviceStep::Confirm);
    let expected = [call(DeviceStep::Prepare), confirm(), confirm(), confirm()];
    assert_eq!(bench.devices.take_calls(), expected);
    assert_eq!(bench.devices.take_calls(), []);
}

#[tokio::test]
async fn a_device_that_is_away_still_undoes_what_nobody_confirmed() {
    let bench = Bench::new(Protocol::Netconf);
    let (target, devices, boot) = (bench.target(), bench.devices(), bench.running());
    let within = Duration::from_secs(5);
    devices.commit(&target, &transaction(), &wish(100).change, within).await.unwrap();
    bench.devices.disconnect(&bench.device.id);
    bench.clock.advance(within - Duration::from_millis(1));
    assert_ne!(bench.running(), boot);
    bench.clock.advance(Duration::from_millis(1));
    assert_eq!(bench.running(), boot);
    bench.devices.connect(&bench.device.id);
    assert_eq!(devices.read(&target).await.unwrap(), boot);
}

#[tokio::test]
async fn what_somebody_else_changes_is_read() {
    let bench = Bench::new(Protocol::Gnmi);
    let path = "/interfaces/interface[name=ge-0/0/0]/config/description".parse().unwrap();
    bench.devices.edit(&bench.device.id, |tree| tree.set(&path, Some("by hand".to_owned())));
    let read = bench.devices().read(&bench.target()).await.unwrap();
    assert_eq!(read.get(&path), Some("by hand"));
}
