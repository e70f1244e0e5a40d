//! Aligned columns without lines, as shells like them.

use super::{Console, Ink, Paint};
use crate::failure::Failure;
use comfy_table::{Attribute, CellAlignment, Color, ContentArrangement, presets};

/// To which side a column leans: text left, quantities right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    text: String,
    ink: Ink,
}

impl Cell {
    pub(crate) fn inked(ink: Ink, text: impl Into<String>) -> Self {
        Self { text: text.into(), ink }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), ink: Ink::Plain }
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, ink: Ink::Plain }
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        number.to_string().into()
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Table {
    columns: Vec<(&'static str, Side)>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub(crate) fn new(columns: &[(&'static str, Side)]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [Cell; N]) {
        debug_assert_eq!(N, self.columns.len(), "one cell for each column");
        self.rows.push(cells.into());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Columns that are empty all the way down are left out.
    pub(crate) fn print(&self, console: &mut Console, indent: &str) -> Result<(), Failure> {
        let text = self.render(console.paint);
        text.lines().try_for_each(|line| console.line(format!("{indent}{line}")))
    }

    fn render(&self, paint: Paint) -> String {
        let shown: Vec<usize> = (0..self.columns.len()).filter(|&i| self.is_used(i)).collect();
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        match paint {
            Paint::Ansi => table.enforce_styling().style_text_only(),
            Paint::Plain => {
                table.force_no_tty();
            }
        }
        let bold = |text| comfy_table::Cell::new(text).add_attribute(Attribute::Bold);
        table.set_header(shown.iter().map(|&i| bold(self.columns[i].0)));
        for row in &self.rows {
            table.add_row(shown.iter().map(|&i| styled(&row[i])));
        }
        for (column, &i) in table.column_iter_mut().zip(&shown) {
            column.set_padding((0, 2));
            column.set_cell_alignment(alignment(self.columns[i].1));
        }
        table.trim_fmt()
    }

    fn is_used(&self, column: usize) -> bool {
        self.rows.is_empty() || self.rows.iter().any(|row| !row[column].text.is_empty())
    }
}

fn alignment(side: Side) -> CellAlignment {
    match side {
        Side::Left => CellAlignment::Left,
        Side::Right => CellAlignment::Right,
    }
}

fn styled(cell: &Cell) -> comfy_table::Cell {
    let plain = comfy_table::Cell::new(&cell.text);
    match cell.ink {
        Ink::Plain => plain,
        Ink::Good => plain.fg(Color::DarkGreen),
        Ink::Warn => plain.fg(Color::DarkYellow),
        Ink::Bad => plain.fg(Color::DarkRed),
        Ink::Dim => plain.add_attribute(Attribute::Dim),
        Ink::Strong => plain.add_attribute(Attribute::Bold),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table =
            Table::new(&[("NAME", Side::Left), ("NEVER", Side::Left), ("USED", Side::Right)]);
        table.row(["ams".into(), "".into(), "5 Mbps".into()]);
        table.row(["frankfurt".into(), "".into(), Cell::inked(Ink::Bad, "10000 Mbps")]);
        table
    }

    #[test]
    fn columns_are_aligned_and_empty_ones_left_out() {
        let expected = "NAME             USED\nams            5 Mbps\nfrankfurt  10000 Mbps";
        assert_eq!(table().render(Paint::Plain), expected);
    }

    #[test]
    fn colour_does_not_move_columns() {
        let painted = table().render(Paint::Ansi);
        assert!(painted.contains("\u{1b}["), "{painted:?}");
        let mut plain = String::new();
        let mut escape = false;
        for c in painted.chars() {
            match (c, escape) {
                ('\u{1b}', _) => escape = true,
                ('m', true) => escape = false,
                (_, true) => {}
                (c, false) => plain.push(c),
            }
        }
        let lines = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        assert_eq!(lines(&plain), table().render(Paint::Plain));
    }
}
