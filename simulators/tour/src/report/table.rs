//! Aligned columns without lines.

use comfy_table::{CellAlignment, ContentArrangement, presets};

/// To which side a column leans: text left, quantities right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    columns: Vec<(&'static str, Side)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(columns: &[(&'static str, Side)]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        debug_assert_eq!(N, self.columns.len(), "one cell for each column");
        self.rows.push(cells.into());
    }

    pub(crate) fn render(&self) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.force_no_tty();
        table.set_header(self.columns.iter().map(|(name, _)| *name));
        table.add_rows(&self.rows);
        for (column, (_, side)) in table.column_iter_mut().zip(&self.columns) {
            column.set_padding((0, 2));
            column.set_cell_alignment(match side {
                Side::Left => CellAlignment::Left,
                Side::Right => CellAlignment::Right,
            });
        }
        table.trim_fmt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let mut table = Table::new(&[("LINK", Side::Left), ("USED", Side::Right)]);
        table.row(["ams-fra".to_owned(), "5 Mbps".to_owned()]);
        table.row(["a-b".to_owned(), "10000 Mbps".to_owned()]);
        let text = "LINK           USED\nams-fra      5 Mbps\na-b      10000 Mbps";
        assert_eq!(table.render(), text);
    }
}
