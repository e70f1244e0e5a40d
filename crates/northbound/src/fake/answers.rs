//! What the fake answers where a real engine would work something out.

use engine::Error;
use engine::api::{
    Blame, Decision, DeviceDiff, DiffLine, DryRun, Operation, OperationAction, OperationState,
    PlanReport, Timestamp, VimAction, VimChange,
};
use model::descriptor::{Diagnostic, Severity};
use model::intent::Intent;
use model::plan::{
    Attachment, BindingConstraint, Circuit, Hop, Infeasible, LinkEnd, Lsp, PlacedFunction, Plan,
    PlannedLink, PlannedServer, Relaxation, Route, VimNetwork,
};
use model::{DeviceId, IntentName, Label, Mbps, Micros, PortRef, Resources, VlanId};

pub(super) fn name<T: std::str::FromStr<Err = model::NameError>>(text: &str) -> T {
    text.parse().expect("the names of the fake are well formed")
}

pub(super) fn port(device: &str, interface: &str) -> PortRef {
    PortRef { device: name(device), interface: name(interface) }
}

pub(super) fn infeasible() -> Error {
    let binding = BindingConstraint::LinkCapacity {
        virtual_link: name("n6"),
        link: name("ams>fra"),
        needed: Mbps(12_000),
        available: Mbps(9_500),
    };
    let relaxation = Relaxation {
        what: "spec.slo.bandwidth_mbps".to_owned(),
        from: "12000".to_owned(),
        to: "9500".to_owned(),
    };
    Error::Infeasible { infeasible: Box::new(Infeasible { binding, relaxation: Some(relaxation) }) }
}

pub(super) fn operation(
    number: usize,
    intent: Option<IntentName>,
    action: OperationAction,
    state: OperationState,
    now: Timestamp,
) -> Operation {
    let steps_done = if state.is_done() { 4 } else { 1 };
    Operation {
        id: name(&format!("op-{number}")),
        intent,
        action,
        phase: if state.is_done() { "done" } else { "preparing devices" }.to_owned(),
        state,
        started: now,
        updated: now + 250,
        steps_done,
        steps_total: 4,
    }
}

/// One function in Amsterdam, and a circuit from it to a port in Frankfurt.
pub(super) fn plan(intent: &Intent) -> Plan {
    let resources = Resources::from_array([4, 8192, 20, 0]);
    Plan {
        intent: intent.name.clone(),
        intent_revision: 12,
        parent: 11,
        functions: vec![PlacedFunction {
            id: name("upf-1"),
            vnfd: name("upf"),
            pop: name("ams"),
            vim: name("vim-ams"),
            resources,
            servers: vec![PlannedServer {
                name: format!("{}.upf-1.main-1", intent.name),
                vdu: "main".to_owned(),
                resources,
                image: Some("upf-image".to_owned()),
                volumes: Vec::new(),
                networks: vec![format!("{}.n6", intent.name)],
                anti_affinity_group: None,
            }],
        }],
        virtual_links: vec![virtual_link(intent)],
    }
}

fn virtual_link(intent: &Intent) -> PlannedLink {
    PlannedLink {
        id: name("n6"),
        a: LinkEnd::Function { function: name("upf-1"), cpd: "n6".to_owned() },
        z: LinkEnd::Sap(name("internet")),
        bandwidth_a_to_z: Mbps(500),
        bandwidth_z_to_a: Mbps(500),
        latency_bound: Some(Micros(10_000)),
        route: Route::Circuit(Box::new(circuit(intent))),
    }
}

fn circuit(intent: &Intent) -> Circuit {
    let label = |value| Label::new(value).expect("above 15");
    let vlan = |id| VlanId::new(id).expect("within 1 to 4094");
    let hop = |link, value| Hop { link: name(link), label: label(value) };
    let network = VimNetwork { vim: name("vim-ams"), name: format!("{}.n6", intent.name) };
    Circuit {
        name: format!("{}.n6", intent.name),
        vc: label(1001),
        a: Attachment {
            port: port("ams", "v1"),
            vlan: vlan(101),
            policer: Mbps(500),
            vim_network: Some(network),
        },
        z: Attachment {
            port: port("fra", "a1"),
            vlan: vlan(7),
            policer: Mbps(500),
            vim_network: None,
        },
        a_to_z: Lsp { hops: vec![hop("ams>fra", 16)], latency: Micros(2275) },
        z_to_a: Lsp { hops: vec![hop("fra>ams", 17)], latency: Micros(2275) },
    }
}

pub(super) fn report() -> PlanReport {
    PlanReport {
        decisions: vec![
            Decision {
                subject: "function upf-1".to_owned(),
                choice: "PoP ams".to_owned(),
                because: "it is nearest to the radio SAP and has room".to_owned(),
                rejected: vec!["fra: 2 vCPU short".to_owned()],
            },
            Decision {
                subject: "virtual link n6".to_owned(),
                choice: "ams>fra, 2275 µs".to_owned(),
                because: "it is the shortest way with 500 Mbps left".to_owned(),
                rejected: Vec::new(),
            },
        ],
        warnings: vec!["n6 uses 95 % of ams>fra".to_owned()],
    }
}

pub(super) fn dry_run(intent: &Intent) -> DryRun {
    DryRun {
        plan: plan(intent),
        report: report(),
        devices: vec![device_diff(name("ams"))],
        vims: vec![VimChange {
            vim: name("vim-ams"),
            action: VimAction::Create,
            object: format!("server {}.upf-1.main-1", intent.name),
        }],
    }
}

pub(super) fn device_diff(device: DeviceId) -> DeviceDiff {
    let line = |path: &str, before: Option<&str>, after: Option<&str>| DiffLine {
        path: path.to_owned(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    };
    DeviceDiff {
        device,
        lines: vec![
            line("/lsps/lsp[name=core-1.n6]/label", None, Some("16")),
            line("/interfaces/interface[name=v1]/mtu", Some("1500"), Some("9000")),
            line("/interfaces/interface[name=v1]/description", Some("old"), None),
        ],
    }
}

pub(super) fn blame() -> Vec<Blame> {
    vec![
        Blame {
            path: "/interfaces/interface[name=v1]/mtu".to_owned(),
            value: "9000".to_owned(),
            owners: vec![name("core-1"), name("wire")],
        },
        Blame {
            path: "/lsps/lsp[name=core-1.n6]/label".to_owned(),
            value: "16".to_owned(),
            owners: vec![name("core-1")],
        },
    ]
}

pub(super) fn diagnostic(file: &str, line: u32, severity: Severity) -> Diagnostic {
    Diagnostic {
        severity,
        file: file.to_owned(),
        line,
        column: 1,
        path: format!("nsd[{line}]"),
        message: "it is bad".to_owned(),
        hint: "make it good".to_owned(),
    }
}
