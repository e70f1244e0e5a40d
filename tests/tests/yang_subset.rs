//! Our YANG modules are subsets of the real modules of the same names: every node of ours is a node
//! there, and what is valid by ours is valid by theirs.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use device_config::profile::OPENCONFIG;
use device_config::{Fragment, Profile, Rendered};
use model::{InterfaceName, Label, Mbps, VlanId};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use tests::need::shared_data;
use tests::switch;
use yang::{Kind, LeafType, Path, Schema, SchemaNode, Step, Tree};

/// The names of all modules in our folders, by their files; OpenConfig's first, whose `interfaces`
/// is meant where the real IETF modules have one too.
fn modules() -> Vec<String> {
    let files = switch::folders().into_iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> =
        names.filter_map(|name| name.strip_suffix(".yang").map(str::to_owned)).collect();
    names.sort_by_key(|name| (!name.starts_with("openconfig-"), name.clone()));
    names
}

fn load(folders: &[PathBuf]) -> Arc<Schema> {
    let names = modules();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let schema = Schema::load(folders, &names).unwrap();
    assert_eq!(schema.failed(), []);
    Arc::new(schema)
}

fn ours() -> Arc<Schema> {
    static OURS: OnceLock<Arc<Schema>> = OnceLock::new();
    Arc::clone(OURS.get_or_init(|| load(&switch::folders())))
}

/// The real modules; `None` (and one line) where they are not on this machine.
fn real() -> Option<Arc<Schema>> {
    static REAL: OnceLock<Arc<Schema>> = OnceLock::new();
    let folder = shared_data("yang")?;
    let load = || load(&[folder.join("openconfig"), folder.join("ietf")]);
    Some(Arc::clone(REAL.get_or_init(load)))
}

// ---- node by node

/// What keeps the one schema from being a subset of the other.
fn not_a_subset(ours: &Schema, real: &Schema) -> Vec<String> {
    let mut wrong = Vec::new();
    for module in ours.modules().iter().filter(|module| modules().contains(&module.name)) {
        match real.module(&module.name) {
            None => wrong.push(format!("{}: there is no such module", module.name)),
            Some(real) if real.namespace != module.namespace || real.prefix != module.prefix => {
                let (namespace, prefix) = (&real.namespace, &real.prefix);
                wrong.push(format!("{}: it is {namespace} with {prefix}", module.name));
            }
            Some(_) => {}
        }
    }
    compare_children(&Path::root(), ours.root(), real.root(), &mut wrong);
    wrong
}

fn compare_children(at: &Path, ours: &SchemaNode, real: &SchemaNode, wrong: &mut Vec<String>) {
    for child in ours.children.values().filter(|child| is_mirrored(child)) {
        let path = at.child(Step::new(child.name.clone()));
        let Some(other) = real.children.get(&child.name) else {
            wrong.push(format!("{path}: there is no such node"));
            continue;
        };
        let mut differ = |what: &str, ours: &dyn std::fmt::Debug, real: &dyn std::fmt::Debug| {
            wrong.push(format!("{path}: {what} is {ours:?} here and {real:?} there"));
        };
        if (&child.module, &child.namespace) != (&other.module, &other.namespace) {
            differ("module", &child.module, &other.module);
        }
        if child.kind != other.kind {
            differ("kind", &child.kind, &other.kind);
        }
        if child.config != other.config {
            differ("config", &child.config, &other.config);
        }
        if child.keys != other.keys {
            differ("key", &child.keys, &other.keys);
        }
        if !fits(child.leaf, other.leaf) {
            differ("type", &child.leaf, &other.leaf);
        }
        if other.mandatory && !child.mandatory {
            differ("mandatory", &child.mandatory, &other.mandatory);
        }
        if child.default.is_some() && child.default != other.default {
            differ("default", &child.default, &other.default);
        }
        compare_children(&path, child, other, wrong);
    }
}

/// libyang brings some modules of its own; both sides have them.
fn is_mirrored(node: &SchemaNode) -> bool {
    modules().contains(&node.module)
}

/// A union may hold the type among others; which values it takes is tried out below.
fn fits(ours: LeafType, real: LeafType) -> bool {
    ours == real || real == LeafType::Union
}

fn count(node: &SchemaNode) -> usize {
    let children = node.children.values().filter(|child| is_mirrored(child));
    children.map(|child| 1 + count(child)).sum()
}

