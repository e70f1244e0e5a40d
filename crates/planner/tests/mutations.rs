//! The check against plans that are deliberately broken, each in one way: every one is caught, and
//! for the right reason.

#![allow(clippy::unwrap_used)]

mod common;

use common::script::Session;
use common::world::port;
use model::plan::{Circuit, Hop, Plan, PlannedLink, Route};
use model::{
    DescriptorId, FunctionId, Label, LinkId, Mbps, Micros, PopId, Resources, VimId, VlanId,
};

/// Two services over a triangle with four VIMs; the first is in force.
const WORLD: &str = "
    pop par zone=west
    pop fra zone=middle
    pop mil zone=middle
    device par1 par
    device fra1 fra
    device mil1 mil
    cable par1 fra1 mbps=1000 us=3000
    cable fra1 mil1 mbps=1000 us=3000
    cable par1 mil1 mbps=1000 us=9000
    vim vim-par par1 vcpu=16 memory=32768 storage=200
    vim vim-fra fra1 vcpu=16 memory=32768 storage=200
    vim vim-mil mil1 vcpu=16 memory=32768 storage=200
    vim vim-tiny mil1 vcpu=1
    service other
      function f in vcpu=2 memory=2048
      link l line s f-1:in mbps=200
      sap s fra1:a0
      place f in=par
    apply other
    service mine
      function upf n3 n4 n6 vcpu=4 memory=8192 storage=40 volume=10
      function control n4 vcpu=4 memory=8192 storage=40 instances=1
      function firewall inside outside vcpu=2 memory=4096 storage=20
      link n3 line ran upf-1:n3 mbps=300 us=5000
      link n4 line upf-1:n4 control-1:n4 mbps=20 us=8000
      link n6 line upf-1:n6 firewall-1:inside mbps=300
      link internet line firewall-1:outside internet mbps=300 us=8000
      group apart anti-affinity pop upf control
      group together affinity pop upf firewall
      group hosts anti-affinity node upf firewall
      sap ran par1:a0.77
      sap internet mil1:a0
      place upf in=par
      place control out=mil
    ";

fn session() -> Session {
    let mut session = Session::default();
    for command in WORLD.lines().map(str::trim).filter(|line| !line.is_empty()) {
        assert_eq!(session.run(command), "", "{command}");
    }
    session
}

fn link<'p>(plan: &'p mut Plan, id: &str) -> &'p mut PlannedLink {
    plan.virtual_links.iter_mut().find(|link| link.id.as_str() == id).unwrap()
}

fn circuit<'p>(plan: &'p mut Plan, id: &str) -> &'p mut Circuit {
    match &mut link(plan, id).route {
        Route::Circuit(circuit) => circuit,
        Route::InsideVim { .. } => panic!("{id} is inside a VIM"),
    }
}

fn hop(link: &str, label: u32) -> Hop {
    Hop { link: LinkId::new(link).unwrap(), label: Label::new(label).unwrap() }
}

fn vlan(id: u16) -> VlanId {
    VlanId::new(id).unwrap()
}

fn move_to(plan: &mut Plan, function: usize, vim: &str, pop: &str) {
    plan.functions[function].vim = VimId::new(vim).unwrap();
    plan.functions[function].pop = PopId::new(pop).unwrap();
}

/// What is done to the plan, and what the check must then say.
type Mutation = (&'static str, fn(&mut Plan), &'static str);

const FUNCTIONS: &[Mutation] = &[
    ("missing", |p| drop(p.functions.pop()), "placed 0 times"),
    ("twice", |p| p.functions.push(p.functions[0].clone()), "placed 2 times"),
    (
        "unknown",
        |p| p.functions[0].id = FunctionId::new("ghost-1").unwrap(),
        "functions[upf-1]: it is placed 0 times",
    ),
    ("wrong VNFD", |p| p.functions[0].vnfd = DescriptorId::new("x").unwrap(), "it runs x"),
    (
        "less resources",
        |p| p.functions[0].resources = Resources::from_array([1, 1, 1, 0]),
        "functions[upf-1]: it is given",
    ),
    ("PoP of another VIM", |p| p.functions[0].pop = PopId::new("fra").unwrap(), "is not at PoP"),
    ("PoP that is not allowed", |p| move_to(p, 0, "vim-fra", "fra"), "not among those allowed"),
    ("excluded PoP", |p| move_to(p, 1, "vim-mil", "mil"), "PoP mil is excluded"),
    ("affinity", |p| move_to(p, 2, "vim-mil", "mil"), "groups[together]"),
    ("anti-affinity", |p| move_to(p, 1, "vim-par", "par"), "groups[apart]"),
    ("VIM that is not there", |p| move_to(p, 0, "vim-x", "par"), "the topology does not have it"),
    ("VIM without room", |p| move_to(p, 2, "vim-tiny", "mil"), "vims[vim-tiny]: 2 vCPU are needed"),
];

