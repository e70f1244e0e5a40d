//! One kind of question asked many times, for measurements and for comparison with others.

use super::Finder;
use super::disjoint::Disjointness;
use super::query::{Path, Query};
use crate::residual::Residuals;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// The cheapest path within the query's constraints.
    Cspf,
    /// The k cheapest.
    Ksp(usize),
    /// Two that share nothing.
    Disjoint(Disjointness),
    /// The one whose narrowest link is widest.
    Widest,
}

impl Job {
    /// The paths that a query asks for, or why there are none.
    ///
    /// # Errors
    /// Why there are none, in words.
    pub fn run(
        self,
        finder: &mut Finder,
        residuals: &Residuals,
        query: &Query,
    ) -> Result<Vec<Path>, String> {
        match self {
            Self::Cspf => finder.shortest(residuals, query).map(|path| vec![path]).map_err(text),
            Self::Ksp(k) => finder.several(residuals, query, k).map_err(text),
            Self::Disjoint(what) => finder
                .disjoint(residuals, query, what)
                .map(|pair| vec![pair.first, pair.second])
                .map_err(text),
            Self::Widest => finder.widest(residuals, query).map(|w| vec![w.path]).map_err(text),
        }
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
