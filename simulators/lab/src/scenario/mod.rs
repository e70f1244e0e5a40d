//! A scenario file: the sites, links and VIMs of a lab, in the fewest words.

mod build;
mod geography;

pub use build::{Addresses, build};
pub(crate) use build::{Nowhere, PHYSICAL_NETWORK, PROJECT};

use serde::Deserialize;
use std::collections::BTreeSet;

/// The scenario that `lab up` and `lab tour` use when none is named.
pub const DEFAULT: &str = include_str!("../../scenarios/geant.yaml");

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Scenario {
    #[serde(rename = "scenario")]
    pub name: String,
    #[serde(default)]
    pub description: String,
    pub fibre: Fibre,
    pub capacity: Vec<CapacityRow>,
    pub sites: Vec<Site>,
    pub links: Vec<(String, String)>,
    #[serde(default)]
    pub vims: Vec<VimSite>,
    /// What every VIM can boot, by name.
    #[serde(default)]
    pub images: Vec<String>,
    pub access_ports: u32,
    pub access_mbps: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Fibre {
    /// How much longer a cable is than the great circle between its ends.
    pub route_factor: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CapacityRow {
    pub up_to_km: f64,
    pub mbps: u64,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Site {
    pub id: String,
    pub city: String,
    /// Degrees north, degrees east.
    pub at: (f64, f64),
    pub protocol: model::topology::Protocol,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct VimSite {
    pub id: String,
    pub site: String,
    pub vcpu: u64,
    pub memory_gib: u64,
    pub storage_gib: u64,
    pub port_mbps: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    #[error("the scenario cannot be read: {0}")]
    Syntax(String),
    #[error("{field}: {reason}")]
    Invalid { field: String, reason: String },
}

impl Scenario {
    /// # Errors
    /// Where the text is not a scenario, or names a site that it does not have.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self =
            serde_saphyr::from_str(text).map_err(|e| ScenarioError::Syntax(e.to_string()))?;
        scenario.check()?;
        Ok(scenario)
    }

    fn check(&self) -> Result<(), ScenarioError> {
        let mut sites = BTreeSet::new();
        for site in &self.sites {
            if !sites.insert(site.id.as_str()) {
                return Err(invalid(format!("sites[{}]", site.id), "the id is used twice"));
            }
        }
        let ends = self.links.iter().flat_map(|(a, z)| [("links", a), ("links", z)]);
        for (field, site) in ends.chain(self.vims.iter().map(|vim| ("vims", &vim.site))) {
            if !sites.contains(site.as_str()) {
                return Err(invalid(field.to_owned(), &format!("no site is called {site}")));
            }
        }
        Ok(())
    }
}

fn invalid(field: String, reason: &str) -> ScenarioError {
    ScenarioError::Invalid { field, reason: reason.to_owned() }
}
