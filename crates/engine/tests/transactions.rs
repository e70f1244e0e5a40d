//! A service is on every device it touches or on none, whatever goes wrong.

mod common;

use common::{World, connection, failure};
use engine::Error;
use engine::api::{IntentState, OperationState, Orchestrator, WriteOptions};
use model::{DeviceId, IntentName};
use testkit::{DeviceFault, DeviceStep};

fn device(name: &str) -> DeviceId {
    DeviceId::new(name).expect("a name")
}

#[tokio::test]
async fn applied_on_all_and_removed_without_a_trace() {
    let world = World::start().await;
    let boot = world.running();
    let operation = world.apply(connection("x", 100)).await;
    assert_eq!(operation.state, OperationState::Succeeded);
    assert!(matches!(world.state("x"), Some(IntentState::Active { .. })));
    let applied = world.running();
    assert!(boot.iter().all(|(id, text)| applied[id] != *text), "every device is touched");
    assert_eq!(world.engine.view().usage.links.len(), 4);
    assert_eq!(world.delete("x").await.state, OperationState::Succeeded);
    assert_eq!(world.running(), boot);
    assert_eq!(world.state("x"), None);
    assert!(world.engine.view().usage.links.is_empty());
}

#[tokio::test]
async fn what_any_device_refuses_is_on_none() {
    for (name, step) in
        [("a", DeviceStep::Prepare), ("c", DeviceStep::Commit), ("b", DeviceStep::Commit)]
    {
        let world = World::start().await;
        let boot = world.running();
        let fault = DeviceFault::Refuse { path: "/qos".to_owned(), reason: "no room".to_owned() };
        world.devices.fail_next(&device(name), step, fault);
        let operation = world.apply(connection("x", 100)).await;
        let Error::DeviceRefused { device, reason, .. } = failure(&operation) else {
            panic!("{operation:?}")
        };
        assert_eq!((device.as_str(), reason.as_str()), (name, "no room"));
        assert_eq!(world.running(), boot, "{name} {step:?}");
        assert!(matches!(world.state("x"), Some(IntentState::Failed { .. })));
        assert!(world.engine.view().usage.links.is_empty(), "the books are as before");
        // The same again, now that nobody refuses.
        assert_eq!(world.apply(connection("x", 100)).await.state, OperationState::Succeeded);
    }
}

#[tokio::test]
async fn an_ok_is_not_evidence() {
    let world = World::start().await;
    let boot = world.running();
    world.devices.fail_next(&device("c"), DeviceStep::Commit, DeviceFault::AcknowledgeOnly);
    let operation = world.apply(connection("x", 100)).await;
    assert!(matches!(failure(&operation), Error::DeviceRefused { .. }), "{operation:?}");
    assert_eq!(world.running(), boot);
}

#[tokio::test]
async fn a_lost_answer_is_read_back() {
    let world = World::start().await;
    world.devices.fail_next(&device("b"), DeviceStep::Commit, DeviceFault::LostReply);
    assert_eq!(world.apply(connection("x", 100)).await.state, OperationState::Succeeded);
}

#[tokio::test]
async fn one_that_is_refused_does_not_stop_its_neighbours() {
    let world = World::start().await;
    let mut operations = Vec::new();
    for i in 0..8 {
        let intent = connection(&format!("x{i}"), if i == 3 { 20_000 } else { 10 });
        operations.push(world.accept(intent, WriteOptions::default()).await.unwrap());
    }
    let mut succeeded = 0;
    for accepted in operations {
        let operation = world.ended(accepted.operation).await;
        succeeded += u32::from(operation.state == OperationState::Succeeded);
    }
    assert_eq!(succeeded, 7);
    assert!(matches!(world.state("x3"), Some(IntentState::Failed { .. })));
}

#[tokio::test]
async fn a_changed_intent_takes_the_place_of_the_earlier_one() {
    let world = World::start().await;
    let boot = world.running();
    world.apply(connection("x", 100)).await;
    assert_eq!(world.apply(connection("x", 300)).await.state, OperationState::Succeeded);
    let used: Vec<u64> = world.engine.view().usage.links.values().map(|mbps| mbps.0).collect();
    assert_eq!(used, [300; 4]);
    // One that does not fit leaves the earlier one in force.
    let operation = world.apply(connection("x", 30_000)).await;
    assert!(matches!(failure(&operation), Error::Infeasible { .. }));
    assert!(matches!(world.state("x"), Some(IntentState::Degraded { .. })));
    let used: Vec<u64> = world.engine.view().usage.links.values().map(|mbps| mbps.0).collect();
    assert_eq!(used, [300; 4]);
    world.delete("x").await;
    assert_eq!(world.running(), boot);
}

#[tokio::test]
async fn a_device_that_is_away_after_the_decision_is_caught_up() {
    let world = World::start().await;
    // It goes away when it is asked to confirm.
    for _ in 0..3 {
        world.devices.fail_next(&device("a"), DeviceStep::Confirm, DeviceFault::Unreachable);
    }
    assert_eq!(world.apply(connection("x", 100)).await.state, OperationState::Succeeded);
    assert!(matches!(world.state("x"), Some(IntentState::Degraded { .. })));
    let active = |world: &World| matches!(world.state("x"), Some(IntentState::Active { .. }));
    world.until("the device is caught up", active).await;
    // The confirmation came: nothing is undone when the time is up.
    let applied = world.running();
    world.clock.advance(std::time::Duration::from_secs(3600));
    assert_eq!(world.running(), applied);
}

