//! Sections H to L of the NETCONF checklist: locks, commits, sessions, notifications. Each test
//! carries the number of its statement.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use netconf::{ClientError, ErrorTag};
use sim_device::Device;
use std::time::Duration;
use tests::fake;
use tests::raw::Raw;
use tests::switch;
use tests::wire::{PATIENCE, parse};
use yang::Path;

const COMMIT: &str = "<commit/>";
const DISCARD: &str = "<discard-changes/>";

fn lock(store: &str) -> String {
    format!("<lock><target><{store}/></target></lock>")
}

fn unlock(store: &str) -> String {
    format!("<unlock><target><{store}/></target></unlock>")
}

fn describe(text: &str) -> String {
    switch::edit(&switch::description(text))
}

/// A commit that is to be confirmed, with more parameters.
fn confirmed(more: &str) -> String {
    format!("<commit><confirmed/>{more}</commit>")
}

const SECOND: &str = "<confirm-timeout>1</confirm-timeout>";
const LONG: &str = "<confirm-timeout>600</confirm-timeout>";

fn description(device: &Device) -> Option<String> {
    let path = format!("/interfaces/interface[name={}]/config/description", switch::PORTS[0]);
    let path: Path = path.parse().unwrap();
    device.running().get(&path).map(str::to_owned)
}

fn holds(device: &Device, wanted: Option<&str>) {
    assert_eq!(description(device).as_deref(), wanted);
}

/// Waits for a change of running to make the description this one.
async fn becomes(device: &Device, wanted: Option<&str>) {
    let mut changes = device.changes();
    let wait = async {
        while description(device).as_deref() != wanted {
            changes.changed().await.unwrap();
        }
    };
    let waited = tokio::time::timeout(PATIENCE, wait).await;
    assert!(waited.is_ok(), "{:?}, not {wanted:?}", description(device));
}

/// Whether running stays as it is for longer than a confirmed commit of one second would.
async fn stays(device: &Device) {
    let mut changes = device.changes();
    let changed = tokio::time::timeout(Duration::from_secs(2), changes.changed()).await;
    assert!(changed.is_err(), "{:?}", description(device));
}

async fn two() -> (Device, Raw, Raw) {
    let device = switch::start(None).await;
    let (first, second) = (Raw::open(&device).await, Raw::open(&device).await);
    (device, first, second)
}

/// A session's own number, from the refusal of a lock that it holds.
async fn number(raw: &mut Raw) -> u32 {
    raw.ok(&lock("running")).await;
    let holder = raw.error(&lock("running")).await.lock_holder().unwrap();
    raw.ok(&unlock("running")).await;
    holder
}

#[tokio::test]
async fn n_093_n_094_a_lock_names_its_holder() {
    let (_device, mut first, mut second) = two().await;
    let id = number(&mut first).await;
    assert_ne!(id, number(&mut second).await);
    for store in ["candidate", "running"] {
        first.ok(&lock(store)).await;
        for raw in [&mut first, &mut second] {
            let error = raw.error(&lock(store)).await;
            assert_eq!((&error.tag, error.lock_holder()), (&ErrorTag::lock_denied(), Some(id)));
        }
    }
}

#[tokio::test]
async fn n_095_a_changed_candidate_is_not_locked() {
    let (_device, mut first, mut second) = two().await;
    first.ok(&describe("open")).await;
    assert_eq!(second.error(&lock("candidate")).await.tag, ErrorTag::lock_denied());
    first.ok(DISCARD).await;
    second.ok(&lock("candidate")).await;
}

#[tokio::test]
async fn n_096_running_is_not_locked_while_anothers_commit_waits() {
    let (_device, mut first, mut second) = two().await;
    first.ok(&describe("waits")).await;
    first.ok(&confirmed(LONG)).await;
    assert_eq!(second.error(&lock("running")).await.tag, ErrorTag::lock_denied());
    first.ok(COMMIT).await;
    second.ok(&lock("running")).await;
}

#[tokio::test]
async fn n_097_only_the_holder_unlocks() {
    let (_device, mut first, mut second) = two().await;
    first.ok(&lock("candidate")).await;
    second.error(&unlock("candidate")).await;
    assert_eq!(second.error(&lock("candidate")).await.tag, ErrorTag::lock_denied());
    first.ok(&unlock("candidate")).await;
    first.error(&unlock("candidate")).await;
}

