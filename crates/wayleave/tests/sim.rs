//! `wayleave sim …` for someone who wants only that: nothing given but the command.

#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests")]

mod common;

use common::{Running, refused};
use gnmi::client::Security;
use gnmi::wire::get_request::DataType;
use gnmi::{Connection, Elem, GnmiPath};
use netconf::{Client, Credentials, Deadlines, Edit, HostKeyPolicy, Target};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use vim::{Config, OpenStack, Secret, Server, VimError, Workload};

const SECOND: Duration = Duration::from_secs(1);

/// The content of the file that a member of the ready line names.
fn file(simulator: &Running, member: &str) -> String {
    std::fs::read_to_string(simulator.text(member)).unwrap()
}

/// The password that the simulator made up for `admin`.
fn password(simulator: &Running) -> String {
    let file = file(simulator, "passwords");
    file.trim().strip_prefix("admin:").unwrap().to_owned()
}

async fn connect_netconf(switch: &Running) -> Client {
    let target = Target {
        address: switch.text("netconf"),
        user: "admin".to_owned(),
        credentials: Credentials::Password(password(switch)),
        host_key: HostKeyPolicy::Fingerprint(switch.text("fingerprint")),
    };
    Client::connect(&target, Deadlines::default()).await.unwrap().0
}

async fn connect_gnmi(switch: &Running) -> gnmi::Client {
    let security = Security::Tls {
        authority: file(switch, "ca"),
        server_name: switch.text("name"),
        identity: None,
    };
    let connection = Connection {
        address: switch.text("gnmi"),
        security,
        user: "admin".to_owned(),
        password: password(switch),
        connect_within: 10 * SECOND,
        answer_within: 10 * SECOND,
    };
    gnmi::Client::connect(&connection).await.unwrap()
}

fn hostname() -> GnmiPath {
    let elem = |name: &str| Elem { name: name.to_owned(), keys: BTreeMap::new() };
    GnmiPath { origin: String::new(), elems: ["system", "config", "hostname"].map(elem).to_vec() }
}

async fn rename(client: &Client, name: &str) -> Result<(), netconf::ClientError> {
    let config = format!(
        "<system xmlns=\"http://openconfig.net/yang/system\"><config><hostname>{name}</hostname></config></system>"
    );
    let edit = Edit {
        target: "candidate",
        default_operation: None,
        test_option: None,
        error_option: None,
        config: &config,
    };
    client.edit_config(edit).await?;
    client.commit().await.map(|_| ())
}

async fn control(simulator: &Running, path: &str) -> Value {
    let url = format!("{}{path}", simulator.text("control"));
    http().get(url).send().await.unwrap().json().await.unwrap()
}

async fn add_faults(simulator: &Running, faults: &'static str) -> u16 {
    let url = format!("{}/faults", simulator.text("control"));
    http().post(url).body(faults).send().await.unwrap().status().as_u16()
}

fn http() -> reqwest::Client {
    static PROVIDER: std::sync::Once = std::sync::Once::new();
    PROVIDER.call_once(|| {
        rustls::crypto::ring::default_provider().install_default().unwrap();
    });
    reqwest::Client::builder().timeout(10 * SECOND).build().unwrap()
}

#[tokio::test]
async fn a_switch_speaks_both_protocols_and_ends_when_asked() {
    let switch = Running::start(&["sim", "device", "--name", "sw1"]).await;
    let client = connect_netconf(&switch).await;
    rename(&client, "renamed").await.unwrap();
    let got = connect_gnmi(&switch).await.get(&[hostname()], DataType::Config).await.unwrap();
    let value = gnmi::value::decode(got[0].update[0].val.as_ref()).unwrap();
    assert_eq!(value, json!("renamed"));
    let state = control(&switch, "/state").await;
    assert_eq!(state["openconfig-system:system"]["config"]["hostname"], "renamed");
    assert!(control(&switch, "/tables").await.is_array());
    let folder = switch.text("state_dir");
    assert!(switch.stop("-TERM").await.success());
    assert!(!std::path::Path::new(&folder).exists(), "{folder} was temporary");
}

#[tokio::test]
async fn a_switch_fails_as_it_is_told() {
    let switch = Running::start(&["sim", "device", "--fault", "refuse-edit=no room"]).await;
    let client = connect_netconf(&switch).await;
    let refused = rename(&client, "a").await.unwrap_err().to_string();
    assert!(refused.contains("no room"), "{refused}");
    rename(&client, "b").await.unwrap();
    assert_eq!(add_faults(&switch, "refuse-edit=late\nnonsense").await, 400);
    rename(&client, "c").await.unwrap();
    assert_eq!(add_faults(&switch, "refuse-edit=late\n").await, 204);
    let refused = rename(&client, "d").await.unwrap_err().to_string();
    assert!(refused.contains("late"), "{refused}");
    assert!(switch.stop("-INT").await.success());
}

