//! Distance, and what follows from it.

use super::{CapacityRow, Fibre};
use model::{Mbps, Micros};

const EARTH_RADIUS_KM: f64 = 6371.0;
/// Light in fibre, about two thirds of its speed in vacuum.
const KM_PER_MICROSECOND: f64 = 0.2;

/// Along the great circle, in kilometres (haversine formula).
pub(super) fn distance_km(a: (f64, f64), b: (f64, f64)) -> f64 {
    let (lat_a, lat_b) = (a.0.to_radians(), b.0.to_radians());
    let half_lat = ((lat_b - lat_a) / 2.0).sin();
    let half_lon = ((b.1 - a.1).to_radians() / 2.0).sin();
    let h = half_lat.powi(2) + lat_a.cos() * lat_b.cos() * half_lon.powi(2);
    2.0 * EARTH_RADIUS_KM * h.sqrt().asin()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 20,000 km")]
pub(super) fn latency(km: f64, fibre: Fibre) -> Micros {
    Micros((km * fibre.route_factor / KM_PER_MICROSECOND).round() as u64)
}

/// `None` where the circuit is longer than every row allows.
pub(super) fn capacity(km: f64, rows: &[CapacityRow]) -> Option<Mbps> {
    rows.iter().find(|row| km <= row.up_to_km).map(|row| Mbps(row.mbps))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amsterdam_to_frankfurt() {
        let km = distance_km((52.370, 4.895), (50.110, 8.682));
        assert!((355.0..375.0).contains(&km), "{km} km");
        let latency = latency(km, Fibre { route_factor: 1.25 });
        assert!((2200..2400).contains(&latency.0), "{latency}");
    }
}