#[test]
fn every_node_of_ours_is_a_node_of_the_real_module() {
    let Some(real) = real() else { return };
    let ours = ours();
    assert!(modules().len() >= 9, "{:?}", modules());
    assert!(count(ours.root()) >= 140, "only {} nodes were compared", count(ours.root()));
    assert_eq!(not_a_subset(&ours, &real), Vec::<String>::new());
}

#[test]
fn every_module_of_ours_says_that_it_is_a_subset() {
    for folder in switch::folders() {
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains("A subset, written for Wayleave"), "{}", path.display());
            assert!(text.contains("organization \"Wayleave\";"), "{}", path.display());
        }
    }
}

/// A comparison that notices nothing would pass for ever.
#[test]
fn every_kind_of_difference_is_noticed() {
    let sample = "module openconfig-system { yang-version 1.1; namespace \"urn:s\"; prefix s;
        container system { list user { key \"name\"; leaf name { type string; }
        leaf age { type uint8; } leaf since { type string; config false; }
        container home { presence \"there is one\"; } leaf shell { type string; default sh; } } } }";
    let read = |text: &str| {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("openconfig-system.yang"), text).unwrap();
        Schema::load(&[folder.path().to_owned()], &["openconfig-system"]).unwrap()
    };
    let ours = read(sample);
    assert_eq!(not_a_subset(&ours, &ours), Vec::<String>::new());
    let changes = [
        ("namespace \"urn:s\"", "namespace \"urn:t\"", "openconfig-system: it is urn:t"),
        ("prefix s", "prefix t", "openconfig-system: it is urn:s with t"),
        ("leaf age { type uint8; }", "", "/system/user/age: there is no such node"),
        ("leaf age { type uint8; }", "leaf-list age { type uint8; }", "/system/user/age: kind"),
        ("type uint8", "type int8", "/system/user/age: type"),
        ("type uint8;", "type uint8; mandatory true;", "/system/user/age: mandatory"),
        ("config false;", "", "/system/user/since: config"),
        ("presence \"there is one\";", "", "/system/user/home: kind"),
        ("key \"name\"", "key \"name age\"", "/system/user: key"),
        ("default sh", "default csh", "/system/user/shell: default"),
    ];
    for (from, to, noticed) in changes {
        assert!(sample.contains(from), "{from}");
        let found = not_a_subset(&ours, &read(&sample.replacen(from, to, 1)));
        assert!(found.iter().any(|line| line.starts_with(noticed)), "{from} -> {to}: {found:?}");
    }
}

// ---- what the profile writes

fn profile(schema: Arc<Schema>) -> Profile {
    Profile::load("openconfig.yaml", OPENCONFIG, schema).unwrap()
}

/// A device as it boots, with what fragments come to.
fn configured(rendered: &Rendered) -> Tree {
    let mut tree = switch::boot();
    for (path, value) in &rendered.nodes {
        tree.set(path, value.clone());
    }
    tree
}

/// Valid by ours, and then by theirs, in both encodings.
fn valid_in_both(ours: &Schema, real: &Schema, tree: &Tree) -> Result<(), String> {
    let xml = tree.to_xml(ours);
    ours.validate(tree).map_err(|e| format!("by our modules: {e}"))?;
    ours.validate_xml(&xml).map_err(|e| format!("by our modules, in XML: {e}"))?;
    real.validate(tree).map_err(|e| format!("by the real modules: {e}"))?;
    real.validate_xml(&xml).map_err(|e| format!("by the real modules, in XML: {e}"))?;
    // It is the same data to both: nothing was left out on the way.
    let read = Tree::from_xml(real, &xml).map_err(|e| e.to_string())?;
    if read == *tree { Ok(()) } else { Err(format!("read back otherwise: {xml}")) }
}

fn port(index: usize) -> InterfaceName {
    InterfaceName::new(switch::PORTS[index % switch::PORTS.len()]).unwrap()
}

/// Everything that circuits need on one device, of every kind.
fn fragments(seed: &Seed) -> Vec<Fragment> {
    let vlan = |offset: u16| VlanId::new((seed.vlan + offset - 1) % 4094 + 1).unwrap();
    let label = |offset: u32| Label::new((seed.label + offset) % 1_048_560 + 16).unwrap();
    let named = |suffix: &str| format!("{}{suffix}", seed.name);
    let attachment = |index: usize, offset: u16| Fragment::Attachment {
        port: port(index),
        vlan: vlan(offset),
        description: seed.name.clone(),
    };
    let mut all = vec![attachment(0, 0), attachment(1, 0), attachment(0, 1)];
    all.push(Fragment::Policer {
        name: format!("{}.{}", port(0), vlan(0)),
        port: port(0),
        vlan: vlan(0),
        rate: Mbps(seed.rate),
    });
    all.push(Fragment::CrossConnect {
        name: named("-x"),
        a: (port(0), vlan(0)),
        z: (port(1), vlan(0)),
    });
    all.push(Fragment::Termination {
        name: named("-t"),
        vc: label(0),
        port: port(0),
        vlan: vlan(1),
        remote: seed.remote,
    });
    all.push(Fragment::Ingress {
        name: named(".in"),
        vc: label(0),
        push: label(1),
        out: port(1),
        next_hop: seed.next_hop,
    });
    all.push(Fragment::Transit {
        name: named(".through"),
        incoming: label(2),
        push: label(3),
        out: port(0),
        next_hop: seed.next_hop,
    });
    all.push(Fragment::Egress { name: named(".out"), incoming: label(4) });
    all
}

/// What generated circuits are made from.
#[derive(Clone, Debug)]
struct Seed {
    name: String,
    vlan: u16,
    label: u32,
    rate: u64,
    remote: IpAddr,
    next_hop: Option<IpAddr>,
}

fn seed() -> Seed {
    Seed {
        name: "upf-core.n6".to_owned(),
        vlan: 100,
        label: 1000,
        rate: 2000,
        remote: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)),
        next_hop: Some(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1))),
    }
}

