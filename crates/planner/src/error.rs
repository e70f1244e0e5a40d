//! Why there is no plan, by what the caller can do next.

use model::plan::{BindingConstraint, Infeasible};

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Ask for less, or add what is short.
    #[error("{0}")]
    Infeasible(Box<Infeasible>),
    /// Mend the request; all that is wrong with it is here.
    #[error("{}", list(.0))]
    Rejected(Vec<Rejection>),
    /// Ours. Report it.
    #[error("the planner is wrong: {0}; please report it")]
    Bug(String),
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}; {hint}")]
pub struct Rejection {
    /// The path of the field in the intent, or of the element in its descriptor.
    pub field: String,
    pub reason: String,
    /// What to do about it.
    pub hint: String,
}

impl Rejection {
    pub(crate) fn new(
        field: impl Into<String>,
        reason: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { field: field.into(), reason: reason.into(), hint: hint.into() }
    }
}

/// A constraint that no change of the request was found for.
impl From<BindingConstraint> for Error {
    fn from(binding: BindingConstraint) -> Self {
        Self::Infeasible(Box::new(Infeasible { binding, relaxation: None }))
    }
}

/// `value`, unless something was rejected.
pub(crate) fn unless_rejected<T>(value: T, rejected: Vec<Rejection>) -> Result<T, Error> {
    if rejected.is_empty() { Ok(value) } else { Err(Error::Rejected(rejected)) }
}

fn list(rejected: &[Rejection]) -> String {
    rejected.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
