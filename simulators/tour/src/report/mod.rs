//! What a step found, and how that is told.

mod evidence;
mod paint;
mod progress;
mod table;
mod teller;
mod units;

pub(crate) use evidence::{Evidence, Mismatch};
pub(crate) use paint::{Ink, Paint};
pub(crate) use progress::Progress;
pub(crate) use table::{Side, Table};
pub(crate) use teller::{Outcome, Teller};
pub(crate) use units::{mbps, micros};
