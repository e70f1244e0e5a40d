//! A lab in this process with the real daemon beside it: the switches and VIMs are looked at from
//! within, the daemon only as people meet it.

use crate::{binary, root};
use api::wire::topology_service_client::TopologyServiceClient;
use api::wire::{self, GetTopologyRequest};
use lab::Lab;
use lab::control::Control;
use lab::daemon::{Daemon, DaemonError, Start};
use lab::folder::Folder;
use lab::scenario::{DEFAULT, Scenario};
use model::topology::Topology;
use model::{DeviceId, VimId};
use prost_reflect::{DescriptorPool, DynamicMessage};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::timeout;

/// The descriptors of the example, below the root of the repository.
pub const DESCRIPTORS: [&str; 4] = ["nsd", "upf", "control-plane", "firewall"];
/// No command of these tests takes that long, however busy the machine is.
const COMMAND_WITHIN: Duration = Duration::from_secs(90);
/// What the examples need of the default scenario; fewer switches start faster.
const SITES: [&str; 8] = ["ams", "bru", "bud", "fra", "gva", "lux", "par", "vie"];

/// How a command ended, and what it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub exit: Option<i32>,
    pub out: String,
    pub error: String,
}

/// All that must be as before where something was refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub configurations: BTreeMap<DeviceId, String>,
    pub vims: BTreeMap<VimId, String>,
    /// Of links, ports and VIMs, as the daemon has them.
    pub books: Option<wire::Usage>,
}

/// Everything stops when this is dropped.
#[derive(Debug)]
pub struct Stage {
    pub lab: Arc<Lab>,
    pub start: Start,
    daemon: Option<Daemon>,
    place: TempDir,
}

/// The sites of the default scenario that the examples in Brussels, Luxembourg and Geneva need.
#[must_use]
pub fn scenario() -> Scenario {
    let mut scenario = Scenario::parse(DEFAULT).expect("a test reads it");
    let known = |id: &str| SITES.contains(&id);
    scenario.sites.retain(|site| known(&site.id));
    scenario.links.retain(|(a, z)| known(a) && known(z));
    scenario.vims.retain(|vim| known(&vim.site));
    scenario
}

/// A file of the example.
#[must_use]
pub fn example(name: &str) -> PathBuf {
    root().join("examples/5g-core").join(format!("{name}.yaml"))
}

impl Stage {
    /// With the topology as the lab has it.
    pub async fn start() -> Self {
        Self::start_with(&scenario(), |_| {}).await
    }

    /// With a topology in which something is not as in the lab.
    ///
    /// # Panics
    /// Where the lab or the daemon does not start.
    pub async fn start_with(scenario: &Scenario, wrong: impl FnOnce(&mut Topology)) -> Self {
        let place = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::create(&place.path().join("lab")).expect("a folder for the lab");
        let lab = Lab::start(scenario, folder.clone()).await.expect("the lab starts");
        let mut topology = lab.topology().clone();
        wrong(&mut topology);
        let topology = folder.write("topology.yaml", &manifest(&topology)).expect("a manifest");
        let start = Start {
            program: binary::wayleave(),
            data: folder.folder("daemon").expect("a folder for the daemon").path().to_owned(),
            secrets: folder.join("secrets"),
            topology,
            listen: "127.0.0.1:0".to_owned(),
            log: folder.join("daemon.log"),
        };
        let daemon = Daemon::start(&start).await.expect("the daemon starts");
        Self { lab: Arc::new(lab), start, daemon: Some(daemon), place }
    }

    /// Puts the descriptors of the example into the catalogue.
    ///
    /// # Panics
    /// Where they are refused.
    pub async fn onboard(&self) {
        let files = DESCRIPTORS.map(|name| example(name).display().to_string());
        let words: Vec<&str> =
            ["descriptor", "onboard"].into_iter().chain(files.iter().map(String::as_str)).collect();
        let said = self.wayleave(&words).await;
        assert_eq!(said.exit, Some(0), "{said:#?}");
    }

