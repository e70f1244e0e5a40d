//! Faults on demand.

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The next request that creates something is answered with this status.
    Refuse { status: u16, message: String },
    /// The next server goes to ERROR.
    ServerError(String),
}