#[tokio::test]
async fn a_switch_with_a_folder_is_the_same_after_a_restart() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("state");
    let arguments = ["sim", "device", "--state-dir", folder.to_str().unwrap()];
    let first = Running::start(&arguments).await;
    let before = (first.text("fingerprint"), file(&first, "ca"), password(&first));
    assert!(first.stop("-TERM").await.success());
    let second = Running::start(&arguments).await;
    assert_eq!((second.text("fingerprint"), file(&second, "ca"), password(&second)), before);
    connect_netconf(&second).await;
    connect_gnmi(&second).await;
}

#[tokio::test]
async fn a_switch_boots_what_it_is_given() {
    let place = tempfile::tempdir().unwrap();
    let boot = place.path().join("boot.json");
    let system = json!({"openconfig-system:system": {"config": {"hostname": "given"}}});
    std::fs::write(&boot, system.to_string()).unwrap();
    let boot = boot.to_str().unwrap();
    let switch = Running::start(&["sim", "device", "--plain", "--boot", boot]).await;
    assert_eq!(switch.ready["ca"], Value::Null);
    assert_eq!(control(&switch, "/state").await, system);
    std::fs::write(boot, r#"{"openconfig-system:system": {"config": {"hostnam": "x"}}}"#).unwrap();
    let (code, said) = refused(&["sim", "device", "--boot", boot]).await;
    assert_eq!(code, 2);
    assert!(said.contains("hostnam") && said.contains("boot.json"), "{said}");
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_a_next_step() {
    let cases: &[(&[&str], i32, &str)] = &[
        (&["sim", "device", "--address", "192.0.2.1"], 2, "--allow-remote"),
        (&["sim", "vim", "--address", "192.0.2.1", "--allow-remote", "--plain"], 2, "clear text"),
        (&["sim", "vim", "--address", "0.0.0.0", "--allow-remote"], 2, "every address"),
        (&["sim", "device", "--fault", "nonsense"], 2, "refuse-edit=REASON"),
        (&["sim", "device", "--control", "192.0.2.1:0"], 2, "loopback only"),
        (&["sim", "device", "--host-key", "/nonexistent/key"], 2, "/nonexistent/key"),
        (&["sim", "device", "--tls-cert", "x.pem"], 2, "--tls-key"),
        (&["sim", "device", "--user", "a:b"], 2, "colon"),
        (&["sim", "vim", "--memory", "99999999999999999999"], 2, "--memory"),
        (&["sim", "vim", "--log", "a=b=c"], 2, "--log"),
    ];
    for (arguments, code, words) in cases {
        let (ended, said) = refused(arguments).await;
        assert_eq!(ended, *code, "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}

async fn cloud(simulator: &Running, password: String) -> Result<OpenStack, VimError> {
    http();
    let config = Config {
        auth_url: simulator.text("url"),
        user: simulator.text("user"),
        password: Secret(password),
        project: simulator.text("project"),
        domain: "Default".to_owned(),
        authority: simulator.ready["ca"].as_str().map(|_| file(simulator, "ca")),
    };
    OpenStack::connect(config).await
}

fn one_server(vcpus: u64) -> Workload {
    let server = Server {
        name: "server".to_owned(),
        vcpus,
        memory_mib: 1024,
        disk_gib: 10,
        image: Some("linux".to_owned()),
        volumes: Vec::new(),
        networks: Vec::new(),
        anti_affinity_group: None,
    };
    Workload { owner: "owner".to_owned(), networks: Vec::new(), servers: vec![server] }
}

#[tokio::test]
async fn a_vim_has_its_quota_over_tls_and_without() {
    for extra in [&[][..], &["--plain"]] {
        let arguments = [&["sim", "vim", "--vcpus", "4", "--memory", "8"], extra].concat();
        let simulator = Running::start(&arguments).await;
        let scheme = if extra.is_empty() { "https://" } else { "http://" };
        assert!(simulator.text("url").starts_with(scheme));
        let client = cloud(&simulator, password(&simulator)).await.unwrap();
        let inventory = client.inventory().await.unwrap();
        assert_eq!(inventory.total[..2], [4, 8192]);
        let error = client.ensure(&one_server(5)).await.unwrap_err();
        assert!(matches!(error, VimError::Quota { .. }), "{error:?}");
        client.ensure(&one_server(4)).await.unwrap();
        assert!(control(&simulator, "/state").await["servers"]["server"].is_object());
        let error = cloud(&simulator, "guess".to_owned()).await.unwrap_err();
        assert!(matches!(error, VimError::Unauthenticated), "{error:?}");
        assert!(simulator.stop("-TERM").await.success());
    }
}

#[tokio::test]
async fn a_vim_fails_as_it_is_told() {
    let simulator = Running::start(&["sim", "vim", "--fault", "server-error=No valid host"]).await;
    let client = cloud(&simulator, password(&simulator)).await.unwrap();
    let error = client.ensure(&one_server(1)).await.unwrap_err().to_string();
    assert!(error.contains("No valid host"), "{error}");
    assert_eq!(add_faults(&simulator, "refuse=100:x").await, 400);
}