/// The kinds that the profile has templates for, from its text.
fn kinds_of_the_profile() -> BTreeSet<String> {
    let fragments = OPENCONFIG.split_once("\nfragments:\n").unwrap().1;
    let kinds = fragments.lines().filter_map(|line| line.strip_prefix("  "));
    let kinds = kinds.filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    kinds.map(|line| line.split(':').next().unwrap().to_owned()).collect()
}

#[test]
fn every_kind_of_fragment_is_valid_in_both() {
    let ours = ours();
    let fragments = fragments(&seed());
    let kinds: BTreeSet<_> = fragments.iter().map(|f| f.kind().to_owned()).collect();
    assert_eq!(kinds, kinds_of_the_profile());
    let Some(real) = real() else { return };
    let (by_ours, by_real) = (profile(ours.clone()), profile(real.clone()));
    for fragment in &fragments {
        let fragment = std::slice::from_ref(fragment);
        assert_eq!(by_ours.render(fragment).unwrap(), by_real.render(fragment).unwrap());
    }
    let tree = configured(&by_ours.render(&fragments).unwrap());
    valid_in_both(&ours, &real, &tree).unwrap();
    valid_in_both(&ours, &real, &switch::boot()).unwrap();
}

/// The lab as a whole: what each of its switches holds when it starts.
#[tokio::test(flavor = "multi_thread")]
async fn every_switch_of_the_default_lab_boots_valid_in_both() {
    let Some(real) = real() else { return };
    let ours = ours();
    let scenario = lab::scenario::Scenario::parse(lab::scenario::DEFAULT).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let files = lab::folder::Folder::create(folder.path()).unwrap();
    let lab = lab::Lab::start(&scenario, files).await.unwrap();
    assert!(lab.devices().len() >= 22);
    for (id, device) in lab.devices() {
        let running = device.running();
        valid_in_both(&ours, &real, &running).unwrap_or_else(|reason| panic!("{id}: {reason}"));
    }
}

/// A judge that accepts everything would pass for ever: the real modules refuse what is wrong.
#[test]
fn the_real_modules_refuse_what_is_wrong() {
    let Some(real) = real() else { return };
    let tree = configured(&profile(ours()).render(&fragments(&seed())).unwrap());
    for (path, value) in [
        ("/interfaces/interface[name=ge-0/0/0]/config/type", "iana-if-type:no-such-type"),
        (
            "/interfaces/interface[name=ge-0/0/0]/subinterfaces/subinterface[index=100]/vlan/match/single-tagged/config/vlan-id",
            "4096",
        ),
        (
            "/qos/interfaces/interface[interface-id=ge-0/0/0.100]/interface-ref/config/interface",
            "nowhere",
        ),
        (
            "/network-instances/network-instance[name=default]/mpls/lsps/static-lsps/static-lsp[name=upf-core.n6.out]/egress/config/incoming-label",
            "1048576",
        ),
    ] {
        let path: Path = path.parse().unwrap();
        assert!(tree.get(&path).is_some(), "{path} is not in the configuration");
        let mut wrong = tree.clone();
        wrong.set(&path, Some(value.to_owned()));
        assert!(real.validate(&wrong).is_err(), "{path} = {value} was accepted");
    }
}

