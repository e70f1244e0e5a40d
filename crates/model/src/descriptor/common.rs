//! What both kinds of descriptor share (SOL006 submodule `etsi-nfv-common`).

use super::source::{Decimal, Extra, Fields, Key};
use crate::Mbps;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlowPattern {
    /// Two ends (E-Line).
    Line,
    /// One root and its leaves (E-Tree).
    Tree,
    /// Any to any (E-LAN).
    Mesh,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AffinityRule {
    Affinity,
    AntiAffinity,
}

/// How far "together" or "apart" reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AffinityScope {
    NfviNode,
    ZoneGroup,
    Zone,
    NfviPop,
    NetworkLinkAndNode,
}

const FLOW_PATTERNS: &[(&str, FlowPattern)] =
    &[("line", FlowPattern::Line), ("tree", FlowPattern::Tree), ("mesh", FlowPattern::Mesh)];
const RULES: &[(&str, AffinityRule)] =
    &[("affinity", AffinityRule::Affinity), ("anti-affinity", AffinityRule::AntiAffinity)];
const SCOPES: &[(&str, AffinityScope)] = &[
    ("nfvi-node", AffinityScope::NfviNode),
    ("zone-group", AffinityScope::ZoneGroup),
    ("zone", AffinityScope::Zone),
    ("nfvi-pop", AffinityScope::NfviPop),
    ("network-link-and-node", AffinityScope::NetworkLinkAndNode),
];

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ConnectivityType {
    pub layer_protocol: Vec<String>,
    pub flow_pattern: Option<FlowPattern>,
    #[serde(flatten)]
    pub extra: Extra,
}

impl ConnectivityType {
    pub(super) fn read(f: &mut Fields<'_, '_>) -> Self {
        Self {
            layer_protocol: f.texts("layer-protocol"),
            flow_pattern: f.word("flow-pattern", FLOW_PATTERNS),
            extra: f.rest(&[]),
        }
    }
}

/// Megabits per second: of the whole line or of the root, and of each leaf.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Bitrates {
    pub root: Mbps,
    #[serde(default)]
    pub leaf: Option<Mbps>,
}

impl Bitrates {
    pub(super) fn read_some(f: &mut Fields<'_, '_>) -> Self {
        Self {
            root: Mbps(f.required_number("root", u64::MAX)),
            leaf: f.number("leaf", u64::MAX).map(Mbps),
        }
    }

    pub(super) fn read(f: &mut Fields<'_, '_>) -> Self {
        let rates = Self::read_some(f);
        f.rest(&[]);
        rates
    }
}

/// Latency and jitter in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Qos {
    pub latency: u32,
    pub packet_delay_variation: Option<u32>,
    pub packet_loss_ratio: Option<Decimal<2>>,
    pub priority: Option<u32>,
    #[serde(flatten)]
    pub extra: Extra,
}

impl Qos {
    pub(super) fn read(f: &mut Fields<'_, '_>) -> Self {
        f.expect("packet-delay-variation");
        let narrow = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        Self {
            latency: narrow(f.required_number("latency", u32::MAX.into())),
            packet_delay_variation: f.number("packet-delay-variation", u32::MAX.into()).map(narrow),
            packet_loss_ratio: f.decimal("packet-loss-ratio"),
            priority: f.number("priority", u32::MAX.into()).map(narrow),
            extra: f.rest(&[]),
        }
    }
}

/// A flavour of a virtual link: `df` in an NSD, `flavour` in a VNFD.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct VirtualLinkFlavour {
    pub id: String,
    pub qos: Option<Qos>,
    pub service_availability_level: Option<u32>,
    #[serde(flatten)]
    pub extra: Extra,
}

impl VirtualLinkFlavour {
    pub(super) fn read(f: &mut Fields<'_, '_>) -> Self {
        Self {
            id: f.required_text("id"),
            qos: f.object("qos", Qos::read),
            service_availability_level: f
                .number("service-availability-level", u32::MAX.into())
                .and_then(|n| u32::try_from(n).ok()),
            extra: f.rest(&[]),
        }
    }
}

/// The part of a connection point descriptor that all kinds of it have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ConnectionPoint {
    pub id: String,
    pub layer_protocol: Vec<String>,
    pub role: Option<String>,
    pub description: Option<String>,
}

/// Fields of a CPD that Wayleave keeps and does not use.
pub(super) const CPD_UNUSED: &[&str] = &[
    "protocol",
    "trunk-mode",
    "security-group-rule-id",
    "nicio-requirements",
    "virtual-network-interface-requirement",
];

impl ConnectionPoint {
    pub(super) fn read(f: &mut Fields<'_, '_>) -> Self {
        Self {
            id: f.required_text("id"),
            layer_protocol: f.texts("layer-protocol"),
            role: f.text("role"),
            description: f.text("description"),
        }
    }
}

/// A rule among the instances of one profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct LocalRule {
    #[serde(rename = "type")]
    pub rule: AffinityRule,
    pub scope: AffinityScope,
    #[serde(flatten)]
    pub extra: Extra,
}

impl LocalRule {
    pub(super) fn read_list(f: &mut Fields<'_, '_>) -> Vec<Self> {
        let key = Key::Pair("type", "scope");
        f.list("local-affinity-or-anti-affinity-rule", key, |f| Self {
            rule: f.required_word("type", RULES),
            scope: f.required_word("scope", SCOPES),
            extra: f.rest(&["nfvi-maintenance-info"]),
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct AffinityGroup {
    pub id: String,
    #[serde(rename = "affinityorAntiaffinity")]
    pub rule: AffinityRule,
    pub scope: AffinityScope,
    #[serde(flatten)]
    pub extra: Extra,
}

impl AffinityGroup {
    pub(super) fn read_list(f: &mut Fields<'_, '_>) -> Vec<Self> {
        f.list("affinity-or-anti-affinity-group", Key::Leaf("id"), |f| Self {
            id: f.required_text("id"),
            rule: Self::read_rule(f),
            scope: f.required_word("scope", SCOPES),
            extra: f.rest(&[]),
        })
    }

    /// SOL006 2.6.1 calls it `type`, later editions `affinityorAntiaffinity`.
    fn read_rule(f: &mut Fields<'_, '_>) -> AffinityRule {
        match f.word("type", RULES) {
            Some(rule) => rule,
            None => f.required_word("affinityorAntiaffinity", RULES),
        }
    }
}
