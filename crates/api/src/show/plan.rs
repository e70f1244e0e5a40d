//! Plans.

use super::resources;
use crate::wire;
use crate::wire::planned_link::Route as WireRoute;
use model::plan::{
    Attachment, Circuit, LinkEnd, Lsp, PlacedFunction, Plan, PlannedLink, PlannedServer, Route,
};

#[must_use]
pub fn plan(plan: &Plan) -> wire::Plan {
    wire::Plan {
        intent: plan.intent.to_string(),
        intent_etag: super::etag(plan.intent_revision),
        parent: plan.parent,
        functions: plan.functions.iter().map(function).collect(),
        virtual_links: plan.virtual_links.iter().map(virtual_link).collect(),
    }
}

fn function(function: &PlacedFunction) -> wire::PlacedFunction {
    wire::PlacedFunction {
        id: function.id.to_string(),
        vnfd: function.vnfd.to_string(),
        pop: function.pop.to_string(),
        vim: function.vim.to_string(),
        resources: Some(resources(function.resources)),
        servers: function.servers.iter().map(server).collect(),
    }
}

fn server(server: &PlannedServer) -> wire::PlannedServer {
    wire::PlannedServer {
        name: server.name.clone(),
        vdu: server.vdu.clone(),
        resources: Some(resources(server.resources)),
        image: server.image.clone().unwrap_or_default(),
        volumes: server
            .volumes
            .iter()
            .map(|v| wire::PlannedVolume { name: v.name.clone(), size_gib: v.size.0 })
            .collect(),
        networks: server.networks.clone(),
        anti_affinity_group: server.anti_affinity_group.clone().unwrap_or_default(),
    }
}

fn virtual_link(link: &PlannedLink) -> wire::PlannedLink {
    let route = match &link.route {
        Route::InsideVim { vim, network } => {
            WireRoute::InsideVim(wire::VimNetwork { vim: vim.to_string(), name: network.clone() })
        }
        Route::Circuit(way) => WireRoute::Circuit(circuit(way)),
    };
    wire::PlannedLink {
        id: link.id.to_string(),
        a: Some(end(&link.a)),
        z: Some(end(&link.z)),
        bandwidth_a_to_z_mbps: link.bandwidth_a_to_z.0,
        bandwidth_z_to_a_mbps: link.bandwidth_z_to_a.0,
        latency_bound_us: link.latency_bound.map(|bound| bound.0),
        route: Some(route),
    }
}

fn end(end: &LinkEnd) -> wire::LinkEnd {
    use wire::link_end::{End, FunctionPort};
    let end = match end {
        LinkEnd::Function { function, cpd } => {
            End::Function(FunctionPort { function: function.to_string(), cpd: cpd.clone() })
        }
        LinkEnd::Sap(sap) => End::Sap(sap.to_string()),
    };
    wire::LinkEnd { end: Some(end) }
}

fn circuit(circuit: &Circuit) -> wire::Circuit {
    wire::Circuit {
        name: circuit.name.clone(),
        vc: circuit.vc.get(),
        a: Some(attachment(&circuit.a)),
        z: Some(attachment(&circuit.z)),
        a_to_z: Some(lsp(&circuit.a_to_z)),
        z_to_a: Some(lsp(&circuit.z_to_a)),
    }
}

fn attachment(attachment: &Attachment) -> wire::Attachment {
    wire::Attachment {
        port: attachment.port.to_string(),
        vlan: u32::from(attachment.vlan.get()),
        policer_mbps: attachment.policer.0,
        vim_network: attachment.vim_network.as_ref().map(|network| wire::VimNetwork {
            vim: network.vim.to_string(),
            name: network.name.clone(),
        }),
    }
}

fn lsp(lsp: &Lsp) -> wire::Lsp {
    wire::Lsp {
        hops: lsp
            .hops
            .iter()
            .map(|hop| wire::Hop { link: hop.link.to_string(), label: hop.label.get() })
            .collect(),
        latency_us: lsp.latency.0,
    }
}
