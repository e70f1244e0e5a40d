//! The engine's books against what switches and VIMs really hold.

use crate::report::{Mismatch, mbps};
use api::wire;
use lab::audit::Carried;
use model::{Gibibytes, Mebibytes, Resources, Vcpu, VimId};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

/// What is used, by name; what is not used is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Books {
    /// In Mbps, each direction of a cable by itself.
    pub(crate) links: BTreeMap<String, u64>,
    /// In Mbps, of the busier direction.
    pub(crate) ports: BTreeMap<String, u64>,
    pub(crate) vims: BTreeMap<String, Resources>,
}

impl Books {
    /// As the engine has them.
    pub(crate) fn of_engine(usage: &wire::Usage) -> Self {
        let uses = |uses: &[wire::usage::Use]| {
            let used = uses.iter().filter(|one| one.used_mbps > 0);
            used.map(|one| (one.id.clone(), one.used_mbps)).collect()
        };
        let vim = |vim: &wire::usage::VimUse| Some((vim.id.clone(), resources(vim.used?)));
        let vims = usage.vims.iter().filter_map(vim);
        Self {
            links: uses(&usage.links),
            ports: uses(&usage.ports),
            vims: vims.filter(|(_, used)| *used != Resources::ZERO).collect(),
        }
    }

    /// As switches and VIMs have it.
    pub(crate) fn of_lab(carried: &Carried, vims: &BTreeMap<VimId, Resources>) -> Self {
        let ports: BTreeSet<&String> = carried.enters.keys().chain(carried.leaves.keys()).collect();
        let busier = |port: &String| {
            let rate = |of: &BTreeMap<_, model::Mbps>| of.get(port).map_or(0, |rate| rate.0);
            rate(&carried.enters).max(rate(&carried.leaves))
        };
        Self {
            links: carried.links.iter().map(|(id, rate)| (id.to_string(), rate.0)).collect(),
            ports: ports.into_iter().map(|port| (port.clone(), busier(port))).collect(),
            vims: vims.iter().map(|(id, used)| (id.to_string(), *used)).collect(),
        }
    }
}

fn resources(used: wire::Resources) -> Resources {
    Resources {
        vcpu: Vcpu(used.vcpu),
        memory: Mebibytes(used.memory_mib),
        storage: Gibibytes(used.storage_gib),
        accelerators: used.accelerators,
    }
}

/// Where the books are wrong; and what the switches hold that carries nothing.
pub(crate) fn compare(engine: &Books, lab: &Books, carried: &Carried) -> Vec<Mismatch> {
    let rate = |rate: Option<&u64>| mbps(rate.copied().unwrap_or_default());
    let vim = |used: Option<&Resources>| used.copied().unwrap_or_default().to_string();
    let mut found = differ("link", &lab.links, &engine.links, rate);
    found.extend(differ("port", &lab.ports, &engine.ports, rate));
    found.extend(differ("VIM", &lab.vims, &engine.vims, vim));
    found.extend(carried.broken.iter().map(|broken| {
        let what = format!("frames from {} VLAN {}", broken.port, broken.vlan);
        Mismatch::new(what, "arrive", &broken.reason)
    }));
    found.extend(carried.idle.iter().flat_map(|(device, entries)| {
        entries.iter().map(move |entry| {
            Mismatch::new(format!("{device}: {entry}"), "frames use it", "none does")
        })
    }));
    found
}

/// The devices say what is expected.
fn differ<T: PartialEq>(
    kind: &str,
    lab: &BTreeMap<String, T>,
    engine: &BTreeMap<String, T>,
    show: impl Fn(Option<&T>) -> String,
) -> Vec<Mismatch> {
    let ids: BTreeSet<&String> = lab.keys().chain(engine.keys()).collect();
    let wrong = ids.into_iter().filter(|id| lab.get(*id) != engine.get(*id));
    let mismatch = |id: &String| {
        let what = format!("use of {kind} {id} in the books");
        Mismatch::new(what, show(lab.get(id)), show(engine.get(id)))
    };
    wrong.map(mismatch).collect()
}

/// `12.5 %`.
pub(crate) fn percent(used: u64, capacity: u64) -> impl Display {
    let tenths = (u128::from(used) * 1000).checked_div(u128::from(capacity)).unwrap_or_default();
    format!("{}.{} %", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::audit::Broken;
    use model::Mbps;
    use sim_device::forwarding::Entry;
    use wire::usage::{Use, VimUse};

    fn carried() -> Carried {
        let port = |name: &str, rate| (name.to_owned(), Mbps(rate));
        Carried {
            links: [("a-m".parse().unwrap(), Mbps(2000))].into(),
            enters: [port("a1:ge", 2000), port("z1:ge", 500)].into(),
            leaves: [port("a1:ge", 500), port("z1:ge", 2000)].into(),
            ..Carried::default()
        }
    }

    fn vims() -> BTreeMap<VimId, Resources> {
        [("v".parse().unwrap(), Resources::from_array([4, 1024, 10, 0]))].into()
    }

    fn usage() -> wire::Usage {
        let one = |id: &str, used_mbps| Use { id: id.to_owned(), used_mbps };
        let used = wire::Resources { vcpu: 4, memory_mib: 1024, storage_gib: 10, accelerators: 0 };
        wire::Usage {
            links: vec![one("a-m", 2000), one("m-a", 0)],
            ports: vec![one("a1:ge", 2000), one("z1:ge", 2000)],
            vims: vec![VimUse { id: "v".to_owned(), used: Some(used) }],
        }
    }

    fn judge(usage: &wire::Usage, carried: &Carried) -> Vec<String> {
        let lab = Books::of_lab(carried, &vims());
        let found = compare(&Books::of_engine(usage), &lab, carried);
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn right_books_are_no_mismatch() {
        assert_eq!(judge(&usage(), &carried()), Vec::<String>::new());
    }

    #[test]
    fn each_wrong_entry_is_told() {
        let mut wrong = usage();
        wrong.links[0].used_mbps = 1999;
        wrong.ports.pop();
        wrong.vims[0].used.as_mut().unwrap().vcpu = 5;
        assert_eq!(
            judge(&wrong, &carried()),
            [
                "use of link a-m in the books: expected 2 Gbps, found 1.999 Gbps",
                "use of port z1:ge in the books: expected 2 Gbps, found 0 Mbps",
                "use of VIM v in the books: expected 4 vCPU, 1024 MiB, 10 GiB, found 5 vCPU, 1024 MiB, 10 GiB",
            ]
        );
    }

    #[test]
    fn what_is_left_over_or_broken_is_told() {
        let mut carried = carried();
        let idle = Entry::Lsp("old/transit".to_owned());
        carried.idle.insert("m1".parse().unwrap(), [idle].into());
        let port = crate::judge::route::port("a1:ge").unwrap();
        carried.broken.push(Broken { port, vlan: 7, reason: "dropped by m1".to_owned() });
        assert_eq!(
            judge(&usage(), &carried),
            [
                "frames from a1:ge VLAN 7: expected arrive, found dropped by m1",
                "m1: LSP old/transit: expected frames use it, found none does",
            ]
        );
    }

    #[test]
    fn percentages_have_one_digit() {
        assert_eq!(percent(2000, 16_000).to_string(), "12.5 %");
        assert_eq!(percent(1, 0).to_string(), "0.0 %");
    }
}
