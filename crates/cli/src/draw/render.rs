//! From a scene and its layout to the picture.

use super::frame::{bands, head, legend};
use super::geometry::{Curve, Point, Rect};
use super::labels::{Need, Obstacles, Wish, around, place, ring};
use super::layout::{Layout, RADIUS};
use super::scene::{Cable, Cloud, Load, Scene};
use super::svg::{Anchor, Svg, text_width};
use super::theme::{STYLE, service, step};
use crate::output::{mbps, micros};

const CITY: f64 = 13.0;
const CLOUD_WIDTH: f64 = 140.0;
const CLOUD_ROW: f64 = 13.0;
/// From here on, the number stands beside the cable.
const WORTH_A_NUMBER: f64 = 0.5;

pub(super) fn render(scene: &Scene, layout: &Layout, subtitle: &str) -> String {
    let mut svg = Svg::new(layout.width, layout.height, subtitle, STYLE);
    let whole = Rect { x: 0.0, y: 0.0, width: layout.width, height: layout.height };
    svg.rect("ground", whole, 0.0);
    bands(&mut svg, layout);
    let places = Places::find(scene, layout);
    for (cable, curve) in scene.cables.iter().zip(&layout.cables) {
        draw_cable(&mut svg, scene, cable, *curve);
    }
    services(&mut svg, scene, layout);
    for (cloud, rect) in scene.clouds.iter().zip(&places.clouds) {
        draw_cloud(&mut svg, scene, cloud, *rect, layout.places[cloud.place]);
    }
    for (number, spot) in layout.places.iter().enumerate() {
        let title = &scene.places[number].title;
        svg.group(title, |svg| svg.circle("place", *spot, RADIUS));
        ends(&mut svg, scene, number, *spot);
    }
    for number in &places.numbers {
        label(&mut svg, &format!("percent {}", number.class), number.rect, &number.text);
    }
    for (number, rect) in places.cities.iter().enumerate() {
        label(&mut svg, "city", *rect, &scene.places[number].name);
    }
    head(&mut svg, layout, subtitle);
    legend(&mut svg, scene, layout);
    svg.finish()
}

/// Where labels and boxes go.
pub(super) struct Places {
    pub(super) clouds: Vec<Rect>,
    pub(super) cities: Vec<Rect>,
    pub(super) numbers: Vec<Number>,
}

/// How much of a direction is used, beside it and in its colour.
pub(super) struct Number {
    pub(super) rect: Rect,
    class: String,
    text: String,
}

impl Places {
    /// VIMs first, since they are large; then cities; then what may be left out.
    pub(super) fn find(scene: &Scene, layout: &Layout) -> Self {
        let numbers = hot(scene, layout);
        let clouds = scene.clouds.iter().map(|cloud| Wish {
            options: ring(layout.places[cloud.place], CLOUD_WIDTH, cloud_height(cloud)),
            step: 0.12,
            leader: Some(layout.places[cloud.place]),
            need: Need::Must,
        });
        let cities = scene.places.iter().zip(&layout.places).map(|(place, spot)| Wish {
            options: around(*spot, text_width(&place.name, CITY) + 4.0, CITY + 4.0, RADIUS + 4.0),
            step: 0.6,
            leader: None,
            need: Need::Must,
        });
        let beside = numbers.iter().map(|(number, at)| Wish {
            options: around(*at, number.rect.width, number.rect.height, 4.0),
            step: 0.6,
            leader: None,
            need: Need::May,
        });
        let wishes: Vec<Wish> = clouds.chain(cities).chain(beside).collect();
        let mut placed = place(&wishes, &obstacles(scene, layout)).into_iter();
        let mut take =
            |count: usize| -> Vec<Option<Rect>> { placed.by_ref().take(count).collect() };
        let clouds = take(scene.clouds.len()).into_iter().flatten().collect();
        let cities = take(scene.places.len()).into_iter().flatten().collect();
        let shown = numbers.into_iter().zip(take(usize::MAX));
        let numbers =
            shown.filter_map(|((number, _), rect)| Some(Number { rect: rect?, ..number }));
        let numbers = numbers.collect();
        Self { clouds, cities, numbers }
    }
}

