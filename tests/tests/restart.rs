//! The daemon ends in the middle of an apply, in good order or not, and starts again on the same
//! data folder: the service is there in the end, frames arrive, and a delete leaves nothing.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use lab::daemon::{Daemon, DaemonError, Start};
use model::DeviceId;
use netconf::{Client, Credentials, Deadlines, HostKeyPolicy, Target};
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeMap;
use std::time::Duration;
use tests::stage::{Seen, Stage, example};
use tokio::time::{interval, timeout};

const SERVICE: &str = "mobile-brussels";
/// The device that keeps the transaction waiting, and for how long each time: first to put the
/// configuration in force, then to make it final.
const SLOW: &str = "bru1";
const DELAYS: [&str; 2] = ["delay=2s", "delay=2s"];
const COMES_WITHIN: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(5);

type Configurations = BTreeMap<DeviceId, String>;

/// How far an apply has come, as switches and VIMs show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// The apply was acknowledged, and nothing more is known.
    Accepted,
    /// A VIM runs servers of it; the slow device has nothing yet.
    Servers,
    /// A device has its part in force; the slow one has nothing yet.
    SomeDevices,
    /// Every device has its part in force; the slow one has not been told that it is final.
    EveryDevice,
}

impl Moment {
    /// The devices that the service has its part on.
    const DEVICES: [&str; 4] = ["ams1", "bru1", "fra1", "par1"];

    fn is(self, stage: &Stage, boot: &Configurations) -> bool {
        let now = stage.lab.configurations();
        let has = |device: &str| now.get(device) != boot.get(device);
        match self {
            Self::Accepted => true,
            Self::Servers => !has(SLOW) && !stage.lab.vim_use().is_empty(),
            Self::SomeDevices => !has(SLOW) && Self::DEVICES.into_iter().any(has),
            Self::EveryDevice => Self::DEVICES.into_iter().all(has),
        }
    }

    async fn comes(self, stage: &Stage, boot: &Configurations) {
        let mut look = interval(LOOK_EVERY);
        let come = async {
            while !self.is(stage, boot) {
                look.tick().await;
            }
        };
        timeout(COMES_WITHIN, come).await.unwrap_or_else(|_| panic!("{self:?} did not come"));
    }
}

/// How the daemon ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Terminated,
    Killed,
}

impl End {
    async fn of(self, mut daemon: Daemon) {
        match self {
            Self::Terminated => daemon.stop().await.unwrap(),
            Self::Killed => {
                let pid = daemon.pid().and_then(|pid| Pid::from_raw(pid.try_into().unwrap()));
                kill_process(pid.unwrap(), Signal::KILL).unwrap();
                let ended = timeout(COMES_WITHIN, daemon.ended()).await.unwrap().unwrap();
                assert!(!ended.success(), "{ended}");
            }
        }
    }
}

/// Applies the service without waiting; the id of the operation.
async fn accepted(stage: &Stage) -> String {
    for delay in DELAYS {
        stage.lab.devices()[SLOW].faults().push(delay.parse().unwrap());
    }
    let file = example("service").display().to_string();
    let said = stage.wayleave(&["apply", &file]).await;
    assert_eq!(said.exit, Some(0), "{said:#?}");
    let id = said.out.split_whitespace().find(|word| word.starts_with("op-"));
    id.unwrap_or_else(|| panic!("{said:#?}")).to_owned()
}

async fn state(stage: &Stage, kind: &str, name: &str) -> serde_json::Value {
    let listed = stage.json(&["get", kind, name]).await;
    let one = listed.get(0).unwrap_or(&listed);
    one.get("status").unwrap_or(one)["state"].clone()
}

