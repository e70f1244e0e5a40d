//! Bad input of every kind, given to the real program: a clear error, and nothing changed on any
//! switch, in any VIM, in the books or, where it is refused at once, in the store.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use api::wire::catalogue_service_client::CatalogueServiceClient;
use api::wire::{DescriptorFile, OnboardRequest};
use lab::pki::Authority;
use model::topology::{Protocol, Topology, Trust};
use model::{DeviceId, Vcpu};
use std::path::Path;
use std::time::{Duration, Instant};
use tests::stage::{Said, Stage, example, scenario};

const HUNDRED_MIB: usize = 100 << 20;
/// Reading 100 MiB as YAML takes minutes in a debug build; refusing it takes no time.
const QUICKLY: Duration = Duration::from_secs(10);

fn text(name: &str) -> String {
    std::fs::read_to_string(example(name)).unwrap()
}

/// The text with something else in a place; the place must be there.
fn with(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "the example has no {from:?}");
    text.replace(from, to)
}

/// It ended so, and said all of that.
#[track_caller]
fn refused(said: &Said, exit: i32, words: &[&str]) {
    assert_eq!(said.exit, Some(exit), "{said:#?}");
    let all = format!("{}{}", said.out, said.error);
    for word in words {
        assert!(all.contains(word), "{word:?} is missing in {said:#?}");
    }
}

async fn apply(stage: &Stage, manifest: &str) -> Said {
    stage.apply(&stage.file("manifest.yaml", manifest)).await
}

/// A connection with other values, in the sites that the tests have.
fn connection(from: &str, to: &str) -> String {
    with(&text("connection"), from, to)
}

/// A descriptor that must not get in, and what has to be said about it.
struct BadDescriptor {
    file: &'static str,
    content: String,
    said: &'static [&'static str],
}

