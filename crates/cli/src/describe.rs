//! `describe`: one thing in full.

use crate::client::Client;
use crate::failure::Failure;
use crate::get::{self, Domain};
use crate::kind::Kind;
use crate::manifest;
use crate::operation::{action, state};
use crate::output::{
    Console, Format, Ink, Sheet, Side, Table, age, bar, json, mbps, mebibytes, micros, time,
};
use crate::plan::{heading, print_plan, print_report};
use api::wire::device::Drift;
use api::wire::intent::Spec;
use api::wire::interface::Role;
use api::wire::management::{Protocol, Trust};
use api::wire::{self, PlanInForce};
use serde_json::{Value, json};

#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// What it is
    #[arg(value_name = "KIND", value_enum, ignore_case = true)]
    pub kind: Kind,

    /// Its name or id
    pub name: String,
}

pub(crate) async fn run(
    console: &mut Console,
    client: &Client,
    args: &Args,
) -> Result<(), Failure> {
    let name = args.name.as_str();
    match args.kind {
        kind @ (Kind::Services | Kind::Connectivities | Kind::Intents) => {
            intent(console, client, kind, name).await
        }
        Kind::Plans => plan(console, client, name).await,
        Kind::Operations => operation(console, client, name).await,
        Kind::Descriptors => descriptor(console, client, name).await,
        Kind::Devices => device(console, client, name).await,
        Kind::Vims => vim(console, client, name).await,
        Kind::Pops => pop(console, client, name).await,
        Kind::Links => link(console, client, name).await,
        Kind::Topology => {
            let next = "`wayleave topology` shows it";
            Err(Failure::usage("there is one topology, it needs no describing", next))
        }
    }
}

async fn intent(
    console: &mut Console,
    client: &Client,
    kind: Kind,
    name: &str,
) -> Result<(), Failure> {
    let intent = get::intent(client, kind, name).await?;
    // It may have none, which its state explains.
    let plan = get::plan(client, name).await.ok();
    if console.format != Format::Table {
        let value = json!({ "intent": manifest::show(&intent), "plan": plan.as_ref().map(json) });
        return console.value(&value);
    }
    intent_sheet(&intent).print(console)?;
    match &intent.spec {
        Some(Spec::NetworkService(spec)) => service(console, spec)?,
        Some(Spec::Connectivity(spec)) => endpoints(console, spec)?,
        None => {}
    }
    match plan {
        Some(plan) => {
            console.line("")?;
            plan_in_force(console, &plan)
        }
        None => Ok(()),
    }
}

fn intent_sheet(intent: &wire::Intent) -> Sheet {
    let status = intent.status.clone().unwrap_or_default();
    let mut sheet = Sheet::default();
    sheet.line("intent", manifest::title(intent));
    sheet.line("labels", labels(intent));
    sheet.line("priority", intent.priority.to_string());
    sheet.line("etag", &intent.etag);
    match &intent.spec {
        Some(Spec::NetworkService(spec)) => {
            sheet.line("nsd", &spec.nsd).line("flavour", &spec.flavour);
            sheet.line("level", &spec.instantiation_level);
        }
        Some(Spec::Connectivity(spec)) => {
            let slo = spec.slo.unwrap_or_default();
            sheet.line("pattern", get::pattern(spec));
            sheet.line("bandwidth", mbps(slo.bandwidth_mbps));
            sheet.line(
                "latency",
                slo.latency_us.map(|l| format!("at most {}", micros(l))).unwrap_or_default(),
            );
        }
        None => {}
    }
    sheet.line("state", format!("{}, since {}", get::state_word(&status), time(status.state_time)));
    sheet.line("seen", status.observe_time.map(|_| age(status.age)).unwrap_or_default());
    sheet.line("reason", &status.reason);
    sheet.line("code", &status.code);
    sheet.line("operation", &status.operation);
    sheet.line("transaction", &status.transaction);
    sheet
}

fn labels(intent: &wire::Intent) -> String {
    let labels: Vec<_> = intent.labels.iter().map(|(k, v)| format!("{k}={v}")).collect();
    labels.join(", ")
}

fn service(console: &mut Console, spec: &wire::NetworkServiceSpec) -> Result<(), Failure> {
    if !spec.saps.is_empty() {
        heading(console, "Service access points")?;
        let mut table =
            Table::new(&[("SAP", Side::Left), ("PORT", Side::Left), ("VLAN", Side::Right)]);
        for (sap, binding) in &spec.saps {
            table.row([sap.into(), (&binding.port).into(), vlan(binding).into()]);
        }
        table.print(console, "")?;
    }
    if !spec.placement.is_empty() {
        heading(console, "Placement")?;
        let mut table =
            Table::new(&[("PROFILE", Side::Left), ("ONLY", Side::Left), ("NEVER", Side::Left)]);
        for (profile, rule) in &spec.placement {
            let (only, never) = (rule.pops.join(", "), rule.excluded_pops.join(", "));
            table.row([profile.into(), only.into(), never.into()]);
        }
        table.print(console, "")?;
    }
    Ok(())
}