fn obstacles(scene: &Scene, layout: &Layout) -> Obstacles {
    let side = 2.0 * RADIUS + 4.0;
    let solid = layout.places.iter().map(|spot| Rect::around(*spot, side, side)).collect();
    let mut lines = Vec::new();
    for (cable, curve) in scene.cables.iter().zip(&layout.cables) {
        // A point every six pixels; what is much used is worth more to see.
        let pixels = (curve.length() / 6.0).clamp(4.0, 400.0);
        let count = (4..400_u32).find(|n| f64::from(*n) >= pixels).unwrap_or(400);
        for (i, point) in (0..).zip(curve.points(count)) {
            let load = if i * 2 < count { &cable.there } else { &cable.back };
            lines.push((point, step(load.part()).width / 2.0));
        }
    }
    Obstacles { canvas: layout.canvas(), solid, lines }
}

/// The directions that deserve a number, each with the middle of its half.
fn hot(scene: &Scene, layout: &Layout) -> Vec<(Number, Point)> {
    let mut found = Vec::new();
    for (cable, curve) in scene.cables.iter().zip(&layout.cables) {
        for (load, at) in [(&cable.there, 0.27), (&cable.back, 0.73)] {
            if load.part() >= WORTH_A_NUMBER {
                let text = format!("{:.0} %", load.part() * 100.0);
                let class = step(load.part()).class.replace('u', "t");
                let rect = Rect::around(curve.at(at), text_width(&text, 11.0) + 4.0, 14.0);
                found.push((Number { rect, class, text }, curve.at(at)));
            }
        }
    }
    found
}

fn label(svg: &mut Svg, class: &str, rect: Rect, text: &str) {
    let at = Point::new(rect.centre().x, rect.y + rect.height * 0.74);
    svg.text(class, at, Anchor::Middle, text);
}

/// Each half belongs to the traffic that leaves the nearer end, and points away from it.
fn draw_cable(svg: &mut Svg, scene: &Scene, cable: &Cable, curve: Curve) {
    let (a, z) = (&scene.places[cable.a].name, &scene.places[cable.z].name);
    let hover = format!("{}\n{}", sentence(a, z, &cable.there), sentence(z, a, &cable.back));
    svg.group(&hover, |svg| {
        half(svg, curve, &cable.there);
        half(svg, curve.reversed(), &cable.back);
    });
}

fn sentence(from: &str, to: &str, load: &Load) -> String {
    let (used, capacity) = (mbps(load.used), mbps(load.capacity));
    let latency = micros(load.latency);
    format!("{from} → {to}: {used} of {capacity}, {latency} ({})", load.links.join(", "))
}

fn half(svg: &mut Svg, curve: Curve, load: &Load) {
    let step = step(load.part());
    let class = format!("half {}", step.class);
    if load.used == 0 {
        return svg.curve(&class, curve.until(0.5), step.width);
    }
    // The arrow takes the last part of the half.
    let tip = step.width + 5.0;
    let t = 0.5 * (1.0 - (tip / (curve.length() * 0.5)).min(0.8));
    svg.curve(&class, curve.until(t), step.width);
    let (base, end) = (curve.at(t), curve.at(0.5));
    let side = curve.direction(t).turned().times(step.width / 2.0 + 2.5);
    let fill = step.class.replace('u', "f");
    svg.polygon(&fill, &[base.plus(side), end, base.minus(side)]);
}

/// Beside the cables that they take, each service in its own lane.
fn services(svg: &mut Svg, scene: &Scene, layout: &Layout) {
    for (number, one) in scene.services.iter().enumerate() {
        let class = format!("service {}", service(number));
        svg.group(&format!("service {}", one.name), |svg| {
            for &cable in &one.cables {
                let before = scene.services[..number].iter();
                let lane = before.filter(|other| other.cables.contains(&cable)).count();
                svg.polyline(&class, &lane_of(layout.cables[cable], lane));
            }
        });
    }
}

