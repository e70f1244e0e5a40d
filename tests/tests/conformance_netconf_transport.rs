//! Sections A and C of the NETCONF checklist: transport, framing, hello. Each test carries the
//! number of its statement.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use netconf::{BASE, BASE_1_0, BASE_1_1, ClientError};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use tests::fake;
use tests::raw::{Raw, Ssh, Wanted, hello};
use tests::switch;
use tests::wire::parse;

const BOTH: [&str; 2] = [BASE_1_0, BASE_1_1];
const GET: &str = "<get-config><source><running/></source></get-config>";

fn rpc(id: &str, operation: &str) -> String {
    format!("<rpc xmlns=\"{BASE}\" message-id=\"{id}\">{operation}</rpc>")
}

#[tokio::test]
async fn n_001_netconf_is_a_subsystem_and_nothing_else_is_served() {
    let device = switch::start(None).await;
    let ssh = Ssh::connect(&device).await;
    for other in [Wanted::Shell, Wanted::Command("netconf"), Wanted::Subsystem("sftp")] {
        assert!(!ssh.gets(other).await, "{other:?} was granted");
    }
    assert!(ssh.gets(Wanted::Subsystem("netconf")).await);
}

#[test]
fn n_002_the_default_port() {
    assert_eq!(netconf::DEFAULT_PORT, 830);
}

#[tokio::test]
async fn n_005_n_030_the_server_greets_at_once_and_with_the_end_marker() {
    let device = switch::start(None).await;
    let mut raw = Ssh::connect(&device).await.netconf().await;
    // Nothing was sent to it yet; `message` reads up to the marker.
    let hello = parse(&raw.message().await);
    assert!(hello.is(BASE, "hello"));
}

#[tokio::test]
async fn n_005_n_007_n_030_the_client_greets_at_once_and_with_the_end_marker() {
    let (client, mut fake) = fake::session();
    // Before any hello of the server.
    let first = parse(&fake.message().await);
    assert!(first.is(BASE, "hello") && first.child("session-id").is_none());
    fake.say(&fake::hello(&BOTH, "1")).await;
    client.await.unwrap().unwrap();

    // And when the server's hello, with base:1.1 in it, is there before.
    let (near, far) = tokio::io::duplex(1 << 16);
    let mut fake = tests::wire::Wire::new(far);
    fake.say(&fake::hello(&BOTH, "1")).await;
    let client = tokio::spawn(netconf::Client::over(near, fake::DEADLINES, ()));
    assert!(parse(&fake.message().await).is(BASE, "hello"));
    client.await.unwrap().unwrap();
}

/// The server has both versions.
#[tokio::test]
async fn n_006_the_server_frames_by_both_hellos() {
    let device = switch::start(None).await;
    for (versions, chunked) in [(&BOTH[..], true), (&[BASE_1_1], true), (&[BASE_1_0], false)] {
        let mut raw = Ssh::connect(&device).await.netconf().await;
        raw.greet(versions).await;
        assert_eq!(raw.chunked, chunked);
        assert!(raw.data(GET).await.child("interfaces").is_some(), "{versions:?}");
    }
}

#[tokio::test]
async fn n_006_n_017_the_client_frames_by_both_hellos() {
    for (versions, chunked) in [(&BOTH[..], true), (&[BASE_1_1], true), (&[BASE_1_0], false)] {
        let (client, mut fake) = fake::session();
        fake.message().await;
        fake.say(&fake::hello(versions, "1")).await;
        let client = client.await.unwrap().unwrap();
        let call = tokio::spawn(async move { client.discard_changes().await });
        fake.more().await;
        // Byte for byte: the first frame begins with its own line feed, and with nothing before it.
        assert_eq!(fake.untaken().starts_with(b"\n#"), chunked, "{versions:?}");
        assert_eq!(fake.untaken().starts_with(b"<"), !chunked, "{versions:?}");
        fake.chunked = chunked;
        fake::answer(&mut fake, "<ok/>").await;
        call.await.unwrap().unwrap();
        assert_eq!(fake.untaken(), b"");
    }
}

