use api::wire::usage::{Use, VimUse};
use api::{show, wire};
use engine::api::Usage;
use model::Mbps;
use std::fmt::Display;

pub(crate) fn usage(usage: &Usage) -> wire::Usage {
    wire::Usage {
        links: usage.links.iter().map(|(id, mbps)| used(id, *mbps)).collect(),
        ports: usage.ports.iter().map(|(id, port)| used(id, port.busier())).collect(),
        vims: usage
            .vims
            .iter()
            .map(|(id, used)| VimUse { id: id.to_string(), used: Some(show::resources(*used)) })
            .collect(),
    }
}

fn used(id: &impl Display, mbps: Mbps) -> Use {
    Use { id: id.to_string(), used_mbps: mbps.0 }
}