/// Lanes lie to the right and to the left in turn, ever further out.
fn lane_of(curve: Curve, lane: usize) -> Vec<Point> {
    let side = if lane.is_multiple_of(2) { 1.0 } else { -1.0 };
    let out = side * (8.0 + 5.0 * (lane / 2) as f64);
    let steps = 24_u32;
    (0..=steps)
        .map(|i| {
            let t = f64::from(i) / f64::from(steps);
            // It starts at the place itself and swings out over 40 pixels.
            let swing = (t.min(1.0 - t) * curve.length() / 40.0).min(1.0);
            curve.at(t).plus(curve.direction(t).turned().times(out * swing))
        })
        .collect()
}

/// A ring for each service that meets the outside here.
fn ends(svg: &mut Svg, scene: &Scene, place: usize, spot: Point) {
    let here = scene.services.iter().enumerate().filter(|(_, one)| one.ends.contains(&place));
    for (ring, (number, one)) in here.enumerate() {
        let radius = RADIUS + 4.0 + 3.5 * ring as f64;
        let class = format!("half {}", service(number));
        svg.group(&format!("{} ends here", one.name), |svg| svg.circle(&class, spot, radius));
    }
}

fn cloud_height(cloud: &Cloud) -> f64 {
    22.0 + CLOUD_ROW * (3.0 + cloud.functions.len() as f64)
}

fn draw_cloud(svg: &mut Svg, scene: &Scene, cloud: &Cloud, rect: Rect, spot: Point) {
    let (used, whole) = (cloud.used, cloud.capacity);
    let rows = [
        ("vCPU", used.vcpu, whole.vcpu),
        ("memory", used.memory_mib, whole.memory_mib),
        ("storage", used.storage_gib, whole.storage_gib),
    ];
    let hover = format!(
        "VIM {}: {} of {} vCPU, {} of {} MiB memory, {} of {} GiB storage",
        cloud.id,
        used.vcpu,
        whole.vcpu,
        used.memory_mib,
        whole.memory_mib,
        used.storage_gib,
        whole.storage_gib
    );
    svg.line("leader", rect.nearest(spot), spot);
    svg.group(&hover, |svg| {
        svg.rect("cloud", rect, 5.0);
        svg.text("name", Point::new(rect.x + 8.0, rect.y + 15.0), Anchor::Start, &cloud.id);
        let mut y = rect.y + 27.0;
        for (name, used, whole) in rows {
            gauge(svg, Point::new(rect.x, y), name, used, whole);
            y += CLOUD_ROW;
        }
        for (number, function) in &cloud.functions {
            let dot = Point::new(rect.x + 12.0, y - 3.5);
            svg.circle(&format!("cloud {}", service(*number)), dot, 3.0);
            let text = format!("{function} · {}", scene.services[*number].name);
            svg.text("small", Point::new(rect.x + 20.0, y), Anchor::Start, &text);
            y += CLOUD_ROW;
        }
    });
}

/// A name, a bar and a number in a VIM's box.
fn gauge(svg: &mut Svg, left: Point, name: &str, used: u64, whole: u64) {
    const BAR: f64 = 40.0;
    svg.text("small", left.plus(Point::new(8.0, 0.0)), Anchor::Start, name);
    let part = if whole == 0 { 0.0 } else { used as f64 / whole as f64 };
    let bar = Rect { x: left.x + 58.0, y: left.y - 7.0, width: BAR, height: 6.0 };
    svg.rect("rest", bar, 1.5);
    if used > 0 {
        let width = (BAR * part.min(1.0)).max(2.0);
        svg.rect(&step(part).class.replace('u', "f"), Rect { width, ..bar }, 1.5);
    }
    let text = format!("{:.0} %", part * 100.0);
    svg.text("small", left.plus(Point::new(CLOUD_WIDTH - 8.0, 0.0)), Anchor::End, &text);
}
