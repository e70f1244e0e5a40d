//! Whole transactions over both protocols, with what can go wrong on the way.

use crate::bench::{AMPLE, Bench, SECOND, transaction};
use engine::ports::{DeviceError, Devices};
use model::topology::Protocol;
use sim_device::Fault;
use testkit::contract::devices::{DeviceBench, wish};
use tokio::time::timeout;

const BOTH: [Protocol; 2] = [Protocol::Netconf, Protocol::Gnmi];

/// A session that breaks under a step leaves its outcome unknown; the step is then repeated.
async fn asked_again(step: impl AsyncFn() -> Result<(), DeviceError>) -> Result<(), DeviceError> {
    match step().await {
        Err(DeviceError::OutcomeUnknown { .. }) => step().await,
        outcome => outcome,
    }
}

#[tokio::test]
async fn services_come_and_go_and_the_device_is_byte_for_byte_as_it_was() {
    for protocol in BOTH {
        let bench = Bench::new(protocol).await;
        let boot = bench.text();
        for vlan in [100, 200, 300] {
            bench.apply(&format!("add-{vlan}"), &wish(vlan)).await;
        }
        assert_ne!(bench.text(), boot);
        for vlan in [200, 100, 300] {
            let name = format!("remove-{vlan}");
            let (change, id) = (wish(vlan).undo, transaction(&name));
            bench.devices.prepare(&bench.target, &id, &change).await.unwrap();
            bench.devices.commit(&bench.target, &id, &change, AMPLE).await.unwrap();
            bench.devices.confirm(&bench.target, &id).await.unwrap();
        }
        assert_eq!(bench.text(), boot, "{protocol:?}");
    }
}

#[tokio::test]
async fn a_commit_slower_than_its_deadline_is_an_unknown_outcome_and_can_be_undone() {
    for protocol in BOTH {
        let bench = Bench::new(protocol).await;
        let boot = bench.running();
        bench.prepare("t1", &wish(100)).await.unwrap();
        bench.fault(Fault::Delay(20 * SECOND));
        let answer = bench.commit("t1", &wish(100)).await;
        let Err(DeviceError::OutcomeUnknown { step, .. }) = &answer else { panic!("{answer:?}") };
        assert_eq!(step, "commit");
        bench.cancel("t1", &wish(100)).await.unwrap();
        bench.until(&boot).await;
        bench.apply("t2", &wish(200)).await;
        assert_eq!(bench.running(), wish(200).on(&boot), "{protocol:?}");
    }
}

#[tokio::test]
async fn a_slow_commit_within_its_deadline_is_just_slow() {
    for protocol in BOTH {
        let bench = Bench::new(protocol).await;
        bench.fault(Fault::Delay(SECOND / 4));
        bench.apply("t1", &wish(100)).await;
    }
}

#[tokio::test]
async fn a_lost_answer_to_a_confirmation_is_found_out_by_asking_again() {
    for protocol in BOTH {
        let bench = Bench::new(protocol).await;
        let boot = bench.running();
        bench.prepare("t1", &wish(100)).await.unwrap();
        bench.commit("t1", &wish(100)).await.unwrap();
        bench.fault(Fault::DropReply);
        let answer = bench.confirm("t1").await;
        let Err(DeviceError::OutcomeUnknown { step, .. }) = &answer else { panic!("{answer:?}") };
        assert_eq!(step, "confirm");
        bench.confirm("t1").await.unwrap();
        assert_eq!(bench.running(), wish(100).on(&boot));
        bench.apply("t2", &wish(200)).await;
    }
}

#[tokio::test]
async fn a_lost_answer_to_a_commit_can_be_cancelled() {
    for protocol in BOTH {
        let bench = Bench::new(protocol).await;
        let boot = bench.running();
        bench.prepare("t1", &wish(100)).await.unwrap();
        bench.fault(Fault::DropReply);
        bench.commit("t1", &wish(100)).await.unwrap_err();
        assert_eq!(bench.running(), wish(100).on(&boot));
        bench.cancel("t1", &wish(100)).await.unwrap();
        assert_eq!(bench.running(), boot, "{protocol:?}");
    }
}

#[tokio::test]
async fn a_commit_that_nobody_confirms_is_undone_and_can_be_made_again() {
    for protocol in BOTH {
        let bench = Bench::new(protocol).await;
        let boot = bench.running();
        bench.prepare("t1", &wish(100)).await.unwrap();
        bench.commit_for("t1", &wish(100), SECOND).await;
        assert_eq!(bench.running(), wish(100).on(&boot));
        bench.until(&boot).await;
        let late = bench.confirm("t1").await;
        let Err(DeviceError::Refused { path, reason, .. }) = &late else { panic!("{late:?}") };
        assert!(path.starts_with("/interfaces") && reason.contains("absent"), "{path}: {reason}");
        bench.commit("t1", &wish(100)).await.unwrap();
        bench.confirm("t1").await.unwrap();
        assert_eq!(bench.running(), wish(100).on(&boot));
    }
}

