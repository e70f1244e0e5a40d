//! Quantities and times as people read them. Nothing is rounded away below a second.

use prost_types::{Duration, Timestamp};
use time::OffsetDateTime;

/// `500 Mbps`, `2.5 Gbps`.
pub(crate) fn mbps(value: u64) -> String {
    scaled(value, 1000, "Mbps", "Gbps")
}

/// `850 µs`, `2.275 ms`, `1.5 s`.
pub(crate) fn micros(value: u64) -> String {
    match value {
        0..1_000_000 => scaled(value, 1000, "µs", "ms"),
        _ => scaled(value / 1000, 1000, "ms", "s"),
    }
}

/// `512 MiB`, `8 GiB`; what is not a whole quarter of a GiB stays in MiB.
pub(crate) fn mebibytes(value: u64) -> String {
    if value >= 1024 && value.is_multiple_of(256) {
        let quarters = ["", ".25", ".5", ".75"];
        let part = usize::try_from(value % 1024 / 256).expect("below 4");
        format!("{}{} GiB", value / 1024, quarters[part])
    } else {
        format!("{value} MiB")
    }
}

fn scaled(value: u64, step: u64, small: &str, large: &str) -> String {
    if value < step {
        return format!("{value} {small}");
    }
    let (whole, part) = (value / step, value % step);
    match part {
        0 => format!("{whole} {large}"),
        part => format!("{whole}.{} {large}", format!("{part:03}").trim_end_matches('0')),
    }
}

/// What fits into a row; the whole of it is in `describe` and `explain`.
pub(crate) fn shortened(text: &str) -> String {
    const MOST: usize = 72;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(MOST).collect();
    let words = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words);
    format!("{words} …")
}

/// `2 s ago`; empty where it is not known.
pub(crate) fn age(age: Option<Duration>) -> String {
    age.map(|age| format!("{} ago", span(age))).unwrap_or_default()
}

/// The two largest units.
fn span(duration: Duration) -> String {
    let seconds = u64::try_from(duration.seconds).unwrap_or(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, _, _) => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

/// `2026-11-24 12:00:03Z`; empty where there is none.
pub(crate) fn time(time: Option<Timestamp>) -> String {
    let moment = time.and_then(|time| OffsetDateTime::from_unix_timestamp(time.seconds).ok());
    moment
        .map(|t| {
            let (date, clock) = (t.date(), t.time());
            format!("{date} {:02}:{:02}:{:02}Z", clock.hour(), clock.minute(), clock.second())
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_keep_every_digit() {
        for (value, text) in [
            (0, "0 Mbps"),
            (999, "999 Mbps"),
            (1000, "1 Gbps"),
            (2500, "2.5 Gbps"),
            (12_345, "12.345 Gbps"),
            (1001, "1.001 Gbps"),
        ] {
            assert_eq!(mbps(value), text);
        }
        assert_eq!((micros(850), micros(2275)), ("850 µs".into(), "2.275 ms".into()));
        for (value, text) in
            [(512, "512 MiB"), (1024, "1 GiB"), (1536, "1.5 GiB"), (1500, "1500 MiB")]
        {
            assert_eq!(mebibytes(value), text);
        }
    }

    #[test]
    fn times_and_ages() {
        let at = |seconds| Some(Timestamp { seconds, nanos: 5 });
        assert_eq!(time(at(1_795_521_603)), "2026-11-24 12:00:03Z");
        assert_eq!(time(None), "");
        for (seconds, text) in [
            (2, "2 s ago"),
            (90, "1 min 30 s ago"),
            (3660, "1 h 1 min ago"),
            (180_000, "2 d 2 h ago"),
        ] {
            assert_eq!(age(Some(Duration { seconds, nanos: 0 })), text);
        }
    }
}