fn endpoints(console: &mut Console, spec: &wire::ConnectivitySpec) -> Result<(), Failure> {
    heading(console, "Endpoints")?;
    let mut table = Table::new(&[("PORT", Side::Left), ("VLAN", Side::Right)]);
    for binding in &spec.endpoints {
        table.row([(&binding.port).into(), vlan(binding).into()]);
    }
    table.print(console, "")
}

fn vlan(binding: &wire::SapBinding) -> String {
    binding.vlan.map_or("chosen".to_owned(), |vlan| vlan.to_string())
}

async fn plan(console: &mut Console, client: &Client, name: &str) -> Result<(), Failure> {
    let plan = get::plan(client, name).await?;
    match console.format {
        Format::Table => plan_in_force(console, &plan),
        Format::Json | Format::Yaml => console.value(&json(&plan)),
    }
}

fn plan_in_force(console: &mut Console, in_force: &PlanInForce) -> Result<(), Failure> {
    let plan = in_force.plan.clone().unwrap_or_default();
    let (etag, parent) = (&plan.intent_etag, plan.parent);
    let title = format!("Plan in force, for etag {etag}, made at revision {parent}");
    console.line(console.paint.ink(Ink::Strong, &title))?;
    print_plan(console, &plan)?;
    print_report(console, in_force.report.as_ref())
}

async fn operation(console: &mut Console, client: &Client, id: &str) -> Result<(), Failure> {
    let operation = get::operation(client, id).await?;
    if console.format != Format::Table {
        return console.value(&json(&operation));
    }
    let failure = operation.failure.clone().unwrap_or_default();
    let mut sheet = Sheet::default();
    sheet
        .line("operation", &operation.id)
        .line("action", action(&operation))
        .line("intent", &operation.intent)
        .line("state", state(&operation))
        .line("steps", format!("{} of {}", operation.steps_done, operation.steps_total))
        .line("phase", &operation.phase)
        .line("started", time(operation.start_time))
        .line("updated", time(operation.update_time))
        .line("code", &failure.code)
        .line("reason", &failure.message);
    sheet.print(console)
}

async fn descriptor(console: &mut Console, client: &Client, id: &str) -> Result<(), Failure> {
    let descriptor = get::descriptor(client, id).await?;
    if console.format != Format::Table {
        return console.value(&json(&descriptor));
    }
    let mut sheet = Sheet::default();
    sheet
        .line("descriptor", &descriptor.id)
        .line("kind", get::kind_word(&descriptor))
        .line("name", &descriptor.name)
        .line("version", &descriptor.version)
        .line("etag", &descriptor.etag);
    sheet.print(console)?;
    heading(console, "Content")?;
    console.line(descriptor.content.trim_end())
}

/// A thing of the topology by its id.
fn find<'d, T>(
    kind: Kind,
    all: &'d [T],
    name: &str,
    id: impl Fn(&T) -> &String,
) -> Result<&'d T, Failure> {
    all.iter().find(|t| id(t) == name).ok_or_else(|| Failure::missing(kind.word(), name))
}

async fn device(console: &mut Console, client: &Client, id: &str) -> Result<(), Failure> {
    let status = get::device(client, id).await?;
    let domain = get::topology(client).await?;
    let device = find(Kind::Devices, &domain.topology.devices, id, |device| &device.id)?;
    if console.format != Format::Table {
        return console.value(&json!({ "device": json(device), "status": json(&status) }));
    }
    device_sheet(device, &status).print(console)?;
    heading(console, "Interfaces")?;
    interfaces(&domain, device).print(console, "")
}

fn device_sheet(device: &wire::Device, status: &wire::DeviceStatus) -> Sheet {
    let management = device.management.clone().unwrap_or_default();
    let drift = match device.drift() {
        Drift::Unspecified | Drift::Enforce => "put back",
        Drift::Report => "reported",
        Drift::Adopt => "adopted",
    };
    let protocol = match management.protocol() {
        Protocol::Unspecified => "",
        Protocol::Netconf => "NETCONF",
        Protocol::Gnmi => "gNMI",
    };
    let trust = match &management.trust {
        Some(Trust::HostKey(key)) => format!("host key {key}"),
        Some(Trust::CertificateAuthority(ca)) => {
            format!("certificate of {} by {}", ca.server_name, ca.pem_file)
        }
        Some(Trust::Insecure(_)) => "none (insecure)".to_owned(),
        None => String::new(),
    };
    let mut sheet = Sheet::default();
    sheet
        .line("device", &device.id)
        .line("pop", &device.pop)
        .line("profile", &device.profile)
        .line("management", format!("{protocol} at {}", management.address))
        .line("trust", trust)
        .line("router id", &device.router_id)
        .line("connection", get::connection_word(status.connection()))
        .line("reason", &status.reason)
        .line("seen", age(status.age))
        .line("owned leaves", status.owned_leaves.to_string())
        .line("drift is", drift)
        .line("drift since", time(status.drift_time));
    sheet
}

