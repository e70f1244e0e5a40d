//! What only a target without a candidate has: Sets that are final, and commits of others.

use crate::bench::{Bench, SECOND};
use engine::ports::DeviceError;
use gnmi::client::{Security, commit_cancel, commit_request};
use gnmi::{Client, Connection, SetChange};
use model::topology::{Protocol, Trust};
use sim_device::{Device, Fault};
use testkit::contract::devices::{DeviceBench, wish};

async fn stranger(bench: &Bench) -> Client {
    let Trust::CertificateAuthority { pem_file, server_name } = bench.pki.trust("sw1") else {
        panic!("gNMI is trusted by its certificate")
    };
    let authority = std::fs::read_to_string(pem_file).unwrap();
    Client::connect(&Connection {
        address: bench.on(|device| device.gnmi.to_string()),
        security: Security::Tls { authority, server_name, identity: None },
        user: "admin".to_owned(),
        password: crate::bench::PASSWORD.to_owned(),
        connect_within: 10 * SECOND,
        answer_within: 10 * SECOND,
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn without_the_commit_extension_a_set_is_final_and_undone_by_another() {
    let bench = Bench::new(Protocol::Gnmi).await;
    bench.on(Device::forget_commit_extension);
    let boot = bench.running();
    bench.prepare("t1", &wish(100)).await.unwrap();
    bench.commit_for("t1", &wish(100), SECOND).await;
    bench.cancel("t1", &wish(100)).await.unwrap();
    assert_eq!(bench.running(), boot);
    bench.apply("t2", &wish(100)).await;
    bench.confirm("t2").await.unwrap();
    bench.cancel("t2", &wish(100)).await.unwrap();
    assert_eq!(bench.running(), boot);
}

#[tokio::test]
async fn without_the_commit_extension_a_lost_answer_is_found_out_or_undone() {
    for undone in [false, true] {
        let mut bench = Bench::new(Protocol::Gnmi).await;
        bench.on(Device::forget_commit_extension);
        let boot = bench.running();
        bench.prepare("t1", &wish(100)).await.unwrap();
        bench.fault(Fault::DropReply);
        let answer = bench.commit("t1", &wish(100)).await;
        assert!(matches!(answer, Err(DeviceError::OutcomeUnknown { .. })), "{answer:?}");
        bench.forget();
        if undone {
            bench.cancel("t1", &wish(100)).await.unwrap();
            assert_eq!(bench.running(), boot);
        } else {
            bench.commit("t1", &wish(100)).await.unwrap();
            bench.confirm("t1").await.unwrap();
            assert_eq!(bench.running(), wish(100).on(&boot));
        }
    }
}

#[tokio::test]
async fn a_commit_of_another_that_is_pending_is_waited_for() {
    let bench = Bench::new(Protocol::Gnmi).await;
    let boot = bench.running();
    let other = stranger(&bench).await;
    let theirs = vec![commit_request("theirs", 600 * SECOND)];
    other.set(&SetChange::default(), theirs).await.unwrap();
    bench.prepare("t1", &wish(100)).await.unwrap();
    let answer = bench.commit("t1", &wish(100)).await;
    let Err(DeviceError::Locked { holder, .. }) = &answer else { panic!("{answer:?}") };
    assert!(holder.contains("pending"), "{holder}");
    let (wish_100, nothing) = (wish(100), SetChange::default());
    let (committed, _) = tokio::join!(
        bench.commit("t1", &wish_100),
        other.set(&nothing, vec![commit_cancel("theirs")])
    );
    assert_eq!(committed, Ok(()));
    bench.confirm("t1").await.unwrap();
    assert_eq!(bench.running(), wish(100).on(&boot));
}

#[tokio::test]
async fn a_preparation_is_not_seen_by_the_device() {
    let bench = Bench::new(Protocol::Gnmi).await;
    bench.prepare("t1", &wish(100)).await.unwrap();
    bench.fault(Fault::RefuseEdit("full".to_owned()));
    // The fault is still there: nothing was sent that it could have refused.
    let answer = bench.commit("t1", &wish(100)).await;
    let Err(DeviceError::Refused { reason, .. }) = &answer else { panic!("{answer:?}") };
    assert_eq!(reason, "full");
    bench.cancel("t1", &wish(100)).await.unwrap();
    bench.apply("t2", &wish(200)).await;
}
