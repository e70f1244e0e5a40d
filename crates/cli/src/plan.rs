//! `plan`, and how plans are printed wherever they appear.

use crate::apply::manifests;
use crate::client::Client;
use crate::failure::Failure;
use crate::global::Global;
use crate::manifest::Body;
use crate::output::{
    Cell, Console, Format, Ink, Side, Table, json, mbps, mebibytes, micros, print_changes,
};
use api::wire::link_end::End;
use api::wire::planned_link::Route;
use api::wire::{self, vim_change::Action};
use std::path::PathBuf;

#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Manifests: YAML or JSON; - is standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
}

pub(crate) async fn run(
    console: &mut Console,
    global: &Global,
    args: &Args,
) -> Result<(), Failure> {
    let manifests = manifests(args.files.iter())?;
    let client = Client::connect(global).await?;
    for manifest in &manifests {
        let Body::Intent(intent) = &manifest.body else {
            let message = format!("{} is a topology, for which there is no plan", manifest.file);
            return Err(Failure::usage(message, "`wayleave apply --dry-run` checks a topology"));
        };
        let request = wire::PlanRequest { intent: Some(wire::Intent::clone(intent)) };
        let made = client.answer(client.plans().plan(request)).await;
        let made = made.map_err(|failure| manifest.locate(failure))?;
        show_dry_run(console, intent, &made)?;
    }
    if manifests.len() > 1 {
        console.note("each plan is made for itself, as if the others were not applied");
    }
    Ok(())
}

/// What applying the intent would do.
pub(crate) fn show_dry_run(
    console: &mut Console,
    intent: &wire::Intent,
    made: &wire::DryRun,
) -> Result<(), Failure> {
    if console.format != Format::Table {
        return console.streamed(&json(made));
    }
    let plan = made.plan.clone().unwrap_or_default();
    let title = format!("Plan for {}", crate::manifest::title(intent));
    console.line(console.paint.ink(Ink::Strong, &title))?;
    print_plan(console, &plan)?;
    print_devices(console, &made.devices)?;
    print_vims(console, &made.vims)?;
    print_report(console, made.report.as_ref())?;
    console.note(summary(&plan, made));
    Ok(())
}

fn summary(plan: &wire::Plan, made: &wire::DryRun) -> String {
    let leaves = made.devices.iter().map(|device| device.lines.len()).sum();
    let counts = [
        counted(plan.functions.len(), "function"),
        counted(plan.virtual_links.len(), "virtual link"),
        format!("{} on {}", counted(leaves, "leaf"), counted(made.devices.len(), "device")),
        counted(made.vims.len(), "VIM object"),
    ];
    counts.join(", ")
}

fn counted(count: usize, word: &str) -> String {
    match (count, word) {
        (1, word) => format!("1 {word}"),
        (n, "leaf") => format!("{n} leaves"),
        (n, word) => format!("{n} {word}s"),
    }
}

pub(crate) fn heading(console: &mut Console, text: &str) -> Result<(), Failure> {
    console.line("")?;
    console.line(console.paint.ink(Ink::Strong, text))
}

/// Placements, ways and allocations.
pub(crate) fn print_plan(console: &mut Console, plan: &wire::Plan) -> Result<(), Failure> {
    if !plan.functions.is_empty() {
        heading(console, "Functions")?;
        functions(&plan.functions).print(console, "")?;
    }
    if !plan.virtual_links.is_empty() {
        heading(console, "Virtual links")?;
        virtual_links(&plan.virtual_links).print(console, "")?;
    }
    let circuits = circuits(&plan.virtual_links);
    if !circuits.is_empty() {
        heading(console, "Circuits")?;
        circuits.print(console, "")?;
    }
    Ok(())
}

fn functions(functions: &[wire::PlacedFunction]) -> Table {
    use Side::{Left, Right};
    let mut table = Table::new(&[
        ("FUNCTION", Left),
        ("VNFD", Left),
        ("POP", Left),
        ("VIM", Left),
        ("SERVERS", Right),
        ("VCPU", Right),
        ("MEMORY", Right),
        ("STORAGE", Right),
        ("ACCELERATORS", Right),
    ]);
    for function in functions {
        let r = function.resources.unwrap_or_default();
        table.row([
            (&function.id).into(),
            (&function.vnfd).into(),
            Cell::inked(Ink::Good, &function.pop),
            (&function.vim).into(),
            function.servers.len().to_string().into(),
            r.vcpu.into(),
            mebibytes(r.memory_mib).into(),
            format!("{} GiB", r.storage_gib).into(),
            unless_zero(r.accelerators).into(),
        ]);
    }
    table
}

fn unless_zero(number: u64) -> String {
    if number == 0 { String::new() } else { number.to_string() }
}

fn virtual_links(links: &[wire::PlannedLink]) -> Table {
    use Side::{Left, Right};
    let mut table = Table::new(&[
        ("LINK", Left),
        ("FROM", Left),
        ("TO", Left),
        ("BANDWIDTH", Right),
        ("LATENCY", Right),
        ("BOUND", Right),
        ("WAY", Left),
    ]);
    for link in links {
        table.row([
            (&link.id).into(),
            end(link.a.as_ref()).into(),
            end(link.z.as_ref()).into(),
            bandwidth(link).into(),
            latency(link).into(),
            link.latency_bound_us.map(micros).unwrap_or_default().into(),
            Cell::inked(Ink::Good, way(link)),
        ]);
    }
    table
}

