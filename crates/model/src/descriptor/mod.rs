//! Network service and function descriptors in the shape of ETSI GS NFV-SOL 006 (YANG modules
//! `etsi-nfv-nsd` and `etsi-nfv-vnfd`): read from text, checked, and lowered to what is planned.
//!
//! Nothing here touches a file: text goes in, values and a list of [`Diagnostic`]s come out. All
//! problems are found in one run.
//!
//! - [`parse`] reads one file.
//! - [`Catalogue`] holds descriptors and checks what they say of each other.
//! - [`check`](check()) does both for a set of files.
//! - [`lower`] turns a network service into a [`ServiceTemplate`].

mod catalogue;
mod check;
mod common;
mod diagnostic;
mod envelope;
mod lower;
pub mod nsd;
mod source;
pub mod template;
pub mod vnfd;

pub use catalogue::{Catalogue, Checked, check};
pub use common::{
    AffinityGroup, AffinityRule, AffinityScope, Bitrates, ConnectionPoint, ConnectivityType,
    FlowPattern, LocalRule, Qos, VirtualLinkFlavour,
};
pub use diagnostic::{Diagnostic, Problem, Severity};
pub use envelope::{Descriptor, Document, Parsed, Soundness, parse};
pub use lower::{Choice, lower};
pub use nsd::Nsd;
pub use source::{Decimal, Extra, MAX_BYTES, MAX_DEPTH, Position, Positions};
pub use template::ServiceTemplate;
pub use vnfd::Vnfd;
