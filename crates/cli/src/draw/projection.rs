//! From latitude and longitude to the plane: Mercator's projection, cut where the world is
//! emptiest, with wide empty bands shortened. A domain of one continent and a city across an ocean
//! stays readable that way; the picture marks each band that is not to scale.

use super::geometry::Point;

/// Degrees that a gap must have to count as empty.
const EMPTY: f64 = 20.0;
/// A gap is shortened where it is wider than this part of what all smaller gaps have together, …
const WIDE: f64 = 0.8;
/// … to this part of it.
const SHORT: f64 = 0.2;
/// Mercator's projection goes to infinity at the poles.
const LATITUDE_MAX: f64 = 84.0;

/// One coordinate: piecewise linear, slope 1 but for the bands that are shortened.
#[derive(Clone, Debug, PartialEq)]
struct Axis {
    /// Value and place, both rising.
    stops: Vec<(f64, f64)>,
    /// Places between which it is not to scale.
    bands: Vec<(f64, f64)>,
}

impl Axis {
    fn new(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        values.dedup();
        let widths = shortened(&values);
        let mut axis = Self { stops: Vec::new(), bands: Vec::new() };
        let mut place = 0.0;
        for (i, &value) in values.iter().enumerate() {
            axis.stops.push((value, place));
            if let Some(&width) = widths.get(i) {
                if width < values[i + 1] - value {
                    axis.bands.push((place, place + width));
                }
                place += width;
            }
        }
        axis
    }

    fn place(&self, value: f64) -> f64 {
        let after = self.stops.partition_point(|(stop, _)| *stop <= value);
        match (after.checked_sub(1).map(|i| self.stops[i]), self.stops.get(after)) {
            (Some((low, from)), Some(&(high, to))) => {
                from + (to - from) * (value - low) / (high - low)
            }
            (Some((low, from)), None) => from + (value - low),
            (None, Some(&(high, to))) => to - (high - value),
            (None, None) => value,
        }
    }

    fn extent(&self) -> f64 {
        self.stops.last().map_or(0.0, |(_, place)| *place)
    }
}

/// The widths of the gaps between sorted values, wide empty ones shortened.
fn shortened(values: &[f64]) -> Vec<f64> {
    let mut widths: Vec<f64> = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let mut order: Vec<usize> = (0..widths.len()).collect();
    order.sort_by(|&a, &b| widths[a].total_cmp(&widths[b]));
    let mut smaller = 0.0;
    for i in order {
        if widths[i] > EMPTY && widths[i] > WIDE * smaller && smaller > EMPTY / 2.0 {
            widths[i] = SHORT * smaller;
        }
        smaller += widths[i];
    }
    widths
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Projection {
    longitudes: Axis,
    latitudes: Axis,
    /// Where the world is cut: longitudes below belong to the right.
    cut: f64,
}

impl Projection {
    /// For places of these latitudes and longitudes, in degrees.
    pub(super) fn new(places: &[(f64, f64)]) -> Self {
        let cut = emptiest(places.iter().map(|place| place.1).collect());
        let longitudes = places.iter().map(|place| unrolled(place.1, cut)).collect();
        let latitudes = places.iter().map(|place| mercator(place.0)).collect();
        Self { longitudes: Axis::new(longitudes), latitudes: Axis::new(latitudes), cut }
    }

    /// In degrees at the equator, y down.
    pub(super) fn point(&self, latitude: f64, longitude: f64) -> Point {
        let y = self.latitudes.extent() - self.latitudes.place(mercator(latitude));
        Point::new(self.longitudes.place(unrolled(longitude, self.cut)), y)
    }

    /// Width and height of what the places span.
    pub(super) fn extent(&self) -> Point {
        Point::new(self.longitudes.extent(), self.latitudes.extent())
    }

    /// From x to x: bands that are not to scale.
    pub(super) fn vertical_bands(&self) -> Vec<(f64, f64)> {
        self.longitudes.bands.clone()
    }

    /// From y to y.
    pub(super) fn horizontal_bands(&self) -> Vec<(f64, f64)> {
        let height = self.latitudes.extent();
        self.latitudes.bands.iter().map(|(low, high)| (height - high, height - low)).collect()
    }
}

/// Degrees of latitude as they grow towards the poles.
fn mercator(latitude: f64) -> f64 {
    let latitude = latitude.clamp(-LATITUDE_MAX, LATITUDE_MAX).to_radians();
    (std::f64::consts::FRAC_PI_4 + latitude / 2.0).tan().ln().to_degrees()
}

/// The western end of the widest gap, all around the globe.
fn emptiest(mut longitudes: Vec<f64>) -> f64 {
    longitudes.sort_by(f64::total_cmp);
    let (Some(&first), Some(&last)) = (longitudes.first(), longitudes.last()) else { return 0.0 };
    let around = (first + 360.0 - last, first);
    let within = longitudes.windows(2).map(|pair| (pair[1] - pair[0], pair[1]));
    within.fold(around, |widest, gap| if gap.0 > widest.0 { gap } else { widest }).1
}

fn unrolled(longitude: f64, cut: f64) -> f64 {
    if longitude < cut { longitude + 360.0 } else { longitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_continent_is_to_scale() {
        let projection = Projection::new(&[(52.4, 4.9), (50.1, 8.7), (51.5, -0.1)]);
        assert!(projection.vertical_bands().is_empty());
        assert!((projection.extent().x - 8.8).abs() < 1e-9);
        let (west, east) = (projection.point(51.5, -0.1), projection.point(50.1, 8.7));
        assert!(west.x < east.x && west.y < east.y);
    }

    #[test]
    fn an_ocean_is_shortened_and_marked() {
        let europe = [(52.4, 4.9), (38.7, -9.1), (59.3, 18.1), (32.1, 34.8)];
        let mut places = europe.to_vec();
        places.push((40.7, -74.0));
        let projection = Projection::new(&places);
        assert_eq!(projection.vertical_bands().len(), 1);
        let gap = projection.point(38.7, -9.1).x - projection.point(40.7, -74.0).x;
        assert!((5.0..15.0).contains(&gap), "{gap}");
    }

    #[test]
    fn the_world_is_cut_where_nothing_is() {
        // Auckland, Honolulu, San Francisco: across the date line.
        let projection = Projection::new(&[(-36.8, 174.8), (21.3, -157.9), (37.8, -122.4)]);
        let x = |lat, lon| projection.point(lat, lon).x;
        assert!(x(-36.8, 174.8) < x(21.3, -157.9));
        assert!(x(21.3, -157.9) < x(37.8, -122.4));
    }

    #[test]
    fn nothing_and_a_single_place_have_a_projection() {
        assert_eq!(Projection::new(&[]).extent(), Point::default());
        assert_eq!(Projection::new(&[(1.0, 2.0)]).point(1.0, 2.0), Point::default());
    }
}
