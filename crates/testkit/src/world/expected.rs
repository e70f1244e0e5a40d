//! What was acknowledged, and so has to be.

use model::IntentName;
use model::intent::Intent;
use std::collections::BTreeMap;

/// By name, what may be there: one thing after an acknowledgement, either of two after a request
/// that was not answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Expected(BTreeMap<IntentName, Vec<Option<Intent>>>);

impl Expected {
    /// It was asked for, and may or may not have been taken.
    pub(super) fn asked(&mut self, name: &IntentName, wanted: Option<&Intent>) {
        self.0.entry(name.clone()).or_insert_with(|| vec![None]).push(wanted.cloned());
    }

    /// It was acknowledged.
    pub(super) fn taken(&mut self, name: &IntentName, wanted: Option<&Intent>) {
        self.0.insert(name.clone(), vec![wanted.cloned()]);
    }

    /// It was refused: what was there is there.
    pub(super) fn refused(&mut self, name: &IntentName) {
        if let Some(may) = self.0.get_mut(name)
            && may.len() > 1
        {
            may.pop();
        }
    }

    /// What contradicts an acknowledgement.
    pub(super) fn contradiction(
        &self,
        found: impl Fn(&IntentName) -> Option<Intent>,
        removal_failed: impl Fn(&IntentName) -> bool,
    ) -> Option<String> {
        self.0.iter().find_map(|(name, may)| {
            let found = found(name);
            let told = may.contains(&None) && removal_failed(name);
            (!told && !may.contains(&found))
                .then(|| format!("intent {name}: {found:?} is none of {may:?}"))
        })
    }
}
