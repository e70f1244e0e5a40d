//! `{words}` in paths and values, filled in from a fragment.

use crate::fragment::Fragment;
use model::{InterfaceName, Label, Mbps, VlanId};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What a fragment gives to its template. A word without a value drops the line that uses it.
pub(crate) type Words = BTreeMap<&'static str, Option<String>>;

/// How long a burst a policer lets through, as time at the policed rate.
const BURST_MILLISECONDS: u64 = 10;
/// A policer must let at least a few full frames through.
const BURST_MINIMUM_BYTES: u64 = 16_000;

/// The words each kind of fragment has, for checking a profile before it is used.
pub(crate) fn known_words(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "attachment" => &["port", "vlan", "description"],
        "policer" => &["name", "port", "vlan", "bits-per-second", "burst-bytes"],
        "cross-connect" => &["name", "a-port", "a-vlan", "z-port", "z-vlan"],
        "termination" => &["name", "vc", "port", "vlan", "remote"],
        "ingress" => &["name", "vc", "push", "out", "next-hop"],
        "transit" => &["name", "incoming", "push", "out", "next-hop"],
        "egress" => &["name", "incoming"],
        _ => return None,
    })
}

pub(crate) fn words(fragment: &Fragment) -> Words {
    match fragment {
        Fragment::Attachment { port, vlan, description } => {
            of(&[("port", &port), ("vlan", &vlan), ("description", &description)])
        }
        Fragment::Policer { name, port, vlan, rate } => policer(name, port, *vlan, *rate),
        Fragment::CrossConnect { name, a, z } => of(&[
            ("name", &name),
            ("a-port", &a.0),
            ("a-vlan", &a.1),
            ("z-port", &z.0),
            ("z-vlan", &z.1),
        ]),
        Fragment::Termination { name, vc, port, vlan, remote } => of(&[
            ("name", &name),
            ("vc", &vc),
            ("port", &port),
            ("vlan", &vlan),
            ("remote", &remote),
        ]),
        Fragment::Ingress { name, vc, push, out, next_hop } => {
            label_hop(name, ("vc", *vc), *push, out, *next_hop)
        }
        Fragment::Transit { name, incoming, push, out, next_hop } => {
            label_hop(name, ("incoming", *incoming), *push, out, *next_hop)
        }
        Fragment::Egress { name, incoming } => of(&[("name", &name), ("incoming", &incoming)]),
    }
}

fn of(pairs: &[(&'static str, &dyn std::fmt::Display)]) -> Words {
    pairs.iter().map(|(word, value)| (*word, Some(value.to_string()))).collect()
}

fn policer(name: &str, port: &InterfaceName, vlan: VlanId, rate: Mbps) -> Words {
    let bits = rate.0.saturating_mul(1_000_000);
    let burst = (bits / 8 / 1000).saturating_mul(BURST_MILLISECONDS).max(BURST_MINIMUM_BYTES);
    // The model has 32 bits for the burst (RFC 2697 §3 leaves the size to the operator).
    let burst = burst.min(u64::from(u32::MAX));
    of(&[
        ("name", &name),
        ("port", port),
        ("vlan", &vlan),
        ("bits-per-second", &bits),
        ("burst-bytes", &burst),
    ])
}

fn label_hop(
    name: &str,
    incoming: (&'static str, Label),
    push: Label,
    out: &InterfaceName,
    next_hop: Option<IpAddr>,
) -> Words {
    let mut words =
        of(&[("name", &name), (incoming.0, &incoming.1), ("push", &push), ("out", out)]);
    words.insert("next-hop", next_hop.map(|address| address.to_string()));
    words
}

/// The text with every word filled in; `None` where one of them has no value.
///
/// # Errors
/// With the word that is not known.
pub(crate) fn fill(text: &str, words: &Words) -> Result<Option<String>, String> {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (word, after) = after.split_once('}').ok_or_else(|| after.to_owned())?;
        filled.push_str(before);
        match words.get(word) {
            Some(Some(value)) => filled.push_str(value),
            Some(None) => return Ok(None),
            None => return Err(word.to_owned()),
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(Some(filled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_filled_in_and_unknown_ones_are_named() {
        let words = Words::from([("port", Some("et-0/0/1".to_owned())), ("gone", None)]);
        assert_eq!(fill("/a[name={port}]/b", &words), Ok(Some("/a[name=et-0/0/1]/b".to_owned())));
        assert_eq!(fill("/a[x={gone}]", &words), Ok(None));
        assert_eq!(fill("{nothing}", &words), Err("nothing".to_owned()));
        assert_eq!(fill("{open", &words), Err("open".to_owned()));
    }

    #[test]
    fn a_policer_is_in_bits_and_bytes() {
        let port = InterfaceName::new("ge-0/0/0").unwrap();
        let words = policer("p", &port, VlanId::new(100).unwrap(), Mbps(100));
        assert_eq!(words["bits-per-second"].as_deref(), Some("100000000"));
        assert_eq!(words["burst-bytes"].as_deref(), Some("125000"));
    }
}
