//! The services as a client meets them: over a socket, with the fake behind them.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod common;

use api::wire::intent::Spec;
use api::wire::watch_response::Change;
use api::wire::{self, intent_status, operation};
use common::{Served, connectivity};
use tonic::Code;
use tonic_types::StatusExt;

fn apply(intent: wire::Intent) -> wire::ApplyIntentRequest {
    wire::ApplyIntentRequest { intent: Some(intent), ..Default::default() }
}

#[tokio::test]
async fn an_intent_is_applied_read_listed_and_deleted() {
    let served = Served::start().await;
    let mut intents = served.intents();
    let answer = intents.apply_intent(apply(connectivity("wire"))).await.unwrap().into_inner();
    assert!(answer.dry_run.is_none());

    let get = wire::GetIntentRequest { name: "wire".into() };
    let read = intents.get_intent(get.clone()).await.unwrap().into_inner();
    assert_eq!(read.etag, answer.etag);
    let status = read.status.unwrap();
    assert_eq!(status.state(), intent_status::State::Active);
    assert_eq!(status.operation, answer.operation);
    assert!(status.observe_time.is_some() && status.age.is_some());

    let wait = wire::WaitOperationRequest { id: answer.operation, timeout: None };
    let done = served.operations().wait_operation(wait).await.unwrap().into_inner();
    assert_eq!(done.state(), operation::State::Succeeded);

    let delete = wire::DeleteIntentRequest { name: "wire".into(), ..Default::default() };
    intents.delete_intent(delete).await.unwrap();
    assert_eq!(intents.get_intent(get).await.unwrap_err().code(), Code::NotFound);
    served.stop().await;
}

