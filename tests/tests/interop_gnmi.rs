//! gNMI with a client that nobody here wrote: pygnmi against the simulated switch, over TLS.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tests::{python, switch};

/// The name in the switch's certificate; nothing resolves it.
const NAME: &str = "sw1.lab.invalid";

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.distinguished_name.push(rcgen::DnType::CommonName, name);
    CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap()
}

/// Certificate and key in PEM.
fn identity(authority: &CertifiedIssuer<'static, KeyPair>) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let parameters = CertificateParams::new(vec![NAME.to_owned()]).unwrap();
    let certificate = parameters.signed_by(&key, authority).unwrap();
    (certificate.pem(), key.serialize_pem())
}

#[tokio::test(flavor = "multi_thread")]
async fn pygnmi_configures_and_watches_the_simulated_switch() {
    let Some(interpreter) = python::interpreter() else { return };
    let folder = tempfile::tempdir().unwrap();
    let trusted = authority("the lab's authority");
    let pem = |name: &str, authority: &CertifiedIssuer<'static, KeyPair>| {
        let path = folder.path().join(name);
        std::fs::write(&path, authority.pem()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (good, other) = (pem("ca.pem", &trusted), pem("other.pem", &authority("another")));
    let device = switch::start(Some(identity(&trusted))).await;
    let (host, port) = (device.gnmi.ip().to_string(), device.gnmi.port().to_string());
    let interface = switch::PORTS[0];
    let arguments = [&host, &port, switch::USER, switch::PASSWORD, &good, &other, NAME, interface];
    let steps = python::steps(&interpreter, "pygnmi_session.py", &arguments).await;
    assert_eq!(
        python::names(&steps),
        [
            "capabilities",
            "get",
            "set update",
            "set replace",
            "set delete",
            "set all or nothing",
            "set unquoted",
            "set invalid",
            "bad paths",
            "subscribe once",
            "subscribe stream",
            "subscribe poll",
            "wrong password",
            "wrong authority"
        ]
    );
    assert_eq!(steps[0]["version"], gnmi::VERSION);
    // What the script says it wrote last is there, and nothing else is.
    let mut expected = switch::boot();
    let description = format!("/interfaces/interface[name={interface}]/config/description");
    expected.set(&description.parse().unwrap(), Some("second poll".to_owned()));
    assert_eq!(device.running(), expected);
}
