//! Our client against the simulated VIM.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use sim_vim::{Capacity, Config as SimConfig, Fault, VimSim};
use vim::{Config, Network, OpenStack, Secret, Server, VimError, Volume, Workload};

async fn start() -> VimSim {
    let config = SimConfig {
        user: "wayleave".to_owned(),
        password: "lab".to_owned(),
        project: "wayleave".to_owned(),
        capacity: Capacity { vcpus: 8, memory_mib: 16_384, disk_gib: 100 },
        images: vec!["upf".to_owned()],
        physical_networks: vec!["datacentre".to_owned()],
        build_polls: 2,
    };
    VimSim::start("127.0.0.1:0".parse().unwrap(), config).await.unwrap()
}

fn config(sim: &VimSim) -> Config {
    Config {
        auth_url: sim.auth_url(),
        user: "wayleave".to_owned(),
        password: Secret("lab".to_owned()),
        project: "wayleave".to_owned(),
        domain: "Default".to_owned(),
        authority: None,
    }
}

fn server(name: &str, vcpus: u64) -> Server {
    Server {
        name: name.to_owned(),
        vcpus,
        memory_mib: 2048,
        disk_gib: 10,
        image: Some("upf".to_owned()),
        volumes: vec![Volume { name: format!("{name}.data"), gib: 5 }],
        networks: vec!["n3".to_owned()],
        anti_affinity_group: None,
    }
}

fn workload(servers: Vec<Server>) -> Workload {
    let provider = Some(("datacentre".to_owned(), 100));
    let networks = vec![Network { name: "n3".to_owned(), provider }];
    Workload { owner: "svc".to_owned(), networks, servers }
}

#[tokio::test]
async fn ensuring_twice_is_ensuring_once_and_removing_leaves_nothing() {
    let sim = start().await;
    let boot = sim.state_text();
    let cloud = OpenStack::connect(config(&sim)).await.unwrap();
    let wanted = workload(vec![server("a", 2), server("b", 2)]);
    cloud.ensure(&wanted).await.unwrap();
    let once = sim.state_text();
    assert_ne!(once, boot);
    cloud.ensure(&wanted).await.unwrap();
    assert_eq!(sim.state_text(), once);
    assert_eq!(cloud.observe("svc").await.unwrap(), ["a", "b", "n3"]);
    assert_eq!(cloud.inventory().await.unwrap().used, [4, 4096, 30]);
    cloud.prune(&nothing("another")).await.unwrap();
    assert_eq!(sim.state_text(), once);
    cloud.prune(&nothing("svc")).await.unwrap();
    cloud.prune(&nothing("svc")).await.unwrap();
    assert_eq!(sim.state_text(), boot);
}

#[tokio::test]
async fn a_quota_that_is_reached_half_way_is_named_and_can_be_cleaned_up() {
    let sim = start().await;
    let boot = sim.state_text();
    let cloud = OpenStack::connect(config(&sim)).await.unwrap();
    let error = cloud.ensure(&workload(vec![server("a", 6), server("b", 6)])).await.unwrap_err();
    let VimError::Quota { object, quota, .. } = error else { panic!("{error}") };
    assert_eq!((object.as_str(), quota.resource.as_str()), ("server b", "cores"));
    assert_eq!((quota.limit, quota.used, quota.requested), (Some(8), Some(6), Some(6)));
    cloud.prune(&nothing("svc")).await.unwrap();
    assert_eq!(sim.state_text(), boot);
}

