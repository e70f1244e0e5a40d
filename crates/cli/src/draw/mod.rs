//! The map of a domain as SVG: places by latitude and longitude, cables by their use, VIMs with
//! what is left, and where asked for the ways of the live services.
//!
//! [`scene`] says what, [`layout`] and [`labels`] where, [`render`] how it looks.

mod frame;
mod geometry;
mod labels;
mod layout;
mod projection;
mod render;
mod scene;
mod svg;
mod theme;

#[cfg(test)]
mod tests;

use crate::failure::Failure;
use crate::get::Domain;
use crate::global::Output;
use crate::output::Console;
use api::wire::PlanInForce;
use std::path::Path;

pub(crate) fn write(
    console: &mut Console,
    output: &Output,
    domain: &Domain,
    plans: &[PlanInForce],
) -> Result<(), Failure> {
    let picture = draw(domain, plans);
    match output {
        Output::File(path) if path != Path::new("-") => {
            std::fs::write(path, picture).map_err(|error| {
                let message = format!("{} cannot be written: {error}", path.display());
                Failure::file(message, "choose another place with -o")
            })?;
            console.line(path.display().to_string())
        }
        _ => console.raw(&picture),
    }
}

fn draw(domain: &Domain, plans: &[PlanInForce]) -> String {
    let scene = scene::Scene::new(domain, plans);
    let layout = layout::Layout::new(&scene);
    render::render(&scene, &layout, &title(domain))
}

/// What the picture says of itself.
fn title(domain: &Domain) -> String {
    let topology = &domain.topology;
    let count =
        |n: usize, word: &str| if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") };
    format!(
        "{}, {}, {}, {} · revision {}",
        count(topology.pops.len(), "PoP"),
        count(topology.devices.len(), "device"),
        count(topology.links.len(), "directed link"),
        count(topology.vims.len(), "VIM"),
        domain.answer.revision
    )
}
