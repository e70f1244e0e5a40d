//! Points, boxes and curves in the plane of the picture: x to the right, y down, in pixels.

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

impl Point {
    pub(super) fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self::new(self.x + other.x, self.y + other.y)
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self::new(self.x - other.x, self.y - other.y)
    }

    pub(super) fn times(self, factor: f64) -> Self {
        Self::new(self.x * factor, self.y * factor)
    }

    pub(super) fn between(self, other: Self, t: f64) -> Self {
        self.plus(other.minus(self).times(t))
    }

    pub(super) fn length(self) -> f64 {
        self.x.hypot(self.y)
    }

    pub(super) fn distance(self, other: Self) -> f64 {
        self.minus(other).length()
    }

    /// Of length 1, or nothing where there is no direction.
    pub(super) fn unit(self) -> Self {
        let length = self.length();
        if length > 0.0 { self.times(1.0 / length) } else { Self::default() }
    }

    /// A quarter turn to the right, as seen on the screen.
    pub(super) fn turned(self) -> Self {
        Self::new(-self.y, self.x)
    }

    pub(super) fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y
    }
}

/// An upright rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Rect {
    pub(super) fn around(centre: Point, width: f64, height: f64) -> Self {
        Self { x: centre.x - width / 2.0, y: centre.y - height / 2.0, width, height }
    }

    pub(super) fn centre(self) -> Point {
        Point::new(self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    /// Larger by `margin` on every side.
    pub(super) fn grown(self, margin: f64) -> Self {
        Self {
            x: self.x - margin,
            y: self.y - margin,
            width: self.width + 2.0 * margin,
            height: self.height + 2.0 * margin,
        }
    }

    pub(super) fn overlap(self, other: Self) -> f64 {
        let along = |a: f64, b: f64, c: f64, d: f64| ((a + b).min(c + d) - a.max(c)).max(0.0);
        along(self.x, self.width, other.x, other.width)
            * along(self.y, self.height, other.y, other.height)
    }

    pub(super) fn meets(self, other: Self) -> bool {
        self.overlap(other) > 0.0
    }

    /// The smallest that has both in it.
    pub(super) fn with(self, other: Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let right = (self.x + self.width).max(other.x + other.width);
        let foot = (self.y + self.height).max(other.y + other.height);
        Self { x, y, width: right - x, height: foot - y }
    }

    pub(super) fn holds(self, point: Point) -> bool {
        (self.x..=self.x + self.width).contains(&point.x)
            && (self.y..=self.y + self.height).contains(&point.y)
    }

    /// The point of the rectangle that is nearest.
    pub(super) fn nearest(self, point: Point) -> Point {
        Point::new(
            point.x.clamp(self.x, self.x + self.width),
            point.y.clamp(self.y, self.y + self.height),
        )
    }
}

/// A quadratic Bézier curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Curve {
    pub(super) from: Point,
    pub(super) control: Point,
    pub(super) to: Point,
}

impl Curve {
    /// From one point to another, bent to the side by a part of their distance.
    pub(super) fn bent(from: Point, to: Point, bend: f64) -> Self {
        let side = to.minus(from).turned().times(bend);
        Self { from, control: from.between(to, 0.5).plus(side), to }
    }

    pub(super) fn at(self, t: f64) -> Point {
        self.from.between(self.control, t).between(self.control.between(self.to, t), t)
    }

    /// The direction of travel.
    pub(super) fn direction(self, t: f64) -> Point {
        self.control.between(self.to, t).minus(self.from.between(self.control, t)).unit()
    }

    /// The part from the start to `t`.
    pub(super) fn until(self, t: f64) -> Self {
        Self { from: self.from, control: self.from.between(self.control, t), to: self.at(t) }
    }

    pub(super) fn reversed(self) -> Self {
        Self { from: self.to, control: self.control, to: self.from }
    }

    /// Points along it, the ends included.
    pub(super) fn points(self, count: u32) -> impl Iterator<Item = Point> {
        (0..=count).map(move |i| self.at(f64::from(i) / f64::from(count)))
    }

    /// A rectangle that the curve does not leave.
    pub(super) fn hull(self) -> Rect {
        let point = |p: Point| Rect::around(p, 0.0, 0.0);
        point(self.from).with(point(self.control)).with(point(self.to))
    }

    pub(super) fn length(self) -> f64 {
        let points: Vec<Point> = self.points(16).collect();
        points.windows(2).map(|pair| pair[0].distance(pair[1])).sum()
    }
}
