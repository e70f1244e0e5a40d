//! Whether a "no" is true: the link that is said to bind is one that the service cannot avoid, and
//! it really is too thin.

use super::demand::SapDemand;
use super::paths::distances;
use crate::client::Refusal;
use crate::report::{Mismatch, mbps};
use lab::audit::Carried;
use model::topology::{Link, Topology};
use model::{DeviceId, LinkId, Micros};
use std::collections::BTreeMap;

const INFEASIBLE: &str = "WL0003";

/// Compares a refusal with what the topology and the switches say.
pub(crate) fn compare(
    refusal: &Refusal,
    demands: &[SapDemand],
    topology: &Topology,
    carried: &Carried,
) -> Vec<Mismatch> {
    let detail = |name: &str| refusal.details.get(name).map_or("", String::as_str);
    let mut found = Vec::new();
    let mut expect = |what: &str, expected: &str, seen: &str| {
        if expected != seen {
            found.push(Mismatch::new(what, expected, seen));
        }
    };
    expect("code of the refusal", INFEASIBLE, &refusal.code);
    expect("binding constraint", "LINK_CAPACITY", detail("constraint"));
    let (needed, available) = (leading(detail("needed")), leading(detail("available")));
    if needed.zip(available).is_none_or(|(needed, available)| needed <= available) {
        let said = format!("{} of {}", detail("needed"), detail("available"));
        found.push(Mismatch::new("what is needed", "more than is available", said));
    }
    let link = detail("subject").trim_start_matches("link ");
    found.extend(not_binding(link, demands, topology, carried));
    found
}

/// `None` where every way of the demands leads over this link and they do not fit on it together.
fn not_binding(
    link: &str,
    demands: &[SapDemand],
    topology: &Topology,
    carried: &Carried,
) -> Option<Mismatch> {
    let Some(known) = topology.links.get(link) else {
        return Some(Mismatch::new("binding link", "a link of the topology", link));
    };
    let load = unavoidable(topology, demands).get(&known.id).copied().unwrap_or_default();
    let used = carried.links.get(&known.id).copied().unwrap_or_default();
    let free = known.capacity.saturating_sub(used).0;
    (load <= free).then(|| {
        let expected = format!("more than the {} that are free there", mbps(free));
        Mismatch::new(format!("what has to cross link {link}"), expected, mbps(load))
    })
}

/// For each link, the sum of the demands that cannot reach any VIM in time without its cable.
pub(crate) fn unavoidable(topology: &Topology, demands: &[SapDemand]) -> BTreeMap<LinkId, u64> {
    let load = |link: &Link| {
        let without = |other: &Link| !same_cable(link, other);
        let stuck =
            |demand: &&SapDemand| !reaches_a_vim(topology, &demand.device, demand.latency, without);
        demands.iter().filter(stuck).map(|demand| demand.mbps).sum::<u64>()
    };
    let loads = topology.links.values().map(|link| (link.id.clone(), load(link)));
    loads.filter(|(_, load)| *load > 0).collect()
}

fn same_cable(a: &Link, b: &Link) -> bool {
    (&a.from, &a.to) == (&b.from, &b.to) || (&a.from, &a.to) == (&b.to, &b.from)
}

fn reaches_a_vim(
    topology: &Topology,
    from: &DeviceId,
    within: Micros,
    allowed: impl Fn(&Link) -> bool,
) -> bool {
    let far = distances(topology, from, allowed);
    let mut vims = topology.vims.values();
    vims.any(|vim| far.get(&vim.attachment.device).is_some_and(|latency| *latency <= within))
}

/// The number that a quantity begins with: `8000 Mbps`.
fn leading(quantity: &str) -> Option<u64> {
    quantity.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;
    use crate::judge::demand::of_service;
    use lab::scenario::{Addresses, DEFAULT, Scenario, build};
    use model::topology::{Protocol, Trust};

    struct Nowhere;
    impl Addresses for Nowhere {
        fn device(&self, _: &str, _: Protocol) -> (String, Trust) {
            (String::new(), Trust::Insecure)
        }
        fn vim(&self, _: &str) -> (String, Option<String>) {
            (String::new(), None)
        }
    }

    fn topology() -> Topology {
        build(&Scenario::parse(DEFAULT).unwrap(), &Nowhere).unwrap()
    }

    fn demands() -> Vec<SapDemand> {
        of_service(example::NSD.1, example::service(&example::too_large()))
    }

    fn refusal(link: &str, constraint: &str) -> Refusal {
        let details = [
            ("constraint", constraint.to_owned()),
            ("subject", format!("link {link}")),
            ("needed", "8000 Mbps".to_owned()),
            ("available", "2000 Mbps".to_owned()),
        ];
        Refusal {
            call: "apply",
            code: INFEASIBLE.to_owned(),
            message: "infeasible".to_owned(),
            details: details.map(|(name, value)| (name.to_owned(), value)).into(),
        }
    }

    fn judge(refusal: &Refusal, demands: &[SapDemand]) -> Vec<String> {
        let found = compare(refusal, demands, &topology(), &Carried::default());
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn tel_aviv_has_one_way_out_in_time() {
        let links = unavoidable(&topology(), &demands());
        let links: Vec<_> = links.iter().map(|(link, load)| (link.to_string(), *load)).collect();
        assert_eq!(links, [("mil-tlv".to_owned(), 16_000), ("tlv-mil".to_owned(), 16_000)]);
    }

    #[test]
    fn a_true_no_is_no_mismatch_and_a_false_one_is() {
        assert_eq!(judge(&refusal("tlv-mil", "LINK_CAPACITY"), &demands()), Vec::<String>::new());
        assert_eq!(
            judge(&refusal("ams-fra", "LINK_CAPACITY"), &demands()),
            [
                "what has to cross link ams-fra: expected more than the 100 Gbps that are free there, found 0 Mbps",
            ]
        );
        assert_eq!(judge(&refusal("tlv-mil", "LATENCY"), &demands()).len(), 1);
        assert_eq!(judge(&refusal("x-y", "LINK_CAPACITY"), &demands()).len(), 1);
        let mut smaller = demands();
        smaller.pop();
        assert_eq!(judge(&refusal("tlv-mil", "LINK_CAPACITY"), &smaller).len(), 1);
        let mut enough = refusal("tlv-mil", "LINK_CAPACITY");
        enough.details.insert("available".to_owned(), "8000 Mbps".to_owned());
        assert_eq!(judge(&enough, &demands()).len(), 1);
    }
}
