//! One switch, both protocols: what is set through one is seen through the other.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use gnmi::client::{Security, commit_cancel, commit_confirm, commit_request};
use gnmi::wire::get_request::DataType;
use gnmi::wire::subscribe_response::Response;
use gnmi::wire::{Encoding, Subscription, SubscriptionList, subscription_list::Mode};
use gnmi::{Connection, Elem, GnmiPath, SetChange};
use netconf::{Client, ClientError, Credentials, Deadlines, Edit, ErrorTag, HostKeyPolicy, Target};
use serde_json::json;
use sim_device::{Config, Device, Fault};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use yang::{Path, Schema, Tree};

const SECOND: Duration = Duration::from_secs(1);

fn schema() -> Arc<Schema> {
    static SCHEMA: OnceLock<Arc<Schema>> = OnceLock::new();
    let load = || {
        let yang = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../yang");
        let modules = ["openconfig-interfaces", "openconfig-system", "iana-if-type"];
        Arc::new(Schema::load(&[yang.join("openconfig"), yang.join("ietf")], &modules).unwrap())
    };
    Arc::clone(SCHEMA.get_or_init(load))
}

fn boot() -> Tree {
    let json = json!({"openconfig-interfaces:interfaces": {"interface": [
        {"name": "ge-0/0/0", "config": {"name": "ge-0/0/0", "type": "iana-if-type:ethernetCsmacd"}}]}});
    Tree::from_json(&schema(), &Path::root(), &json).unwrap()
}

async fn device() -> Device {
    Device::start(Config {
        name: "sw1".to_owned(),
        address: "127.0.0.1".parse().unwrap(),
        netconf_port: 0,
        gnmi_port: 0,
        schema: schema(),
        boot: boot(),
        users: BTreeMap::from([("admin".to_owned(), "admin".to_owned())]),
        host_key_seed: [1; 32],
        identity: None,
    })
    .await
    .unwrap()
}

async fn netconf(device: &Device) -> Client {
    let target = Target {
        address: device.netconf.to_string(),
        user: "admin".to_owned(),
        credentials: Credentials::Password("admin".to_owned()),
        host_key: HostKeyPolicy::Fingerprint(device.fingerprint.clone()),
    };
    Client::connect(&target, Deadlines::default()).await.unwrap().0
}

async fn gnmi(device: &Device) -> gnmi::Client {
    gnmi::Client::connect(&Connection {
        address: device.gnmi.to_string(),
        security: Security::Insecure,
        user: "admin".to_owned(),
        password: "admin".to_owned(),
        connect_within: 5 * SECOND,
        answer_within: 5 * SECOND,
    })
    .await
    .unwrap()
}

fn describe(text: &str) -> String {
    format!(
        "<interfaces xmlns=\"http://openconfig.net/yang/interfaces\"><interface><name>ge-0/0/0</name><config><description>{text}</description></config></interface></interfaces>"
    )
}

fn edit(config: &str) -> Edit<'_> {
    Edit {
        target: "candidate",
        default_operation: None,
        test_option: None,
        error_option: None,
        config,
    }
}

fn description_path() -> GnmiPath {
    let keys = BTreeMap::from([("name".to_owned(), "ge-0/0/0".to_owned())]);
    let elem = |name: &str| Elem { name: name.to_owned(), keys: BTreeMap::new() };
    let interface = Elem { name: "interface".to_owned(), keys };
    GnmiPath {
        origin: String::new(),
        elems: vec![elem("interfaces"), interface, elem("config"), elem("description")],
    }
}

fn description(device: &Device) -> Option<String> {
    let path: Path = "/interfaces/interface[name=ge-0/0/0]/config/description".parse().unwrap();
    device.running().get(&path).map(str::to_owned)
}

async fn until(device: &Device, wanted: Option<&str>) {
    let mut changes = device.changes();
    let wait = async {
        while description(device).as_deref() != wanted {
            changes.changed().await.unwrap();
        }
    };
    tokio::time::timeout(5 * SECOND, wait).await.expect("the configuration changes in time");
}

#[tokio::test]
async fn what_netconf_commits_gnmi_reads() {
    let device = device().await;
    let client = netconf(&device).await;
    client.lock("candidate").await.unwrap();
    client.edit_config(edit(&describe("by netconf"))).await.unwrap();
    assert_eq!(description(&device), None);
    client.validate("candidate").await.unwrap();
    client.commit().await.unwrap();
    client.unlock("candidate").await.unwrap();
    let got = gnmi(&device).await.get(&[description_path()], DataType::Config).await.unwrap();
    let value = gnmi::value::decode(got[0].update[0].val.as_ref()).unwrap();
    assert_eq!(value, json!("by netconf"));
}

#[tokio::test]
async fn what_is_wrong_is_refused_and_named() {
    let device = device().await;
    let client = netconf(&device).await;
    let bad = describe("x").replace("<description>x</description>", "<enabled>perhaps</enabled>");
    match client.edit_config(edit(&bad)).await {
        Err(ClientError::Rpc(errors)) => {
            assert_eq!(errors[0].tag, ErrorTag::invalid_value());
            assert!(
                errors[0].path.as_deref().unwrap().ends_with("/oc-if:config/oc-if:enabled"),
                "{errors:?}"
            );
        }
        other => panic!("{other:?}"),
    }
    device.faults().push(Fault::RefuseEdit("no room in the hardware".to_owned()));
    let error = client.edit_config(edit(&describe("y"))).await.unwrap_err();
    assert!(error.to_string().contains("no room"), "{error}");
    let change =
        SetChange { updates: vec![(description_path(), json!(7))], ..SetChange::default() };
    assert!(gnmi(&device).await.set(&change, Vec::new()).await.is_err());
    assert_eq!(device.running(), boot());
}