const SERVERS: &[Mutation] = &[
    ("none", |p| p.functions[0].servers.clear(), "it has 0 servers, not 1"),
    (
        "same names",
        |p| p.functions[1].servers[0].name = p.functions[0].servers[0].name.clone(),
        "the name is used twice",
    ),
    ("another's name", |p| p.functions[0].servers[0].name = "other.f".into(), "does not begin"),
    (
        "more memory",
        |p| p.functions[0].servers[0].resources.memory.0 += 1,
        "servers[mine.upf-1.vm-1]: it is given",
    ),
    ("another image", |p| p.functions[0].servers[0].image = None, "it boots None"),
    ("no volume", |p| p.functions[0].servers[0].volumes.clear(), "its volumes are not"),
    ("smaller volume", |p| p.functions[0].servers[0].volumes[0].size.0 -= 1, "its volumes are not"),
    ("a port less", |p| drop(p.functions[0].servers[0].networks.pop()), "it is on"),
    ("ports swapped", |p| p.functions[0].servers[0].networks.swap(0, 2), "it is on"),
    ("another VDU", |p| p.functions[0].servers[0].vdu = "x".into(), "it is a x, not a vm"),
    (
        "host rule dropped",
        |p| p.functions[0].servers[0].anti_affinity_group = None,
        "it is kept apart in None",
    ),
];

const LINKS: &[Mutation] = &[
    ("missing", |p| drop(p.virtual_links.pop()), "planned 0 times"),
    ("twice", |p| p.virtual_links.push(p.virtual_links[0].clone()), "planned 2 times"),
    ("less bandwidth", |p| link(p, "n4").bandwidth_a_to_z = Mbps(10), "it gets 10 Mbps"),
    ("more bandwidth", |p| link(p, "n4").bandwidth_z_to_a = Mbps(21), "it gets 20 Mbps and 21"),
    (
        "ends swapped",
        |p| {
            let link = link(p, "n4");
            std::mem::swap(&mut link.a, &mut link.z);
        },
        "end a is another one",
    ),
    ("bound dropped", |p| link(p, "n4").latency_bound = None, "its bound was changed"),
    (
        "inside a VIM though apart",
        |p| {
            let (vim, network) = (VimId::new("vim-par").unwrap(), "mine.n4".to_owned());
            link(p, "n4").route = Route::InsideVim { vim, network };
        },
        "not both ends are in VIM vim-par",
    ),
    ("policer too low", |p| circuit(p, "n4").a.policer = Mbps(19), "its policer lets 19 Mbps"),
    ("policer too high", |p| circuit(p, "n4").z.policer = Mbps(21), "its policer lets 21 Mbps"),
    ("core port", |p| circuit(p, "n3").a.port = port("par1", "c0"), "has the role Some(Core)"),
    ("VIM port for a SAP", |p| circuit(p, "n3").a.port = port("par1", "vim-par"), "Some(Vim)"),
    ("another access port", |p| circuit(p, "n3").a.port = port("par1", "a1"), "it leaves through"),
    ("another VIM's port", |p| circuit(p, "n3").z.port = port("fra1", "vim-fra"), "it leaves"),
    ("no VIM network", |p| circuit(p, "n3").z.vim_network = None, "its network is in None"),
    (
        "a network in another VIM",
        |p| {
            let at = circuit(p, "n3").z.vim_network.as_mut().unwrap();
            at.vim = VimId::new("vim-fra").unwrap();
        },
        "its network is in Some",
    ),
    ("another VLAN than asked for", |p| circuit(p, "n3").a.vlan = vlan(78), "not the one asked"),
];

const PATHS: &[Mutation] = &[
    (
        "hops swapped",
        |p| circuit(p, "internet").a_to_z.hops.swap(0, 1),
        "does not carry the path on from par1",
    ),
    (
        "hop missing",
        |p| drop(circuit(p, "internet").a_to_z.hops.pop()),
        "the path ends at fra1, not at mil1",
    ),
    (
        "link that is not there",
        |p| circuit(p, "internet").a_to_z.hops[0].link = LinkId::new("x").unwrap(),
        "link x does not exist",
    ),
    (
        "loop",
        |p| {
            let lsp = &mut circuit(p, "internet").a_to_z;
            lsp.hops.splice(0..0, [hop("par1>fra1", 900), hop("fra1>par1", 901)]);
        },
        "does not carry the path on",
    ),
    (
        "asymmetric",
        |p| {
            let circuit = circuit(p, "internet");
            circuit.z_to_a.hops = vec![hop("mil1>par1", 900)];
            circuit.z_to_a.latency = Micros(9000);
        },
        "do not use the same cables",
    ),
    ("wrong sum", |p| circuit(p, "n4").a_to_z.latency.0 -= 1, "the links take 3000 µs, the plan"),
    (
        "too slow",
        |p| {
            let circuit = circuit(p, "internet");
            circuit.a_to_z.hops = vec![hop("par1>mil1", 900)];
            circuit.z_to_a.hops = vec![hop("mil1>par1", 900)];
            (circuit.a_to_z.latency, circuit.z_to_a.latency) = (Micros(9000), Micros(9000));
        },
        "the links take 9000 µs, more than was asked for",
    ),
];

