//! Who answers, who may ask, and what no error ever says.

use crate::bench::{Bench, PASSWORD, Pki, SECOND, write_secret};
use engine::ports::{DeviceError, DeviceTarget, Devices};
use model::topology::{Protocol, Trust};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use testkit::contract::devices::wish;
use tokio::net::TcpListener;
use tokio::time::timeout;

async fn untrusted(bench: &Bench, target: &DeviceTarget) -> String {
    match bench.devices.read(target).await {
        Err(DeviceError::Untrusted { reason, .. }) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_wrong_host_key_is_not_trusted() {
    let bench = Bench::new(Protocol::Netconf).await;
    let wrong = bench.reached(|m| m.trust = Trust::HostKey("SHA256:somebody-else".to_owned()));
    let reason = untrusted(&bench, &wrong).await;
    assert!(reason.contains("SHA256:somebody-else"), "{reason}");
    bench.devices.read(&bench.target).await.unwrap();
}

#[tokio::test]
async fn a_wrong_authority_and_a_wrong_name_are_not_trusted() {
    let bench = Bench::new(Protocol::Gnmi).await;
    let another = Pki::new();
    for trust in [another.trust("sw1"), bench.pki.trust("sw2")] {
        let wrong = bench.reached(|m| m.trust = trust);
        let reason = untrusted(&bench, &wrong).await;
        assert!(reason.contains("certificate"), "{reason}");
    }
    let missing = bench.reached(|m| {
        let (pem_file, server_name) = ("/nowhere/ca.pem".to_owned(), "sw1".to_owned());
        m.trust = Trust::CertificateAuthority { pem_file, server_name };
    });
    assert!(untrusted(&bench, &missing).await.contains("/nowhere/ca.pem"));
    bench.devices.read(&bench.target).await.unwrap();
}

#[tokio::test]
async fn insecure_is_for_loopback_only_and_each_protocol_has_its_own_trust() {
    for protocol in [Protocol::Netconf, Protocol::Gnmi] {
        let bench = Bench::new(protocol).await;
        let away = bench.reached(|m| {
            m.trust = Trust::Insecure;
            m.address = "192.0.2.1:830".to_owned();
        });
        assert!(untrusted(&bench, &away).await.contains("loopback"));
        let foreign = match protocol {
            Protocol::Netconf => bench.pki.trust("sw1"),
            Protocol::Gnmi => Trust::HostKey("SHA256:x".to_owned()),
        };
        untrusted(&bench, &bench.reached(|m| m.trust = foreign)).await;
    }
    let bench = Bench::new(Protocol::Netconf).await;
    let here = bench.reached(|m| m.trust = Trust::Insecure);
    bench.devices.read(&here).await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_refused_not_shown_and_read_again() {
    for protocol in [Protocol::Netconf, Protocol::Gnmi] {
        let bench = Bench::new(protocol).await;
        write_secret(bench.secrets_folder(), "devices", "admin", "wrong-battery");
        let error = bench.prepare("t1", &wish(100)).await.unwrap_err();
        assert!(matches!(error, DeviceError::Refused { .. }), "{error}");
        assert!(error.to_string().contains("admin"), "{error}");
        let shown = format!("{error} {error:?} {:?}", bench.devices);
        assert!(!shown.contains("wrong-battery"), "{shown}");
        write_secret(bench.secrets_folder(), "devices", "admin", PASSWORD);
        bench.apply("t1", &wish(100)).await;
    }
}

#[tokio::test]
async fn a_secret_that_others_can_read_is_not_used() {
    let bench = Bench::new(Protocol::Netconf).await;
    let path = bench.secrets_folder().join("devices");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let error = bench.devices.read(&bench.target).await.unwrap_err();
    let DeviceError::Unreachable { reason, .. } = &error else { panic!("{error}") };
    assert!(reason.contains("open to others"), "{reason}");
}

#[tokio::test]
async fn who_listens_and_says_nothing_is_unreachable_in_time() {
    for protocol in [Protocol::Netconf, Protocol::Gnmi] {
        let bench = Bench::new(protocol).await;
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = silent.local_addr().unwrap().to_string();
        let target = bench.reached(|m| m.address = address);
        let read = timeout(30 * SECOND, bench.impatient().read(&target)).await.unwrap();
        assert!(matches!(read, Err(DeviceError::Unreachable { .. })), "{read:?}");
    }
}
