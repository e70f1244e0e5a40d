//! What each step does, once and again, and what a restart in between leaves.

use super::{DeviceBench, Steps, wish};
use engine::ports::DeviceError;
use std::time::Duration;

/// The shortest time that NETCONF can say.
const SECOND: Duration = Duration::from_secs(1);

pub(super) async fn both_protocols<B: DeviceBench>(make: impl AsyncFn() -> B) {
    a_preparation_puts_nothing_in_force(make().await).await;
    a_confirmed_change_stays(make().await).await;
    every_step_may_be_repeated(make().await).await;
    what_was_put_is_taken_away_without_a_trace(make().await).await;
    a_commit_can_be_cancelled(make().await).await;
    a_repeated_commit_is_cancelled_as_one(make().await).await;
    a_cancellation_with_nothing_to_undo_is_harmless(make().await).await;
    a_restart_after_the_preparation_goes_on_with_the_commit(make().await).await;
    a_restart_after_the_commit_goes_on_with_it(make().await).await;
    a_restart_after_the_commit_can_cancel_it(make().await).await;
}

pub(super) async fn with_a_candidate<B: DeviceBench>(make: impl AsyncFn() -> B) {
    an_unconfirmed_commit_is_undone_by_the_device(make().await).await;
    one_transaction_at_a_time_holds_the_device(make().await).await;
}

async fn a_preparation_puts_nothing_in_force(bench: impl DeviceBench) {
    let (boot, wish) = (bench.running(), wish(100));
    assert_eq!(bench.prepare("t1", &wish.change).await, Ok(()));
    bench.comes_to(&boot).await;
    assert_eq!(bench.cancel("t1", &wish.undo).await, Ok(()));
    bench.comes_to(&boot).await;
    bench.apply("t2", &wish.change).await;
    bench.comes_to(&wish.on(&boot)).await;
}

async fn a_confirmed_change_stays(bench: impl DeviceBench) {
    let (boot, first, second) = (bench.running(), wish(100), wish(200));
    assert_ne!(first.on(&boot), boot);
    assert_eq!(bench.prepare("t1", &first.change).await, Ok(()));
    assert_eq!(bench.commit_for("t1", &first.change, SECOND).await, Ok(()));
    assert_eq!(bench.confirm("t1").await, Ok(()));
    bench.pass(SECOND * 2);
    bench.comes_to(&first.on(&boot)).await;
    bench.apply("t2", &second.change).await;
    bench.comes_to(&second.on(&first.on(&boot))).await;
}

async fn every_step_may_be_repeated(bench: impl DeviceBench) {
    let (boot, wish) = (bench.running(), wish(100));
    for _ in 0..2 {
        assert_eq!(bench.prepare("t1", &wish.change).await, Ok(()));
    }
    for _ in 0..2 {
        assert_eq!(bench.commit("t1", &wish.change).await, Ok(()));
    }
    bench.comes_to(&wish.on(&boot)).await;
    for _ in 0..2 {
        assert_eq!(bench.confirm("t1").await, Ok(()));
    }
    bench.comes_to(&wish.on(&boot)).await;
}

async fn what_was_put_is_taken_away_without_a_trace(bench: impl DeviceBench) {
    let (boot, first, second) = (bench.running(), wish(100), wish(200));
    bench.apply("t1", &first.change).await;
    bench.apply("t2", &second.change).await;
    bench.apply("t3", &first.undo).await;
    bench.comes_to(&second.on(&boot)).await;
    bench.apply("t4", &second.undo).await;
    bench.comes_to(&boot).await;
    bench.apply("t5", &second.undo).await;
    bench.comes_to(&boot).await;
}

async fn a_commit_can_be_cancelled(bench: impl DeviceBench) {
    let (boot, first, second) = (bench.running(), wish(100), wish(200));
    bench.apply("t1", &first.change).await;
    assert_eq!(bench.prepare("t2", &second.change).await, Ok(()));
    assert_eq!(bench.commit("t2", &second.change).await, Ok(()));
    for _ in 0..2 {
        assert_eq!(bench.cancel("t2", &second.undo).await, Ok(()));
        bench.comes_to(&first.on(&boot)).await;
    }
    bench.apply("t3", &second.change).await;
    bench.comes_to(&second.on(&first.on(&boot))).await;
}

