//! Plans, reports and refusals as text that a person can review.

use model::plan::{Attachment, LinkEnd, Lsp, Plan, PlannedLink, PlannedServer, Route};
use planner::PlanReport;
use std::fmt::Write;

pub(crate) fn plan(plan: &Plan) -> String {
    let mut out = String::new();
    for function in &plan.functions {
        let at = format!("{} at {}", function.vim, function.pop);
        writeln!(out, "  function {}: {at}, {}", function.id, function.resources).unwrap();
        function.servers.iter().for_each(|s| server(&mut out, s));
    }
    plan.virtual_links.iter().for_each(|link| virtual_link(&mut out, link));
    out
}

fn server(out: &mut String, server: &PlannedServer) {
    let networks = server.networks.join(", ");
    write!(out, "    server {} on [{networks}]", server.name).unwrap();
    for volume in &server.volumes {
        write!(out, ", volume {} {}", volume.name, volume.size).unwrap();
    }
    if let Some(group) = &server.anti_affinity_group {
        write!(out, ", apart in {group}").unwrap();
    }
    out.push('\n');
}

fn virtual_link(out: &mut String, link: &PlannedLink) {
    let (a, z) = (end(&link.a), end(&link.z));
    let rates = format!("{} / {}", link.bandwidth_a_to_z, link.bandwidth_z_to_a);
    write!(out, "  link {}: {a} to {z}, {rates}", link.id).unwrap();
    if let Some(bound) = link.latency_bound {
        write!(out, ", at most {bound}").unwrap();
    }
    out.push('\n');
    match &link.route {
        Route::InsideVim { vim, network } => {
            writeln!(out, "    network {network} in {vim}").unwrap();
        }
        Route::Circuit(circuit) => {
            writeln!(out, "    circuit {} vc {}", circuit.name, circuit.vc).unwrap();
            attachment(out, "a", &circuit.a);
            attachment(out, "z", &circuit.z);
            lsp(out, "a to z", &circuit.a_to_z);
            lsp(out, "z to a", &circuit.z_to_a);
        }
    }
}

fn end(end: &LinkEnd) -> String {
    match end {
        LinkEnd::Function { function, cpd } => format!("{function}:{cpd}"),
        LinkEnd::Sap(sap) => format!("sap {sap}"),
    }
}

fn attachment(out: &mut String, which: &str, at: &Attachment) {
    write!(out, "    {which}: {} vlan {} policed at {}", at.port, at.vlan, at.policer).unwrap();
    if let Some(network) = &at.vim_network {
        write!(out, ", network {} in {}", network.name, network.vim).unwrap();
    }
    out.push('\n');
}

fn lsp(out: &mut String, which: &str, lsp: &Lsp) {
    let hops = lsp.hops.iter().map(|hop| format!("{} ({})", hop.link, hop.label));
    let hops = hops.collect::<Vec<_>>().join(", ");
    let hops = if hops.is_empty() { "cross-connected".to_owned() } else { hops };
    writeln!(out, "    {which}: {hops}, {}", lsp.latency).unwrap();
}

pub(crate) fn report(report: &PlanReport) -> String {
    let mut out = String::new();
    for decision in &report.decisions {
        let (subject, choice) = (&decision.subject, &decision.choice);
        writeln!(out, "  {subject}: {choice}, because {}", decision.because).unwrap();
        for rejected in &decision.rejected {
            writeln!(out, "    not {rejected}").unwrap();
        }
    }
    for warning in &report.warnings {
        writeln!(out, "  note: {warning}").unwrap();
    }
    out
}

pub(crate) fn refusal(error: &planner::Error) -> String {
    error.to_string().lines().map(|line| format!("  {line}\n")).collect()
}
