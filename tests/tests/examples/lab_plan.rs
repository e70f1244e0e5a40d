//! Plans over the topology of the default lab, without a lab.

use crate::manifest;
use lab::scenario::{Addresses, DEFAULT, Scenario, build};
use model::descriptor::{Catalogue, Choice, ServiceTemplate, check, lower};
use model::intent::{Intent, IntentSpec};
use model::plan::Plan;
use model::topology::{Protocol, Topology, Trust};
use planner::{Books, Network, Pools, Request, World};
use std::path::Path;

const DESCRIPTORS: [&str; 4] = ["nsd.yaml", "upf.yaml", "control-plane.yaml", "firewall.yaml"];

pub(crate) fn example(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/5g-core");
    std::fs::read_to_string(folder.join(name)).expect("the example is there")
}

/// Each with the name of its file.
pub(crate) fn descriptors() -> Vec<(String, String)> {
    DESCRIPTORS.iter().map(|name| ((*name).to_owned(), example(name))).collect()
}

struct Nowhere;

impl Addresses for Nowhere {
    fn device(&self, _: &str, _: Protocol) -> (String, Trust) {
        ("127.0.0.1:0".to_owned(), Trust::Insecure)
    }

    fn vim(&self, _: &str) -> (String, Option<String>) {
        ("http://127.0.0.1:0".to_owned(), None)
    }
}

pub(crate) struct Lab {
    topology: Topology,
    network: Network,
    catalogue: Catalogue,
    books: Books,
}

impl Lab {
    pub(crate) fn new() -> Self {
        let scenario = Scenario::parse(DEFAULT).expect("the scenario is sound");
        let topology = build(&scenario, &Nowhere).expect("the scenario can be built");
        let files = descriptors();
        let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let catalogue = check(&Catalogue::default(), files).catalogue;
        let network = Network::of(&topology);
        Self { topology, network, catalogue, books: Books::default() }
    }

    /// Plans an example, checks the plan and enters it in the books.
    pub(crate) fn apply(&mut self, name: &str) -> Result<Plan, planner::Error> {
        let intent = manifest::read(&example(name));
        let template = self.template(&intent);
        let demand = planner::demand_of(&intent, template.as_ref())?;
        let pools = Pools::default();
        let world = World { topology: &self.topology, books: &self.books, pools: &pools };
        let request = Request { intent: &intent, revision: 1, parent: 1, demand: &demand };
        let (plan, report) = self.network.plan(world, &request)?;
        planner::check(world, &demand, &plan).expect("the check accepts the plan");
        assert_eq!(report.decisions.len(), demand.functions.len() + demand.links.len());
        assert_eq!(report.warnings, Vec::<String>::new());
        self.books.add(&plan, &self.topology).expect("a checked plan fits");
        Ok(plan)
    }

    fn template(&self, intent: &Intent) -> Option<ServiceTemplate> {
        let IntentSpec::NetworkService(spec) = &intent.spec else { return None };
        let nsd = self.catalogue.nsd(spec.nsd.as_str()).expect("the NSD is sound");
        let choice =
            Choice { flavour: spec.flavour.as_deref(), level: spec.instantiation_level.as_deref() };
        Some(lower(nsd, &self.catalogue, choice).expect("the NSD can be planned"))
    }
}
