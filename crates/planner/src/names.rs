//! The names of what a plan puts into the network. Each begins with its intent's and a full stop,
//! and an intent's name holds none, so the names of two intents never meet.

use crate::demand::{Demand, ServerDemand, ServerNetwork};
use crate::error::Rejection;
use model::{FunctionId, IntentName, VirtualLinkId};
use std::collections::BTreeSet;
use std::fmt::Display;

/// What OpenStack and the YANG models of switches all take, in bytes.
const LONGEST: usize = 255;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'a> {
    pub(crate) intent: &'a IntentName,
}

/// An end of a virtual link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    A,
    Z,
}

impl Names<'_> {
    /// Of a circuit, of a network that is a whole virtual link, and of a group of servers.
    pub(crate) fn of(self, id: impl Display) -> String {
        format!("{}.{id}", self.intent)
    }

    /// Of the network at one end of a circuit.
    pub(crate) fn at(self, link: &VirtualLinkId, side: Side) -> String {
        let side = match side {
            Side::A => 'a',
            Side::Z => 'z',
        };
        format!("{}.{link}.{side}", self.intent)
    }

    pub(crate) fn server(self, function: &FunctionId, server: &ServerDemand) -> String {
        format!("{}.{function}.{}-{}", self.intent, server.vdu, server.instance)
    }

    pub(crate) fn volume(self, server: &str, volume: &str) -> String {
        format!("{server}.{volume}")
    }

    /// Of a network inside a function.
    pub(crate) fn inside(self, function: &FunctionId, link: &str) -> String {
        format!("{}.{function}.{link}", self.intent)
    }
}

/// Names that would be too long, or that two things would have.
pub(crate) fn problems(intent: &IntentName, demand: &Demand) -> Vec<Rejection> {
    let names = Names { intent };
    let mut known = Known::default();
    for link in &demand.links {
        let field = format!("virtual-links[{}]", link.id);
        let ends = [names.of(&link.id), names.at(&link.id, Side::A), names.at(&link.id, Side::Z)];
        ends.into_iter().for_each(|name| known.network(&field, name));
    }
    for function in &demand.functions {
        let field = format!("functions[{}]", function.id);
        let mut inside = BTreeSet::new();
        for server in &function.servers {
            let name = names.server(&function.id, server);
            let volumes = server.volumes.iter().map(|volume| names.volume(&name, &volume.name));
            volumes.for_each(|volume| known.volume(&field, volume));
            known.server(&field, name);
            inside.extend(server.networks.iter().filter_map(|network| match network {
                ServerNetwork::Internal { name } => Some(name),
                ServerNetwork::External { .. } => None,
            }));
        }
        let inside = inside.into_iter().map(|link| names.inside(&function.id, link));
        inside.for_each(|name| known.network(&field, name));
    }
    known.problems
}

#[derive(Default)]
struct Known {
    networks: BTreeSet<String>,
    servers: BTreeSet<String>,
    volumes: BTreeSet<String>,
    problems: Vec<Rejection>,
}

impl Known {
    fn network(&mut self, field: &str, name: String) {
        note(&mut self.networks, &mut self.problems, ("network", field), name);
    }

    fn server(&mut self, field: &str, name: String) {
        note(&mut self.servers, &mut self.problems, ("server", field), name);
    }

    fn volume(&mut self, field: &str, name: String) {
        note(&mut self.volumes, &mut self.problems, ("volume", field), name);
    }
}

fn note(
    known: &mut BTreeSet<String>,
    problems: &mut Vec<Rejection>,
    (kind, field): (&str, &str),
    name: String,
) {
    if name.len() > LONGEST {
        let reason = format!("its {kind} would have a name of {} bytes: {name}", name.len());
        let hint = format!("shorten the ids; {LONGEST} bytes are the most");
        problems.push(Rejection::new(field, reason, hint));
    }
    if known.contains(&name) {
        let reason = format!("its {kind} would be called {name}, as another one is");
        problems.push(Rejection::new(field, reason, "rename one of the two in the descriptor"));
    }
    known.insert(name);
}