#[tokio::test]
async fn every_bad_field_is_named_in_one_answer() {
    let served = Served::start().await;
    let mut intent = connectivity("two words");
    let Some(Spec::Connectivity(spec)) = &mut intent.spec else { unreachable!() };
    spec.endpoints[0].vlan = Some(5000);
    spec.slo = None;
    let request = wire::ApplyIntentRequest {
        intent: Some(intent),
        request_id: "x".repeat(65),
        etag: "W/abc".into(),
        validate_only: false,
    };
    let status = served.intents().apply_intent(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let bad = status.get_details_bad_request().unwrap();
    let fields: Vec<_> = bad.field_violations.iter().map(|v| v.field.as_str()).collect();
    let expected =
        ["request_id", "etag", "intent.name", "intent.spec.endpoints[0].vlan", "intent.spec.slo"];
    assert_eq!(fields, expected);
    served.stop().await;
}

#[tokio::test]
async fn writes_are_idempotent_and_hold_to_their_etag() {
    let served = Served::start().await;
    let mut intents = served.intents();
    let request = wire::ApplyIntentRequest {
        intent: Some(connectivity("wire")),
        request_id: "r-1".into(),
        etag: "0".into(),
        validate_only: false,
    };
    let first = intents.apply_intent(request.clone()).await.unwrap().into_inner();
    let second = intents.apply_intent(request.clone()).await.unwrap().into_inner();
    assert_eq!(first, second);

    let other = wire::ApplyIntentRequest { intent: Some(connectivity("other")), ..request.clone() };
    let reused = intents.apply_intent(other).await.unwrap_err();
    assert_eq!(reused.code(), Code::AlreadyExists);

    let again = wire::ApplyIntentRequest { request_id: "r-2".into(), ..request };
    let conflict = intents.apply_intent(again).await.unwrap_err();
    assert_eq!(conflict.code(), Code::Aborted);
    let info = conflict.get_details_error_info().unwrap();
    assert_eq!(info.reason, "WL0004");
    assert_eq!(info.metadata["current"], first.etag);
    served.stop().await;
}

#[tokio::test]
async fn validate_only_answers_with_the_plan_and_changes_nothing() {
    let served = Served::start().await;
    let request = wire::ApplyIntentRequest { validate_only: true, ..apply(connectivity("wire")) };
    let before = served.fake.revision();
    let answer = served.intents().apply_intent(request).await.unwrap().into_inner();
    let dry_run = answer.dry_run.unwrap();
    assert_eq!(dry_run.plan.unwrap().functions[0].pop, "ams");
    assert_eq!((dry_run.devices.len(), dry_run.vims.len()), (1, 1));
    assert!(answer.operation.is_empty());
    assert_eq!(served.fake.revision(), before);
    served.stop().await;
}

#[tokio::test]
async fn what_does_not_fit_says_why_before_and_after() {
    let served = Served::start().await;
    let plan = wire::PlanRequest { intent: Some(connectivity("too-big")) };
    let status = served.plans().plan(plan).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert_eq!(status.get_details_error_info().unwrap().metadata["subject"], "link ams>fra");

    let answer = served.intents().apply_intent(apply(connectivity("too-big"))).await.unwrap();
    let get = wire::GetOperationRequest { id: answer.into_inner().operation };
    let failed = served.operations().get_operation(get).await.unwrap().into_inner();
    let failure = failed.failure.unwrap();
    assert_eq!(
        (failure.code.as_str(), failure.details["available"].as_str()),
        ("WL0003", "9500 Mbps")
    );

    let none = wire::GetPlanRequest { intent: "too-big".into() };
    assert_eq!(served.plans().get_plan(none).await.unwrap_err().code(), Code::FailedPrecondition);
    served.stop().await;
}

#[tokio::test]
async fn a_watch_resumes_where_it_was_and_misses_nothing() {
    let served = Served::start().await;
    let from = served.fake.revision();
    let mut intents = served.intents();
    let watch =
        |from_revision, filter: &str| wire::WatchRequest { from_revision, filter: filter.into() };
    intents.apply_intent(apply(connectivity("a"))).await.unwrap();

    let mut changes = intents.watch(watch(from, "type=intent")).await.unwrap().into_inner();
    let first = changes.message().await.unwrap().unwrap();
    assert!(matches!(&first.change, Some(Change::Intent(intent)) if intent.name == "a"));
    let marker = changes.message().await.unwrap().unwrap();
    assert!(matches!(marker.change, Some(Change::Synced(_))));
    served.fake.beat();
    let beat = changes.message().await.unwrap().unwrap();
    assert!(matches!(beat.change, Some(Change::Heartbeat(_))));
    drop(changes);

    intents.apply_intent(apply(connectivity("b"))).await.unwrap();
    let resumed = watch(first.revision, "type=intent");
    let mut changes = intents.watch(resumed).await.unwrap().into_inner();
    let next = changes.message().await.unwrap().unwrap();
    assert!(matches!(&next.change, Some(Change::Intent(intent)) if intent.name == "b"));

    served.fake.compact(next.revision);
    let gone = intents.watch(watch(from, "")).await.unwrap_err();
    assert_eq!(
        (gone.code(), gone.get_details_error_info().unwrap().reason.as_str()),
        (Code::OutOfRange, "WL0012")
    );
    served.stop().await;
}

#[tokio::test]
async fn a_watcher_that_falls_behind_is_ended_and_told_so() {
    let served = Served::start().await;
    let request =
        wire::WatchRequest { from_revision: served.fake.revision(), ..Default::default() };
    let mut changes = served.intents().watch(request).await.unwrap().into_inner();
    assert!(matches!(changes.message().await.unwrap().unwrap().change, Some(Change::Synced(_))));
    // Without an await in between nothing is taken out of the queue.
    for _ in 0..=northbound::fake::WATCH_QUEUE {
        served.fake.beat();
    }
    let end = loop {
        match changes.message().await {
            Ok(Some(_)) => {}
            other => break other.unwrap_err(),
        }
    };
    assert_eq!(end.code(), Code::ResourceExhausted);
    assert!(end.get_details_retry_info().is_some());
    served.stop().await;
}

#[tokio::test]
async fn lists_have_pages_and_filters() {
    let served = Served::start().await;
    let mut intents = served.intents();
    for name in ["a", "b", "c", "too-big"] {
        intents.apply_intent(apply(connectivity(name))).await.unwrap();
    }
    let ask = wire::ListIntentsRequest {
        page_size: 2,
        filter: "state=ACTIVE".into(),
        ..Default::default()
    };
    let first = intents.list_intents(ask.clone()).await.unwrap().into_inner();
    let names: Vec<_> = first.intents.iter().map(|i| i.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    let next =
        wire::ListIntentsRequest { page_token: first.next_page_token.clone(), ..ask.clone() };
    let second = intents.list_intents(next).await.unwrap().into_inner();
    assert_eq!(second.intents.len(), 1);
    assert!(second.next_page_token.is_empty());

    let other =
        wire::ListIntentsRequest { page_token: first.next_page_token, ..Default::default() };
    assert_eq!(intents.list_intents(other).await.unwrap_err().code(), Code::InvalidArgument);
    served.stop().await;
}

#[tokio::test]
async fn a_descriptor_above_the_limit_is_refused_by_its_name() {
    let served = Served::start().await;
    let file = |name: &str, content: String| wire::DescriptorFile { name: name.into(), content };
    let request = wire::OnboardRequest {
        files: vec![
            file("ok.yaml", "nsd: x".into()),
            file("huge.yaml", "x".repeat(api::MAX_DESCRIPTOR_BYTES + 1)),
        ],
        ..Default::default()
    };
    let status = served.catalogue().onboard(request).await.unwrap_err();
    let bad = status.get_details_bad_request().unwrap();
    assert_eq!(bad.field_violations.len(), 1);
    assert_eq!(bad.field_violations[0].field, "files[1].content");
    assert!(bad.field_violations[0].description.contains("MAX_DESCRIPTOR_BYTES"));

    let enormous = wire::OnboardRequest {
        files: vec![file("enormous.yaml", "x".repeat(api::MAX_MESSAGE_BYTES))],
        ..Default::default()
    };
    assert_eq!(served.catalogue().onboard(enormous).await.unwrap_err().code(), Code::OutOfRange);
    served.stop().await;
}

#[tokio::test]
async fn descriptors_are_onboarded_listed_without_content_and_read_with_it() {
    let served = Served::start().await;
    let mut catalogue = served.catalogue();
    let files =
        vec![wire::DescriptorFile { name: "f".into(), content: "nsd: 5gc\nvnfd: upf\n".into() }];
    let done =
        catalogue.onboard(wire::OnboardRequest { files, ..Default::default() }).await.unwrap();
    assert_eq!(done.into_inner().descriptors.len(), 2);
    let ask = wire::ListDescriptorsRequest { filter: "kind=NSD".into(), ..Default::default() };
    let list = catalogue.list_descriptors(ask).await.unwrap().into_inner();
    assert_eq!((list.descriptors.len(), list.descriptors[0].content.as_str()), (1, ""));
    let get = wire::GetDescriptorRequest { id: "5gc".into() };
    assert!(catalogue.get_descriptor(get).await.unwrap().into_inner().content.contains("5gc"));

    let bad = vec![wire::DescriptorFile { name: "f".into(), content: "bad\nok\nbad\n".into() }];
    let refused = catalogue
        .onboard(wire::OnboardRequest { files: bad, ..Default::default() })
        .await
        .unwrap_err();
    let details = refused.get_details_bad_request().unwrap();
    let fields: Vec<_> = details.field_violations.iter().map(|v| v.field.as_str()).collect();
    assert_eq!(fields, ["f:1:1 nsd[1]", "f:3:1 nsd[3]"]);
    served.stop().await;
}

#[tokio::test]
async fn the_topology_is_read_and_written_back() {
    let served = Served::start().await;
    let mut topologies = served.topologies();
    let read = topologies.get_topology(wire::GetTopologyRequest {}).await.unwrap().into_inner();
    assert_eq!(read.usage.unwrap().links.len(), 3);
    let write = wire::ApplyTopologyRequest {
        topology: read.topology,
        etag: read.etag.clone(),
        ..Default::default()
    };
    let answer = topologies.apply_topology(write.clone()).await.unwrap().into_inner();
    assert_ne!(answer.etag, read.etag);
    assert_eq!(topologies.apply_topology(write).await.unwrap_err().code(), Code::Aborted);
    served.stop().await;
}

#[tokio::test]
async fn devices_are_listed_compared_and_blamed() {
    let served = Served::start().await;
    let mut devices = served.devices();
    let ask = wire::ListDevicesRequest { filter: "connection=DOWN".into(), ..Default::default() };
    let down = devices.list_devices(ask).await.unwrap().into_inner().devices;
    assert_eq!((down[0].id.as_str(), down[0].reason.as_str()), ("lon", "connection refused"));
    assert_eq!(down[0].age.unwrap().seconds, 90);
    let diff = devices.diff_device(wire::DiffDeviceRequest { id: "ams".into() }).await.unwrap();
    assert_eq!(diff.into_inner().lines.len(), 3);
    let blame = wire::BlameDeviceRequest { id: "ams".into(), path: "/lsps".into() };
    assert_eq!(
        devices.blame_device(blame).await.unwrap().into_inner().leaves[0].owners,
        ["core-1"]
    );
    let unknown = wire::DiffDeviceRequest { id: "nowhere".into() };
    assert_eq!(devices.diff_device(unknown).await.unwrap_err().code(), Code::NotFound);
    let vims = devices.list_vims(wire::ListVimsRequest::default()).await.unwrap().into_inner();
    assert_eq!(vims.vims.len(), 2);
    let operation = devices.reconcile(wire::ReconcileRequest {}).await.unwrap().into_inner();
    assert_eq!(operation.action(), operation::Action::Reconcile);
    served.stop().await;
}

#[tokio::test]
async fn a_wait_ends_with_its_time_or_with_the_operation() {
    let served = Served::start().await;
    let id = served
        .intents()
        .apply_intent(apply(connectivity("slow")))
        .await
        .unwrap()
        .into_inner()
        .operation;
    let mut operations = served.operations();
    let short = prost_types::Duration { seconds: 0, nanos: 1_000_000 };
    let wait = wire::WaitOperationRequest { id: id.clone(), timeout: Some(short) };
    let still = operations.wait_operation(wait).await.unwrap().into_inner();
    assert_eq!(still.state(), operation::State::Running);

    let (mut other, cancel) =
        (served.operations(), wire::CancelOperationRequest { id: id.clone() });
    let wait = wire::WaitOperationRequest { id, timeout: None };
    let (ended, cancelled) =
        tokio::join!(operations.wait_operation(wait), other.cancel_operation(cancel));
    assert_eq!(ended.unwrap().into_inner().state(), operation::State::Cancelled);
    assert_eq!(cancelled.unwrap().into_inner().state(), operation::State::Cancelled);
    let negative = prost_types::Duration { seconds: -1, nanos: 0 };
    let wait = wire::WaitOperationRequest { id: "op-1".into(), timeout: Some(negative) };
    assert_eq!(operations.wait_operation(wait).await.unwrap_err().code(), Code::InvalidArgument);
    served.stop().await;
}