fn interfaces(domain: &Domain, device: &wire::Device) -> Table {
    use Side::{Left, Right};
    let mut table = Table::new(&[
        ("INTERFACE", Left),
        ("ROLE", Left),
        ("CAPACITY", Right),
        ("ADDRESS", Left),
        ("TOWARDS", Left),
    ]);
    for interface in &device.interfaces {
        let port = format!("{}:{}", device.id, interface.name);
        let role = match interface.role() {
            Role::Unspecified => "",
            Role::Core => "core",
            Role::Access => "access",
            Role::Vim => "VIM",
        };
        table.row([
            (&interface.name).into(),
            role.into(),
            mbps(interface.capacity_mbps).into(),
            (&interface.address).into(),
            towards(domain, &port).into(),
        ]);
    }
    table
}

/// The far end of the cable, or the VIM behind the port.
fn towards(domain: &Domain, port: &str) -> String {
    let link = domain.topology.links.iter().find(|link| link.from == port);
    let vim = domain.topology.vims.iter().find(|vim| vim.attachment == port);
    match (link, vim) {
        (Some(link), _) => link.to.clone(),
        (None, Some(vim)) => vim.id.clone(),
        (None, None) => String::new(),
    }
}

async fn vim(console: &mut Console, client: &Client, id: &str) -> Result<(), Failure> {
    let status = get::vim(client, id).await?;
    let domain = get::topology(client).await?;
    let resources = domain.resources();
    let known = resources.iter().find(|resource| resource.vim.id == id);
    let known = known.ok_or_else(|| Failure::missing(Kind::Vims.word(), id))?;
    if console.format != Format::Table {
        let value: Value = json!({
            "vim": json(&known.vim), "status": json(&status), "used": json(&known.used),
        });
        return console.value(&value);
    }
    let mut sheet = Sheet::default();
    sheet
        .line("vim", id)
        .line("pop", &known.vim.pop)
        .line("endpoint", &known.vim.endpoint)
        .line("project", &known.vim.project)
        .line("attachment", &known.vim.attachment)
        .line("network", &known.vim.physical_network)
        .line("connection", get::connection_word(status.connection()))
        .line("reason", &status.reason)
        .line("seen", age(status.age));
    sheet.print(console)?;
    heading(console, "Resources")?;
    resource_table(known).print(console, "")
}

fn resource_table(resource: &get::Resource) -> Table {
    use Side::{Left, Right};
    let (used, whole) = (resource.used, resource.vim.capacity.unwrap_or_default());
    let mut table = Table::new(&[
        ("RESOURCE", Left),
        ("USED", Right),
        ("CAPACITY", Right),
        ("UTILISATION", Left),
    ]);
    let plain = |n: u64| n.to_string();
    let gib = |n: u64| format!("{n} GiB");
    type Show = fn(u64) -> String;
    let rows: [(&str, u64, u64, Show); 4] = [
        ("vCPU", used.vcpu, whole.vcpu, plain),
        ("memory", used.memory_mib, whole.memory_mib, mebibytes),
        ("storage", used.storage_gib, whole.storage_gib, gib),
        ("accelerators", used.accelerators, whole.accelerators, plain),
    ];
    for (name, used, whole, show) in rows {
        if whole > 0 || used > 0 {
            table.row([name.into(), show(used).into(), show(whole).into(), bar(used, whole)]);
        }
    }
    table
}

async fn pop(console: &mut Console, client: &Client, id: &str) -> Result<(), Failure> {
    let domain = get::topology(client).await?;
    let pop = find(Kind::Pops, &domain.topology.pops, id, |pop| &pop.id)?;
    if console.format != Format::Table {
        return console.value(&json(pop));
    }
    let mut sheet = Sheet::default();
    sheet
        .line("pop", &pop.id)
        .line("city", &pop.city)
        .line("zone", &pop.zone)
        .line("at", format!("{:.3}° N, {:.3}° E", pop.latitude, pop.longitude))
        .line("devices", domain.devices_of(id).join(", "))
        .line("vims", domain.vims_of(id).join(", "));
    sheet.print(console)?;
    let here = domain.devices_of(id);
    let touches = |port: &str| port.split(':').next().is_some_and(|device| here.contains(&device));
    let links: Vec<_> =
        domain.topology.links.iter().filter(|l| touches(&l.from) || touches(&l.to)).collect();
    if links.is_empty() {
        return Ok(());
    }
    heading(console, "Links")?;
    get::link_table(&domain, &links).print(console, "")
}

async fn link(console: &mut Console, client: &Client, id: &str) -> Result<(), Failure> {
    let domain = get::topology(client).await?;
    let link = find(Kind::Links, &domain.topology.links, id, |link| &link.id)?;
    if console.format != Format::Table {
        let used = domain.used_mbps(id);
        return console.value(&json!({ "link": json(link), "usedMbps": used }));
    }
    get::link_table(&domain, &[link]).print(console, "")
}
