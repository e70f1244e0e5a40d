//! The map of a real network: cities and circuits of a European research network, as publicly known.

use super::layout::Layout;
use super::render::Places;
use super::scene::Scene;
use super::{draw, geometry::Rect};
use crate::files::Text;
use crate::get::Domain;
use crate::manifest::{self, Body};
use api::wire::{self, usage::Use};

const GEANT: &str = include_str!("../../tests/data/geant.yaml");

/// The network, with something of everything in use.
fn domain() -> Domain {
    let text = Text { name: "geant.yaml".into(), content: GEANT.into() };
    let Body::Topology(topology) = manifest::read(&text).unwrap().remove(0).body else {
        panic!("not a topology")
    };
    let links = topology.links.iter().enumerate().map(|(i, link)| {
        let part = [0, 0, 12, 33, 61, 82, 97][i % 7];
        Use { id: link.id.clone(), used_mbps: link.capacity_mbps * part / 100 }
    });
    let vims = topology.vims.iter().map(|vim| {
        let whole = vim.capacity.unwrap();
        let used =
            wire::Resources { vcpu: whole.vcpu / 2, memory_mib: whole.memory_mib / 4, ..whole };
        wire::usage::VimUse { id: vim.id.clone(), used: Some(used) }
    });
    let usage = wire::Usage { links: links.collect(), ports: Vec::new(), vims: vims.collect() };
    Domain::new(wire::GetTopologyResponse {
        usage: Some(usage),
        topology: Some(*topology),
        revision: 17,
        ..wire::GetTopologyResponse::default()
    })
}

/// A service that goes over these links, from the first to the last, with a function in the VIM.
fn plan(name: &str, links: &[&str], vim: &str, ports: [&str; 2]) -> wire::PlanInForce {
    let lsp = |links: Vec<String>| {
        let hops = links.into_iter().map(|link| wire::Hop { link, label: 16 });
        Some(wire::Lsp { hops: hops.collect(), latency_us: 0 })
    };
    let attachment = |port: &str| {
        Some(wire::Attachment { port: port.into(), vlan: 1, policer_mbps: 1, vim_network: None })
    };
    let back = |link: &&str| link.split('-').rev().collect::<Vec<_>>().join("-");
    let circuit = wire::Circuit {
        a: attachment(ports[0]),
        z: attachment(ports[1]),
        a_to_z: lsp(links.iter().map(ToString::to_string).collect()),
        z_to_a: lsp(links.iter().rev().map(back).collect()),
        ..wire::Circuit::default()
    };
    let link = wire::PlannedLink {
        route: Some(wire::planned_link::Route::Circuit(circuit)),
        ..wire::PlannedLink::default()
    };
    let function =
        wire::PlacedFunction { id: "upf-1".into(), vim: vim.into(), ..Default::default() };
    let plan = wire::Plan {
        intent: name.into(),
        functions: vec![function],
        virtual_links: vec![link],
        ..wire::Plan::default()
    };
    wire::PlanInForce { plan: Some(plan), report: None }
}

fn plans() -> Vec<wire::PlanInForce> {
    vec![
        plan("core-1", &["ams-fra", "fra-vie"], "vim-fra", ["ams1:a1", "vie1:a1"]),
        plan("core-2", &["lon-par", "par-gva", "gva-mil"], "vim-par", ["lon1:a1", "mil1:a1"]),
        plan("wire", &["nyc-lon", "lon-sto"], "", ["nyc1:a1", "sto1:a1"]),
    ]
}

/// `DRAW=FILE cargo test -p cli draw` leaves the picture for people to look at.
#[test]
fn a_real_network_can_be_drawn() {
    let (domain, plans) = (domain(), plans());
    let pictures = [draw(&domain, &[]), draw(&domain, &plans)];
    if let Some(folder) = std::env::var_os("DRAW") {
        for (picture, name) in pictures.iter().zip(["map.svg", "services.svg"]) {
            std::fs::write(std::path::Path::new(&folder).join(name), picture).unwrap();
        }
    }
    for city in ["Amsterdam", "New York", "Tel Aviv"] {
        assert!(pictures[0].contains(&format!(">{city}</text>")), "{city}");
    }
    assert!(pictures[0].contains("not to scale") && pictures[0].contains("vim-fra"));
    assert!(pictures[1].contains("service core-2") && pictures[1].contains("upf-1 · core-1"));
    // Every group that was opened was closed.
    for picture in &pictures {
        assert_eq!(picture.matches("<g>").count(), picture.matches("</g>").count());
    }
}

