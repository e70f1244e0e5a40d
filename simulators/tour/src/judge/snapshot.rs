//! Everything that switches and VIMs hold, at one time.

use crate::report::Mismatch;
use lab::Lab;
use model::{DeviceId, VimId};
use std::collections::{BTreeMap, BTreeSet};

/// So much of what differs is shown, in characters.
const SHOWN: usize = 60;

/// Equal contents have equal bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) devices: BTreeMap<DeviceId, String>,
    pub(crate) vims: BTreeMap<VimId, String>,
}

impl Snapshot {
    pub(crate) fn of(lab: &Lab) -> Self {
        Self { devices: lab.configurations(), vims: lab.vim_states() }
    }

    /// The devices that hold something else now.
    pub(crate) fn changed_devices(&self, now: &Self) -> BTreeSet<DeviceId> {
        let differs = |id: &&DeviceId| self.devices.get(*id) != now.devices.get(*id);
        self.devices.keys().chain(now.devices.keys()).filter(differs).cloned().collect()
    }

    /// Each device and VIM that is not byte for byte as it was.
    pub(crate) fn differences(&self, now: &Self) -> Vec<Mismatch> {
        let devices = differences("running configuration of", &self.devices, &now.devices);
        devices.chain(differences("VIM", &self.vims, &now.vims)).collect()
    }
}

fn differences<'s, K: Ord + std::fmt::Display>(
    what: &'s str,
    before: &'s BTreeMap<K, String>,
    now: &'s BTreeMap<K, String>,
) -> impl Iterator<Item = Mismatch> + 's {
    let ids: BTreeSet<&K> = before.keys().chain(now.keys()).collect();
    let text = |of: &'s BTreeMap<K, String>, id: &K| of.get(id).map_or("", String::as_str);
    ids.into_iter().filter_map(move |id| {
        let (before, now) = (text(before, id), text(now, id));
        (before != now).then(|| {
            let (before, now) = where_they_part(before, now);
            Mismatch::new(format!("{what} {id}"), before, now)
        })
    })
}

/// Both texts from a little before the first difference on.
fn where_they_part(before: &str, now: &str) -> (String, String) {
    let same = before.chars().zip(now.chars()).take_while(|(a, b)| a == b).count();
    let from = same.saturating_sub(SHOWN / 2);
    let part = |text: &str| {
        let shown: String = text.chars().skip(from).take(SHOWN).collect();
        format!("{} bytes with …{shown}…", text.len())
    };
    (part(before), part(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(devices: &[(&str, &str)], vims: &[(&str, &str)]) -> Snapshot {
        let text = |text: &&str| (*text).to_owned();
        Snapshot {
            devices: devices.iter().map(|(id, t)| (id.parse().unwrap(), text(t))).collect(),
            vims: vims.iter().map(|(id, t)| (id.parse().unwrap(), text(t))).collect(),
        }
    }

    #[test]
    fn one_byte_is_a_difference() {
        let before = snapshot(&[("a", "{\"x\":1}"), ("b", "{}")], &[("v", "{}")]);
        assert_eq!(before.differences(&before), []);
        let now = snapshot(&[("a", "{\"x\":2}"), ("b", "{}")], &[("v", "{ }")]);
        let found = before.differences(&now);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].what, "running configuration of a");
        assert!(found[0].found.contains("\"x\":2"), "{:?}", found[0]);
        assert_eq!(found[1].what, "VIM v");
        assert_eq!(before.changed_devices(&now), ["a".parse().unwrap()].into());
    }

    #[test]
    fn a_device_that_is_gone_is_a_difference() {
        let before = snapshot(&[("a", "{}")], &[]);
        assert_eq!(before.differences(&Snapshot::default()).len(), 1);
    }
}