#[tokio::test]
async fn what_goes_wrong_is_told_apart() {
    let sim = start().await;
    let mut wrong = config(&sim);
    wrong.password = Secret("wrong".to_owned());
    assert_eq!(OpenStack::connect(wrong).await.unwrap_err(), VimError::Unauthenticated);
    let cloud = OpenStack::connect(config(&sim)).await.unwrap();
    sim.push_fault(Fault::Refuse { status: 500, message: "database is away".to_owned() });
    let error = cloud.ensure(&workload(Vec::new())).await.unwrap_err();
    assert!(
        matches!(&error, VimError::Refused { status: 500, message, .. } if message.contains("away")),
        "{error}"
    );
    sim.push_fault(Fault::ServerError("no valid host was found".to_owned()));
    let error = cloud.ensure(&workload(vec![server("a", 1)])).await.unwrap_err();
    assert!(error.to_string().contains("no valid host"), "{error}");
    let mut unknown = server("c", 1);
    unknown.image = Some("nothing".to_owned());
    let error = cloud.ensure(&workload(vec![unknown])).await.unwrap_err();
    assert_eq!(error, VimError::NotFound { object: "image nothing".to_owned() });
    let mut remote = config(&sim);
    remote.auth_url = "http://example.com/v3".to_owned();
    let error = OpenStack::connect(remote).await.unwrap_err();
    assert!(error.to_string().contains("loopback"), "{error}");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_an_unknown_outcome_and_trying_again_is_safe() {
    let sim = start().await;
    let cloud = OpenStack::connect(config(&sim)).await.unwrap();
    let wanted = workload(vec![server("a", 1)]);
    for _ in 0..3 {
        sim.push_fault(Fault::LoseReply);
        let error = cloud.ensure(&wanted).await.unwrap_err();
        assert!(matches!(error, VimError::OutcomeUnknown { .. }), "{error}");
    }
    cloud.ensure(&wanted).await.unwrap();
    assert_eq!(cloud.observe("svc").await.unwrap(), ["a", "n3"]);
    assert_eq!(sim.used(), Capacity { vcpus: 1, memory_mib: 2048, disk_gib: 15 });
}

#[tokio::test]
async fn removing_waits_until_servers_are_gone_before_it_takes_what_they_use() {
    let sim = start().await;
    let boot = sim.state_text();
    let cloud = OpenStack::connect(config(&sim)).await.unwrap();
    cloud.ensure(&workload(vec![server("a", 1)])).await.unwrap();
    sim.push_fault(Fault::SlowDelete(3));
    cloud.prune(&nothing("svc")).await.unwrap();
    assert_eq!(sim.state_text(), boot);
}

#[tokio::test]
async fn servers_of_one_group_are_kept_apart() {
    let sim = start().await;
    let boot = sim.state_text();
    let cloud = OpenStack::connect(config(&sim)).await.unwrap();
    let apart =
        |name: &str| Server { anti_affinity_group: Some("apart".to_owned()), ..server(name, 1) };
    let wanted = workload(vec![apart("a"), apart("b"), server("c", 1)]);
    for _ in 0..2 {
        cloud.ensure(&wanted).await.unwrap();
        assert_eq!(sim.server_group("wayleave:svc:apart"), ["a", "b"]);
    }
    cloud.prune(&nothing("svc")).await.unwrap();
    assert_eq!(sim.state_text(), boot);
}

#[tokio::test]
async fn what_is_somebody_elses_is_neither_used_nor_removed() {
    let sim = start().await;
    let cloud = OpenStack::connect(config(&sim)).await.unwrap();
    cloud.ensure(&workload(vec![server("a", 1)])).await.unwrap();
    let mut wanted = workload(vec![server("a", 1)]);
    wanted.owner = "another".to_owned();
    let error = cloud.ensure(&wanted).await.unwrap_err();
    assert!(error.to_string().contains("not this service's"), "{error}");
    let mut moved = workload(Vec::new());
    moved.networks[0].provider = Some(("datacentre".to_owned(), 101));
    let error = cloud.ensure(&moved).await.unwrap_err();
    assert!(error.to_string().contains("another VLAN"), "{error}");
    let mut nowhere = workload(vec![server("b", 1)]);
    nowhere.networks[0].name = "n4".to_owned();
    nowhere.networks[0].provider = None;
    nowhere.servers[0].volumes.clear();
    let error = cloud.ensure(&nowhere).await.unwrap_err();
    assert!(error.to_string().contains("network n3"), "{error}");
    let theirs = sim.state_text();
    cloud.prune(&nothing("another")).await.unwrap();
    assert_eq!(sim.state_text(), theirs);
}

/// Keeps nothing of the owner.
fn nothing(owner: &str) -> Workload {
    Workload { owner: owner.to_owned(), ..Workload::default() }
}
