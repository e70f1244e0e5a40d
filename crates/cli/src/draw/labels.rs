//! Boxes beside things, so that they cover neither each other nor what is drawn.

use super::geometry::{Point, Rect};

/// A box that wants a place.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    /// Where it may go, the best place first.
    pub(super) options: Vec<Rect>,
    /// What each step down that list costs; covering a line costs [`LINE`] for each point of it and each unit of its weight.
    pub(super) step: f64,
    /// Where the line to its box begins, if it has one: it must not pass by another thing.
    pub(super) leader: Option<Point>,
    /// Whether it may be left out where no place is free.
    pub(super) need: Need,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Must,
    May,
}

/// What must not be covered.
#[derive(Clone, Debug)]
pub(super) struct Obstacles {
    pub(super) canvas: Rect,
    pub(super) solid: Vec<Rect>,
    /// Points along lines with their weight: covering one is bad, but no disaster.
    pub(super) lines: Vec<(Point, f64)>,
}

impl Wish {
    /// Around all its options.
    fn reach(&self) -> Rect {
        let around = self.options.iter().copied().reduce(Rect::with);
        around.unwrap_or_else(|| Rect::around(Point::default(), 0.0, 0.0)).grown(8.0)
    }
}

impl Obstacles {
    /// Those that matter there.
    fn within(&self, reach: Rect) -> Self {
        Self {
            canvas: self.canvas,
            solid: self.solid.iter().filter(|rect| rect.meets(reach)).copied().collect(),
            lines: self.lines.iter().filter(|line| reach.holds(line.0)).copied().collect(),
        }
    }
}

/// How often each box may move again after the others have moved.
const ROUNDS: usize = 4;
const LINE: f64 = 4.0;
/// Above this, a box that may be left out is.
const TOO_BAD: f64 = 60.0;

/// A place for each wish; `None` for those that are left out.
pub(super) fn place(wishes: &[Wish], obstacles: &Obstacles) -> Vec<Option<Rect>> {
    let mut placed: Vec<Option<Rect>> = vec![None; wishes.len()];
    let reaches: Vec<Rect> = wishes.iter().map(Wish::reach).collect();
    let near: Vec<Obstacles> = reaches.iter().map(|reach| obstacles.within(*reach)).collect();
    for _ in 0..ROUNDS {
        for (i, wish) in wishes.iter().enumerate() {
            placed[i] = None;
            let others: Vec<Rect> =
                placed.iter().flatten().filter(|rect| rect.meets(reaches[i])).copied().collect();
            let costs = wish.options.iter().enumerate().map(|(rank, option)| {
                let passing = wish.leader.map_or(0.0, |from| passing(from, *option, &near[i]));
                let cost = passing + cost(*option, &near[i], &others);
                (rank as f64 * wish.step + cost, *option)
            });
            let best = costs.min_by(|a, b| a.0.total_cmp(&b.0));
            placed[i] = best
                .filter(|(cost, _)| wish.need == Need::Must || *cost < TOO_BAD)
                .map(|(_, option)| option);
        }
    }
    placed
}

fn cost(option: Rect, obstacles: &Obstacles, placed: &[Rect]) -> f64 {
    let inside = option.overlap(obstacles.canvas);
    let outside = option.width * option.height - inside;
    let near = option.grown(2.0);
    let solid: f64 = obstacles.solid.iter().map(|rect| near.overlap(*rect)).sum();
    let others: f64 = placed.iter().map(|rect| near.overlap(*rect)).sum();
    let wide = option.grown(5.0);
    let lines = obstacles.lines.iter().filter(|line| wide.holds(line.0));
    let lines: f64 = lines.map(|line| line.1).sum();
    outside * 50.0 + solid * 20.0 + others * 20.0 + lines * LINE
}

/// How near the line to a box comes to things that it does not belong to.
fn passing(from: Point, option: Rect, obstacles: &Obstacles) -> f64 {
    let to = option.nearest(from);
    let others = obstacles.solid.iter().filter(|rect| !rect.holds(from));
    let passes = |rect: &&Rect| {
        let wide = rect.grown(8.0);
        (0..=20).any(|i| wide.holds(from.between(to, f64::from(i) / 20.0)))
    };
    others.filter(passes).count() as f64 * 150.0
}

/// Places for a label of this size around a point, as map-makers like them: right, left, above,
/// below, then the corners, then further out.
pub(super) fn around(point: Point, width: f64, height: f64, gap: f64) -> Vec<Rect> {
    let mut options = Vec::new();
    for step in 0..3 {
        let gap = gap + f64::from(step) * 10.0;
        let (x, y) = (width / 2.0 + gap, height / 2.0 + gap);
        let corner = gap * 0.4;
        let (cx, cy) = (width / 2.0 + corner, height / 2.0 + corner);
        for (dx, dy) in
            [(x, 0.0), (-x, 0.0), (0.0, -y), (0.0, y), (cx, -cy), (cx, cy), (-cx, -cy), (-cx, cy)]
        {
            options.push(Rect::around(point.plus(Point::new(dx, dy)), width, height));
        }
    }
    options
}

/// Places for a box that is joined to its point by a line: all around, ever further out.
pub(super) fn ring(point: Point, width: f64, height: f64) -> Vec<Rect> {
    let mut options = Vec::new();
    for distance in [24.0, 40.0, 60.0, 84.0, 112.0, 144.0, 180.0] {
        for i in 0..24 {
            let angle = std::f64::consts::TAU * f64::from(i) / 24.0 - std::f64::consts::FRAC_PI_2;
            let out = Point::new(
                angle.cos() * (distance + width / 2.0),
                angle.sin() * (distance + height / 2.0),
            );
            options.push(Rect::around(point.plus(out), width, height));
        }
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    fn obstacles(solid: Vec<Rect>) -> Obstacles {
        let canvas = Rect { x: 0.0, y: 0.0, width: 500.0, height: 500.0 };
        Obstacles { canvas, solid, lines: Vec::new() }
    }

    fn wish(point: Point, need: Need) -> Wish {
        Wish { options: around(point, 60.0, 16.0, 12.0), step: 0.6, leader: None, need }
    }

    #[test]
    fn labels_of_neighbours_do_not_overlap() {
        let wishes: Vec<_> = (0..5)
            .map(|i| wish(Point::new(200.0 + f64::from(i) * 20.0, 200.0), Need::Must))
            .collect();
        let placed: Vec<Rect> =
            place(&wishes, &obstacles(vec![])).into_iter().map(Option::unwrap).collect();
        for i in 0..placed.len() {
            for j in 0..i {
                assert!(placed[i].overlap(placed[j]) < 1.0, "{placed:?}");
            }
        }
    }

    #[test]
    fn what_may_be_left_out_is_where_nothing_is_free() {
        let everywhere = vec![Rect { x: 0.0, y: 0.0, width: 500.0, height: 500.0 }];
        let at = Point::new(250.0, 250.0);
        let wishes = [wish(at, Need::May), wish(at, Need::Must)];
        let placed = place(&wishes, &obstacles(everywhere));
        assert!(placed[0].is_none() && placed[1].is_some());
    }

    #[test]
    fn labels_stay_on_the_canvas() {
        let placed = place(&[wish(Point::new(495.0, 5.0), Need::Must)], &obstacles(vec![]));
        let canvas = Rect { x: 0.0, y: 0.0, width: 500.0, height: 500.0 };
        let rect = placed[0].unwrap();
        assert!((rect.overlap(canvas) - rect.width * rect.height).abs() < 1e-6, "{rect:?}");
    }
}