    /// Applies a file of the example and waits for the end.
    ///
    /// # Panics
    /// Where the command does not end in time.
    pub async fn apply(&self, file: &Path) -> Said {
        self.wayleave(&["apply", "--wait", &file.display().to_string()]).await
    }

    /// A file with this content, for a command.
    ///
    /// # Panics
    /// Where it cannot be written.
    #[must_use]
    pub fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.place.path().join(name);
        std::fs::write(&path, content).expect("a temporary file");
        path
    }

    /// Runs a command of the real program against the daemon.
    ///
    /// # Panics
    /// Where it does not end in time.
    pub async fn wayleave(&self, words: &[&str]) -> Said {
        let mut command = Command::new(&self.start.program);
        command.args(words).env("WAYLEAVE_SERVER", self.url()).env("NO_COLOR", "1");
        let command = command.stdin(Stdio::null()).kill_on_drop(true).output();
        let output = timeout(COMMAND_WITHIN, command).await;
        let output = output.unwrap_or_else(|_| panic!("{words:?} did not end")).expect("it runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        Said { exit: output.status.code(), out: text(output.stdout), error: text(output.stderr) }
    }

    /// What a command prints with `-o json`.
    ///
    /// # Panics
    /// Where it fails or prints no JSON.
    pub async fn json(&self, words: &[&str]) -> serde_json::Value {
        let words: Vec<&str> = ["-o", "json"].iter().chain(words).copied().collect();
        let said = self.wayleave(&words).await;
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:#?}"))
    }

    /// Devices, VIMs and books as they are now.
    pub async fn seen(&self) -> Seen {
        Seen {
            configurations: self.lab.configurations(),
            vims: self.lab.vim_states(),
            books: self.topology().await.usage,
        }
    }

    /// The revision that the store has reached.
    pub async fn revision(&self) -> u64 {
        self.topology().await.revision
    }

    async fn topology(&self) -> wire::GetTopologyResponse {
        let mut client = TopologyServiceClient::connect(self.url()).await.expect("it answers");
        let answer = client.get_topology(GetTopologyRequest {}).await;
        answer.expect("there is a topology").into_inner()
    }

    /// Follows every frame of a service through the switches; the program judges.
    ///
    /// # Panics
    /// Where the lab's control server cannot listen.
    pub async fn trace(&self, service: &str) -> Said {
        let grpc = self.daemon().grpc.clone();
        let control = Control::start(Arc::clone(&self.lab), grpc).await.expect("it listens");
        self.wayleave(&["trace", service, "--lab", &control.ready.control]).await
    }

    fn url(&self) -> String {
        format!("http://{}", self.daemon().grpc)
    }

    /// # Panics
    /// Where it was stopped.
    #[must_use]
    pub fn daemon(&self) -> &Daemon {
        self.daemon.as_ref().expect("the daemon runs")
    }

    /// Takes the daemon off the stage, to end it.
    ///
    /// # Panics
    /// Where it was stopped before.
    pub fn take_daemon(&mut self) -> Daemon {
        self.daemon.take().expect("the daemon runs")
    }

    /// Starts a daemon on the same data folder.
    ///
    /// # Errors
    /// Where it does not start.
    pub async fn start_again(&mut self) -> Result<(), DaemonError> {
        self.daemon = Some(Daemon::start(&self.start).await?);
        Ok(())
    }
}

/// A topology as people write it; JSON is YAML as well.
fn manifest(topology: &Topology) -> String {
    let pool = DescriptorPool::decode(wire::DESCRIPTORS).expect("the build made the descriptors");
    let kind = pool.get_message_by_name("wayleave.v1.Topology").expect("it is in topology.proto");
    let mut spec = DynamicMessage::new(kind);
    spec.transcode_from(&api::show::topology(topology)).expect("it is the same message");
    serde_json::json!({
        "apiVersion": "wayleave/v1",
        "kind": "Topology",
        "metadata": {"name": "lab"},
        "spec": serde_json::to_value(&spec).expect("a message can be written as JSON"),
    })
    .to_string()
}