fn bad(file: &'static str, content: String, said: &'static [&'static str]) -> BadDescriptor {
    BadDescriptor { file, content, said }
}

fn bad_descriptors() -> Vec<BadDescriptor> {
    let (nsd, upf) = (text("nsd"), text("upf"));
    let half = upf.find("virtual-cpu").unwrap() + "virtual-cpu: {".len();
    vec![
        bad(
            "truncated.yaml",
            upf[..half].to_owned(),
            &["truncated.yaml:22:", "unclosed bracket", "cut off"],
        ),
        bad(
            "unknown.yaml",
            with(&nsd, "vnfd-id: upf", "vnfd-id: nobody"),
            &[
                "unknown.yaml:62:",
                "nsd[5g-core]/df[default]/vnf-profile[upf]/vnfd-id",
                "nobody",
                "use one of",
            ],
        ),
        bad(
            "unknown-vnfd.yaml",
            with(
                &with(&nsd, "vnfd-id: [upf,", "vnfd-id: [nobody,"),
                "vnfd-id: upf",
                "vnfd-id: nobody",
            ),
            &[
                "unknown-vnfd.yaml:10:",
                "nsd[5g-core]/vnfd-id[nobody]",
                "there is no VNFD nobody",
                "use one of",
            ],
        ),
        bad(
            "itself.yaml",
            with(&nsd, "vnfd-id: [upf,", "nested-nsd-id: [5g-core]\n      vnfd-id: [upf,"),
            &["itself.yaml:10:", "nsd[5g-core]/nested-nsd-id", "itself"],
        ),
        bad(
            "negative.yaml",
            with(&upf, "num-virtual-cpu: 4", "num-virtual-cpu: -4"),
            &["negative.yaml:25:", "num-virtual-cpu -4 is negative", "give a whole number from 0"],
        ),
        bad(
            "overflow.yaml",
            with(&upf, "size-of-storage: 40", "size-of-storage: 99999999999999999999999"),
            &["overflow.yaml:36:", "is more than 18446744073709551615", "give a whole number"],
        ),
        bad(
            "overflow-sum.yaml",
            with(&upf, "max-number-of-instances: 4", "max-number-of-instances: 65536"),
            &["overflow-sum.yaml:", "vdu-profile[forwarder]/max-number-of-instances", "65536"],
        ),
        bad(
            "duplicate.yaml",
            with(
                &upf,
                "- { id: n6, layer-protocol: [ethernet], bit",
                "- { id: n3, layer-protocol: [ethernet], bit",
            ),
            &[
                "duplicate.yaml:53:",
                "vnfd[upf]/vdu[forwarder]/int-cpd[n3]",
                "a second time",
                "give each",
            ],
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn descriptors() {
    let stage = Stage::start().await;
    stage.onboard().await;
    let (seen, revision) = (stage.seen().await, stage.revision().await);
    let catalogue = stage.json(&["get", "descriptors"]).await;
    for BadDescriptor { file, content, said } in bad_descriptors() {
        let path = stage.file(file, &content).display().to_string();
        let onboarded = stage.wayleave(&["descriptor", "onboard", &path]).await;
        refused(&onboarded, 1, &[&["WL0002", "next: "], said].concat());
    }
    truncated_is_seen_without_a_daemon(&stage).await;
    cycle(&stage).await;
    twice_in_one_call(&stage).await;
    hundred_mib(&stage).await;
    assert_eq!(stage.revision().await, revision);
    assert_eq!(stage.seen().await, seen);
    assert_eq!(stage.json(&["get", "descriptors"]).await, catalogue);
}

async fn truncated_is_seen_without_a_daemon(stage: &Stage) {
    let BadDescriptor { file, content, said } = bad_descriptors().remove(0);
    let path = stage.file(file, &content).display().to_string();
    refused(&stage.wayleave(&["descriptor", "check", &path]).await, 1, said);
}

/// Two that are sound each by itself and nest each other.
async fn cycle(stage: &Stage) {
    let nested = |id: &str, other: &str| {
        let nested = format!("nested-nsd-id: [{other}]\n      vnfd-id: [upf,");
        with(
            &with(&text("nsd"), "- id: 5g-core\n", &format!("- id: {id}\n")),
            "vnfd-id: [upf,",
            &nested,
        )
    };
    let there = stage.file("there.yaml", &nested("there", "back")).display().to_string();
    let back = stage.file("back.yaml", &nested("back", "there")).display().to_string();
    let said = stage.wayleave(&["descriptor", "onboard", &there, &back]).await;
    let words = [
        "WL0002",
        "nsd[there]/nested-nsd-id[back]",
        "there → back → there",
        "take one of these out",
    ];
    refused(&said, 1, &words);
}

async fn twice_in_one_call(stage: &Stage) {
    let (first, second) =
        (stage.file("first.yaml", &text("upf")), stage.file("second.yaml", &text("upf")));
    let (first, second) = (first.display().to_string(), second.display().to_string());
    let said = stage.wayleave(&["descriptor", "onboard", &first, &second]).await;
    refused(
        &said,
        1,
        &[
            "WL0002",
            "second.yaml:3:5",
            "vnfd[upf]/id",
            "the same id is in",
            "give each descriptor its own id",
        ],
    );
}

/// Sound but for its length, from the program and from a client that does not look.
async fn hundred_mib(stage: &Stage) {
    let mut long = text("upf");
    long.push_str("# ");
    long.push_str(&"x".repeat(HUNDRED_MIB - long.len()));
    let path = stage.file("long.yaml", &long).display().to_string();
    for command in ["check", "onboard"] {
        let began = Instant::now();
        let said = stage.wayleave(&["descriptor", command, &path]).await;
        refused(&said, 1, &["long.yaml has 104857600 bytes, more than 4 MiB", "next: "]);
        assert!(began.elapsed() < QUICKLY, "{command} took {:?}", began.elapsed());
    }
    let url = format!("http://{}", stage.daemon().grpc);
    let mut catalogue = CatalogueServiceClient::connect(url).await.unwrap();
    let file = DescriptorFile { name: "long.yaml".to_owned(), content: long };
    let request = OnboardRequest { files: vec![file], ..Default::default() };
    let began = Instant::now();
    let status = catalogue.onboard(request).await.unwrap_err();
    assert!(began.elapsed() < QUICKLY, "{:?}", began.elapsed());
    let message = status.message();
    assert!(message.contains("too large") && message.contains("limit"), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn intents() {
    let stage = Stage::start().await;
    stage.onboard().await;
    let first = stage.apply(&example("service")).await;
    assert_eq!(first.exit, Some(0), "{first:#?}");
    let seen = stage.seen().await;
    refused_at_once(&stage).await;
    assert_eq!(stage.seen().await, seen);
    refused_by_planning(&stage).await;
    assert_eq!(stage.seen().await, seen);
    let trace = stage.trace("mobile-brussels").await;
    assert_eq!(trace.exit, Some(0), "{trace:#?}");
}

/// Nothing of it gets into the store.
async fn refused_at_once(stage: &Stage) {
    let revision = stage.revision().await;
    let changed = stage.file("changed.yaml", &with(&text("service"), "gold", "silver"));
    let changed = changed.display().to_string();
    let said = stage.wayleave(&["apply", "--wait", "--etag", "1", &changed]).await;
    refused(&said, 4, &["WL0004", "mobile-brussels is at revision", "not at 1", "read it again"]);
    let said =
        stage.wayleave(&["delete", "--wait", "--etag", "1", "service/mobile-brussels"]).await;
    refused(&said, 4, &["WL0004", "mobile-brussels is at revision", "not at 1", "read it again"]);
    let said = apply(stage, &connection("500, lat", "-500, lat")).await;
    refused(&said, 1, &["WL0016", "manifest.yaml:10:", "spec.slo.bandwidthMbps: -500", "next: "]);
    let said = apply(stage, &connection("12000", "99999999999999999999999")).await;
    refused(&said, 1, &["WL0016", "manifest.yaml:10:", "spec.slo.latencyUs", "next: "]);
    let said = apply(stage, &connection("vlan: 300", "vlan: 4095")).await;
    refused(&said, 1, &["WL0001", "spec.endpoints[1].vlan", "4095", "next: "]);
    let said = apply(stage, &connection("gva1:ge-0/0/1", "gva1:nothing")).await;
    refused(&said, 1, &["WL0001", "spec.endpoints[0].port", "no port gva1:nothing", "next: "]);
    let said = apply(stage, &connection("gva1:ge-0/0/1\"", "bud1:ge-0/0/1\", vlan: 300")).await;
    refused(&said, 1, &["WL0001", "spec.endpoints", "next: "]);
    let said = apply(stage, &with(&text("service-second"), "nsd: 5g-core", "nsd: nobody")).await;
    refused(&said, 1, &["spec.nsd", "nobody", "next: "]);
    assert_eq!(stage.revision().await, revision);
}

/// The intents are well formed, so they are kept with the reason why they cannot be.
async fn refused_by_planning(stage: &Stage) {
    let said = apply(stage, &with(&text("service-second"), "vlan: 601", "vlan: 600")).await;
    let words =
        ["WL0003", "VLAN 600 on port ams1:ge-0/0/0 is held by mobile-brussels", "would fit"];
    refused(&said, 3, &words);
    let said = apply(stage, &connection("500, lat", "18446744073709551615, lat")).await;
    refused(&said, 3, &["WL0003", "18446744073709551615", "available"]);
    for (kind, name) in [("services", "mobile-luxembourg"), ("connectivities", "geneva-budapest")] {
        let listed = stage.json(&["get", kind, name]).await;
        let status = listed.get(0).unwrap_or(&listed)["status"].clone();
        assert_eq!(
            (&status["state"], &status["code"]),
            (&"FAILED".into(), &"WL0003".into()),
            "{listed:#}"
        );
    }
}

fn fault(stage: &Stage, device: &str, fault: &str) {
    stage.lab.devices()[device].faults().push(fault.parse().unwrap());
}

fn speaks(stage: &Stage, device: &str) -> Protocol {
    stage.lab.topology().devices[device].management.protocol
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_that_refuse_the_edit() {
    let stage = Stage::start().await;
    stage.onboard().await;
    let boot = stage.seen().await;
    for (device, protocol) in [("par1", Protocol::Netconf), ("bru1", Protocol::Gnmi)] {
        assert_eq!(speaks(&stage, device), protocol);
        fault(&stage, device, "refuse-edit=no room in the table");
        let said = stage.apply(&example("service")).await;
        let subject = format!("device {device} refused");
        let next = format!("next: `wayleave diff {device}`");
        refused(&said, 1, &["WL0010", &subject, "no room in the table", &next]);
        assert_eq!(stage.seen().await, boot, "{device}");
    }
    assert_it_works(&stage).await;
}

/// The same intent goes through once nothing is in its way.
async fn assert_it_works(stage: &Stage) {
    let said = stage.apply(&example("service")).await;
    assert_eq!(said.exit, Some(0), "{said:#?}");
    let trace = stage.trace("mobile-brussels").await;
    assert_eq!(trace.exit, Some(0), "{trace:#?}");
}

fn trust<'t>(topology: &'t mut Topology, device: &str) -> &'t mut Trust {
    let device: DeviceId = device.parse().unwrap();
    &mut topology.devices.get_mut(&device).unwrap().management.trust
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_with_another_host_key() {
    let other = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let wrong = |topology: &mut Topology| {
        let trust = trust(topology, "ams1");
        assert!(matches!(trust, Trust::HostKey(right) if right != other));
        *trust = Trust::HostKey(other.to_owned());
    };
    let stage = Stage::start_with(&scenario(), wrong).await;
    stage.onboard().await;
    let boot = stage.seen().await;
    let said = stage.apply(&example("service")).await;
    let right = &stage.lab.devices()["ams1"].fingerprint;
    let words =
        ["WL0007", "device ams1 is not trusted", "has the host key", right, other, "put its"];
    refused(&said, 1, &words);
    assert_eq!(stage.seen().await, boot);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_of_another_authority() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("other.pem");
    std::fs::write(&file, Authority::new().unwrap().certificate).unwrap();
    let wrong = |topology: &mut Topology| set_authority(trust(topology, "bru1"), &file);
    let stage = Stage::start_with(&scenario(), wrong).await;
    stage.onboard().await;
    let boot = stage.seen().await;
    let said = stage.apply(&example("service")).await;
    let words = ["WL0007", "device bru1 is not trusted", "certificate", "put its key or authority"];
    refused(&said, 1, &words);
    assert_eq!(stage.seen().await, boot);
}

fn set_authority(trust: &mut Trust, file: &Path) {
    let Trust::CertificateAuthority { pem_file, .. } = trust else { panic!("{trust:?}") };
    *pem_file = file.display().to_string();
}

/// The VIM has less than the topology says: some servers start, then it is full.
#[tokio::test(flavor = "multi_thread")]
async fn a_vim_out_of_quota_half_way() {
    let mut scenario = scenario();
    let paris = scenario.vims.iter_mut().find(|vim| vim.id == "vim-par").unwrap();
    let claimed = std::mem::replace(&mut paris.vcpu, 24);
    let wrong = |topology: &mut Topology| {
        let vim = topology.vims.values_mut().find(|vim| vim.id.as_str() == "vim-par").unwrap();
        vim.capacity.vcpu = Vcpu(claimed);
    };
    let stage = Stage::start_with(&scenario, wrong).await;
    stage.onboard().await;
    let boot = stage.seen().await;
    let said = stage.apply(&example("service")).await;
    refused(
        &said,
        1,
        &[
            "WL0011",
            "vim-par",
            "server mobile-brussels.",
            "out of cores",
            "of 24 used",
            "next: `wayleave get vims`",
        ],
    );
    assert!(!said.error.contains(" 0 of 24 used"), "it was not half way: {said:#?}");
    assert_eq!(stage.seen().await, boot);
}
