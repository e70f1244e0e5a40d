//! Faults on demand.

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The next request that creates something is answered with this status.
    Refuse { status: u16, message: String },
    /// The next server goes to ERROR.
    ServerError(String),
    /// The next request that creates something is done, and its answer breaks off.
    LoseReply,
    /// The next server that is deleted is still there when it is looked for so many times.
    SlowDelete(u32),
}