/// The models have no form for IPv4 inside IPv6 (`::ffff:192.0.2.1`).
fn any_address() -> impl Strategy<Value = IpAddr> {
    let any = prop_oneof![
        any::<u32>().prop_map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits))),
        any::<u128>().prop_map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits))),
        // Runs of zeros, where IPv6 has its short forms.
        (any::<u16>(), any::<u16>(), 0u8..8).prop_map(|(high, low, shift)| {
            let bits = (u128::from(high) << 112) | (u128::from(low) << (16 * shift));
            IpAddr::V6(Ipv6Addr::from_bits(bits))
        }),
    ];
    any.prop_filter("IPv4 inside IPv6", |address| match address {
        IpAddr::V4(_) => true,
        IpAddr::V6(address) => address.to_ipv4_mapped().is_none(),
    })
}

fn any_seed() -> impl Strategy<Value = Seed> {
    let next_hop = proptest::option::of(any_address());
    (
        "[a-z][a-zA-Z0-9._-]{0,60}",
        1u16..=4094,
        0u32..1_048_560,
        1u64..=400_000,
        any_address(),
        next_hop,
    )
        .prop_map(|(name, vlan, label, rate, remote, next_hop)| Seed {
            name,
            vlan,
            label,
            rate,
            remote,
            next_hop,
        })
}

#[test]
fn generated_circuits_are_valid_in_both() {
    let Some(real) = real() else { return };
    let ours = ours();
    let profile = profile(ours.clone());
    let config =
        ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    runner
        .run(&any_seed(), |seed| {
            let rendered = profile.render(&fragments(&seed)).unwrap();
            valid_in_both(&ours, &real, &configured(&rendered)).map_err(TestCaseError::fail)
        })
        .unwrap();
}

// ---- value by value

/// Every leaf that can be configured and is no key, without the keys of the lists it is in.
fn leaf_names(at: &Path, node: &SchemaNode, into: &mut BTreeSet<Path>) {
    for child in node.children.values().filter(|child| child.config && is_mirrored(child)) {
        let here = at.child(Step::new(child.name.clone()));
        match child.kind {
            Kind::Leaf if node.keys.contains(&child.name) => {}
            Kind::Leaf | Kind::LeafList => drop(into.insert(here)),
            _ => leaf_names(&here, child, into),
        }
    }
}

fn without_keys(path: &Path) -> Path {
    Path { steps: path.steps.iter().map(|step| Step::new(step.name.clone())).collect() }
}

/// Where a leaf is or could be, in each list entry that the tree has.
fn places(tree: &Tree, schema: &Schema, leaf: &Path) -> Vec<Path> {
    let mut above = vec![Path::root()];
    for step in &leaf.steps {
        above =
            above.iter().flat_map(|at| entries(tree, schema, &at.child(step.clone()))).collect();
    }
    above
}

fn entries(tree: &Tree, schema: &Schema, path: &Path) -> Vec<Path> {
    if schema.node(path).is_none_or(|node| node.kind != Kind::List) {
        return vec![path.clone()];
    }
    let (parent, depth) = (path.parent().unwrap_or_default(), path.steps.len());
    let name = path.last().map(|step| step.name.clone());
    let below = tree
        .below(&parent)
        .map(|(path, _)| Path { steps: path.steps[..depth.min(path.steps.len())].to_vec() });
    let entries: BTreeSet<_> = below
        .filter(|p| p.steps.len() == depth && p.last().map(|s| s.name.clone()) == name)
        .collect();
    entries.into_iter().collect()
}

