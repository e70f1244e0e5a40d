//! Lists: a filter, a page size and a token that belongs to both.

mod filter;
mod page;

pub(crate) use filter::{Filter, Filtered};
pub(crate) use page::{List, Query};
