//! Our client against our server, over SSH on loopback.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use async_trait::async_trait;
use netconf::operation::{Operation, Store};
use netconf::server::{Access, Answer, Handler, Outbox, Server, SessionInfo};
use netconf::{
    Client, ClientError, Credentials, Deadlines, ErrorTag, HostKeyPolicy, RpcError, Target,
};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Default)]
struct Toy {
    outboxes: Mutex<BTreeMap<u32, Outbox>>,
    closed: Mutex<Vec<u32>>,
}

#[async_trait]
impl Handler for Toy {
    fn capabilities(&self) -> Vec<String> {
        let urn = "urn:ietf:params:netconf:";
        ["base:1.0", "base:1.1", "capability:candidate:1.0"].map(|c| format!("{urn}{c}")).into()
    }

    fn opened(&self, session: &SessionInfo, outbox: Outbox) {
        self.outboxes.lock().unwrap().insert(session.id, outbox);
    }

    async fn handle(
        &self,
        session: &SessionInfo,
        operation: Operation,
    ) -> Result<Answer, Vec<RpcError>> {
        match operation {
            Operation::GetConfig { source: Store::Running, filter } => {
                let text = format!("{} asked for {filter:?} é", session.user);
                let text = netconf::xml::escaped(&text);
                Ok(Answer::Body(format!("<data><said xmlns=\"urn:toy\">{text}</said></data>")))
            }
            Operation::Lock(_) => {
                let error = RpcError::protocol(ErrorTag::lock_denied(), "held");
                Err(vec![error.with_info("session-id", 7)])
            }
            Operation::CreateSubscription(_) => {
                let outbox = self.outboxes.lock().unwrap()[&session.id].clone();
                let event = netconf::message::notification(
                    "2026-01-01T00:00:00Z",
                    "<e xmlns=\"urn:toy\"/>",
                );
                assert!(outbox.send(event));
                Ok(Answer::Ok)
            }
            Operation::DiscardChanges => {
                std::future::pending::<()>().await;
                Ok(Answer::Ok)
            }
            other => Err(vec![RpcError::protocol(
                ErrorTag::operation_not_supported(),
                format!("{other:?}"),
            )]),
        }
    }

    fn closed(&self, session: &SessionInfo) {
        self.outboxes.lock().unwrap().remove(&session.id);
        self.closed.lock().unwrap().push(session.id);
    }
}

async fn server() -> (Server, Arc<Toy>) {
    let toy = Arc::new(Toy::default());
    let access = Access {
        host_key: Access::host_key_from_seed([7; 32]),
        users: BTreeMap::from([("admin".to_owned(), "secret".to_owned())]),
    };
    let server = Server::bind("127.0.0.1:0".parse().unwrap(), access, toy.clone()).await.unwrap();
    (server, toy)
}

fn target(server: &Server) -> Target {
    Target {
        address: server.address.to_string(),
        user: "admin".to_owned(),
        credentials: Credentials::Password("secret".to_owned()),
        host_key: HostKeyPolicy::Fingerprint(server.fingerprint.clone()),
    }
}

#[tokio::test]
async fn a_session_from_hello_to_close() {
    let (server, _toy) = server().await;
    let (client, _) = Client::connect(&target(&server), Deadlines::default()).await.unwrap();
    assert!(client.has("candidate:1.0") && client.hello().session_id.is_some());
    let data = client.get_config("running", Some("<x xmlns=\"urn:toy\"/>")).await.unwrap();
    assert!(data.contains("admin asked for") && data.contains('é'), "{data}");
    match client.lock("running").await {
        Err(ClientError::Rpc(errors)) => assert_eq!(errors[0].lock_holder(), Some(7)),
        other => panic!("{other:?}"),
    }
    client.close().await.unwrap();
}