const NUMBERS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "4",
    "15",
    "16",
    "17",
    "64",
    "100",
    "127",
    "128",
    "255",
    "256",
    "1500",
    "4093",
    "4094",
    "4095",
    "4096",
    "9000",
    "32767",
    "32768",
    "65534",
    "65535",
    "65536",
    "1048574",
    "1048575",
    "1048576",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "-1",
    "-128",
    "-32768",
];
const TEXTS: &[&str] = &[
    "",
    " ",
    "a",
    "A",
    "sw1",
    "a-b",
    "-a",
    "a-",
    "a.b",
    ".a",
    "a.",
    "a_b",
    "a b",
    "ge-0/0/0",
    "é",
    "&<>\"'",
    "[x=y]",
    "UP",
    "DOWN",
    "true",
    "192.0.2.1",
    "0.0.0.0",
    "255.255.255.255",
    "256.0.0.1",
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "::",
    "::1",
    "1::",
    ":",
    ":::",
    "1:2",
    "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7:8:9",
    "1::8",
    "1::3::8",
    "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8",
    "1:2:3:4::5:6:7:8",
    "12345::",
    "g::",
    "fe80::1%eth0",
    "::ffff:192.0.2.1",
    "::192.0.2.256",
    "1.2.3.4::",
    "2001:DB8::A",
];

/// Texts, and some that are longer than a line.
fn texts() -> Vec<String> {
    let long = [63, 64, 253, 254, 255, 256].map(|length| "x".repeat(length));
    TEXTS.iter().map(|text| (*text).to_owned()).chain(long).collect()
}

/// All identities that our modules define.
fn identities(schema: &Schema) -> Vec<String> {
    let all = schema.modules().iter().filter(|module| modules().contains(&module.name));
    let named = all.flat_map(|module| {
        let names = module.text.lines().filter_map(|line| line.trim().strip_prefix("identity "));
        names.map(|name| format!("{}:{}", module.name, name.trim_end_matches([' ', '{', ';'])))
    });
    named.collect()
}

fn candidates(schema: &Schema, leaf: LeafType) -> Vec<String> {
    let numbers = || NUMBERS.iter().map(|number| (*number).to_owned());
    match leaf {
        LeafType::Bool => vec!["true".to_owned(), "false".to_owned()],
        LeafType::Identity => identities(schema),
        LeafType::Text => texts(),
        LeafType::Union => numbers().chain(texts()).collect(),
        _ => numbers().collect(),
    }
}

/// The real hostname takes a hyphen by its `pattern`. Its `posix-pattern`, an extension of
/// OpenConfig's, means to and does not: POSIX has no escapes within brackets.
fn is_known(path: &Path, violation: &yang::Violation) -> bool {
    path.to_string() == "/system/config/hostname" && violation.message.contains("OpenConfig")
}

const UNWRITTEN: &str = "/network-instances/network-instance[name=default]/mpls/lsps/static-lsps/static-lsp[name=upf-core.n6.out]/egress/lsp-next-hops/lsp-next-hop[index=1]/config";

#[test]
fn every_value_that_a_leaf_of_ours_takes_the_real_one_takes() {
    let Some(real) = real() else { return };
    let ours = ours();
    let mut tree = configured(&profile(ours.clone()).render(&fragments(&seed())).unwrap());
    // The one list that no fragment writes to.
    for (leaf, value) in [("index", "1"), ("interface", switch::PORTS[0])] {
        tree.set(&format!("{UNWRITTEN}/{leaf}").parse().unwrap(), Some(value.to_owned()));
    }
    let mut leaves = BTreeSet::new();
    leaf_names(&Path::root(), ours.root(), &mut leaves);
    assert!(leaves.len() >= 30, "only {} leaves were tried", leaves.len());
    let (mut wrong, mut refused) = (Vec::new(), 0);
    let mut accepted: BTreeMap<Path, usize> = BTreeMap::new();
    for path in leaves.iter().flat_map(|leaf| places(&tree, &ours, leaf)) {
        let leaf = ours.node(&path).unwrap().leaf;
        let values = candidates(&ours, leaf).into_iter();
        for value in values.chain(tree.get(&path).map(str::to_owned)) {
            let mut changed = tree.clone();
            changed.set(&path, Some(value.clone()));
            if ours.validate(&changed).is_err() {
                refused += 1;
                continue;
            }
            *accepted.entry(without_keys(&path)).or_default() += 1;
            let violation = real.validate(&changed).err();
            if let Some(violation) = violation.filter(|v| !is_known(&path, v)) {
                wrong.push(format!("{path} = {value:?}: {violation}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    let untried: Vec<_> = leaves.iter().filter(|leaf| !accepted.contains_key(*leaf)).collect();
    assert!(untried.is_empty(), "no value could be tried: {untried:?}");
    let accepted: usize = accepted.values().sum();
    assert!(accepted > 300 && refused > 300, "{accepted} accepted, {refused} refused");
}
