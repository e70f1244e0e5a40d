//! NETCONF with software that nobody here wrote: ncclient against the simulated switch, and our
//! client against netconfd.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use netconf::{Client, ClientError, Deadlines, Edit, ErrorTag};
use std::time::{Duration, Instant};
use tests::netconfd::Netconfd;
use tests::{python, switch};

#[tokio::test(flavor = "multi_thread")]
async fn ncclient_configures_the_simulated_switch() {
    let Some(interpreter) = python::interpreter() else { return };
    let device = switch::start(None).await;
    let (host, port) = (device.netconf.ip().to_string(), device.netconf.port().to_string());
    let arguments = [&host, &port, switch::USER, switch::PASSWORD, switch::PORTS[0]];
    let steps = python::steps(&interpreter, "ncclient_session.py", &arguments).await;
    assert_eq!(
        python::names(&steps),
        [
            "hello",
            "wrong password",
            "edit, validate, commit, read",
            "lock is refused",
            "lock is free",
            "not confirmed, undone",
            "confirmed, stays",
            "confirmed by another session",
            "cancelled",
            "bad edit",
            "bad candidate",
            "close"
        ]
    );
    // What the script says it wrote last is there, and nothing else is.
    let mut expected = switch::boot();
    let description =
        format!("/interfaces/interface[name={}]/config/description", switch::PORTS[0]);
    expected.set(&description.parse().unwrap(), Some("the last word".to_owned()));
    assert_eq!(device.running(), expected);
}

const INTERFACES: &str = "urn:ietf:params:xml:ns:yang:ietf-interfaces";

/// An interface as ietf-interfaces has it (RFC 8343).
fn interface(description: &str) -> String {
    format!(
        "<interfaces xmlns=\"{INTERFACES}\"><interface><name>wan0</name>\
         <description>{description}</description>\
         <type xmlns:ianaift=\"urn:ietf:params:xml:ns:yang:iana-if-type\">ianaift:ethernetCsmacd</type>\
         <enabled>true</enabled></interface></interfaces>"
    )
}

fn candidate(config: &str) -> Edit<'_> {
    Edit {
        target: "candidate",
        default_operation: Some("merge"),
        test_option: None,
        error_option: None,
        config,
    }
}

/// The interface's description in a datastore.
async fn description(client: &Client, store: &str) -> Option<String> {
    let filter = format!("<interfaces xmlns=\"{INTERFACES}\"/>");
    let data = client.get_config(store, Some(&filter)).await.unwrap();
    let data = netconf::Element::parse(&format!("<data>{data}</data>")).unwrap();
    let interfaces = data.child("interfaces")?;
    let mut entries = interfaces.children();
    let entry = entries.find(|entry| entry.child("name").is_some_and(|n| n.text() == "wan0"))?;
    entry.child("description").map(netconf::Element::text)
}

async fn holds(client: &Client, wanted: &str) {
    assert_eq!(description(client, "running").await.as_deref(), Some(wanted));
}

/// netconfd looks at its timers when it has had nothing to do for a second.
const IDLE: Duration = Duration::from_millis(1500);

async fn until(client: &Client, wanted: &str, within: Duration) {
    let deadline = Instant::now() + within;
    loop {
        let found = description(client, "running").await;
        if found.as_deref() == Some(wanted) {
            return;
        }
        assert!(Instant::now() < deadline, "{found:?} after {within:?}, not {wanted:?}");
        tokio::time::sleep(IDLE).await;
    }
}

async fn session(server: &Netconfd) -> Client {
    Client::connect(&server.target, Deadlines::default()).await.unwrap().0
}

fn errors(outcome: Result<netconf::Reply, ClientError>) -> Vec<netconf::RpcError> {
    match outcome {
        Err(ClientError::Rpc(errors)) => errors,
        other => panic!("it was not refused: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_client_configures_netconfd() {
    let Some(server) = Netconfd::start() else { return };
    let client = session(&server).await;
    for capability in ["candidate:1.0", "confirmed-commit:1.1", "validate:1.1"] {
        assert!(client.has(capability), "{capability}: {:?}", client.hello());
    }

    client.lock("candidate").await.unwrap();
    let other = session(&server).await;
    let refused = errors(other.lock("candidate").await);
    assert_eq!(refused[0].tag, ErrorTag::lock_denied());
    assert_eq!(refused[0].lock_holder(), client.hello().session_id);
    other.close().await.unwrap();

    client.edit_config(candidate(&interface("validated"))).await.unwrap();
    client.validate("candidate").await.unwrap();
    // This server's commit after a `validate` answers `ok` and does nothing; an edit in between
    // mends it (pitfall P-58).
    client.edit_config(candidate(&interface("by wayleave &amp; kept"))).await.unwrap();
    assert_eq!(description(&client, "running").await, None);
    client.commit().await.unwrap();
    assert_eq!(description(&client, "running").await.as_deref(), Some("by wayleave & kept"));

    client.edit_config(candidate(&interface("dropped"))).await.unwrap();
    assert_eq!(description(&client, "candidate").await.as_deref(), Some("dropped"));
    client.discard_changes().await.unwrap();
    assert_eq!(description(&client, "candidate").await.as_deref(), Some("by wayleave & kept"));

    let bad = interface("x").replace("<enabled>true<", "<enabled>perhaps<");
    let refused = errors(client.edit_config(candidate(&bad)).await);
    assert_eq!(refused[0].tag, ErrorTag::invalid_value(), "{refused:?}");
    assert!(refused[0].path.as_deref().is_some_and(|path| path.contains("enabled")), "{refused:?}");
    client.discard_changes().await.unwrap();

    client.unlock("candidate").await.unwrap();
    client.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn netconfd_keeps_what_is_confirmed_and_undoes_what_is_not() {
    let Some(server) = Netconfd::start() else { return };
    let client = session(&server).await;
    client.edit_config(candidate(&interface("first"))).await.unwrap();
    client.commit().await.unwrap();

    client.edit_config(candidate(&interface("cancelled"))).await.unwrap();
    client.confirmed_commit(Duration::from_secs(60), "tx-1").await.unwrap();
    holds(&client, "cancelled").await;
    client.cancel_commit("tx-1").await.unwrap();
    holds(&client, "first").await;

    client.edit_config(candidate(&interface("confirmed"))).await.unwrap();
    client.confirmed_commit(Duration::from_secs(60), "tx-2").await.unwrap();
    // The session that confirms need not be the one that committed (RFC 6241 §8.4.1).
    client.close().await.unwrap();
    let client = session(&server).await;
    holds(&client, "confirmed").await;
    client.confirm("tx-2").await.unwrap();

    client.edit_config(candidate(&interface("timed out"))).await.unwrap();
    client.confirmed_commit(Duration::from_secs(2), "tx-3").await.unwrap();
    holds(&client, "timed out").await;
    until(&client, "confirmed", Duration::from_secs(30)).await;
    client.close().await.unwrap();
}