#[test]
fn the_same_domain_is_the_same_picture() {
    assert_eq!(draw(&domain(), &plans()), draw(&domain(), &plans()));
}

#[test]
fn nothing_that_is_written_covers_anything_else_that_is_written() {
    let (domain, plans) = (domain(), plans());
    for plans in [&[], plans.as_slice()] {
        let scene = Scene::new(&domain, plans);
        let layout = Layout::new(&scene);
        let places = Places::find(&scene, &layout);
        assert_eq!((places.cities.len(), places.clouds.len()), (22, 4));
        let dots = layout.places.iter().map(|spot| Rect::around(*spot, 16.0, 16.0));
        let numbers = places.numbers.iter().map(|number| number.rect);
        let all: Vec<Rect> =
            dots.chain(places.clouds).chain(places.cities).chain(numbers).collect();
        for (i, one) in all.iter().enumerate() {
            let outside = one.width * one.height - one.overlap(layout.canvas());
            assert!(outside < 0.5, "{one:?} leaves the canvas");
            for other in &all[..i] {
                assert!(one.overlap(*other) < 1.0, "{one:?} covers {other:?}");
            }
        }
    }
}

#[test]
fn cities_are_where_they_are() {
    let domain = domain();
    let scene = Scene::new(&domain, &[]);
    let layout = Layout::new(&scene);
    let at = |city: &str| {
        let index = scene.places.iter().position(|place| place.name == city).unwrap();
        layout.places[index]
    };
    for (west, east) in [("New York", "Lisbon"), ("London", "Amsterdam"), ("Athens", "Tel Aviv")] {
        assert!(at(west).x < at(east).x, "{west} is west of {east}");
    }
    for (north, south) in [("Stockholm", "Poznan"), ("Paris", "Madrid"), ("Milan", "Athens")] {
        assert!(at(north).y < at(south).y, "{north} is north of {south}");
    }
}

#[test]
fn domains_without_anything_or_without_coordinates_can_be_drawn() {
    let empty = Domain::new(wire::GetTopologyResponse::default());
    assert!(draw(&empty, &[]).ends_with("</svg>\n"));
    let pop = |id: &str| wire::Pop { id: id.into(), ..wire::Pop::default() };
    let topology = wire::Topology { pops: vec![pop("a"), pop("b")], ..wire::Topology::default() };
    let nowhere = wire::GetTopologyResponse { topology: Some(topology), ..Default::default() };
    let picture = draw(&Domain::new(nowhere), &[]);
    assert!(picture.contains(">a</text>") && !picture.contains("NaN"), "{picture}");
}

/// Cost follows what is near, not what there is: `place` and `route` look at neighbours only.
#[test]
fn a_large_domain_can_be_drawn() {
    let side = 20_u32;
    let name = |x: u32, y: u32| format!("p{x}-{y}");
    let each = || (0..side).flat_map(move |x| (0..side).map(move |y| (x, y)));
    let mut topology = wire::Topology::default();
    for (x, y) in each() {
        let (id, pop) = (name(x, y), name(x, y));
        let (latitude, longitude) = (f64::from(y) + 30.0, f64::from(x) + f64::from(y % 3) / 3.0);
        topology.devices.push(wire::Device { id, pop: pop.clone(), ..Default::default() });
        topology.pops.push(wire::Pop { id: pop, latitude, longitude, ..Default::default() });
    }
    for (x, y) in each() {
        for (to_x, to_y) in [(x + 1, y), (x, y + 1)] {
            let (from, to) = (format!("{}:a", name(x, y)), format!("{}:b", name(to_x, to_y)));
            let id = format!("{from}>{to}");
            topology.links.push(wire::Link { id, from, to, ..Default::default() });
        }
    }
    let large = wire::GetTopologyResponse { topology: Some(topology), ..Default::default() };
    let picture = draw(&Domain::new(large), &[]);
    assert!(picture.contains(">p19-19</text>"));
    assert_eq!(picture.matches("class=\"half u0\"").count(), 2 * 2 * 20 * 19 + 1);
}