#[tokio::test]
async fn n_004_a_wrong_host_key_stops_before_the_password() {
    let (server, _toy) = server().await;
    let mut target = target(&server);
    target.host_key = HostKeyPolicy::Fingerprint("SHA256:somebody-else".to_owned());
    target.credentials = Credentials::Password("must not be sent".to_owned());
    match Client::connect(&target, Deadlines::default()).await {
        Err(ClientError::HostKey { expected, got, .. }) => {
            assert_eq!(
                (expected.as_str(), got.as_str()),
                ("SHA256:somebody-else", server.fingerprint.as_str())
            );
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_wrong_password_is_told_apart() {
    let (server, _toy) = server().await;
    let mut target = target(&server);
    target.credentials = Credentials::Password("wrong".to_owned());
    let error = Client::connect(&target, Deadlines::default()).await.unwrap_err();
    assert!(matches!(error, ClientError::Authentication { .. }), "{error}");
    assert!(!format!("{error:?} {target:?}").contains("wrong\""));
}

#[tokio::test]
async fn n_044_a_hundred_requests_in_flight() {
    let (server, _toy) = server().await;
    let (client, _) = Client::connect(&target(&server), Deadlines::default()).await.unwrap();
    let calls = (0..100).map(|n| {
        let client = client.clone();
        tokio::spawn(async move {
            let filter = format!("<n xmlns=\"urn:toy\">{n}</n>");
            let data = client.get_config("running", Some(&filter)).await.unwrap();
            assert!(data.contains(&format!("&gt;{n}&lt;")), "{n}: {data}");
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
}

#[tokio::test]
async fn n_128_a_notification_comes_beside_replies() {
    let (server, _toy) = server().await;
    let (client, mut events) =
        Client::connect(&target(&server), Deadlines::default()).await.unwrap();
    client.subscribe().await.unwrap();
    let event = tokio::time::timeout(Duration::from_secs(5), events.recv()).await.unwrap().unwrap();
    assert!(event.child("e").is_some() && event.child("eventTime").is_some());
}

#[tokio::test]
async fn n_124_kill_session() {
    let (server, toy) = server().await;
    let (victim, _) = Client::connect(&target(&server), Deadlines::default()).await.unwrap();
    let (killer, _) = Client::connect(&target(&server), Deadlines::default()).await.unwrap();
    let own = killer.hello().session_id.unwrap();
    let id = victim.hello().session_id.unwrap();
    for wrong in [own, 4_000_000] {
        let error = killer.kill_session(wrong).await.unwrap_err();
        assert!(
            matches!(&error, ClientError::Rpc(e) if e[0].tag == ErrorTag::invalid_value()),
            "{error}"
        );
    }
    killer.kill_session(id).await.unwrap();
    let error = victim.get_config("running", None).await.unwrap_err();
    assert!(matches!(error, ClientError::Closed(_)), "{error}");
    assert!(toy.closed.lock().unwrap().contains(&id));
}

#[tokio::test]
async fn n_037_n_151_when_the_server_goes_open_calls_fail() {
    let (server, _toy) = server().await;
    let (client, _) = Client::connect(&target(&server), Deadlines::default()).await.unwrap();
    let waiting = {
        let client = client.clone();
        tokio::spawn(async move { client.discard_changes().await })
    };
    client.rpc("<unheard-of/>", Duration::from_millis(200)).await.unwrap_err();
    drop(server);
    let outcome = tokio::time::timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap();
    assert!(matches!(outcome, Err(ClientError::Closed(_))), "{outcome:?}");
}

#[tokio::test]
async fn n_111_no_answer_is_an_unknown_outcome() {
    let (server, _toy) = server().await;
    let (client, _) = Client::connect(&target(&server), Deadlines::default()).await.unwrap();
    let error = client.rpc("<discard-changes/>", Duration::from_millis(100)).await.unwrap_err();
    assert!(error.to_string().contains("discard-changes"), "{error}");
    assert!(matches!(error, ClientError::Timeout { .. }));
}

#[tokio::test]
async fn p_31_a_session_ends_with_its_connection_in_the_middle_of_an_operation() {
    let (server, toy) = server().await;
    let (client, _) = Client::connect(&target(&server), Deadlines::default()).await.unwrap();
    let id = client.hello().session_id.unwrap();
    client.rpc("<discard-changes/>", Duration::from_millis(100)).await.unwrap_err();
    assert!(!client.is_closed());
    drop(client);
    let gone = async {
        while !toy.closed.lock().unwrap().contains(&id) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), gone).await.expect("the session ends in time");
}
