//! The example that the tour is about: its descriptors and manifests, as people find them in
//! `examples/5g-core/`.

use api::wire;
use api::wire::intent::Spec;
use serde::Deserialize;
use std::collections::BTreeMap;

macro_rules! example {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../examples/5g-core/", $name)))
    };
}

pub(crate) const NSD: (&str, &str) = example!("nsd.yaml");
const DESCRIPTORS: [(&str, &str); 4] =
    [NSD, example!("upf.yaml"), example!("control-plane.yaml"), example!("firewall.yaml")];
const FIRST: (&str, &str) = example!("service.yaml");
const SECOND: (&str, &str) = example!("service-second.yaml");
const TOO_LARGE: (&str, &str) = example!("service-too-large.yaml");

/// The manifest of a network service, as far as the examples use it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Manifest {
    api_version: String,
    kind: String,
    metadata: Metadata,
    spec: ServiceSpec,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Metadata {
    name: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ServiceSpec {
    nsd: String,
    #[serde(default)]
    flavour: String,
    #[serde(default)]
    instantiation_level: String,
    saps: BTreeMap<String, Sap>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Sap {
    port: String,
    vlan: Option<u32>,
}

/// The files to onboard.
pub(crate) fn descriptors() -> Vec<wire::DescriptorFile> {
    let file = |(name, content): &(&str, &str)| wire::DescriptorFile {
        name: (*name).to_owned(),
        content: (*content).to_owned(),
    };
    DESCRIPTORS.iter().map(file).collect()
}

/// The service that the tour is about.
pub(crate) fn first() -> wire::Intent {
    intent(FIRST)
}

/// One that shares links with the first.
pub(crate) fn second() -> wire::Intent {
    intent(SECOND)
}

/// One that cannot fit.
pub(crate) fn too_large() -> wire::Intent {
    intent(TOO_LARGE)
}

fn intent((file, text): (&str, &str)) -> wire::Intent {
    let manifest: Manifest =
        serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("a test reads {file}: {error}"));
    assert_eq!(
        (manifest.api_version.as_str(), manifest.kind.as_str()),
        ("wayleave/v1", "NetworkService")
    );
    let ServiceSpec { nsd, flavour, instantiation_level, saps } = manifest.spec;
    let binding =
        |(id, sap): (String, Sap)| (id, wire::SapBinding { port: sap.port, vlan: sap.vlan });
    let saps = saps.into_iter().map(binding).collect();
    let placement = BTreeMap::new();
    let spec = wire::NetworkServiceSpec { nsd, flavour, instantiation_level, saps, placement };
    wire::Intent {
        name: manifest.metadata.name,
        labels: manifest.metadata.labels,
        spec: Some(Spec::NetworkService(spec)),
        ..Default::default()
    }
}

/// The network service that an intent of the examples asks for.
pub(crate) fn service(intent: &wire::Intent) -> &wire::NetworkServiceSpec {
    match &intent.spec {
        Some(Spec::NetworkService(service)) => service,
        _ => panic!("{} is not a network service", intent.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_can_be_read_and_are_three_different_services() {
        let all = [first(), second(), too_large()];
        for intent in &all {
            api::parse::intent(intent).unwrap();
            assert_eq!(service(intent).saps.len(), 2);
        }
        assert!(all[0].name != all[1].name && all[1].name != all[2].name);
        assert_eq!(descriptors().len(), 4);
    }
}
