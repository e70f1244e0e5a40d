//! From descriptors to what is planned.

use crate::support::{CACHE, NSD, SERVER, base, checked, spoilt};
use model::descriptor::template::{Link, PortNetwork, Server};
use model::descriptor::{
    AffinityRule, AffinityScope, Choice, FlowPattern, Problem, ServiceTemplate, lower,
};
use model::plan::LinkEnd;
use model::{Gibibytes, Mbps, Micros, Resources};

fn lowered(nsd: &str, choice: Choice<'_>) -> Result<ServiceTemplate, Vec<Problem>> {
    with(nsd, SERVER, choice)
}

fn with(nsd: &str, server: &str, choice: Choice<'_>) -> Result<ServiceTemplate, Vec<Problem>> {
    let files = [("nsd.yaml", nsd), ("server.yaml", server), ("cache.yaml", CACHE)];
    let catalogue = checked(&files).catalogue;
    lower(catalogue.nsd("web").expect("the NSD is sound"), &catalogue, choice)
}

fn at(level: &str) -> ServiceTemplate {
    lowered(NSD, Choice { flavour: Some("default"), level: Some(level) }).unwrap()
}

fn ends(link: &Link) -> Vec<String> {
    let end = |end: &LinkEnd| match end {
        LinkEnd::Function { function, cpd } => format!("{function}:{cpd}"),
        LinkEnd::Sap(sap) => sap.to_string(),
    };
    link.ends.iter().map(end).collect()
}

