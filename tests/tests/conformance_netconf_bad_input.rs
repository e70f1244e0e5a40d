//! Section N of the NETCONF checklist: bad input. Each test carries the number of its statement.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use netconf::{BASE, ClientError, ErrorTag};
use std::time::{Duration, Instant};
use tests::fake;
use tests::raw::Raw;
use tests::switch;
use tests::wire::parse;

const GET: &str = "<get-config><source><running/></source></get-config>";

/// An error or the end, and the switch serves the next one.
async fn survives(device: &sim_device::Device, bytes: &[u8]) {
    let mut raw = Raw::open(device).await;
    raw.send_if_open(bytes).await;
    if let Some(answer) = raw.message_or_end().await {
        assert!(answer.contains("rpc-error"), "{answer}");
    }
    Raw::open(device).await.data(GET).await;
}

fn framed(message: &[u8]) -> Vec<u8> {
    let mut frame = format!("\n#{}\n", message.len()).into_bytes();
    frame.extend_from_slice(message);
    frame.extend_from_slice(b"\n##\n");
    frame
}

#[tokio::test]
async fn n_143_what_is_not_well_formed_is_answered() {
    let device = switch::start(None).await;
    let mut raw = Raw::open(&device).await;
    for text in ["<rpc><get></rpc>", "<rpc", "nothing", "<a/><b/>", "<p:rpc/>"] {
        raw.say(text).await;
        let reply = parse(&raw.message().await);
        let error = &netconf::message::errors_of(&reply)[0];
        assert_eq!(error.tag, ErrorTag::malformed_message(), "{text}");
        assert_eq!(error.kind, netconf::ErrorType::Rpc);
    }
    raw.data(GET).await;
}

#[tokio::test]
async fn n_144_what_is_not_text_is_refused() {
    let device = switch::start(None).await;
    let around = |inside: &[u8]| {
        let mut bytes = format!("<rpc xmlns=\"{BASE}\" message-id=\"1\"><x>").into_bytes();
        bytes.extend_from_slice(inside);
        bytes.extend_from_slice(b"</x></rpc>");
        framed(&bytes)
    };
    for inside in
        [&b"\xc0\x80"[..], b"\xed\xa0\x80", b"\xe9", b"\xff", b"\0", b"\x01", b"&#0;", b"&#1;"]
    {
        survives(&device, &around(inside)).await;
    }
}

#[tokio::test]
async fn n_145_entities_are_not_expanded() {
    let device = switch::start(None).await;
    let bomb = format!(
        "<!DOCTYPE rpc [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><rpc xmlns=\"{BASE}\" message-id=\"1\"><x>&b;</x></rpc>"
    );
    let since = Instant::now();
    survives(&device, &framed(bomb.as_bytes())).await;
    let file = "<!DOCTYPE rpc [<!ENTITY f SYSTEM \"file:///etc/hostname\">]><rpc message-id=\"1\"><x>&f;</x></rpc>";
    survives(&device, &framed(file.as_bytes())).await;
    assert!(since.elapsed() < Duration::from_secs(5));
    survives(&device, &framed(b"<rpc><x>&undefined;</x></rpc>")).await;
}

#[tokio::test]
async fn n_147_a_promised_size_is_not_waited_for_in_memory() {
    let device = switch::start(None).await;
    let mut raw = Raw::open(&device).await;
    raw.send(b"\n#4294967295\n").await;
    raw.send(b"<rpc").await;
    // The switch goes on serving others meanwhile.
    Raw::open(&device).await.data(GET).await;
}

#[tokio::test]
async fn n_148_deep_nesting_is_refused() {
    let device = switch::start(None).await;
    let deep = "<x>".repeat(100_000) + &"</x>".repeat(100_000);
    let deep = format!("<rpc xmlns=\"{BASE}\" message-id=\"1\">{deep}</rpc>");
    survives(&device, &framed(deep.as_bytes())).await;
}

#[tokio::test]
async fn n_149_what_is_unknown_in_an_operation_is_refused_and_named() {
    let device = switch::start(None).await;
    let mut raw = Raw::open(&device).await;
    let named =
        |error: &netconf::RpcError, name: &str| error.info.iter().any(|(_, text)| text == name);
    let error = raw.error("<lock><target><candidate/></target><extra/></lock>").await;
    assert_eq!(error.tag, ErrorTag::unknown_element(), "{error}");
    assert!(named(&error, "extra"), "{error}");
    raw.ok("<lock><target><candidate/></target></lock>").await;
    let error = raw.error("<commit><surprise/></commit>").await;
    assert_eq!(error.tag, ErrorTag::unknown_element(), "{error}");
    assert_eq!(device.running(), switch::boot());
}

#[tokio::test]
async fn n_151_whatever_a_server_sends_ends_every_call() {
    let nonsense: &[&[u8]] = &[
        b"",
        b"\n#0\n",
        b"\n#3\n<a>\n##\n",
        b"nothing",
        b"\n#4\n\xff\xfe\xfd\xfc\n##\n",
        b"\n#9\n<a></b></a",
        b"]]>]]>",
        b"\n##\n",
    ];
    for bytes in nonsense {
        let (client, mut fake) = fake::connected(&[]).await;
        let calls: Vec<_> = (0..3)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move { client.get_config("running", None).await })
            })
            .collect();
        fake::request(&mut fake).await;
        fake.send_if_open(bytes).await;
        drop(fake);
        for call in calls {
            let error = tokio::time::timeout(Duration::from_secs(10), call).await.unwrap();
            let error = error.unwrap().unwrap_err();
            assert!(matches!(error, ClientError::Closed(_)), "{bytes:?}: {error}");
        }
    }
}
