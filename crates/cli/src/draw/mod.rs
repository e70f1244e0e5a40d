//! The map.
use crate::failure::Failure;
use crate::get::Domain;
use crate::global::Output;
use crate::output::Console;
use api::wire::PlanInForce;
pub(crate) fn write(
    _: &mut Console,
    _: &Output,
    _: &Domain,
    _: &[PlanInForce],
) -> Result<(), Failure> {
    Err(Failure::bug("maps cannot be drawn yet"))
}
