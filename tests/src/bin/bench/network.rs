//! The default lab, running, and what can be asked of it.

use crate::client::Client;
use crate::memory;
use crate::running::{Place, Running};
use anyhow::Context as _;
use api::wire;
use api::wire::intent::Spec;
use std::collections::BTreeMap;
use std::time::Duration;

const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Access ports of the lab: every pair of them is far enough apart to need several switches.
const PORTS: [&str; 6] = [
    "bru1:ge-0/0/0",
    "ams1:ge-0/0/0",
    "par1:ge-0/0/0",
    "tlv1:ge-0/0/0",
    "lux1:ge-0/0/0",
    "fra1:ge-0/0/0",
];
const DESCRIPTORS: [&str; 4] = ["nsd", "upf", "control-plane", "firewall"];
/// Of each connection: so little that all of them fit.
const MBPS: u64 = 1;
const FIRST_VLAN: u32 = 1000;

#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) client: Client,
    running: Running,
    daemon: u32,
    http: reqwest::Client,
    boot: BTreeMap<String, String>,
}

impl Network {
    /// Starts it, with the descriptors of the example in the catalogue.
    pub(crate) async fn start(place: &Place) -> anyhow::Result<Self> {
        let data = place.fresh("lab-")?;
        let data = data.to_str().context("the folder's name is not text")?;
        let running = place.start(&["lab", "up", "--data", data]).await?;
        let client = Client::connect(running.text("grpc")?).await?;
        let daemon = memory::child(running.pid()?)?;
        // The client wants one even for plain HTTP.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().timeout(ANSWER_WITHIN).build()?;
        let mut network = Self { client, running, daemon, http, boot: BTreeMap::new() };
        network.boot = network.state().await?;
        network.client.onboard(descriptors()?).await?;
        network.client.reconcile().await?;
        Ok(network)
    }

    /// Resident memory of the daemon, in MiB.
    pub(crate) fn resident(&self) -> anyhow::Result<f64> {
        memory::resident(self.daemon)
    }

    /// How many switches and VIMs hold exactly what they held at boot; an error where one does not.
    pub(crate) async fn check_clean(&self) -> anyhow::Result<usize> {
        let there = self.client.active().await?;
        anyhow::ensure!(there == 0, "{there} intents are still there");
        let now = self.state().await?;
        let changed = now.iter().filter(|(at, text)| self.boot.get(*at) != Some(text));
        let changed: Vec<_> = changed.map(|(at, _)| at.as_str()).collect();
        anyhow::ensure!(changed.is_empty(), "not as at boot: {}", changed.join(", "));
        Ok(now.len())
    }

    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        self.running.stop().await
    }

    /// What every switch and VIM holds, as it says itself.
    async fn state(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let mut state = BTreeMap::new();
        for (list, folder, tail) in [("devices", "devices", "/running"), ("vims", "vims", "")] {
            let members = self.running.ready[list].as_array().context("the ready line is short")?;
            for id in members.iter().filter_map(|member| member["id"].as_str()) {
                let url = format!("{}/{folder}/{id}{tail}", self.running.text("control")?);
                let answer = self.http.get(url).send().await?.error_for_status()?;
                state.insert(id.to_owned(), answer.text().await?);
            }
        }
        Ok(state)
    }
}

fn descriptors() -> anyhow::Result<Vec<wire::DescriptorFile>> {
    let file = |name: &&str| {
        let name = format!("{name}.yaml");
        let path = ::tests::root().join("examples/5g-core").join(&name);
        let content = std::fs::read_to_string(&path);
        let content = content.with_context(|| format!("{} cannot be read", path.display()))?;
        Ok(wire::DescriptorFile { name, content })
    };
    DESCRIPTORS.iter().map(file).collect()
}

/// A small connection between two of the lab's cities; each number another one.
pub(crate) fn connection(number: u32) -> wire::Intent {
    let (from, to) = pair(number);
    let end =
        |port: &str| wire::SapBinding { port: port.to_owned(), vlan: Some(FIRST_VLAN + number) };
    let spec = wire::ConnectivitySpec {
        pattern: wire::connectivity_spec::Pattern::PointToPoint.into(),
        endpoints: vec![end(from), end(to)],
        slo: Some(wire::Slo { bandwidth_mbps: MBPS, latency_us: None }),
    };
    intent(format!("connection-{number}"), Spec::Connectivity(spec))
}

/// Every ordered pair of different ports, in turn.
fn pair(number: u32) -> (&'static str, &'static str) {
    let pairs = PORTS.iter().flat_map(|a| PORTS.iter().map(move |z| (*a, *z)));
    let mut pairs = pairs.filter(|(a, z)| a != z).cycle();
    pairs.nth(number as usize % (PORTS.len() * (PORTS.len() - 1))).expect("a cycle does not end")
}

/// The 5G core of the example: three functions, their virtual links, and two SAPs.
pub(crate) fn mobile_core() -> wire::Intent {
    let sap = |port: &str, vlan| wire::SapBinding { port: port.to_owned(), vlan };
    let spec = wire::NetworkServiceSpec {
        nsd: "5g-core".to_owned(),
        flavour: "default".to_owned(),
        saps: [
            ("ran".to_owned(), sap("bru1:ge-0/0/0", None)),
            ("internet".to_owned(), sap("ams1:ge-0/0/0", Some(600))),
        ]
        .into(),
        ..Default::default()
    };
    intent("mobile-core".to_owned(), Spec::NetworkService(spec))
}

fn intent(name: String, spec: Spec) -> wire::Intent {
    wire::Intent { name, spec: Some(spec), ..Default::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_intent_is_sound_and_another_one() {
        let intents = (0..1000).map(connection).chain([mobile_core()]);
        let names: BTreeSet<_> = intents
            .map(|intent| {
                api::parse::intent(&intent).unwrap();
                intent.name
            })
            .collect();
        assert_eq!(names.len(), 1001);
        let pairs: BTreeSet<_> = (0..30).map(pair).collect();
        assert_eq!(pairs.len(), 30);
    }

    #[test]
    fn the_examples_descriptors_are_there() {
        assert_eq!(descriptors().unwrap().len(), DESCRIPTORS.len());
    }
}
