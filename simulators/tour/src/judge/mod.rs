//! Judgements: what was planned or booked against what switches and VIMs hold. All of it is
//! computed here from the topology and from what is there, with none of the daemon's code.

mod books;
mod demand;
mod paths;
mod placement;
mod refusal;
mod route;
mod snapshot;
mod written;

pub(crate) use books::{Books, compare as compare_books, percent};
pub(crate) use demand::of_service as demands;
pub(crate) use paths::touched;
pub(crate) use placement::{networks, planes};
pub(crate) use refusal::compare as compare_refusal;
pub(crate) use route::{Direction, compare as compare_route, directions, joined, planned};
pub(crate) use snapshot::Snapshot;
pub(crate) use written::{objects, same_plan};

#[cfg(test)]
pub(crate) use route::tests as route_tests;