#[tokio::test]
async fn n_008_to_n_011_n_015_bad_frames_end_the_session() {
    let device = switch::start(None).await;
    let bad = [
        "\n#05\nhello",
        "\n#+5\nhello",
        "\n# 5\nhello",
        "\n#5 \nhello",
        "\n#0\n",
        "\n##\n",
        "\n#4294967296\n",
        "\n#99999999999\n",
        "\r\n#5\r\nhello",
        "hello",
        "\n#1\nab",
        "\n#-1\n",
    ];
    for bytes in bad {
        let mut raw = Raw::open(&device).await;
        let (before, after) = (rpc("a", GET), rpc("b", GET));
        let mut stream = raw.framed(&before);
        stream.extend_from_slice(bytes.as_bytes());
        stream.extend(raw.framed(&after));
        raw.send_if_open(&stream).await;
        // What was in order before the error may still be answered; nothing after it is.
        if let Some(reply) = raw.message_or_end().await {
            assert_eq!(parse(&reply).attribute("message-id"), Some("a"), "{bytes:?}");
            assert!(raw.ends().await, "{bytes:?}");
        }
    }
}

#[tokio::test]
async fn n_012_n_013_a_message_may_be_cut_anywhere() {
    let device = switch::start(None).await;
    let mut raw = Raw::open(&device).await;
    let request = rpc("é", GET);
    let every_byte: Vec<u8> = request
        .bytes()
        .flat_map(|byte| [b"\n#1\n".as_slice(), &[byte]].concat())
        .chain(*b"\n##\n")
        .collect();
    raw.send(&every_byte).await;
    assert_eq!(parse(&raw.message().await).attribute("message-id"), Some("é"));
    // And one byte for each write.
    for byte in raw.framed(&request) {
        raw.send(&[byte]).await;
    }
    assert_eq!(parse(&raw.message().await).attribute("message-id"), Some("é"));
}

#[tokio::test]
async fn n_014_n_044_messages_in_one_write_are_answered_in_order() {
    let device = switch::start(None).await;
    let mut raw = Raw::open(&device).await;
    let ids: Vec<String> = (0..50).map(|id| format!("id-{id}")).collect();
    let slow = "<validate><source><candidate/></source></validate>";
    let operations = [GET, slow, "<discard-changes/>"];
    let stream: Vec<u8> = ids
        .iter()
        .zip(operations.iter().cycle())
        .flat_map(|(id, operation)| raw.framed(&rpc(id, operation)))
        .collect();
    raw.send(&stream).await;
    for id in &ids {
        let reply = parse(&raw.message().await);
        assert_eq!(reply.attribute("message-id"), Some(id.as_str()));
    }
}

#[tokio::test]
async fn n_016_the_end_marker_in_a_chunk_is_data() {
    let device = switch::start(None).await;
    let mut raw = Raw::open(&device).await;
    let text = "before ]]&gt;]]&gt; after";
    let commented = format!("<!-- ]]>]]> -->{}", switch::edit(&switch::description(text)));
    raw.ok(&commented).await;
    let got = raw.data("<get-config><source><candidate/></source></get-config>").await;
    assert!(got.to_xml().contains("before ]]&gt;]]&gt; after"), "{}", got.to_xml());
}

/// With the end marker as frame the same text must not cut the message.
#[tokio::test]
async fn n_016_the_end_marker_in_a_leaf_survives_base_1_0() {
    let device = switch::start(None).await;
    let mut raw = Ssh::connect(&device).await.netconf().await;
    raw.greet(&[BASE_1_0]).await;
    raw.ok(&switch::edit(&switch::description("a ]]&gt;]]&gt; b"))).await;
    let got = raw.data("<get-config><source><candidate/></source></get-config>").await;
    assert!(got.to_xml().contains("a ]]&gt;]]&gt; b"), "{}", got.to_xml());
}

#[tokio::test]
async fn n_018_a_large_reply_may_be_in_chunks_of_any_size() {
    let large = format!("<data><x xmlns=\"urn:x\">{}</x></data>", "é1234567".repeat(100_000));
    for size in [7, 1024, usize::MAX] {
        let (client, mut fake) = fake::connected(&[]).await;
        let call = tokio::spawn(async move { client.get_config("running", None).await });
        let (id, _) = fake::request(&mut fake).await;
        let bytes = fake::reply(&id, &large).into_bytes();
        let mut stream = Vec::new();
        for chunk in bytes.chunks(size.min(bytes.len())) {
            stream.extend_from_slice(format!("\n#{}\n", chunk.len()).as_bytes());
            stream.extend_from_slice(chunk);
        }
        stream.extend_from_slice(b"\n##\n");
        fake.send(&stream).await;
        assert!(call.await.unwrap().unwrap().len() > 800_000, "{size}");
    }
}

#[tokio::test]
async fn n_019_the_end_marker_may_be_cut() {
    let device = switch::start(None).await;
    let mut raw = Ssh::connect(&device).await.netconf().await;
    raw.greet(&[BASE_1_0]).await;
    raw.send(rpc("cut", GET).as_bytes()).await;
    raw.send(b"]]>").await;
    raw.send(b"]]>").await;
    assert_eq!(parse(&raw.message().await).attribute("message-id"), Some("cut"));
}