#[tokio::test]
async fn n_106_a_confirmed_commit_is_confirmed_by_its_id_or_undone() {
    let device = device().await;
    let client = netconf(&device).await;
    client.edit_config(edit(&describe("kept"))).await.unwrap();
    client.confirmed_commit(60 * SECOND, "tx-1").await.unwrap();
    drop(client);
    let client = netconf(&device).await;
    assert!(client.confirm("wrong").await.is_err());
    client.confirm("tx-1").await.unwrap();
    client.edit_config(edit(&describe("gone"))).await.unwrap();
    client.confirmed_commit(SECOND, "tx-2").await.unwrap();
    assert_eq!(description(&device).as_deref(), Some("gone"));
    until(&device, Some("kept")).await;
    client.edit_config(edit(&describe("cancelled"))).await.unwrap();
    client.confirmed_commit(60 * SECOND, "tx-3").await.unwrap();
    client.cancel_commit("tx-3").await.unwrap();
    assert_eq!(description(&device).as_deref(), Some("kept"));
}

#[tokio::test]
async fn gnmi_commits_are_confirmed_or_cancelled() {
    let device = device().await;
    let client = gnmi(&device).await;
    let change =
        SetChange { updates: vec![(description_path(), json!("by gnmi"))], ..SetChange::default() };
    client.set(&change, vec![commit_request("a", 60 * SECOND)]).await.unwrap();
    assert_eq!(description(&device).as_deref(), Some("by gnmi"));
    client.set(&SetChange::default(), vec![commit_cancel("a")]).await.unwrap();
    assert_eq!(description(&device), None);
    client.set(&change, vec![commit_request("b", 60 * SECOND)]).await.unwrap();
    client.set(&SetChange::default(), vec![commit_confirm("b")]).await.unwrap();
    assert_eq!(description(&device).as_deref(), Some("by gnmi"));
    let delete = SetChange { deletes: vec![description_path()], ..SetChange::default() };
    client.set(&delete, Vec::new()).await.unwrap();
    assert_eq!(device.running(), boot());
}

#[tokio::test]
async fn g_071_g_073_subscriptions() {
    let device = device().await;
    let client = gnmi(&device).await;
    let list = |mode: Mode| SubscriptionList {
        subscription: vec![Subscription {
            path: Some(description_path().to_wire()),
            ..Subscription::default()
        }],
        mode: mode.into(),
        encoding: Encoding::JsonIetf.into(),
        ..SubscriptionList::default()
    };
    let mut once = client.subscribe(list(Mode::Once)).await.unwrap();
    let first = once.message().await.unwrap().unwrap();
    assert_eq!(first.response, Some(Response::SyncResponse(true)));
    assert!(once.message().await.unwrap().is_none());

    let mut stream = client.subscribe(list(Mode::Stream)).await.unwrap();
    assert_eq!(
        stream.message().await.unwrap().unwrap().response,
        Some(Response::SyncResponse(true))
    );
    let netconf = netconf(&device).await;
    netconf.edit_config(edit(&describe("seen"))).await.unwrap();
    netconf.commit().await.unwrap();
    let next = tokio::time::timeout(5 * SECOND, stream.message()).await.unwrap().unwrap().unwrap();
    let Some(Response::Update(notification)) = next.response else { panic!("{next:?}") };
    let value = gnmi::value::decode(notification.update[0].val.as_ref()).unwrap();
    assert_eq!(value, json!("seen"));
}

fn describes(text: &str) -> SetChange {
    SetChange { updates: vec![(description_path(), json!(text))], ..SetChange::default() }
}

#[tokio::test]
async fn g_093_while_a_commit_is_pending_nothing_else_is_set() {
    let device = device().await;
    let client = gnmi(&device).await;
    client.set(&describes("first"), vec![commit_request("a", 60 * SECOND)]).await.unwrap();
    for extensions in [Vec::new(), vec![commit_request("b", 60 * SECOND)]] {
        let error = client.set(&describes("second"), extensions).await.unwrap_err();
        assert!(error.to_string().contains("pending"), "{error}");
    }
    client.set(&SetChange::default(), vec![commit_cancel("a")]).await.unwrap();
    client.set(&describes("second"), Vec::new()).await.unwrap();
}

#[tokio::test]
async fn a_set_whose_answer_is_lost_is_still_to_be_confirmed() {
    let device = device().await;
    let client = gnmi(&device).await;
    device.faults().push(Fault::DropReply);
    // Asking what the device can do plays no fault.
    assert_eq!(client.has_commit_extension().await, Ok(true));
    let error = client.set(&describes("x"), vec![commit_request("a", SECOND)]).await.unwrap_err();
    assert!(matches!(error, gnmi::ClientError::OutcomeUnknown(_)), "{error}");
    assert_eq!(description(&device).as_deref(), Some("x"));
    until(&device, None).await;
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_frees_the_lock_with_its_session() {
    let device = device().await;
    let client = netconf(&device).await;
    client.lock("candidate").await.unwrap();
    client.edit_config(edit(&describe("x"))).await.unwrap();
    device.faults().push(Fault::DropReply);
    let within = std::time::Duration::from_millis(200);
    let error = client.rpc("<commit/>", within).await.unwrap_err();
    assert!(matches!(error, ClientError::Timeout { .. }), "{error}");
    assert_eq!(description(&device).as_deref(), Some("x"));
    drop(client);
    let client = netconf(&device).await;
    let lock = async {
        while client.lock("candidate").await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(5 * SECOND, lock).await.expect("the lock is freed in time");
}
