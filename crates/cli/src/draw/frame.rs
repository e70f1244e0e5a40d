//! What stands around the map: the title, the bands that are not to scale, and the legend.

use super::geometry::{Curve, Point, Rect};
use super::layout::{FOOT, HEAD, Layout};
use super::scene::Scene;
use super::svg::{Anchor, Svg, text_width};
use super::theme::{STEPS, Step, service};

const LEFT: f64 = 24.0;
const KEY: f64 = 13.0;

pub(super) fn head(svg: &mut Svg, layout: &Layout, subtitle: &str) {
    let strip = Rect { x: 0.0, y: 0.0, width: layout.width, height: HEAD - 16.0 };
    svg.rect("strip", strip, 0.0);
    svg.text("title", Point::new(LEFT, 31.0), Anchor::Start, "Wayleave");
    svg.text("sub", Point::new(LEFT + 124.0, 31.0), Anchor::Start, subtitle);
}

/// Only the middle of each band is tinted, so that the places at its sides stand on plain ground.
pub(super) fn bands(svg: &mut Svg, layout: &Layout) {
    let canvas = layout.canvas();
    for &(from, to) in &layout.vertical {
        let inset = (to - from) * 0.3;
        let band = Rect { x: from + inset, width: to - from - 2.0 * inset, ..canvas };
        let (top, foot) = (canvas.y, canvas.y + canvas.height);
        svg.rect("band", band, 0.0);
        for x in [band.x, band.x + band.width] {
            svg.line("bandline", Point::new(x, top), Point::new(x, foot));
        }
        let at = Point::new(band.centre().x, foot - 10.0);
        svg.text("small", at, Anchor::Middle, "not to scale");
    }
    for &(from, to) in &layout.horizontal {
        let inset = (to - from) * 0.3;
        let band = Rect { y: from + inset, height: to - from - 2.0 * inset, ..canvas };
        let (left, right) = (canvas.x, canvas.x + canvas.width);
        svg.rect("band", band, 0.0);
        for y in [band.y, band.y + band.height] {
            svg.line("bandline", Point::new(left, y), Point::new(right, y));
        }
        let at = Point::new(left + 8.0, band.centre().y + 4.0);
        svg.text("small", at, Anchor::Start, "not to scale");
    }
}

pub(super) fn legend(svg: &mut Svg, scene: &Scene, layout: &Layout) {
    let top = layout.height - FOOT + 12.0;
    let strip = Rect { x: 0.0, y: top, width: layout.width, height: FOOT - 12.0 };
    svg.rect("strip", strip, 0.0);
    let mut x = key(svg, LEFT, top + 28.0, "Link use") + 14.0;
    for step in STEPS {
        x = swatch(svg, x, top + 28.0, step) + 20.0;
    }
    let about = "Each half of a link is the traffic that leaves the nearer end.";
    key(svg, x + 10.0, top + 28.0, about);
    if scene.services.is_empty() {
        let about = "Boxes are VIMs, with what is used of them.";
        key(svg, LEFT, top + 58.0, about);
    } else {
        services(svg, scene, layout, top + 58.0);
    }
}

/// Gives where the text ends.
fn key(svg: &mut Svg, x: f64, y: f64, text: &str) -> f64 {
    svg.text("key", Point::new(x, y), Anchor::Start, text);
    x + text_width(text, KEY)
}

fn swatch(svg: &mut Svg, x: f64, y: f64, step: Step) -> f64 {
    let level = y - 4.5;
    let line = Curve::bent(Point::new(x, level), Point::new(x + 34.0, level), 0.0);
    svg.curve(&format!("half {}", step.class), line, step.width);
    key(svg, x + 40.0, y, step.text)
}

fn services(svg: &mut Svg, scene: &Scene, layout: &Layout, y: f64) {
    let mut x = key(svg, LEFT, y, "Services") + 14.0;
    let mut left_out = scene.more_services;
    for (number, one) in scene.services.iter().enumerate() {
        if x + 60.0 + text_width(&one.name, KEY) > layout.width - 160.0 {
            left_out += 1;
            continue;
        }
        let ends = [Point::new(x, y - 4.5), Point::new(x + 30.0, y - 4.5)];
        svg.polyline(&format!("service {}", service(number)), &ends);
        x = key(svg, x + 36.0, y, &one.name) + 20.0;
    }
    if left_out > 0 {
        key(svg, x, y, &format!("and {left_out} more"));
    }
}
