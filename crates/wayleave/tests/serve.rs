//! `wayleave serve`: how it starts, what it refuses, and how it ends.

#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests")]

mod common;

use common::{Running, refused, wayleave};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use tempfile::TempDir;

const TOPOLOGY: &str = "\
apiVersion: wayleave/v1
kind: Topology
spec:
  pops:
    - id: ams
      city: Amsterdam
";

/// Folders for a daemon, with nothing in them.
fn place() -> TempDir {
    let place = tempfile::tempdir().unwrap();
    let secrets = place.path().join("secrets");
    std::fs::create_dir(&secrets).unwrap();
    std::fs::set_permissions(&secrets, std::fs::Permissions::from_mode(0o700)).unwrap();
    place
}

fn path(place: &TempDir, name: &str) -> String {
    place.path().join(name).to_str().unwrap().to_owned()
}

/// The command line of a daemon on a free port.
fn serve(place: &TempDir, more: &[&str]) -> Vec<String> {
    let mut words: Vec<String> = ["serve", "--listen", "127.0.0.1:0"].map(str::to_owned).to_vec();
    words.extend(["--data".to_owned(), path(place, "data")]);
    words.extend(["--secrets".to_owned(), path(place, "secrets")]);
    words.extend(more.iter().map(|word| (*word).to_owned()));
    words
}

fn words(line: &[String]) -> Vec<&str> {
    line.iter().map(String::as_str).collect()
}

async fn start(place: &TempDir, more: &[&str]) -> Running {
    Running::start(&words(&serve(place, more))).await
}

async fn pops(daemon: &Running) -> serde_json::Value {
    let server = format!("http://{}", daemon.text("grpc"));
    let output = wayleave(&["--server", &server, "-o", "json", "get", "topology"]).output().await;
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    answer["spec"]["pops"].clone()
}

#[tokio::test]
async fn it_applies_its_topology_keeps_it_and_ends_when_asked() {
    let place = place();
    std::fs::write(path(&place, "topology.yaml"), TOPOLOGY).unwrap();
    let topology = path(&place, "topology.yaml");
    let daemon = start(&place, &["--insecure-loopback", "--topology", &topology]).await;
    assert_eq!(daemon.ready["tls"], false);
    assert_eq!(pops(&daemon).await[0]["id"], "ams");
    assert!(daemon.stop("-TERM").await.success());
    let again = start(&place, &["--insecure-loopback"]).await;
    assert_eq!(pops(&again).await[0]["id"], "ams");
    assert!(again.stop("-INT").await.success());
}

#[tokio::test]
async fn a_second_daemon_on_the_same_data_is_refused() {
    let place = place();
    let first = start(&place, &["--insecure-loopback"]).await;
    let (code, said) = refused(&words(&serve(&place, &["--insecure-loopback"]))).await;
    assert_eq!(code, 1);
    assert!(said.contains("another daemon holds") && said.contains("next:"), "{said}");
    assert!(first.stop("-TERM").await.success());
}

#[tokio::test]
async fn it_serves_over_tls() {
    let place = place();
    let authority = lab::pki::Authority::new().unwrap();
    let (certificate, key) = authority.server_at("w", "127.0.0.1".parse().unwrap()).unwrap();
    for (name, text) in
        [("c.pem", &certificate), ("k.pem", &key), ("ca.pem", &authority.certificate)]
    {
        std::fs::write(path(&place, name), text).unwrap();
    }
    let (certificate, key) = (path(&place, "c.pem"), path(&place, "k.pem"));
    let daemon = start(&place, &["--tls-cert", &certificate, "--tls-key", &key]).await;
    assert_eq!(daemon.ready["tls"], true);
    let server = format!("https://{}", daemon.text("grpc"));
    let ca = path(&place, "ca.pem");
    let output = wayleave(&["--server", &server, "--ca", &ca, "get", "intents"]).output().await;
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(daemon.stop("-TERM").await.success());
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_a_next_step() {
    let place = place();
    let write = |name: &str, text: &str| std::fs::write(path(&place, name), text).unwrap();
    write("bad.yaml", "apiVersion: wayleave/v1\nkind: Topology\nspec:\n  popz: []\n");
    write("no.pem", "nothing");
    std::fs::create_dir(place.path().join("profiles")).unwrap();
    write("profiles/p.yaml", "profile: p\nmodules: [nowhere]\nfragments: {}\n");
    std::fs::create_dir(place.path().join("open")).unwrap();
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(Path::new(&path(&place, "open")), open).unwrap();
    let (bad, pem) = (path(&place, "bad.yaml"), path(&place, "no.pem"));
    let (profiles, open) = (path(&place, "profiles"), path(&place, "open"));
    let cases: &[(&[&str], &str)] = &[
        (&[], "--insecure-loopback"),
        (&["--insecure-loopback", "--listen", "0.0.0.0:0"], "not a loopback address"),
        (&["--insecure-loopback", "--listen", "192.0.2.1:0"], "not a loopback address"),
        (&["--insecure-loopback", "--topology", &bad], "bad.yaml:4"),
        (&["--insecure-loopback", "--profiles", &profiles], "p.yaml:2: the schema has no module"),
        (&["--insecure-loopback", "--secrets", &open], "chmod go="),
        (&["--insecure-loopback", "--secrets", "/nonexistent"], "/nonexistent"),
        (&["--tls-cert", &pem, "--tls-key", &pem], "PEM"),
        (&["--tls-cert", &pem], "--tls-key"),
        (&["--insecure-loopback", "--client-ca", &pem], "--tls-cert"),
    ];
    for (more, expected) in cases {
        // The last word on an option counts.
        let line = serve(&place, &[]);
        let kept = |option: &str| !more.contains(&option);
        let pairs = line[1..].chunks(2).filter(|pair| kept(&pair[0])).flatten();
        let line: Vec<&str> = ["serve"]
            .into_iter()
            .chain(pairs.map(String::as_str))
            .chain(more.iter().copied())
            .collect();
        let (code, said) = refused(&line).await;
        assert_eq!(code, 2, "{more:?}: {said}");
        assert!(said.contains(expected), "{more:?}: {said}");
    }
    assert!(!place.path().join("data").exists(), "nothing was stored");
}