#[test]
fn functions_are_counted_and_named() {
    let names = |template: &ServiceTemplate| {
        template.functions.iter().map(|f| f.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names(&at("normal")), ["server-1", "cache-1"]);
    assert_eq!(names(&at("busy")), ["server-1", "cache-1", "cache-2", "cache-3"]);
    let default = lowered(NSD, Choice::default()).unwrap();
    assert_eq!((default.flavour.as_str(), default.level.as_str()), ("default", "normal"));
}

#[test]
fn servers_have_their_size_image_volumes_and_ports() {
    let template = at("normal");
    let servers: &[Server] = &template.functions[0].servers;
    let vdus: Vec<_> = servers.iter().map(|s| s.vdu.as_str()).collect();
    assert_eq!(vdus, ["app", "log"]);
    let app = &servers[0];
    assert_eq!(app.resources, Resources::from_array([4, 2560, 20, 0]));
    assert_eq!(app.image.as_deref(), Some("server-image"));
    let volumes: Vec<_> = app.volumes.iter().map(|v| (v.id.as_str(), v.size)).collect();
    assert_eq!(volumes, [("root", Gibibytes(20))], "an object store is no volume");
    let ports: Vec<_> = app.ports.iter().map(|p| (p.id.as_str(), p.network.clone())).collect();
    let external = |cpd: &str| PortNetwork::External { cpd: cpd.to_owned() };
    let internal = |link: &str| PortNetwork::Internal { link: link.to_owned() };
    assert_eq!(
        ports,
        [
            ("inside", external("inside")),
            ("outside", external("outside")),
            ("bus", internal("bus"))
        ]
    );
    assert_eq!(app.anti_affinity.as_deref(), Some("hosts"));
    assert_eq!(servers[1].anti_affinity, None);
    assert_eq!(template.functions[0].resources, Resources::from_array([8, 5120, 20, 0]));
}

/// The image may be named at the store that the server boots from, and a file goes by its own name.
#[test]
fn an_image_may_be_that_of_the_store() {
    let template = at("normal");
    assert_eq!(template.functions[1].servers[0].image.as_deref(), Some("cache-file"));
}

#[test]
fn the_level_of_a_function_is_the_profile_s() {
    let text = spoilt(
        NSD,
        "vnfd-id: server\n              flavour-id: small\n              instantiation-level: one",
        "vnfd-id: server\n              flavour-id: small\n              instantiation-level: two",
    );
    let template = lowered(&text, Choice::default()).unwrap();
    let instances: Vec<_> =
        template.functions[0].servers.iter().map(|s| (s.vdu.as_str(), s.instance)).collect();
    assert_eq!(instances, [("app", 1), ("app", 2), ("log", 1)]);
}

#[test]
fn links_have_ends_rates_and_bounds() {
    let normal = at("normal");
    let [front, back] = &normal.links[..] else { panic!("two links") };
    assert_eq!(ends(front), ["users", "server-1:outside"]);
    assert_eq!(ends(back), ["server-1:inside", "cache-1:inside"]);
    assert_eq!((front.pattern, back.pattern), (FlowPattern::Line, FlowPattern::Mesh));
    assert_eq!((front.latency, back.latency), (Some(Micros(5000)), None));
    assert_eq!((front.priority, front.availability), (Some(2), Some(2)));
    assert_eq!(front.bitrates.root, Mbps(100));
    assert_eq!((back.bitrates.root, back.bitrates.leaf), (Mbps(200), Some(Mbps(50))));
    assert_eq!(back.max_bitrates.unwrap().leaf, Some(Mbps(500)));
    let busy = at("busy");
    assert_eq!(busy.links[0].bitrates.root, Mbps(900), "what the level says");
    assert_eq!(busy.links[1].bitrates.root, Mbps(200), "the profile's minimum otherwise");
    let sap = &busy.saps[0];
    assert_eq!((sap.id.as_str(), sap.links.len()), ("users", 1));
    assert_eq!(ends(&busy.links[1]).len(), 4);
}

#[test]
fn groups_hold_the_instances_of_their_profiles() {
    let busy = at("busy");
    let [apart, local] = &busy.groups[..] else { panic!("{:?}", busy.groups) };
    assert_eq!((apart.rule, apart.scope), (AffinityRule::AntiAffinity, AffinityScope::NfviPop));
    assert_eq!(apart.functions.len(), 4);
    assert_eq!((local.id.as_str(), local.functions.len()), ("cache-local-1", 3));
    assert_eq!(at("normal").groups.len(), 1, "one instance needs no rule among itself");
}

#[test]
fn a_template_is_data() {
    let busy = at("busy");
    let json = serde_json::to_string(&busy).unwrap();
    assert_eq!(serde_json::from_str::<ServiceTemplate>(&json).unwrap(), busy);
}

#[test]
fn a_choice_that_is_not_there_is_named_with_those_that_are() {
    for (flavour, level, says) in [
        (Some("big"), None, "there is no flavour big; name one of default"),
        (None, Some("mad"), "there is no level mad; name one of normal, busy"),
    ] {
        let problems = lowered(NSD, Choice { flavour, level }).unwrap_err();
        assert!(problems.len() == 1 && problems[0].to_string().contains(says), "{problems:?}");
    }
}

/// What can be read and means something, and cannot be planned.
#[test]
fn what_cannot_be_planned_is_said() {
    let table = [
        (
            "flow-pattern: mesh",
            "flow-pattern: line",
            Some("busy"),
            "the link is a line and has 4 ends",
        ),
        (
            "                - virtual-link-profile-id: front\n                  constituent-cpd-id:\n                    - { constituent-base-element-id: server, constituent-cpd-id: outside }\n",
            "",
            None,
            "the link has 1 ends, 2 are needed",
        ),
        (
            "{ constituent-base-element-id: server, constituent-cpd-id: outside }",
            "{ constituent-base-element-id: server, constituent-cpd-id: inside }",
            None,
            "connection point inside is already an end of front",
        ),
        (
            "          virtual-link-desc: front\n",
            "          associated-cpd: { vnfd-id: server, vnf-ext-cpd: outside }\n",
            None,
            "a SAP without a virtual link cannot be planned",
        ),
        (
            "          virtual-link-profile:\n",
            "          pnf-profile: [{ id: box, pnfd-id: box }]\n          virtual-link-profile:\n",
            None,
            "physical network functions cannot be planned",
        ),
    ];
    for (from, to, level, says) in table {
        let nsd = spoilt(NSD, from, to);
        let problems = lowered(&nsd, Choice { flavour: None, level }).unwrap_err();
        let found: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert!(found.iter().any(|f| f.contains(says)), "{to:?}: {found:#?}");
    }
}

#[test]
fn quantities_beyond_reason_do_not_wrap() {
    let server = spoilt(SERVER, "size: \"2.5\"", "size: \"1844674407370955161.5\"");
    let problems = with(NSD, &server, Choice::default()).unwrap_err();
    assert!(problems[0].message.contains("do not fit in 64 bits"), "{problems:?}");
    let server = spoilt(SERVER, "size-of-storage: 20,", "size-of-storage: 18446744073709551615,");
    let server = spoilt(&server, "app, number-of-instances: 1 }", "app, number-of-instances: 2 }");
    let problems = with(NSD, &server, Choice::default()).unwrap_err();
    assert!(problems[0].message.contains("more than 64 bits hold"), "{problems:?}");
}

#[test]
fn a_wrong_digit_does_not_become_a_million_servers() {
    let nsd = spoilt(
        NSD,
        "              max-number-of-instances: 3\n",
        "              max-number-of-instances: 65000\n",
    );
    let nsd = spoilt(
        &nsd,
        "{ vnf-profile-id: cache, number-of-instances: 3 }",
        "{ vnf-profile-id: cache, number-of-instances: 65000 }",
    );
    let choice = Choice { flavour: None, level: Some("busy") };
    let problems = lowered(&nsd, choice).unwrap_err();
    assert!(problems[0].message.contains("more than 10000 servers"), "{problems:?}");
}

#[test]
fn the_base_can_be_planned() {
    assert!(base().is_sound());
}
