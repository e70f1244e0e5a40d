//! What the contract of the port does not say of an OpenStack VIM.

use crate::bench::write_secret;
use crate::cloud::Cloud;
use engine::ports::{VimError, Vims, Workload, WorkloadNetwork};
use model::plan::{PlannedServer, PlannedVolume};
use model::{Gibibytes, Resources, VlanId};
use sim_vim::Fault;

fn server(name: &str, resources: [u64; 4]) -> PlannedServer {
    PlannedServer {
        name: name.to_owned(),
        vdu: "vdu".to_owned(),
        resources: Resources::from_array(resources),
        image: Some("upf".to_owned()),
        volumes: Vec::new(),
        networks: vec!["n3".to_owned(), "n6".to_owned()],
        anti_affinity_group: None,
    }
}

fn workload(servers: Vec<PlannedServer>) -> Workload {
    let network = |name: &str, vlan| WorkloadNetwork { name: name.to_owned(), vlan };
    let networks = vec![network("n3", VlanId::new(100)), network("n6", None)];
    Workload { owner: "svc".to_owned(), networks, servers }
}

fn nothing() -> Workload {
    Workload { owner: "svc".to_owned(), ..Workload::default() }
}

#[tokio::test]
async fn networks_have_the_vlan_on_the_physical_network_of_the_vim() {
    let cloud = Cloud::new().await;
    cloud.vims.ensure(&cloud.vim, &workload(vec![server("a", [1, 1024, 10, 0])])).await.unwrap();
    let state: serde_json::Value = serde_json::from_str(&cloud.sim().state_text()).unwrap();
    assert_eq!(state["networks"]["n3"]["vlan"], serde_json::json!(["datacentre", 100]));
    assert_eq!(state["networks"]["n6"]["vlan"], serde_json::Value::Null);
    assert_eq!(state["servers"]["a"]["networks"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_quota_of_each_resource_is_told_in_numbers() {
    let volume = PlannedVolume { name: "a.data".to_owned(), size: Gibibytes(101) };
    let on_a_volume = PlannedServer { volumes: vec![volume], ..server("a", [1, 1024, 101, 0]) };
    for (server, resource, limit, requested) in [
        (server("a", [9, 1024, 10, 0]), "cores", 8, 9),
        (server("a", [1, 20_000, 10, 0]), "ram", 16_384, 20_000),
        (server("a", [1, 1024, 200, 0]), "gigabytes", 100, 200),
        (on_a_volume, "gigabytes", 100, 101),
    ] {
        let cloud = Cloud::new().await;
        let error = cloud.vims.ensure(&cloud.vim, &workload(vec![server])).await.unwrap_err();
        let VimError::Quota { vim, object, resource: named, limit: l, used, requested: r } = &error
        else {
            panic!("{error}")
        };
        assert_eq!((vim.as_str(), named.as_str()), ("edge", resource));
        assert!(object.contains(" a"), "{object}");
        assert_eq!((*l, *used, *r), (limit, 0, requested));
    }
}

#[tokio::test]
async fn pruning_waits_for_servers_that_take_their_time() {
    let cloud = Cloud::new().await;
    let empty = cloud.sim().state_text();
    let apart = PlannedServer {
        anti_affinity_group: Some("apart".to_owned()),
        ..server("a", [1, 1024, 10, 0])
    };
    cloud.vims.ensure(&cloud.vim, &workload(vec![apart])).await.unwrap();
    assert_eq!(cloud.sim().server_group("wayleave:svc:apart"), ["a"]);
    cloud.sim().push_fault(Fault::SlowDelete(3));
    cloud.vims.prune(&cloud.vim, &nothing()).await.unwrap();
    assert_eq!(cloud.sim().state_text(), empty);
}

#[tokio::test]
async fn a_refused_login_is_told_not_shown_and_tried_again() {
    let cloud = Cloud::new().await;
    write_secret(cloud.secrets.path(), "vims", "wayleave", "wrong-battery");
    let error = cloud.vims.observe(&cloud.vim, "svc").await.unwrap_err();
    assert!(matches!(error, VimError::Refused { .. }), "{error}");
    assert!(!format!("{error} {error:?} {:?}", cloud.vims).contains("wrong-battery"));
    write_secret(cloud.secrets.path(), "vims", "wayleave", "correct-horse");
    assert_eq!(cloud.vims.observe(&cloud.vim, "svc").await, Ok(Vec::new()));
}

#[tokio::test]
async fn plain_http_is_for_loopback_only_and_what_cannot_be_had_is_refused() {
    let cloud = Cloud::new().await;
    let mut away = cloud.vim.clone();
    away.endpoint = "http://192.0.2.1/identity/v3".to_owned();
    let error = cloud.vims.inventory(&away).await.unwrap_err();
    let VimError::Unreachable { reason, .. } = &error else { panic!("{error}") };
    assert!(reason.contains("loopback"), "{reason}");
    let error = cloud.vims.ensure(&cloud.vim, &workload(vec![server("a", [1, 1, 1, 1])])).await;
    assert!(matches!(error, Err(VimError::Refused { .. })), "{error:?}");
}