#[tokio::test]
async fn repeating_a_commit_gives_more_time() {
    let bench = Bench::new(Protocol::Netconf).await;
    let boot = bench.running();
    bench.prepare("t1", &wish(100)).await.unwrap();
    bench.commit_for("t1", &wish(100), SECOND).await;
    bench.commit("t1", &wish(100)).await.unwrap();
    let undone = timeout(2 * SECOND, bench.until(&boot)).await;
    assert!(undone.is_err(), "it is not undone after the first time");
    bench.confirm("t1").await.unwrap();
}

#[tokio::test]
async fn a_device_that_restarts_between_commit_and_confirmation_gets_it_again() {
    for protocol in BOTH {
        let bench = Bench::new(protocol).await;
        let boot = bench.running();
        bench.prepare("t1", &wish(100)).await.unwrap();
        bench.commit("t1", &wish(100)).await.unwrap();
        bench.reboot(boot.clone()).await;
        let answer = asked_again(async || bench.confirm("t1").await).await;
        assert!(matches!(answer, Err(DeviceError::Refused { .. })), "{protocol:?}: {answer:?}");
        bench.commit("t1", &wish(100)).await.unwrap();
        bench.confirm("t1").await.unwrap();
        assert_eq!(bench.running(), wish(100).on(&boot));
    }
}

#[tokio::test]
async fn a_device_that_restarts_after_the_preparation_is_prepared_again() {
    for protocol in BOTH {
        let bench = Bench::new(protocol).await;
        let boot = bench.running();
        bench.prepare("t1", &wish(100)).await.unwrap();
        bench.reboot(boot.clone()).await;
        asked_again(async || bench.commit("t1", &wish(100)).await).await.unwrap();
        bench.confirm("t1").await.unwrap();
        assert_eq!(bench.running(), wish(100).on(&boot));
    }
}

#[tokio::test]
async fn what_was_confirmed_is_undone_by_a_commit_of_its_own() {
    for protocol in BOTH {
        let mut bench = Bench::new(protocol).await;
        let boot = bench.running();
        bench.apply("t1", &wish(100)).await;
        bench.cancel("t1", &wish(100)).await.unwrap();
        assert_eq!(bench.running(), boot);
        // And so it is by an orchestrator that does not remember it.
        bench.apply("t2", &wish(100)).await;
        bench.forget();
        bench.cancel("t2", &wish(100)).await.unwrap();
        assert_eq!(bench.running(), boot);
        bench.apply("t3", &wish(200)).await;
    }
}

#[tokio::test]
async fn a_confirmation_by_an_orchestrator_that_began_anew() {
    for protocol in BOTH {
        let mut bench = Bench::new(protocol).await;
        let boot = bench.running();
        bench.prepare("t1", &wish(100)).await.unwrap();
        bench.commit("t1", &wish(100)).await.unwrap();
        bench.forget();
        bench.confirm("t1").await.unwrap();
        assert_eq!(bench.running(), wish(100).on(&boot));
        bench.forget();
        let again = bench.confirm("t1").await;
        assert!(matches!(again, Err(DeviceError::Refused { .. })), "{again:?}");
        bench.apply("t2", &wish(200)).await;
    }
}

/// The engine's task may end at any await.
#[tokio::test]
async fn a_caller_that_goes_away_in_the_middle_leaves_a_device_that_works() {
    for protocol in BOTH {
        let bench = Bench::new(protocol).await;
        let boot = bench.running();
        for step in 0..24 {
            let name = format!("t{step}");
            let wish = wish(100);
            let whole = bench.apply(&name, &wish);
            let _ = timeout(SECOND / 1000 * step, whole).await;
            bench.cancel(&name, &wish).await.unwrap();
            assert_eq!(bench.running(), boot, "{protocol:?}, gone after {step} ms");
        }
        bench.apply("last", &wish(200)).await;
        assert_eq!(bench.running(), wish(200).on(&boot));
    }
}

#[tokio::test]
async fn cancelling_what_waits_for_another_transaction_disturbs_neither() {
    for protocol in BOTH {
        let bench = Bench::new(protocol).await;
        let boot = bench.running();
        bench.prepare("t1", &wish(100)).await.unwrap();
        let answer = bench.prepare("t2", &wish(200)).await;
        let Err(DeviceError::Locked { holder, .. }) = &answer else { panic!("{answer:?}") };
        assert_eq!(holder, "transaction t1");
        bench.cancel("t2", &wish(200)).await.unwrap();
        bench.commit("t1", &wish(100)).await.unwrap();
        bench.confirm("t1").await.unwrap();
        assert_eq!(bench.running(), wish(100).on(&boot));
    }
}
