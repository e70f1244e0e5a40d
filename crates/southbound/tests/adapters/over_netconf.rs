//! What only a candidate has: locks of others, leftovers, one session.

use crate::bench::{Bench, SECOND};
use engine::ports::{DeviceError, Devices};
use model::topology::Protocol;
use netconf::{Client, Edit};
use testkit::contract::devices::{DeviceBench, wish};

async fn scribble(client: &Client) {
    let config = "<interfaces xmlns=\"http://openconfig.net/yang/interfaces\"><interface><name>ge-0/0/1</name><config><description>leftover</description></config></interface></interfaces>";
    let edit = Edit {
        target: "candidate",
        default_operation: None,
        test_option: None,
        error_option: None,
        config,
    };
    client.edit_config(edit).await.unwrap();
}

#[tokio::test]
async fn a_lock_is_named_by_its_session_and_waited_for() {
    let bench = Bench::new(Protocol::Netconf).await;
    let stranger = bench.client().await;
    stranger.lock("candidate").await.unwrap();
    let answer = bench.prepare("t1", &wish(100)).await;
    let Err(DeviceError::Locked { holder, .. }) = &answer else { panic!("{answer:?}") };
    let id = stranger.hello().session_id.unwrap();
    assert_eq!(*holder, format!("NETCONF session {id}"));
    let wish = wish(100);
    let (prepared, ()) = tokio::join!(bench.prepare("t1", &wish), async {
        stranger.unlock("candidate").await.unwrap();
    });
    assert_eq!(prepared, Ok(()));
}

#[tokio::test]
async fn a_lock_of_running_is_named_and_the_preparation_can_be_cancelled() {
    let bench = Bench::new(Protocol::Netconf).await;
    let boot = bench.running();
    let stranger = bench.client().await;
    stranger.lock("running").await.unwrap();
    bench.prepare("t1", &wish(100)).await.unwrap();
    let answer = bench.commit("t1", &wish(100)).await;
    assert!(matches!(answer, Err(DeviceError::Locked { .. })), "{answer:?}");
    bench.cancel("t1", &wish(100)).await.unwrap();
    assert_eq!(bench.running(), boot);
    stranger.unlock("running").await.unwrap();
    bench.apply("t2", &wish(100)).await;
}

#[tokio::test]
async fn leftovers_in_the_candidate_are_not_committed_along() {
    let bench = Bench::new(Protocol::Netconf).await;
    let boot = bench.running();
    let stranger = bench.client().await;
    scribble(&stranger).await;
    bench.apply("t1", &wish(100)).await;
    assert_eq!(bench.running(), wish(100).on(&boot));
    bench.prepare("t2", &wish(200)).await.unwrap();
    bench.commit("t2", &wish(200)).await.unwrap();
    let written = wish(200).on(&wish(100).on(&boot));
    let mut bench = bench;
    bench.forget();
    // Whoever confirms without its session must not take in what somebody wrote meanwhile.
    let locked = async {
        while stranger.lock("candidate").await.is_err() {
            tokio::task::yield_now().await;
        }
        stranger.unlock("candidate").await.unwrap();
        scribble(&stranger).await;
    };
    tokio::time::timeout(5 * SECOND, locked).await.unwrap();
    bench.confirm("t2").await.unwrap();
    assert_eq!(bench.running(), written);
}

#[tokio::test]
async fn one_session_is_enough_and_a_killed_one_is_replaced() {
    let bench = Bench::new(Protocol::Netconf).await;
    for (name, vlan) in [("t1", 100), ("t2", 200), ("t3", 300)] {
        bench.apply(name, &wish(vlan)).await;
        bench.devices.read(&bench.target).await.unwrap();
    }
    let stranger = bench.client().await;
    assert_eq!(stranger.hello().session_id, Some(2), "the adapter has session 1 and no other");
    bench.prepare("t4", &wish(400)).await.unwrap();
    stranger.kill_session(1).await.unwrap();
    bench.commit("t4", &wish(400)).await.unwrap();
    bench.confirm("t4").await.unwrap();
    bench.devices.read(&bench.target).await.unwrap();
}

#[tokio::test]
async fn nothing_of_a_transaction_holds_the_device_when_it_has_ended() {
    let bench = Bench::new(Protocol::Netconf).await;
    let stranger = bench.client().await;
    let free = async || {
        stranger.lock("candidate").await.unwrap();
        stranger.unlock("candidate").await.unwrap();
    };
    bench.apply("t1", &wish(100)).await;
    free().await;
    bench.prepare("t2", &wish(200)).await.unwrap();
    bench.cancel("t2", &wish(200)).await.unwrap();
    free().await;
    bench.prepare("t3", &wish(200)).await.unwrap();
    bench.commit("t3", &wish(200)).await.unwrap();
    bench.cancel("t3", &wish(200)).await.unwrap();
    free().await;
    bench.cancel("t1", &wish(100)).await.unwrap();
    free().await;
    bench.fault(sim_device::Fault::RefuseEdit("no".to_owned()));
    bench.prepare("t4", &wish(200)).await.unwrap_err();
    free().await;
    assert!(bench.confirm("t9").await.is_err());
    free().await;
}
