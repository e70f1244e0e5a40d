//! From plans to what devices should hold, and the difference to what they hold. Pure.

use crate::api::DiffLine;
use crate::error::Error;
use crate::state::{Profiles, State};
use device_config::{Change, Desired, Edit, Rendered, fragments};
use model::plan::Plan;
use model::{DeviceId, IntentName};
use std::collections::{BTreeMap, BTreeSet};
use yang::Path;

/// The nodes of each device that a transaction has to do with.
pub(crate) type Touched = BTreeMap<DeviceId, BTreeSet<Path>>;

/// A change of one device.
#[derive(Clone, Debug, Default)]
pub(crate) struct DeviceChange {
    pub(crate) change: Change,
    /// All that the plans own there afterwards: to be read back.
    pub(crate) after: Vec<Rendered>,
    /// What it should hold from then on.
    pub(crate) desired: Desired,
}

/// Replaces plans one after the other, without touching the state that it begins with.
pub(crate) struct Plans<'s> {
    state: &'s State,
    profiles: &'s Profiles,
    desired: BTreeMap<DeviceId, Desired>,
    rendered: BTreeMap<DeviceId, Vec<Rendered>>,
}

impl<'s> Plans<'s> {
    pub(crate) fn new(state: &'s State, profiles: &'s Profiles) -> Self {
        Self { state, profiles, desired: BTreeMap::new(), rendered: BTreeMap::new() }
    }

    /// Puts one plan of an intent in the place of another.
    ///
    /// # Errors
    /// Where another intent wants another value of a leaf. Nothing is replaced then.
    pub(crate) fn replace(
        &mut self,
        intent: &IntentName,
        before: Option<&Plan>,
        after: Option<&Plan>,
    ) -> Result<(), Error> {
        let mut old = self.render(before)?;
        let mut new = self.render(after)?;
        let devices: Vec<DeviceId> = old.keys().chain(new.keys()).cloned().collect();
        let mut next = BTreeMap::new();
        for device in devices {
            let Some((old, new)) = pair(&mut old, &mut new, &device) else { continue };
            let mut desired = self.current(&device);
            desired.replace(intent, &old, &new).map_err(|conflict| Error::Precondition {
                reason: format!("device {device}: {conflict}"),
                hint: "remove the other intent or change this one".to_owned(),
            })?;
            next.insert(device, (desired, new));
        }
        for (device, (desired, new)) in next {
            self.rendered.entry(device.clone()).or_default().push(new);
            self.desired.insert(device, desired);
        }
        Ok(())
    }

    /// What each touched device is to be sent.
    pub(crate) fn changes(self) -> BTreeMap<DeviceId, DeviceChange> {
        let Self { state, desired, mut rendered, .. } = self;
        let mut changes = BTreeMap::new();
        for (device, after) in desired {
            let before = state.desired.get(&device).cloned().unwrap_or_default();
            let change = DeviceChange {
                change: before.change_to(&after),
                after: rendered.remove(&device).unwrap_or_default(),
                desired: after,
            };
            changes.insert(device, change);
        }
        changes
    }

    fn current(&self, device: &DeviceId) -> Desired {
        let known = self.desired.get(device).or_else(|| self.state.desired.get(device));
        known.cloned().unwrap_or_default()
    }

    /// The nodes that plans of before and after have on devices, whatever is there now.
    pub(crate) fn touched<'p>(
        &self,
        plans: impl IntoIterator<Item = &'p Plan>,
    ) -> Result<Touched, Error> {
        let mut touched = Touched::new();
        for plan in plans {
            for (device, rendered) in self.render(Some(plan))? {
                touched.entry(device).or_default().extend(rendered.nodes.into_keys());
            }
        }
        Ok(touched)
    }

    /// What a plan comes to on each device.
    fn render(&self, plan: Option<&Plan>) -> Result<BTreeMap<DeviceId, Rendered>, Error> {
        let Some(plan) = plan else { return Ok(BTreeMap::new()) };
        let bug = |detail: String| Error::Bug { detail };
        let by_device = fragments(plan, &self.state.topology).map_err(|e| bug(e.to_string()))?;
        let mut rendered = BTreeMap::new();
        for (device, fragments) in by_device {
            let profile = self.state.profile(&device, self.profiles)?;
            let leaves = profile.render(&fragments).map_err(|e| bug(e.to_string()))?;
            rendered.insert(device, leaves);
        }
        Ok(rendered)
    }
}

/// Both sides of a device, once.
fn pair(
    old: &mut BTreeMap<DeviceId, Rendered>,
    new: &mut BTreeMap<DeviceId, Rendered>,
    device: &DeviceId,
) -> Option<(Rendered, Rendered)> {
    match (old.remove(device), new.remove(device)) {
        (None, None) => None,
        (old, new) => Some((old.unwrap_or_default(), new.unwrap_or_default())),
    }
}

/// A change as people read it.
pub(crate) fn lines(change: &Change) -> Vec<DiffLine> {
    let line = |edit: &Edit| match edit {
        Edit::Delete { path, before } => {
            DiffLine { path: path.to_string(), before: before.clone(), after: None }
        }
        Edit::Set { path, before, value } => {
            DiffLine { path: path.to_string(), before: before.clone(), after: Some(value.clone()) }
        }
    };
    change.edits.iter().map(line).collect()
}

/// Where a device's running configuration is not what a change should have made of it.
pub(crate) fn shortfall(change: &DeviceChange, running: &yang::Tree) -> Option<Shortfall> {
    let owned = change.after.iter().flat_map(Rendered::leaves);
    let differs = owned.filter(|(path, wanted)| running.get(path) != Some(wanted));
    let missing = differs.map(|(path, wanted)| Shortfall {
        path: path.to_string(),
        wanted: wanted.to_owned(),
        found: running.get(path).unwrap_or("not there").to_owned(),
    });
    let left = change.change.deletions().filter(|path| running.contains(path));
    let left = left.map(|path| Shortfall {
        path: path.to_string(),
        wanted: "not there".to_owned(),
        found: running.get(path).unwrap_or("still there").to_owned(),
    });
    missing.chain(left).next()
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shortfall {
    pub(crate) path: String,
    pub(crate) wanted: String,
    pub(crate) found: String,
}