#[tokio::test]
async fn the_same_request_again_has_no_second_effect() {
    let world = World::start().await;
    let write = || WriteOptions { request_id: Some("r-1".to_owned()), expected: None };
    let first = world.accept(connection("x", 100), write()).await.unwrap();
    let again = world.accept(connection("x", 100), write()).await.unwrap();
    assert_eq!((first.operation.clone(), first.revision), (again.operation, again.revision));
    let other = world.accept(connection("x", 200), write()).await.unwrap_err();
    assert!(matches!(other, Error::RequestReused { .. }));
    let stale = WriteOptions { request_id: None, expected: Some(1) };
    let error = world.accept(connection("x", 200), stale).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { .. }));
    world.ended(first.operation).await;
}

#[tokio::test]
async fn what_was_accepted_is_carried_out_after_a_crash() {
    // The engine ends at each of its first steps in turn; every time the service ends up whole.
    for after in 0..14 {
        let world = World::start().await;
        let boot = world.running();
        let _ = world.devices.take_calls();
        world.accept(connection("x", 100), WriteOptions::default()).await.unwrap();
        world
            .until("it is that far", |world| {
                world.devices.call_count() >= after || world.state("x").is_some_and(is_active)
            })
            .await;
        let world = world.crash().await;
        world.until("it is active", |world| world.state("x").is_some_and(is_active)).await;
        world.clock.advance(std::time::Duration::from_secs(3600));
        assert!(world.running().iter().all(|(id, text)| boot[id] != *text), "after {after}");
        world
            .until("nothing is under way", |world| {
                world.engine.view().operations.values().all(|o| o.state.is_done())
            })
            .await;
        assert_eq!(world.delete("x").await.state, OperationState::Succeeded, "after {after}");
        assert_eq!(world.running(), boot, "after {after}");
    }
}

fn is_active(state: IntentState) -> bool {
    matches!(state, IntentState::Active { .. })
}

#[tokio::test]
async fn drift_is_found_and_repaired_on_owned_leaves_only() {
    let world = World::start().await;
    world.apply(connection("x", 100)).await;
    let applied = world.running();
    let own = world.engine.blame(device("a"), None).await.unwrap();
    let owned: yang::Path = own[0].path.parse().unwrap();
    assert_eq!(own[0].owners, [IntentName::new("x").unwrap()]);
    world.devices.edit(&device("a"), |tree| assert!(tree.delete(&owned)));
    let diff = world.engine.device_diff(device("a")).await.unwrap();
    assert_eq!(diff.lines.len(), 1);
    let operation = world.engine.reconcile().await.unwrap();
    assert_eq!(world.ended(operation.id).await.state, OperationState::Succeeded);
    assert_eq!(world.running(), applied);
}

#[tokio::test]
async fn a_device_that_lost_what_it_had_is_put_right_before_the_next_change() {
    let world = World::start().await;
    world.apply(connection("x", 100)).await;
    world.devices.edit(&device("a"), |tree| *tree = testkit::fixture::boot(&common::switch("a")));
    // The same again with another rate: most of its leaves are as they should have been.
    assert_eq!(world.apply(connection("x", 200)).await.state, OperationState::Succeeded);
    let diff = world.engine.device_diff(device("a")).await.unwrap();
    assert_eq!(diff.lines, []);
}

#[tokio::test]
async fn a_restart_reads_every_device_and_puts_it_right() {
    let world = World::start().await;
    world.apply(connection("x", 100)).await;
    let applied = world.running();
    world.devices.edit(&device("c"), |tree| *tree = testkit::fixture::boot(&common::switch("c")));
    let world = world.crash().await;
    world.until("it is as before", |world| world.running() == applied).await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_before_it_is_accepted() {
    let world = World::start().await;
    world.apply(connection("x", 100)).await;
    let mut alone = connection("y", 100);
    if let model::intent::IntentSpec::Connectivity(spec) = &mut alone.spec {
        spec.endpoints.truncate(1);
    }
    let error = world.accept(alone, WriteOptions::default()).await.unwrap_err();
    assert!(matches!(error, Error::Rejected { .. }), "{error}");
    assert_eq!(world.state("y"), None);
}

#[tokio::test]
async fn a_watcher_sees_the_last_state_last() {
    use engine::api::ChangeKind;
    let world = World::start().await;
    let mut changes = world.engine.watch(0).await.unwrap();
    world.apply(connection("x", 100)).await;
    let mut states = Vec::new();
    while !states.last().is_some_and(is_active_ref) {
        let change = tokio::time::timeout(common::PATIENCE, changes.recv()).await.unwrap();
        if let ChangeKind::Intent(record) = change.unwrap().unwrap().kind {
            states.push(record.state.clone());
        }
    }
    assert!(matches!(states[0], IntentState::Accepted), "{states:?}");
}

fn is_active_ref(state: &IntentState) -> bool {
    matches!(state, IntentState::Active { .. })
}
