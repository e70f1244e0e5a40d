//! What a device does wrong comes back as the error that tells what to do next.

use super::circuit::impossible;
use super::{DeviceBench, DeviceTrouble, Steps, wish};
use engine::ports::DeviceError;

pub(super) async fn both_protocols<B: DeviceBench>(make: impl AsyncFn() -> B) {
    a_change_that_breaks_the_schema_is_refused_before_it_is_sent(make().await).await;
    a_refusal_names_its_reason_and_changes_nothing(make().await).await;
    an_ok_that_is_not_true_can_be_seen(make().await).await;
    a_lost_reply_is_an_unknown_outcome(make().await).await;
    a_device_that_is_away_is_unreachable(make().await).await;
}

pub(super) async fn with_a_candidate<B: DeviceBench>(make: impl AsyncFn() -> B) {
    a_foreign_lock_is_named_and_waited_for(make().await).await;
}

async fn a_change_that_breaks_the_schema_is_refused_before_it_is_sent(bench: impl DeviceBench) {
    let (boot, broken, wish) = (bench.running(), impossible(), wish(100));
    let answer = bench.prepare("t1", &broken.change).await;
    let Err(DeviceError::Refused { path, .. }) = &answer else { panic!("{answer:?}") };
    assert!(path.contains("interface"), "{path}");
    bench.comes_to(&boot).await;
    assert_eq!(bench.cancel("t1", &broken.undo).await, Ok(()));
    bench.apply("t2", &wish.change).await;
    bench.comes_to(&wish.on(&boot)).await;
}

async fn a_refusal_names_its_reason_and_changes_nothing(bench: impl DeviceBench) {
    let (boot, wish) = (bench.running(), wish(100));
    bench.trouble(DeviceTrouble::Refuses).await;
    let answer = match bench.prepare("t1", &wish.change).await {
        Ok(()) => bench.commit("t1", &wish.change).await,
        refused => refused,
    };
    let Err(DeviceError::Refused { reason, .. }) = &answer else { panic!("{answer:?}") };
    assert!(reason.contains("out of memory"), "{reason}");
    bench.comes_to(&boot).await;
    assert_eq!(bench.cancel("t1", &wish.undo).await, Ok(()));
    bench.comes_to(&boot).await;
    bench.apply("t2", &wish.change).await;
    bench.comes_to(&wish.on(&boot)).await;
}

/// Either the adapter finds out, or a read does (pitfall P-58).
async fn an_ok_that_is_not_true_can_be_seen(bench: impl DeviceBench) {
    let (boot, wish) = (bench.running(), wish(100));
    assert_eq!(bench.prepare("t1", &wish.change).await, Ok(()));
    bench.trouble(DeviceTrouble::AcknowledgesOnly).await;
    let answer = bench.commit("t1", &wish.change).await;
    assert!(matches!(answer, Ok(()) | Err(DeviceError::NotApplied { .. })), "{answer:?}");
    bench.comes_to(&boot).await;
    assert_eq!(bench.cancel("t1", &wish.undo).await, Ok(()));
    bench.apply("t2", &wish.change).await;
    bench.comes_to(&wish.on(&boot)).await;
}

async fn a_lost_reply_is_an_unknown_outcome(bench: impl DeviceBench) {
    let (boot, wish) = (bench.running(), wish(100));
    assert_eq!(bench.prepare("t1", &wish.change).await, Ok(()));
    bench.trouble(DeviceTrouble::LosesTheReply).await;
    let answer = bench.commit("t1", &wish.change).await;
    assert!(matches!(answer, Err(DeviceError::OutcomeUnknown { .. })), "{answer:?}");
    bench.comes_to(&wish.on(&boot)).await;
    assert_eq!(bench.commit("t1", &wish.change).await, Ok(()));
    assert_eq!(bench.confirm("t1").await, Ok(()));
    bench.comes_to(&wish.on(&boot)).await;
}

async fn a_device_that_is_away_is_unreachable(bench: impl DeviceBench) {
    let wish = wish(100);
    bench.trouble(DeviceTrouble::Unreachable).await;
    let read = bench.read().await.map(|_| ());
    let prepared = bench.prepare("t1", &wish.change).await;
    for answer in [read, prepared] {
        assert!(matches!(answer, Err(DeviceError::Unreachable { .. })), "{answer:?}");
    }
}

async fn a_foreign_lock_is_named_and_waited_for(bench: impl DeviceBench) {
    let (boot, wish) = (bench.running(), wish(100));
    bench.trouble(DeviceTrouble::LockedByAnother).await;
    let answer = bench.prepare("t1", &wish.change).await;
    let Err(DeviceError::Locked { holder, .. }) = &answer else { panic!("{answer:?}") };
    assert!(!holder.is_empty());
    bench.comes_to(&boot).await;
    bench.trouble(DeviceTrouble::Unlocked).await;
    bench.apply("t1", &wish.change).await;
    bench.comes_to(&wish.on(&boot)).await;
}