/// Ends the daemon at a moment of an apply, starts it again, and sees that all comes to its end.
async fn interrupted(stage: &mut Stage, moment: Moment, end: End) {
    let boot = stage.seen().await;
    let operation = accepted(stage).await;
    moment.comes(stage, &boot.configurations).await;
    assert_eq!(state(stage, "operations", &operation).await, "RUNNING", "{moment:?}");
    end.of(stage.take_daemon()).await;
    stage.start_again().await.unwrap();
    let said = stage.wayleave(&["operation", "wait", &operation]).await;
    assert_eq!(said.exit, Some(0), "{moment:?}, {end:?}: {said:#?}");
    assert_eq!(state(stage, "services", SERVICE).await, "ACTIVE", "{moment:?}, {end:?}");
    let trace = stage.trace(SERVICE).await;
    assert_eq!(trace.exit, Some(0), "{moment:?}, {end:?}: {trace:#?}");
    deleted(stage, &boot).await;
}

/// Nothing is left of it anywhere.
async fn deleted(stage: &Stage, boot: &Seen) {
    let service = format!("service/{SERVICE}");
    let said = stage.wayleave(&["delete", "--wait", &service]).await;
    assert_eq!(said.exit, Some(0), "{said:#?}");
    assert_eq!(stage.seen().await, *boot);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clean_stop_in_the_middle_of_an_apply() {
    let mut stage = Stage::start().await;
    stage.onboard().await;
    for moment in [Moment::SomeDevices, Moment::EveryDevice] {
        interrupted(&mut stage, moment, End::Terminated).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_several_moments_of_an_apply() {
    let mut stage = Stage::start().await;
    stage.onboard().await;
    let moments = [Moment::Accepted, Moment::Servers, Moment::SomeDevices, Moment::EveryDevice];
    for moment in moments {
        interrupted(&mut stage, moment, End::Killed).await;
    }
}

/// Somebody else's session with a device, as the daemon's user.
async fn somebody(stage: &Stage, device: &str) -> Client {
    let device = &stage.lab.devices()[device];
    let secret = std::fs::read_to_string(stage.lab.folder().join("secrets/devices")).unwrap();
    let login: BTreeMap<String, String> = serde_saphyr::from_str(&secret).unwrap();
    let target = Target {
        address: device.netconf.to_string(),
        user: login["username"].clone(),
        credentials: Credentials::Password(login["password"].clone()),
        host_key: HostKeyPolicy::Fingerprint(device.fingerprint.clone()),
    };
    Client::connect(&target, Deadlines::default()).await.unwrap().0
}

/// Somebody holds a device for longer than the daemon may take to end: what is left is for the next
/// start.
#[tokio::test(flavor = "multi_thread")]
async fn a_clean_stop_while_somebody_holds_a_device() {
    let mut stage = Stage::start().await;
    stage.onboard().await;
    let boot = stage.seen().await;
    let somebody = somebody(&stage, "par1").await;
    somebody.lock("candidate").await.unwrap();
    let operation = accepted(&stage).await;
    Moment::Servers.comes(&stage, &boot.configurations).await;
    End::Terminated.of(stage.take_daemon()).await;
    assert!(stage.lab.configurations() == boot.configurations, "no device has its part yet");
    stage.start_again().await.unwrap();
    assert_eq!(state(&stage, "operations", &operation).await, "RUNNING");
    somebody.unlock("candidate").await.unwrap();
    let said = stage.wayleave(&["operation", "wait", &operation]).await;
    assert_eq!(said.exit, Some(0), "{said:#?}");
    let trace = stage.trace(SERVICE).await;
    assert_eq!(trace.exit, Some(0), "{trace:#?}");
    deleted(&stage, &boot).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_daemon_on_the_same_data() {
    let stage = Stage::start().await;
    let second = Start { log: stage.lab.folder().join("second.log"), ..stage.start.clone() };
    let refused = Daemon::start(&second).await.unwrap_err();
    let DaemonError::NotReady { tail, .. } = &refused else { panic!("{refused}") };
    let data = stage.start.data.display().to_string();
    for words in ["error: ", &data, "another", "next: "] {
        assert!(tail.contains(words), "{words:?} is missing in {tail}");
    }
    // The first one is not disturbed.
    stage.onboard().await;
}
