//! Why a plan is what it is, for people.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PlanReport {
    pub decisions: Vec<Decision>,
    pub warnings: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Decision {
    /// `function upf-1`, `virtual link n4`.
    pub subject: String,
    /// What was chosen.
    pub choice: String,
    /// Why, in one sentence.
    pub because: String,
    /// What else was looked at, each with the reason against it.
    pub rejected: Vec<String>,
}
