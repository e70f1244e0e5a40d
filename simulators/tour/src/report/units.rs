//! Quantities as people read them. Nothing is rounded away.

/// `500 Mbps`, `2.5 Gbps`.
pub(crate) fn mbps(value: u64) -> String {
    scaled(value, "Mbps", "Gbps")
}

/// `850 µs`, `2.275 ms`.
pub(crate) fn micros(value: u64) -> String {
    scaled(value, "µs", "ms")
}

fn scaled(value: u64, small: &str, large: &str) -> String {
    match (value / 1000, value % 1000) {
        (0, _) => format!("{value} {small}"),
        (whole, 0) => format!("{whole} {large}"),
        (whole, part) => {
            format!("{whole}.{} {large}", format!("{part:03}").trim_end_matches('0'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_is_kept() {
        for (value, text) in
            [(0, "0 Mbps"), (999, "999 Mbps"), (2500, "2.5 Gbps"), (1001, "1.001 Gbps")]
        {
            assert_eq!(mbps(value), text);
        }
        assert_eq!(micros(2275), "2.275 ms");
    }
}