#[tokio::test]
async fn n_020_a_dropped_connection_frees_its_locks_and_undoes_its_commit() {
    let device = switch::start(None).await;
    let mut lost = Raw::open(&device).await;
    lost.ok("<lock><target><candidate/></target></lock>").await;
    lost.ok(&switch::edit(&switch::description("lost"))).await;
    lost.ok("<commit><confirmed/><confirm-timeout>600</confirm-timeout></commit>").await;
    assert_ne!(device.running(), switch::boot());
    drop(lost);
    let since = Instant::now();
    let mut other = Raw::open(&device).await;
    while other.rpc("<lock><target><candidate/></target></lock>").await.child("ok").is_none() {
        assert!(since.elapsed() < Duration::from_secs(5), "the lock is still held");
    }
    assert_eq!(device.running(), switch::boot());
}

#[tokio::test]
async fn n_031_every_session_has_its_own_number() {
    let device = switch::start(None).await;
    let mut sessions = Vec::new();
    let mut ids = BTreeSet::new();
    for _ in 0..20 {
        let mut raw = Ssh::connect(&device).await.netconf().await;
        let hello = raw.greet(&BOTH).await;
        ids.insert(hello.child("session-id").unwrap().text().parse::<u32>().unwrap());
        sessions.push(raw);
    }
    assert_eq!(ids.len(), 20);
    assert!(!ids.contains(&0));
}

#[tokio::test]
async fn n_032_n_034_n_037_a_wrong_hello_ends_the_session() {
    let device = switch::start(None).await;
    let wrong = [
        hello(&BOTH, "<session-id>4</session-id>"),
        hello(&["urn:ietf:params:netconf:base:9.9"], ""),
        rpc("1", GET),
        "no hello at all".to_owned(),
    ];
    for text in wrong {
        let mut raw = Ssh::connect(&device).await.netconf().await;
        raw.message().await;
        raw.say(&text).await;
        assert!(raw.ends().await, "{text}");
    }
}

#[tokio::test]
async fn n_033_n_034_the_client_refuses_a_wrong_hello_and_says_why() {
    let cases = [
        (hello(&BOTH, ""), "session-id"),
        (fake::hello(&BOTH, "0"), "session-id"),
        (fake::hello(&BOTH, "many"), "many"),
        (fake::hello(&["urn:ietf:params:netconf:base:9.9"], "1"), "no version"),
    ];
    for (text, named) in cases {
        let (client, mut fake) = fake::session();
        fake.message().await;
        fake.say(&text).await;
        let error = client.await.unwrap().unwrap_err();
        assert!(error.to_string().contains(named), "{error}");
        // It goes without a word.
        assert!(fake.ends().await, "{text}");
    }
}

#[tokio::test]
async fn n_035_n_036_capabilities_are_compared_without_parameters_and_blanks() {
    let (client, mut fake) = fake::session();
    fake.message().await;
    let candidate = "\n  urn:ietf:params:netconf:capability:candidate:1.0?x=1&amp;y=2\n";
    let versions = ["\n  urn:ietf:params:netconf:base:1.1\n", "urn:example:x"];
    fake.say(&fake::hello(&[versions[0], versions[1], candidate], "1")).await;
    let client = client.await.unwrap().unwrap();
    assert!(client.has("candidate:1.0"));
    assert!(client.hello().capabilities.iter().any(|c| c == "urn:example:x"));
}

#[tokio::test]
async fn n_038_a_second_hello_is_no_request() {
    let device = switch::start(None).await;
    let mut raw = Raw::open(&device).await;
    raw.say(&hello(&BOTH, "")).await;
    // An error or the end; and the device lives.
    if let Some(answer) = raw.message_or_end().await {
        assert!(answer.contains("rpc-error"), "{answer}");
    }
    Raw::open(&device).await.data(GET).await;
}

#[tokio::test]
async fn n_040_a_silent_server_and_a_long_hello() {
    let (client, fake) = fake::session();
    let error = client.await.unwrap().unwrap_err();
    assert!(matches!(&error, ClientError::Closed(why) if why.contains("hello")), "{error}");
    drop(fake);

    let (client, mut fake) = fake::session();
    fake.message().await;
    let many: Vec<String> =
        (0..2000).map(|n| format!("urn:example:module-{n}?module=m{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).chain(BOTH).collect();
    fake.say(&fake::hello(&many, "1")).await;
    assert_eq!(client.await.unwrap().unwrap().hello().capabilities.len(), 2002);
}
