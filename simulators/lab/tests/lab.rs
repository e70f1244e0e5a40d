//! The default lab: it starts, answers on both protocols, can be looked at, and is gone afterwards.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

use gnmi::client::Security;
use gnmi::wire::get_request::DataType;
use gnmi::{Connection, Elem, GnmiPath};
use lab::control::{Control, Ready};
use lab::folder::Folder;
use lab::scenario::{DEFAULT, Scenario};
use lab::trace::{Outcome, Trace};
use lab::{Lab, LabError};
use model::topology::{Management, Protocol, Trust};
use netconf::{Client, Credentials, Deadlines, Edit, HostKeyPolicy, Target};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

async fn start(text: &str) -> (TempDir, Result<Lab, LabError>) {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::create(&place.path().join("lab")).unwrap();
    let scenario = Scenario::parse(text).unwrap();
    (place, Lab::start(&scenario, folder).await)
}

async fn default() -> (TempDir, Arc<Lab>) {
    let (place, lab) = start(DEFAULT).await;
    (place, Arc::new(lab.unwrap()))
}

fn password(secrets: &Path, name: &str) -> (String, String) {
    let text = std::fs::read_to_string(secrets.join(name)).unwrap();
    let value = |line: Option<&str>, key: &str| {
        line.unwrap().strip_prefix(key).unwrap().trim().trim_matches('"').to_owned()
    };
    let mut lines = text.lines();
    (value(lines.next(), "username:"), value(lines.next(), "password:"))
}

#[tokio::test]
async fn every_switch_and_vim_is_there_and_is_who_the_topology_says() {
    let (_place, lab) = default().await;
    assert_eq!(lab.devices().len(), 22);
    assert_eq!(lab.vims().len(), 4);
    assert_eq!(lab.topology().problems(), []);
    let login = password(&lab.folder().join("secrets"), "devices");
    let mut spoken = BTreeMap::new();
    for device in lab.topology().devices.values() {
        let hostname = match device.management.protocol {
            Protocol::Netconf => by_netconf(&device.management, &login).await,
            Protocol::Gnmi => by_gnmi(&device.management, &login).await,
        };
        assert!(hostname.contains(device.id.as_str()), "{}: {hostname}", device.id);
        *spoken.entry(format!("{:?}", device.management.protocol)).or_insert(0) += 1;
    }
    assert_eq!(Vec::from_iter(spoken.into_values()), [11, 11]);
}

async fn by_netconf(management: &Management, login: &(String, String)) -> String {
    let Trust::HostKey(fingerprint) = &management.trust else { panic!("{management:?}") };
    let target = Target {
        address: management.address.clone(),
        user: login.0.clone(),
        credentials: Credentials::Password(login.1.clone()),
        host_key: HostKeyPolicy::Fingerprint(fingerprint.clone()),
    };
    let (client, _) = Client::connect(&target, Deadlines::default()).await.unwrap();
    client.get_config("running", None).await.unwrap()
}

async fn by_gnmi(management: &Management, login: &(String, String)) -> String {
    let Trust::CertificateAuthority { pem_file, server_name } = &management.trust else {
        panic!("{management:?}")
    };
    let connection = Connection {
        address: management.address.clone(),
        security: Security::Tls {
            authority: std::fs::read_to_string(pem_file).unwrap(),
            server_name: server_name.clone(),
            identity: None,
        },
        user: login.0.clone(),
        password: login.1.clone(),
        connect_within: Duration::from_secs(10),
        answer_within: Duration::from_secs(10),
    };
    let client = gnmi::Client::connect(&connection).await.unwrap();
    let elem = |name: &str| Elem { name: name.to_owned(), keys: BTreeMap::new() };
    let elems = ["system", "config", "hostname"].map(elem).to_vec();
    let path = GnmiPath { origin: String::new(), elems };
    let got = client.get(&[path], DataType::Config).await.unwrap();
    gnmi::value::decode(got[0].update[0].val.as_ref()).unwrap().to_string()
}