#[tokio::test]
async fn n_098_a_lock_that_goes_takes_the_changes_along() {
    let (device, mut first, mut second) = two().await;
    let read = "<get-config><source><candidate/></source></get-config>";
    first.ok(&lock("candidate")).await;
    first.ok(&describe("unlocked")).await;
    first.ok(&unlock("candidate")).await;
    assert!(!second.data(read).await.to_xml().contains("unlocked"));
    first.ok(&lock("candidate")).await;
    first.ok(&describe("dropped")).await;
    drop(first);
    while second.rpc(&lock("candidate")).await.child("ok").is_none() {}
    assert!(!second.data(read).await.to_xml().contains("dropped"));
    holds(&device, None);
}

#[tokio::test]
async fn n_100_a_commit_is_one_unit() {
    let (device, mut first, mut second) = two().await;
    first.ok(&describe("whole")).await;
    let untyped = "<interfaces xmlns=\"http://openconfig.net/yang/interfaces\"><interface><name>new</name><config><name>new</name></config></interface></interfaces>";
    first.ok(&switch::edit(untyped)).await;
    first.error(COMMIT).await;
    holds(&device, None);
    let read = "<get-config><source><candidate/></source></get-config>";
    let kept = first.data(read).await.to_xml();
    assert!(kept.contains("whole") && kept.contains(">new<"), "{kept}");
    second.ok(&lock("running")).await;
    assert_eq!(first.error(COMMIT).await.tag, ErrorTag::in_use());
}

#[tokio::test]
async fn n_101_locks_are_independent() {
    let (_device, mut first, mut second) = two().await;
    first.ok(&lock("running")).await;
    second.ok(&lock("candidate")).await;
}

#[tokio::test]
async fn n_102_not_confirmed_is_undone() {
    let (device, mut first, _second) = two().await;
    first.ok(&describe("for a second")).await;
    first.ok(&confirmed(SECOND)).await;
    holds(&device, Some("for a second"));
    becomes(&device, None).await;
    for wrong in ["0", "-1", "soon", "4294967296"] {
        let error =
            first.error(&confirmed(&format!("<confirm-timeout>{wrong}</confirm-timeout>"))).await;
        assert_eq!(error.tag, ErrorTag::invalid_value(), "{wrong}");
    }
}

#[tokio::test]
async fn n_103_a_commit_confirms_and_takes_what_is_new() {
    let (device, mut first, _second) = two().await;
    first.ok(&describe("one")).await;
    first.ok(&confirmed(SECOND)).await;
    first.ok(&describe("two")).await;
    first.ok(COMMIT).await;
    holds(&device, Some("two"));
    stays(&device).await;
}

#[tokio::test]
async fn n_104_the_point_to_return_to_is_before_the_first() {
    let (device, mut first, _second) = two().await;
    first.ok(&describe("one")).await;
    first.ok(COMMIT).await;
    first.ok(&describe("two")).await;
    first.ok(&confirmed(LONG)).await;
    first.ok(&describe("three")).await;
    first.ok(&confirmed(SECOND)).await;
    holds(&device, Some("three"));
    becomes(&device, Some("one")).await;
}

#[tokio::test]
async fn n_105_without_persist_it_is_its_sessions() {
    let (device, mut first, mut second) = two().await;
    first.ok(&describe("mine")).await;
    first.ok(&confirmed(LONG)).await;
    second.error(COMMIT).await;
    holds(&device, Some("mine"));
    drop(first);
    becomes(&device, None).await;
}

#[tokio::test]
async fn n_106_with_persist_it_is_for_who_knows_the_id() {
    let (device, mut first, mut second) = two().await;
    first.ok(&describe("kept")).await;
    first.ok(&confirmed(&format!("{LONG}<persist>tx</persist>"))).await;
    drop(first);
    for wrong in ["<commit><persist-id>other</persist-id></commit>", COMMIT] {
        assert_eq!(second.error(wrong).await.tag, ErrorTag::invalid_value(), "{wrong}");
    }
    holds(&device, Some("kept"));
    second.ok("<commit><persist-id>tx</persist-id></commit>").await;
    second.error("<commit><persist-id>tx</persist-id></commit>").await;
    holds(&device, Some("kept"));
}

#[tokio::test]
async fn n_107_cancelling() {
    let (device, mut first, mut second) = two().await;
    first.error("<cancel-commit/>").await;
    first.ok(&describe("cancelled")).await;
    first.ok(&confirmed(LONG)).await;
    second.error("<cancel-commit/>").await;
    holds(&device, Some("cancelled"));
    first.ok("<cancel-commit/>").await;
    holds(&device, None);
    first.ok(&describe("by id")).await;
    first.ok(&confirmed(&format!("{LONG}<persist>tx</persist>"))).await;
    for wrong in ["<cancel-commit/>", "<cancel-commit><persist-id>x</persist-id></cancel-commit>"] {
        assert_eq!(second.error(wrong).await.tag, ErrorTag::invalid_value(), "{wrong}");
    }
    second.ok("<cancel-commit><persist-id>tx</persist-id></cancel-commit>").await;
    holds(&device, None);
}

