//! What a descriptor must keep to within itself: references that resolve, counts within bounds.

mod nsd;
mod vnfd;

use super::envelope::Descriptor;
use super::source::Sink;
use crate::DescriptorId;
use std::collections::BTreeSet;

pub(super) fn descriptor(sink: &mut Sink, path: &str, descriptor: &Descriptor) {
    let id = descriptor.id();
    if let (false, Err(error)) = (id.is_empty(), DescriptorId::new(id)) {
        sink.error(&format!("{path}/id"), error.to_string(), "choose another id");
    }
    match descriptor {
        Descriptor::Nsd(nsd) => nsd::check(sink, path, nsd),
        Descriptor::Vnfd(vnfd) => vnfd::check(sink, path, vnfd),
    }
}

/// The ids that a reference may name.
pub(super) struct Known<'d> {
    what: &'static str,
    ids: BTreeSet<&'d str>,
}

impl<'d> Known<'d> {
    pub(super) fn new(what: &'static str, ids: impl IntoIterator<Item = &'d str>) -> Self {
        Self { what, ids: ids.into_iter().collect() }
    }

    /// An empty reference was reported when it was read.
    pub(super) fn check(&self, sink: &mut Sink, path: &str, id: &str) {
        if !id.is_empty() && !self.ids.contains(id) {
            sink.error(path, format!("there is no {} {id}", self.what), self.hint());
        }
    }

    /// Each entry of a leaf-list.
    pub(super) fn check_each(&self, sink: &mut Sink, path: &str, ids: &[String]) {
        for id in ids {
            self.check(sink, &format!("{path}[{id}]"), id);
        }
    }

    pub(super) fn check_some(&self, sink: &mut Sink, path: &str, id: Option<&String>) {
        if let Some(id) = id {
            self.check(sink, path, id);
        }
    }

    pub(super) fn hint(&self) -> String {
        choice_of(self.what, self.ids.iter().copied())
    }
}

/// A hint that names what could have been meant, in a line that stays short.
pub(super) fn choice_of<'d>(what: &str, ids: impl Iterator<Item = &'d str>) -> String {
    let mut ids: Vec<&str> = ids.collect();
    let more = ids.len().saturating_sub(8);
    ids.truncate(8);
    match (ids.is_empty(), more) {
        (true, _) => format!("add the {what}"),
        (false, 0) => format!("use one of {}", ids.join(", ")),
        (false, more) => format!("use one of {} and {more} more", ids.join(", ")),
    }
}

/// Minimum and maximum of a profile.
pub(super) fn check_bounds(sink: &mut Sink, path: &str, min: u32, max: u32) {
    if min > max {
        sink.error(
            &format!("{path}/min-number-of-instances"),
            format!("the minimum {min} is above the maximum {max}"),
            "lower the minimum or raise max-number-of-instances (1 where it is left out)",
        );
    }
}

/// A count of a level against the profile that it counts.
pub(super) fn check_count(sink: &mut Sink, path: &str, count: u32, (min, max): (u32, u32)) {
    if min <= max && !(min..=max).contains(&count) {
        sink.error(
            &format!("{path}/number-of-instances"),
            format!("{count} instances are outside the profile's {min} to {max}"),
            "change the count, or the minimum and maximum of the profile",
        );
    }
}

/// A default level that exists, and that is there where it is needed.
pub(super) fn check_default(
    sink: &mut Sink,
    path: &str,
    default: Option<&String>,
    levels: &Known<'_>,
) {
    let path = format!("{path}/default-instantiation-level");
    match default {
        Some(id) => levels.check(sink, &path, id),
        None if levels.ids.len() > 1 => sink.error(
            &path,
            "there is more than one level and none is the default",
            "add `default-instantiation-level: ID`",
        ),
        None => {}
    }
}
