//! From values to messages. Nothing here can fail.

mod intent;
mod plan;
mod topology;

pub use intent::intent;
pub use plan::plan;
pub use topology::{resources, topology};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[must_use]
pub fn timestamp(milliseconds: u64) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: i64::try_from(milliseconds / 1000).unwrap_or(i64::MAX),
        nanos: nanos(milliseconds),
    }
}

/// From `since` to `now`; zero where the clock went back in between.
#[must_use]
pub fn age(since: u64, now: u64) -> prost_types::Duration {
    let milliseconds = now.saturating_sub(since);
    prost_types::Duration {
        seconds: i64::try_from(milliseconds / 1000).unwrap_or(i64::MAX),
        nanos: nanos(milliseconds),
    }
}

fn nanos(milliseconds: u64) -> i32 {
    i32::try_from(milliseconds % 1000).expect("less than 1000") * 1_000_000
}

/// An etag as text; the number 0 stands for "does not exist".
#[must_use]
pub fn etag(revision: u64) -> String {
    revision.to_string()
}