#[tokio::test]
async fn nothing_answers_after_the_end() {
    let (_place, lab) = default().await;
    let control = Control::start(Arc::clone(&lab), "127.0.0.1:1".to_owned()).await.unwrap();
    let ready = control.ready.clone();
    drop(control);
    drop(lab);
    let mut addresses: Vec<String> =
        ready.devices.iter().flat_map(|d| [d.netconf.clone(), d.gnmi.clone()]).collect();
    addresses.push(ready.control.trim_start_matches("http://").to_owned());
    for address in addresses {
        let gone = async {
            while tokio::net::TcpStream::connect(&address).await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(10), gone).await;
        assert!(waited.is_ok(), "{address} still answers");
    }
}

#[tokio::test]
async fn a_boot_that_does_not_fit_the_models_is_refused_by_name() {
    // No host name may begin with a point (openconfig-system's pattern).
    let text = DEFAULT.replace("id: ams,", "id: .ams,").replace("[ams, ", "[.ams, ");
    let (_place, lab) = start(&text).await;
    let error = lab.unwrap_err().to_string();
    assert!(error.contains(".ams1") && error.contains("hostname"), "{error}");
}

#[tokio::test]
async fn the_control_server_shows_and_breaks() {
    let (_place, lab) = default().await;
    let control = Control::start(Arc::clone(&lab), "127.0.0.1:1".to_owned()).await.unwrap();
    let url = |path: &str| format!("{}{path}", control.ready.control);
    let _ = rustls_provider();
    let http = reqwest::Client::new();
    let ready: Ready = http.get(url("/")).send().await.unwrap().json().await.unwrap();
    assert_eq!(ready, control.ready);
    assert_eq!(ready.devices.len(), 22);
    let running =
        http.get(url("/devices/ams1/running")).send().await.unwrap().text().await.unwrap();
    assert_eq!(running, lab.devices()["ams1"].running_text());
    let unknown = http.get(url("/devices/xyz1/running")).send().await.unwrap();
    assert_eq!(unknown.status(), 404);
    let frame = json!({"device": "ams1", "port": "ge-0/0/0", "vlan": 100});
    let traced = http.post(url("/trace")).json(&frame).send().await.unwrap();
    let traced: Trace = traced.json().await.unwrap();
    assert!(matches!(traced.outcome, Outcome::Dropped { .. }), "{:?}", traced.outcome);
    for (path, fault, status) in [
        ("/devices/ams1/faults", "refuse-edit=no room", 204),
        ("/devices/ams1/faults", "explode", 400),
        ("/devices/xyz1/faults", "drop-reply", 404),
        ("/vims/vim-par/faults", "server-error=no valid host", 204),
        ("/vims/vim-par/faults", "drop-reply", 400),
    ] {
        let pushed = http.post(url(path)).body(fault).send().await.unwrap();
        assert_eq!(pushed.status(), status, "{path} {fault}");
    }
    let error = rename(&lab, "ams1").await.unwrap_err();
    assert!(error.contains("no room"), "{error}");
    rename(&lab, "ams1").await.unwrap();
    let carried: Value = http.get(url("/carried")).send().await.unwrap().json().await.unwrap();
    assert_eq!(carried["attachments"], 0);
}

/// Clients want a provider for TLS even where they speak plain text.
fn rustls_provider() -> bool {
    rustls::crypto::ring::default_provider().install_default().is_ok()
}

async fn rename(lab: &Lab, device: &str) -> Result<(), String> {
    let (user, password) = password(&lab.folder().join("secrets"), "devices");
    let device = &lab.devices()[device];
    let target = Target {
        address: device.netconf.to_string(),
        user,
        credentials: Credentials::Password(password),
        host_key: HostKeyPolicy::Fingerprint(device.fingerprint.clone()),
    };
    let (client, _) = Client::connect(&target, Deadlines::default()).await.unwrap();
    let config = "<system xmlns=\"http://openconfig.net/yang/system\"><config><hostname>other</hostname></config></system>";
    let edit = Edit {
        target: "candidate",
        default_operation: None,
        test_option: None,
        error_option: None,
        config,
    };
    client.edit_config(edit).await.map(|_| ()).map_err(|e| e.to_string())
}
