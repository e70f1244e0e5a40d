//! The lab and its tour, through the one program.

#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests")]

mod common;

use common::{Running, refused, wayleave};
use netconf::{Client, Credentials, Deadlines, Edit, HostKeyPolicy, Target};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

const DEADLINE: Duration = Duration::from_secs(240);

async fn run(arguments: &[&str]) -> Output {
    tokio::time::timeout(DEADLINE, wayleave(arguments).output())
        .await
        .expect("it ends in time")
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn objects(output: &Output) -> Vec<Value> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn every_step_of_the_tour_holds() {
    let output = run(&["lab", "tour", "-o", "json"]).await;
    let steps = objects(&output);
    let failed: Vec<_> = steps.iter().filter(|step| step["ok"] != true).collect();
    assert!(failed.is_empty(), "{failed:#?}\n{}", text(&output.stderr));
    let names: Vec<_> = steps.iter().map(|step| step["step"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "boot", "onboard", "dry-run", "apply", "frames", "books", "refuse", "second", "delete",
            "clean", "stop",
        ]
    );
    assert!(output.status.success());
    let evidence = |name: &str| &steps[names.iter().position(|n| *n == name).unwrap()]["evidence"];
    assert_eq!(evidence("boot")["read"], 22);
    assert_eq!(evidence("frames")["frames"].as_array().unwrap().len(), 6);
    assert_eq!(evidence("second")["frames"].as_array().unwrap().len(), 12);
    assert!(!evidence("second")["shared-links"].as_array().unwrap().is_empty());
    assert_eq!(evidence("refuse")["code"], "WL0003");
}

#[tokio::test]
async fn a_tour_that_goes_wrong_says_where_and_leaves_nothing() {
    let place = tempfile::tempdir().unwrap();
    let scenario = place.path().join("no-image.yaml");
    let text = lab::scenario::DEFAULT.replace("  - user-plane-2.1\n", "");
    assert_ne!(text, lab::scenario::DEFAULT);
    std::fs::write(&scenario, text).unwrap();
    let output =
        run(&["lab", "tour", "-o", "json", "--scenario", scenario.to_str().unwrap()]).await;
    assert_eq!(output.status.code(), Some(1));
    let steps = objects(&output);
    let ends: Vec<_> =
        steps.iter().map(|s| (s["step"].as_str().unwrap(), s["ok"] == true)).collect();
    assert_eq!(
        ends,
        [
            ("boot", true),
            ("onboard", true),
            ("dry-run", true),
            ("apply", false),
            ("delete", true),
            ("clean", true),
            ("stop", true),
        ]
    );
    let found = steps[3]["evidence"]["mismatches"][0]["found"].as_str().unwrap();
    assert!(found.contains("user-plane-2.1"), "{found}");
}

#[tokio::test]
async fn a_scenario_that_cannot_be_used_starts_nothing() {
    let (code, said) = refused(&["lab", "tour", "--scenario", "/nowhere.yaml"]).await;
    assert_eq!(code, 2);
    assert!(said.contains("/nowhere.yaml") && said.contains("next:"), "{said}");
}

/// A lab with the example service in it.
struct Deployed {
    lab: Running,
    _place: tempfile::TempDir,
    data: PathBuf,
}

impl Deployed {
    async fn start() -> Self {
        let place = tempfile::tempdir().unwrap();
        let data = place.path().join("lab");
        let lab = Running::start(&["lab", "up", "--data", data.to_str().unwrap()]).await;
        let deployed = Self { lab, _place: place, data };
        let files = ["nsd", "upf", "control-plane", "firewall"].map(example);
        let mut onboard = vec!["descriptor", "onboard"];
        onboard.extend(files.iter().map(String::as_str));
        deployed.good(&onboard).await;
        deployed.good(&["apply", "-f", &example("service"), "--wait"]).await;
        deployed
    }

    async fn ask(&self, arguments: &[&str]) -> Output {
        let server = format!("http://{}", self.lab.text("grpc"));
        let mut words = vec!["--server", &server];
        words.extend(arguments);
        run(&words).await
    }

    async fn good(&self, arguments: &[&str]) -> Output {
        let output = self.ask(arguments).await;
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        output
    }

    async fn trace(&self) -> Output {
        self.ask(&["trace", "mobile-brussels", "--data", self.data.to_str().unwrap(), "-o", "json"])
            .await
    }

    /// Behind the daemon's back.
    async fn edit(&self, device: &str, config: &str) {
        let devices = self.lab.ready["devices"].as_array().unwrap();
        let device = devices.iter().find(|known| known["id"] == device).unwrap();
        let member = |name: &str| device[name].as_str().unwrap().to_owned();
        let secret = std::fs::read_to_string(self.data.join("secrets/devices")).unwrap();
        let value = |key: &str| {
            let line = secret.lines().find(|line| line.starts_with(key)).unwrap();
            line.split_once(':').unwrap().1.trim().trim_matches('"').to_owned()
        };
        let target = Target {
            address: member("netconf"),
            user: value("username"),
            credentials: Credentials::Password(value("password")),
            host_key: HostKeyPolicy::Fingerprint(member("fingerprint")),
        };
        let (client, _) = Client::connect(&target, Deadlines::default()).await.unwrap();
        let edit = Edit {
            target: "candidate",
            default_operation: None,
            test_option: None,
            error_option: None,
            config,
        };
        client.edit_config(edit).await.unwrap();
        client.commit().await.unwrap();
    }
}

fn example(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/5g-core");
    folder.join(format!("{name}.yaml")).to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_trace_follows_the_plan_and_sees_what_somebody_broke() {
    let deployed = Deployed::start().await;
    let output = deployed.trace().await;
    let traced = objects(&output);
    assert!(output.status.success(), "{traced:#?}");
    let over_switches: Vec<_> = traced.iter().filter(|one| one["trace"].is_object()).collect();
    assert_eq!(over_switches.len(), 6);
    assert!(over_switches.iter().all(|one| one["as-planned"] == true));
    deployed.edit("ams1", "<interfaces xmlns=\"http://openconfig.net/yang/interfaces\"><interface><name>ge-0/0/0</name><config><enabled>false</enabled></config></interface></interfaces>").await;
    let output = deployed.trace().await;
    assert_eq!(output.status.code(), Some(1));
    let broken: Vec<_> =
        objects(&output).into_iter().filter(|one| one["as-planned"] == false).collect();
    assert_eq!(broken.len(), 2, "{broken:#?}");
    let found = broken[0]["mismatches"][0]["found"].as_str().unwrap();
    assert!(found.contains("ge-0/0/0 is disabled"), "{found}");
    assert!(deployed.lab.stop("-TERM").await.success());
}
