//! Where everything goes: places apart from each other, cables around places, labels beside them.

use super::geometry::{Curve, Point, Rect};
use super::projection::Projection;
use super::scene::{Cable, Scene};

/// Room for the title above and the legend below the map.
pub(super) const HEAD: f64 = 64.0;
pub(super) const FOOT: f64 = 96.0;
const SIDE: f64 = 96.0;
const ABOVE: f64 = 60.0;
/// A map of up to this many places has the plain size; a larger one grows with them.
const PLAIN: f64 = 30.0;
const WIDTH: f64 = 1360.0;
const HEIGHT: f64 = 880.0;
/// Between the centres of two places.
const APART: f64 = 66.0;
/// Between a cable and the centre of a place that it passes.
const CLEAR: f64 = 24.0;
pub(super) const RADIUS: f64 = 8.0;

#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) places: Vec<Point>,
    pub(super) cables: Vec<Curve>,
    /// Bands that are not to scale: upright ones, from x to x.
    pub(super) vertical: Vec<(f64, f64)>,
    /// Level ones, from y to y.
    pub(super) horizontal: Vec<(f64, f64)>,
}

impl Layout {
    pub(super) fn new(scene: &Scene) -> Self {
        let grown = (scene.places.len() as f64 / PLAIN).sqrt().clamp(1.0, 4.0);
        let room = Point::new(WIDTH * grown, HEIGHT * grown);
        let known: Vec<_> = scene.places.iter().filter_map(|place| place.at).collect();
        let projection = Projection::new(&known);
        let scale = scale(projection.extent(), room);
        let extent = projection.extent().times(scale);
        // A flat domain gets a picture that is not a ribbon.
        let height = extent.y.max(room.y * 0.4);
        let origin =
            Point::new(SIDE + (room.x - extent.x) / 2.0, HEAD + ABOVE + (height - extent.y) / 2.0);
        let on_map = |place: Point| origin.plus(place.times(scale));
        let frame = Rect { x: SIDE, y: HEAD + ABOVE, width: room.x, height };
        let mut places = positions(scene, frame, |lat, lon| on_map(projection.point(lat, lon)));
        spread(&mut places, frame);
        Self {
            width: room.x + 2.0 * SIDE,
            height: HEAD + height + 2.0 * ABOVE + FOOT,
            cables: route(&places, &scene.cables),
            places,
            vertical: moved(projection.vertical_bands(), origin.x, scale),
            horizontal: moved(projection.horizontal_bands(), origin.y, scale),
        }
    }

    /// What may be drawn on.
    pub(super) fn canvas(&self) -> Rect {
        Rect { x: 8.0, y: HEAD, width: self.width - 16.0, height: self.height - HEAD - FOOT }
    }
}

fn moved(bands: Vec<(f64, f64)>, origin: f64, scale: f64) -> Vec<(f64, f64)> {
    bands.into_iter().map(|(a, b)| (origin + a * scale, origin + b * scale)).collect()
}

fn scale(extent: Point, room: Point) -> f64 {
    let fit = |room: f64, extent: f64| if extent > 0.0 { room / extent } else { f64::INFINITY };
    let scale = fit(room.x, extent.x).min(fit(room.y, extent.y));
    if scale.is_finite() { scale } else { 1.0 }
}

/// Places without coordinates go between their neighbours; where none has any, on a circle.
fn positions(scene: &Scene, frame: Rect, on_map: impl Fn(f64, f64) -> Point) -> Vec<Point> {
    let at: Vec<Option<Point>> =
        scene.places.iter().map(|place| place.at.map(|(lat, lon)| on_map(lat, lon))).collect();
    let count = at.len().max(1) as f64;
    let around = |i: usize| {
        let angle = std::f64::consts::TAU * i as f64 / count;
        let (x, y) = (angle.sin() * frame.width / 2.2, -angle.cos() * frame.height / 2.2);
        frame.centre().plus(Point::new(x, y))
    };
    let nowhere = at.iter().all(Option::is_none);
    (0..at.len())
        .map(|i| match at[i] {
            Some(point) => point,
            None if nowhere => around(i),
            None => amid_neighbours(i, &scene.cables, &at).unwrap_or_else(|| frame.centre()),
        })
        .collect()
}

fn amid_neighbours(place: usize, cables: &[Cable], at: &[Option<Point>]) -> Option<Point> {
    let far = |cable: &Cable| match place {
        end if end == cable.a => at[cable.z],
        end if end == cable.z => at[cable.a],
        _ => None,
    };
    let near: Vec<Point> = cables.iter().filter_map(far).collect();
    let sum = near.iter().fold(Point::default(), |sum, point| sum.plus(*point));
    (!near.is_empty()).then(|| sum.times(1.0 / near.len() as f64))
}

/// Pushes places apart that are too near, and holds each to where it belongs.
fn spread(places: &mut [Point], frame: Rect) {
    let home = places.to_vec();
    let rounds = (4_000_000 / (places.len() * places.len()).max(1)).clamp(20, 300);
    for round in 0..rounds {
        // At the end nothing pulls back any more.
        let pull = if round * 4 < rounds * 3 { 0.03 } else { 0.0 };
        for (place, home) in places.iter_mut().zip(&home) {
            *place = place.between(*home, pull);
        }
        for i in 1..places.len() {
            for j in 0..i {
                push_apart(places, i, j);
            }
        }
        for place in places.iter_mut() {
            *place = frame.nearest(*place);
        }
    }
}

