//! Three small descriptors that fit together, and ways to spoil them.

use model::descriptor::{Catalogue, Checked, Diagnostic, check};

pub(crate) const NSD: &str = include_str!("base/nsd.yaml");
pub(crate) const SERVER: &str = include_str!("base/server.yaml");
pub(crate) const CACHE: &str = include_str!("base/cache.yaml");

pub(crate) fn checked(files: &[(&str, &str)]) -> Checked {
    check(&Catalogue::default(), files.iter().copied())
}

pub(crate) fn base() -> Checked {
    checked(&[("nsd.yaml", NSD), ("server.yaml", SERVER), ("cache.yaml", CACHE)])
}

/// The text with one place changed; it must be there once.
pub(crate) fn spoilt(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from:?} stands there exactly once");
    text.replace(from, to)
}

/// The line of a text that holds a mark, from 1.
pub(crate) fn line_of(text: &str, mark: &str) -> u32 {
    let line = text.lines().position(|line| line.contains(mark));
    u32::try_from(line.unwrap_or_else(|| panic!("{mark:?} is there")) + 1).unwrap()
}

pub(crate) fn shown(diagnostics: &[Diagnostic]) -> Vec<String> {
    diagnostics.iter().map(ToString::to_string).collect()
}