fn end(end: Option<&wire::LinkEnd>) -> String {
    match end.and_then(|end| end.end.as_ref()) {
        Some(End::Function(port)) => format!("{}:{}", port.function, port.cpd),
        Some(End::Sap(sap)) => format!("SAP {sap}"),
        None => String::new(),
    }
}

fn bandwidth(link: &wire::PlannedLink) -> String {
    match (link.bandwidth_a_to_z_mbps, link.bandwidth_z_to_a_mbps) {
        (there, back) if there == back => mbps(there),
        (there, back) => format!("{} / {}", mbps(there), mbps(back)),
    }
}

/// The slower direction.
fn latency(link: &wire::PlannedLink) -> String {
    let Some(Route::Circuit(circuit)) = &link.route else { return String::new() };
    let of = |lsp: &Option<wire::Lsp>| lsp.as_ref().map_or(0, |lsp| lsp.latency_us);
    micros(of(&circuit.a_to_z).max(of(&circuit.z_to_a)))
}

fn way(link: &wire::PlannedLink) -> String {
    match &link.route {
        Some(Route::InsideVim(network)) => format!("inside {}", network.vim),
        Some(Route::Circuit(circuit)) => {
            let hops = circuit.a_to_z.as_ref().map(|lsp| lsp.hops.as_slice()).unwrap_or_default();
            match hops {
                [] => "across one device".to_owned(),
                hops => hops.iter().map(|hop| hop.link.as_str()).collect::<Vec<_>>().join(" "),
            }
        }
        None => String::new(),
    }
}

/// Both directions of each circuit, with what was allocated.
fn circuits(links: &[wire::PlannedLink]) -> Table {
    use Side::{Left, Right};
    let mut table = Table::new(&[
        ("CIRCUIT", Left),
        ("VC", Right),
        ("IN", Left),
        ("POLICER", Right),
        ("LINK/LABEL", Left),
        ("OUT", Left),
    ]);
    for link in links {
        let Some(Route::Circuit(circuit)) = &link.route else { continue };
        let directions =
            [(&circuit.a, &circuit.a_to_z, &circuit.z), (&circuit.z, &circuit.z_to_a, &circuit.a)];
        for (from, lsp, to) in directions {
            let (Some(from), Some(to)) = (from, to) else { continue };
            table.row([
                (&circuit.name).into(),
                u64::from(circuit.vc).into(),
                attachment(from).into(),
                mbps(from.policer_mbps).into(),
                labels(lsp.as_ref()).into(),
                attachment(to).into(),
            ]);
        }
    }
    table
}

fn attachment(attachment: &wire::Attachment) -> String {
    format!("{} vlan {}", attachment.port, attachment.vlan)
}

fn labels(lsp: Option<&wire::Lsp>) -> String {
    let hops = lsp.map(|lsp| lsp.hops.as_slice()).unwrap_or_default();
    let hops: Vec<_> = hops.iter().map(|hop| format!("{}/{}", hop.link, hop.label)).collect();
    hops.join(" ")
}

fn print_devices(console: &mut Console, devices: &[wire::DeviceDiff]) -> Result<(), Failure> {
    if devices.is_empty() {
        return Ok(());
    }
    heading(console, "Devices")?;
    devices.iter().try_for_each(|device| print_changes(console, device))
}

fn print_vims(console: &mut Console, changes: &[wire::VimChange]) -> Result<(), Failure> {
    if changes.is_empty() {
        return Ok(());
    }
    heading(console, "VIMs")?;
    let mut shown = None;
    for change in changes {
        if shown != Some(&change.vim) {
            console.line(console.paint.ink(Ink::Strong, &format!("VIM {}", change.vim)))?;
            shown = Some(&change.vim);
        }
        let (sign, ink) = match change.action() {
            Action::Remove => ('-', Ink::Bad),
            Action::Create | Action::Unspecified => ('+', Ink::Good),
        };
        console.line(console.paint.ink(ink, &format!("  {sign} {}", change.object)))?;
    }
    Ok(())
}

/// Why the plan is what it is.
pub(crate) fn print_report(
    console: &mut Console,
    report: Option<&wire::PlanReport>,
) -> Result<(), Failure> {
    let Some(report) = report else { return Ok(()) };
    if !report.decisions.is_empty() {
        heading(console, "Why")?;
    }
    for decision in &report.decisions {
        let subject = console.paint.ink(Ink::Strong, &decision.subject);
        console.line(format!("{subject}: {}", decision.choice))?;
        if !decision.because.is_empty() {
            console.line(format!("    because {}", decision.because))?;
        }
        for rejected in &decision.rejected {
            console.line(console.paint.ink(Ink::Dim, &format!("    not {rejected}")))?;
        }
    }
    for warning in &report.warnings {
        console.line(console.paint.ink(Ink::Warn, &format!("warning: {warning}")))?;
    }
    Ok(())
}
