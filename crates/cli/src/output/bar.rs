//! How full something is.

use super::{Cell, Ink};

const WIDTH: u64 = 20;

/// `████████████░░░░░░░░  60 %`. Anything that is used shows at least one block, and only what is
/// full shows all of them.
pub(crate) fn bar(used: u64, capacity: u64) -> Cell {
    let Some(percent) = percent(used, capacity) else { return Cell::default() };
    let blocks = match (used, used.cmp(&capacity)) {
        (0, _) => 0,
        (_, std::cmp::Ordering::Less) => (percent * WIDTH / 100).clamp(1, WIDTH - 1),
        _ => WIDTH,
    };
    let blocks = usize::try_from(blocks).expect("at most the width");
    let width = usize::try_from(WIDTH).expect("a small number");
    let text = format!("{}{} {percent:>4} %", "█".repeat(blocks), "░".repeat(width - blocks));
    Cell::inked(ink(percent), text)
}

/// `None` where there is nothing to be full.
pub(crate) fn percent(used: u64, capacity: u64) -> Option<u64> {
    let percent = (u128::from(used) * 100).checked_div(u128::from(capacity))?;
    Some(u64::try_from(percent).unwrap_or(u64::MAX))
}

fn ink(percent: u64) -> Ink {
    match percent {
        0 => Ink::Dim,
        1..=74 => Ink::Good,
        75..=89 => Ink::Warn,
        _ => Ink::Bad,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_empty_only_where_nothing_is_used_and_full_only_where_all_is() {
        let blocks = |used, capacity| {
            percent(used, capacity).map(|_| {
                let cell = bar(used, capacity);
                format!("{cell:?}").matches('█').count()
            })
        };
        assert_eq!(blocks(0, 10), Some(0));
        assert_eq!(blocks(1, 100_000), Some(1));
        assert_eq!(blocks(99_999, 100_000), Some(19));
        assert_eq!(blocks(10, 10), Some(20));
        assert_eq!(blocks(u64::MAX, 1), Some(20));
        assert_eq!(blocks(1, 0), None);
    }
}
