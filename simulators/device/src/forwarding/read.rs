//! The tables, read from OpenConfig in JSON. Member names count without their module.

use super::{CircuitTable, LspTable, Role, Subinterface, Tables};
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) fn tables(configuration: &Value) -> Tables {
    let mut tables = Tables::default();
    for interface in list(configuration, &["interfaces", "interface"]) {
        read_interface(&mut tables, interface);
    }
    let rates = policer_rates(configuration);
    for interface in list(configuration, &["qos", "interfaces", "interface"]) {
        read_policer(&mut tables, interface, &rates);
    }
    for instance in list(configuration, &["network-instances", "network-instance"]) {
        read_instance(&mut tables, instance);
    }
    tables
}

fn read_interface(tables: &mut Tables, interface: &Value) {
    let Some(name) = text(interface, &["name"]) else { return };
    let on = |node: &Value| at(node, &["config", "enabled"]) != Some(&Value::Bool(false));
    tables.interfaces.insert(name.clone(), on(interface));
    for sub in list(interface, &["subinterfaces", "subinterface"]) {
        let Some(index) = number(sub, &["index"]) else { continue };
        let vlan = number(sub, &["vlan", "match", "single-tagged", "config", "vlan-id"]);
        let vlan = vlan.and_then(|vlan| u16::try_from(vlan).ok());
        let enabled = on(sub);
        tables.subinterfaces.insert((name.clone(), small(index)), Subinterface { enabled, vlan });
    }
}

/// Committed information rate by the policy's name, in bits per second.
fn policer_rates(configuration: &Value) -> BTreeMap<String, u64> {
    let mut rates = BTreeMap::new();
    for policy in list(configuration, &["qos", "scheduler-policies", "scheduler-policy"]) {
        let schedulers = list(policy, &["schedulers", "scheduler"]);
        let cir = schedulers
            .into_iter()
            .find_map(|s| number(s, &["one-rate-two-color", "config", "cir"]));
        if let Some((name, cir)) = text(policy, &["name"]).zip(cir) {
            rates.insert(name, cir);
        }
    }
    rates
}

fn read_policer(tables: &mut Tables, interface: &Value, rates: &BTreeMap<String, u64>) {
    let policy = text(interface, &["input", "scheduler-policy", "config", "name"]);
    let port = text(interface, &["interface-ref", "config", "interface"]);
    let index = number(interface, &["interface-ref", "config", "subinterface"]);
    let rate = policy.and_then(|policy| rates.get(&policy).copied());
    if let (Some(port), Some(index), Some(rate)) = (port, index, rate) {
        tables.policers.insert((port, small(index)), rate);
    }
}

fn read_instance(tables: &mut Tables, instance: &Value) {
    for lsp in list(instance, &["mpls", "lsps", "static-lsps", "static-lsp"]) {
        read_lsp(tables, lsp);
    }
    let kind = text(instance, &["config", "type"]).unwrap_or_default();
    let Some(name) = text(instance, &["name"]).filter(|_| local(&kind) == "L2P2P") else { return };
    let enabled = at(instance, &["config", "enabled"]) != Some(&Value::Bool(false));
    let mut circuit = CircuitTable { enabled, ..CircuitTable::default() };
    for point in list(instance, &["connection-points", "connection-point"]) {
        for endpoint in list(point, &["endpoints", "endpoint"]) {
            read_endpoint(&mut circuit, endpoint);
        }
    }
    tables.circuits.insert(name, circuit);
}

fn read_endpoint(circuit: &mut CircuitTable, endpoint: &Value) {
    let kind = text(endpoint, &["config", "type"]).unwrap_or_default();
    match local(&kind) {
        "LOCAL" => {
            let port = text(endpoint, &["local", "config", "interface"]);
            let index = number(endpoint, &["local", "config", "subinterface"]);
            circuit.local.extend(port.zip(index.map(small)));
        }
        "REMOTE" => {
            let vc = number(endpoint, &["remote", "config", "virtual-circuit-identifier"]);
            circuit.remote = vc.map(small);
        }
        _ => {}
    }
}

fn read_lsp(tables: &mut Tables, lsp: &Value) {
    let Some(name) = text(lsp, &["name"]) else { return };
    for (role, word) in
        [(Role::Ingress, "ingress"), (Role::Transit, "transit"), (Role::Egress, "egress")]
    {
        let Some(part) = at(lsp, &[word]) else { continue };
        let hop = list(part, &["lsp-next-hops", "lsp-next-hop"]).into_iter().next();
        let entry = LspTable {
            role,
            incoming: number(part, &["config", "incoming-label"]).map(small),
            push: hop.and_then(|hop| number(hop, &["config", "push-label"])).map(small),
            out: hop.and_then(|hop| text(hop, &["config", "interface"])),
        };
        tables.lsps.insert(format!("{name}/{word}"), entry);
    }
}

/// The member at the end of the path; module prefixes do not count.
fn at<'v>(mut node: &'v Value, path: &[&str]) -> Option<&'v Value> {
    for step in path {
        let members = node.as_object()?;
        node = members.iter().find(|(name, _)| local(name) == *step)?.1;
    }
    Some(node)
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

fn list<'v>(node: &'v Value, path: &[&str]) -> Vec<&'v Value> {
    at(node, path).and_then(Value::as_array).map(|list| list.iter().collect()).unwrap_or_default()
}

fn text(node: &Value, path: &[&str]) -> Option<String> {
    at(node, path)?.as_str().map(str::to_owned)
}

/// 64-bit numbers are strings in RFC 7951 §6.1; smaller ones are numbers.
fn number(node: &Value, path: &[&str]) -> Option<u64> {
    let value = at(node, path)?;
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// Labels, indices and identifiers all have at most 32 bits in the model.
fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