#[tokio::test]
async fn n_108_a_failed_commit_leaves_nothing_pending() {
    let (device, mut first, _second) = two().await;
    let untyped = "<interfaces xmlns=\"http://openconfig.net/yang/interfaces\"><interface><name>new</name><config><name>new</name></config></interface></interfaces>";
    first.ok(&switch::edit(untyped)).await;
    first.error(&confirmed(SECOND)).await;
    first.error("<cancel-commit/>").await;
    stays(&device).await;
}

#[tokio::test]
async fn n_110_a_killed_session_loses_its_commit() {
    let (device, mut first, mut second) = two().await;
    let id = number(&mut first).await;
    first.ok(&describe("killed")).await;
    first.ok(&confirmed(LONG)).await;
    second.ok(&format!("<kill-session><session-id>{id}</session-id></kill-session>")).await;
    becomes(&device, None).await;
    assert!(first.ends().await);
}

#[tokio::test]
async fn n_112_what_the_device_cannot_do_is_not_sent() {
    let old = "urn:ietf:params:netconf:capability:confirmed-commit:1.0";
    let (client, mut fake) = fake::connected(&[old]).await;
    let second = Duration::from_secs(1);
    for outcome in [
        client.confirmed_commit(second, "tx").await,
        client.confirm("tx").await,
        client.cancel_commit("tx").await,
    ] {
        assert!(matches!(outcome, Err(ClientError::Unsupported(_))), "{outcome:?}");
    }
    // Nothing was sent: the next thing to come is this.
    let call = tokio::spawn(async move { client.commit().await });
    assert_eq!(fake::answer(&mut fake, "<ok/>").await.name, "commit");
    call.await.unwrap().unwrap();
}

#[tokio::test]
async fn n_113_validate_changes_nothing() {
    let (device, mut first, _second) = two().await;
    let inline =
        |config: &str| format!("<validate><source><config>{config}</config></source></validate>");
    let typed =
        "<type xmlns:t=\"urn:ietf:params:xml:ns:yang:iana-if-type\">t:ethernetCsmacd</type>";
    first
        .ok(&inline(&switch::interface(&format!("<name>{}</name>{typed}", switch::PORTS[0]))))
        .await;
    first.error(&inline(&switch::interface("<mtu>9000</mtu>"))).await;
    first.error(&inline(&switch::interface("<mtu>many</mtu>"))).await;
    for store in ["running", "candidate"] {
        first.ok(&format!("<validate><source><{store}/></source></validate>")).await;
    }
    first.error("<validate/>").await;
    assert_eq!(device.running(), switch::boot());
}

#[tokio::test]
async fn n_120_copying_a_whole_store() {
    let (device, mut first, mut second) = two().await;
    let copy = |target: &str, source: &str| {
        format!("<copy-config><target><{target}/></target><source>{source}</source></copy-config>")
    };
    let same = first.error(&copy("candidate", "<candidate/>")).await;
    assert_eq!(same.tag, ErrorTag::invalid_value());
    first.ok(&describe("copied")).await;
    first.ok(&copy("running", "<candidate/>")).await;
    holds(&device, Some("copied"));
    second.ok(&lock("running")).await;
    assert_eq!(first.error(&copy("running", "<candidate/>")).await.tag, ErrorTag::in_use());
}

#[tokio::test]
async fn n_122_after_close_session_nothing_is_read() {
    let (device, mut first, mut second) = two().await;
    first.ok(&lock("candidate")).await;
    let get = "<get-config><source><running/></source></get-config>";
    let stream: Vec<u8> = [get, "<close-session/>", get]
        .iter()
        .flat_map(|operation| {
            let request = first.request(operation);
            first.framed(&request)
        })
        .collect();
    first.send(&stream).await;
    assert!(parse(&first.message().await).child("data").is_some());
    assert!(parse(&first.message().await).child("ok").is_some());
    assert!(first.ends().await);
    second.ok(&lock("candidate")).await;
    drop(device);
}