const ALLOCATIONS: &[Mutation] = &[
    (
        "label used twice in the plan",
        |p| {
            let label = circuit(p, "n4").a_to_z.hops[0].label;
            circuit(p, "internet").a_to_z.hops[0].label = label;
        },
        "labels[fra1]: label",
    ),
    (
        "label of another plan",
        |p| circuit(p, "internet").z_to_a.hops[1].label = Label::new(16).unwrap(),
        "labels[par1]: label 16 is used twice",
    ),
    (
        "label of the circuits' pool",
        |p| circuit(p, "n4").a_to_z.hops[0].label = Label::new(600_000).unwrap(),
        "label 600000 is outside its pool",
    ),
    (
        "VLAN used twice in the plan",
        |p| circuit(p, "n4").a.vlan = circuit(p, "n3").z.vlan,
        "ports[par1:vim-par]: VLAN",
    ),
    (
        "VLAN of another plan",
        |p| circuit(p, "n4").a.vlan = vlan(100),
        "ports[par1:vim-par]: VLAN 100 is used twice",
    ),
    ("VLAN outside the pool", |p| circuit(p, "n4").a.vlan = vlan(4000), "outside the pool"),
    (
        "circuit identifier used twice in the plan",
        |p| circuit(p, "n4").vc = circuit(p, "n3").vc,
        "is used twice",
    ),
    (
        "circuit identifier of another plan",
        |p| circuit(p, "n4").vc = Label::new(500_000).unwrap(),
        "identifier 500000 is used twice",
    ),
    (
        "circuit identifier of the labels' pool",
        |p| circuit(p, "n4").vc = Label::new(16).unwrap(),
        "16 is outside its pool",
    ),
    (
        "circuit name used twice",
        |p| circuit(p, "n4").name = circuit(p, "n3").name.clone(),
        "circuits[mine.n3]: the name is used twice",
    ),
    (
        "circuit name of another intent",
        |p| circuit(p, "n4").name = "minerals.n4".into(),
        "does not begin",
    ),
    (
        "network name used twice",
        |p| {
            let name = circuit(p, "n3").z.vim_network.as_ref().unwrap().name.clone();
            circuit(p, "n4").a.vim_network.as_mut().unwrap().name = name;
        },
        "networks[mine.n3.z]: the name is used twice",
    ),
];

#[test]
fn every_broken_plan_is_caught_for_its_reason() {
    let session = session();
    let (demand, plan, _) = session.make("mine").unwrap();
    assert_eq!(session.check("mine", &demand, &plan), Vec::<String>::new());
    let groups = [
        ("functions", FUNCTIONS),
        ("servers", SERVERS),
        ("links", LINKS),
        ("paths", PATHS),
        ("allocations", ALLOCATIONS),
    ];
    let mut missed = Vec::new();
    for (group, mutations) in groups {
        for (name, mutate, says) in mutations {
            let mut broken = plan.clone();
            mutate(&mut broken);
            assert_ne!(broken, plan, "{group}: {name} changes nothing");
            let found = session.check("mine", &demand, &broken);
            if !found.iter().any(|broken| broken.contains(says)) {
                missed.push(format!("{group}: {name}: {found:?}"));
            }
        }
    }
    assert!(missed.is_empty(), "not caught:\n{}", missed.join("\n"));
}

/// A plan that was right when it was made, held against a world in which others came first.
#[test]
fn what_others_took_meanwhile_is_seen() {
    let takes = [
        ("connect late point-to-point par1:a1 mil1:a1 mbps=800 us=6000", "links[fra1>mil1]"),
        ("connect late point-to-point par1:a0 par1:a1 mbps=9800", "ports[par1:a0]"),
        ("connect late point-to-point par1:a0.77 fra1:a0 mbps=1", "VLAN 77 is used twice"),
    ];
    for (command, says) in takes {
        let mut session = session();
        let (demand, plan, _) = session.make("mine").unwrap();
        session.run(command);
        assert_eq!(session.run("apply late"), "", "{command}");
        let found = session.check("mine", &demand, &plan);
        assert!(found.iter().any(|broken| broken.contains(says)), "{command}: {found:?}");
    }
}