fn push_apart(places: &mut [Point], i: usize, j: usize) {
    let apart = places[i].distance(places[j]);
    if apart >= APART {
        return;
    }
    let direction = if apart > 0.01 {
        places[i].minus(places[j]).unit()
    } else {
        // Two at one spot: any direction, but always the same one.
        let angle = (i * 7 + j * 3) as f64;
        Point::new(angle.cos(), angle.sin())
    };
    let push = direction.times((APART - apart) / 2.0);
    places[i] = places[i].plus(push);
    places[j] = places[j].minus(push);
}

/// Short cables are straight; longer ones bend around places and away from each other.
fn route(places: &[Point], cables: &[Cable]) -> Vec<Curve> {
    let mut order: Vec<usize> = (0..cables.len()).collect();
    let length = |i: usize| places[cables[i].a].distance(places[cables[i].z]);
    order.sort_by(|&i, &j| length(i).total_cmp(&length(j)));
    let mut routed: Vec<Option<Curve>> = vec![None; cables.len()];
    for i in order {
        routed[i] = Some(best(places, cables, &routed, i));
    }
    routed.into_iter().map(|curve| curve.expect("each cable was routed")).collect()
}

const BENDS: [f64; 11] = [0.0, 0.06, -0.06, 0.12, -0.12, 0.19, -0.19, 0.27, -0.27, 0.36, -0.36];

fn best(places: &[Point], cables: &[Cable], routed: &[Option<Curve>], index: usize) -> Curve {
    let cable = &cables[index];
    let (from, to) = (places[cable.a], places[cable.z]);
    let cost = |bend: f64| {
        let curve = Curve::bent(from, to, bend);
        bend.abs() * 150.0 + in_the_way(places, cable, curve) + alike(cables, routed, cable, curve)
    };
    let costs = BENDS.map(|bend| (cost(bend), bend));
    let best = costs.iter().min_by(|a, b| a.0.total_cmp(&b.0)).map_or(0.0, |best| best.1);
    Curve::bent(from, to, best)
}

/// How much of other places the curve covers.
fn in_the_way(places: &[Point], cable: &Cable, curve: Curve) -> f64 {
    let samples: Vec<Point> = curve.points(32).collect();
    let (reach, ends) = (curve.hull().grown(CLEAR), [cable.a, cable.z]);
    let others = (0..places.len()).filter(|i| !ends.contains(i)).map(|i| &places[i]);
    let hidden = others.filter(|place| reach.holds(**place)).map(|place| {
        let near = samples.iter().map(|p| p.distance(*place)).fold(f64::INFINITY, f64::min);
        (CLEAR - near).max(0.0) * 6.0
    });
    hidden.sum()
}

/// How much the curve leaves a place in the same direction as another one does.
fn alike(cables: &[Cable], routed: &[Option<Curve>], cable: &Cable, curve: Curve) -> f64 {
    let leaving = |place: usize, cable: &Cable, curve: Curve| match place {
        end if end == cable.a => Some(curve.direction(0.0)),
        end if end == cable.z => Some(curve.reversed().direction(0.0)),
        _ => None,
    };
    let mut cost = 0.0;
    for (other, routed) in cables.iter().zip(routed) {
        let Some(routed) = routed else { continue };
        for end in [cable.a, cable.z] {
            let directions = (leaving(end, cable, curve), leaving(end, other, *routed));
            if let (Some(one), Some(two)) = directions {
                cost += (one.dot(two) - 0.96).max(0.0) * 2000.0;
            }
        }
    }
    cost
}

#[cfg(test)]
mod tests {
    use super::super::scene::Load;
    use super::*;

    #[test]
    fn places_at_one_spot_are_pushed_apart_and_stay_in_the_frame() {
        let frame = Rect { x: 0.0, y: 0.0, width: 1000.0, height: 600.0 };
        let mut places = vec![Point::new(5.0, 5.0); 6];
        spread(&mut places, frame);
        for i in 0..places.len() {
            assert!(frame.grown(0.1).holds(places[i]), "{places:?}");
            for j in 0..i {
                assert!(places[i].distance(places[j]) > APART * 0.8, "{places:?}");
            }
        }
    }

    #[test]
    fn a_cable_bends_around_a_place_in_its_way() {
        let places = [Point::new(0.0, 0.0), Point::new(400.0, 0.0), Point::new(200.0, 1.0)];
        let cable = Cable { a: 0, z: 1, there: Load::default(), back: Load::default() };
        let curve = route(&places, std::slice::from_ref(&cable))[0];
        let near = curve.points(64).map(|p| p.distance(places[2])).fold(f64::INFINITY, f64::min);
        assert!(near >= CLEAR - 1.0, "{near}");
        let free = route(&places[..2], std::slice::from_ref(&cable))[0];
        assert_eq!(free.control, Point::new(200.0, 0.0));
    }
}