#[tokio::test]
async fn n_123_an_end_instead_of_the_answer_to_close_is_as_good() {
    let (client, mut fake) = fake::connected(&[]).await;
    let call = tokio::spawn(async move { client.close().await });
    assert_eq!(fake::request(&mut fake).await.1.name, "close-session");
    drop(fake);
    call.await.unwrap().unwrap();
}

#[tokio::test]
async fn n_124_killing() {
    let (device, mut first, mut second) = two().await;
    let (own, other) = (number(&mut first).await, number(&mut second).await);
    let kill = |id: &str| format!("<kill-session><session-id>{id}</session-id></kill-session>");
    for wrong in [own.to_string().as_str(), "4000000", "0", "all"] {
        assert_eq!(first.error(&kill(wrong)).await.tag, ErrorTag::invalid_value(), "{wrong}");
    }
    second.ok(&lock("candidate")).await;
    first.ok(&kill(&other.to_string())).await;
    assert!(second.ends().await);
    first.ok(&lock("candidate")).await;
    drop(device);
}

#[tokio::test]
async fn n_125_get_schema() {
    let (_device, mut first, _second) = two().await;
    const NS: &str = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring";
    let get = |inside: &str| format!("<get-schema xmlns=\"{NS}\">{inside}</get-schema>");
    let reply = first.rpc(&get("<identifier>openconfig-interfaces</identifier>")).await;
    let data = reply.child("data").unwrap();
    assert_eq!(data.namespace.as_deref(), Some(NS));
    assert!(data.text().starts_with("module openconfig-interfaces"));
    let error = first.error(&get("<identifier>no-such-module</identifier>")).await;
    assert_eq!(error.tag, ErrorTag::invalid_value());
    let wrong = "<identifier>openconfig-interfaces</identifier><version>1999-01-01</version>";
    assert_eq!(first.error(&get(wrong)).await.tag, ErrorTag::invalid_value());
    let error = first.error(&get("")).await;
    assert_eq!(error.tag, ErrorTag::missing_element());
    let format = "<identifier>openconfig-interfaces</identifier><format>rng</format>";
    assert_eq!(first.error(&get(format)).await.tag, ErrorTag::invalid_value());
}

const SUBSCRIBE: &str = "<create-subscription xmlns=\"urn:ietf:params:xml:ns:netconf:notification:1.0\">INSIDE</create-subscription>";

#[tokio::test]
async fn n_127_n_131_subscribing() {
    let (_device, mut first, mut second) = two().await;
    first.error(&SUBSCRIBE.replace("INSIDE", "<stream>nonsense</stream>")).await;
    first.ok(&SUBSCRIBE.replace("INSIDE", "<stream>NETCONF</stream>")).await;
    first.error(&SUBSCRIBE.replace("INSIDE", "")).await;
    second.ok(&describe("seen")).await;
    second.ok(COMMIT).await;
    let event = parse(&first.message().await);
    assert_eq!(event.name, "notification");
    assert_eq!(event.attribute("message-id"), None);
    // Interleave is announced: other operations go on.
    first.data("<get/>").await;
}

#[tokio::test]
async fn n_128_n_134_a_notification_says_when_and_what() {
    let (_device, mut first, mut second) = two().await;
    let id = number(&mut second).await;
    first.ok(&SUBSCRIBE.replace("INSIDE", "")).await;
    second.ok(&describe("seen")).await;
    second.ok(COMMIT).await;
    let event = parse(&first.message().await);
    let time = event.child("eventTime").unwrap().text();
    assert!(time.ends_with('Z') || time.contains('+'), "{time}");
    assert_eq!(event.children().count(), 2);
    let change = event.child("netconf-config-change").unwrap();
    let by = change.child("changed-by").unwrap();
    assert_eq!(by.child("username").unwrap().text(), switch::USER);
    assert_eq!(by.child("session-id").unwrap().text(), id.to_string());
    assert_eq!(change.child("datastore").unwrap().text(), "running");
}

#[tokio::test]
async fn n_129_times_of_a_subscription() {
    let (_device, mut first, _second) = two().await;
    let cases = [
        ("<startTime>2999-01-01T00:00:00Z</startTime>", ErrorTag::bad_element()),
        ("<stopTime>2999-01-01T00:00:00Z</stopTime>", ErrorTag::missing_element()),
        (
            "<startTime>2020-01-02T00:00:00Z</startTime><stopTime>2020-01-01T00:00:00Z</stopTime>",
            ErrorTag::bad_element(),
        ),
    ];
    for (times, tag) in cases {
        let error = first.error(&SUBSCRIBE.replace("INSIDE", times)).await;
        assert_eq!(error.tag, tag, "{times}: {error}");
    }
}
