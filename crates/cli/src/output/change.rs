//! What a device would be sent, as `+` and `-` under the path that they share.

use super::{Console, Ink};
use crate::failure::Failure;
use api::wire::{DeviceDiff, DiffLine};

/// One device: how much changes, then each leaf below its parent.
pub(crate) fn print_changes(console: &mut Console, diff: &DeviceDiff) -> Result<(), Failure> {
    let title = format!("device {}: {}", diff.device, summary(&diff.lines));
    console.line(console.paint.ink(Ink::Strong, &title))?;
    let mut shown = None;
    for line in &diff.lines {
        let (parent, leaf) = split(&line.path);
        if shown != Some(parent) {
            console.line(format!("    {}", console.paint.ink(Ink::Dim, parent)))?;
            shown = Some(parent);
        }
        for (sign, ink, value) in
            [('-', Ink::Bad, line.before.as_ref()), ('+', Ink::Good, line.after.as_ref())]
        {
            if let Some(value) = value {
                let text = format!("  {sign}   {leaf} = {value}");
                console.line(console.paint.ink(ink, &text))?;
            }
        }
    }
    Ok(())
}

/// `2 added, 1 changed, 1 removed`.
pub(crate) fn summary(lines: &[DiffLine]) -> String {
    let count = |of: fn(&DiffLine) -> bool| lines.iter().filter(|line| of(line)).count();
    let parts = [
        (count(|l| l.before.is_none()), "added"),
        (count(|l| l.before.is_some() && l.after.is_some()), "changed"),
        (count(|l| l.after.is_none()), "removed"),
    ];
    let parts: Vec<_> =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    match parts.is_empty() {
        true => "nothing to change".to_owned(),
        false => parts.join(", "),
    }
}

/// At the last slash that is not inside a key, `[name=et-0/0/1]`, whose quotes may hold brackets.
fn split(path: &str) -> (&str, &str) {
    let (mut depth, mut quote, mut cut) = (0_usize, None, None);
    for (at, c) in path.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') if depth > 0 => quote = Some(c),
            (None, '[') => depth += 1,
            (None, ']') => depth = depth.saturating_sub(1),
            (None, '/') if depth == 0 => cut = Some(at),
            _ => {}
        }
    }
    cut.filter(|&at| at > 0)
        .map_or(("/", path.trim_start_matches('/')), |at| (&path[..at], &path[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cut_outside_of_keys() {
        for (path, parent, leaf) in [
            ("/a/b", "/a", "b"),
            ("/a", "/", "a"),
            ("/a/b[n=et-0/0/1]/mtu", "/a/b[n=et-0/0/1]", "mtu"),
            ("/a/b[n='x]/y']/c", "/a/b[n='x]/y']", "c"),
            ("/a/list[.=1/2]", "/a", "list[.=1/2]"),
        ] {
            assert_eq!(split(path), (parent, leaf), "{path}");
        }
    }
}