async fn a_repeated_commit_is_cancelled_as_one(mut bench: impl DeviceBench) {
    let (boot, wish) = (bench.running(), wish(100));
    assert_eq!(bench.prepare("t1", &wish.change).await, Ok(()));
    assert_eq!(bench.commit("t1", &wish.change).await, Ok(()));
    bench.restart().await;
    assert_eq!(bench.commit("t1", &wish.change).await, Ok(()));
    bench.comes_to(&wish.on(&boot)).await;
    assert_eq!(bench.cancel("t1", &wish.undo).await, Ok(()));
    bench.comes_to(&boot).await;
}

async fn a_cancellation_with_nothing_to_undo_is_harmless(bench: impl DeviceBench) {
    let (boot, wish) = (bench.running(), wish(100));
    assert_eq!(bench.cancel("t1", &wish.undo).await, Ok(()));
    bench.comes_to(&boot).await;
}

async fn a_restart_after_the_preparation_goes_on_with_the_commit(mut bench: impl DeviceBench) {
    let (boot, wish) = (bench.running(), wish(100));
    assert_eq!(bench.prepare("t1", &wish.change).await, Ok(()));
    bench.restart().await;
    bench.comes_to(&boot).await;
    assert_eq!(bench.commit("t1", &wish.change).await, Ok(()));
    assert_eq!(bench.confirm("t1").await, Ok(()));
    bench.comes_to(&wish.on(&boot)).await;
}

async fn a_restart_after_the_commit_goes_on_with_it(mut bench: impl DeviceBench) {
    let (boot, wish) = (bench.running(), wish(100));
    assert_eq!(bench.prepare("t1", &wish.change).await, Ok(()));
    assert_eq!(bench.commit("t1", &wish.change).await, Ok(()));
    bench.restart().await;
    assert_eq!(bench.commit("t1", &wish.change).await, Ok(()));
    assert_eq!(bench.confirm("t1").await, Ok(()));
    bench.comes_to(&wish.on(&boot)).await;
}

async fn a_restart_after_the_commit_can_cancel_it(mut bench: impl DeviceBench) {
    let (boot, wish) = (bench.running(), wish(100));
    assert_eq!(bench.prepare("t1", &wish.change).await, Ok(()));
    assert_eq!(bench.commit("t1", &wish.change).await, Ok(()));
    bench.restart().await;
    assert_eq!(bench.cancel("t1", &wish.undo).await, Ok(()));
    bench.comes_to(&boot).await;
}

async fn an_unconfirmed_commit_is_undone_by_the_device(bench: impl DeviceBench) {
    let (boot, wish) = (bench.running(), wish(100));
    assert_eq!(bench.prepare("t1", &wish.change).await, Ok(()));
    assert_eq!(bench.commit_for("t1", &wish.change, SECOND).await, Ok(()));
    bench.pass(SECOND);
    bench.comes_to(&boot).await;
    let late = bench.confirm("t1").await;
    assert!(late.is_err(), "a confirmation that comes too late is not a success");
    assert_eq!(bench.cancel("t1", &wish.undo).await, Ok(()));
    bench.apply("t2", &wish.change).await;
    bench.comes_to(&wish.on(&boot)).await;
}

async fn one_transaction_at_a_time_holds_the_device(bench: impl DeviceBench) {
    let (boot, first, second) = (bench.running(), wish(100), wish(200));
    assert_eq!(bench.prepare("t1", &first.change).await, Ok(()));
    let second_try = bench.prepare("t2", &second.change).await;
    assert!(matches!(second_try, Err(DeviceError::Locked { .. })), "{second_try:?}");
    assert_eq!(bench.commit("t1", &first.change).await, Ok(()));
    let second_try = bench.prepare("t2", &second.change).await;
    assert!(matches!(second_try, Err(DeviceError::Locked { .. })), "{second_try:?}");
    assert_eq!(bench.confirm("t1").await, Ok(()));
    bench.apply("t2", &second.change).await;
    bench.comes_to(&second.on(&first.on(&boot))).await;
}
