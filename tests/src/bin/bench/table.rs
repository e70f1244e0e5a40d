//! The numbers as an aligned table, or as one JSON object.

use crate::arguments::Part;
use crate::figures::{Samples, milliseconds, number};
use crate::machine::Machine;
use comfy_table::{CellAlignment, ContentArrangement, presets};
use serde::Serialize;
use std::fmt;

/// One number.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    what: String,
    value: f64,
    unit: &'static str,
    /// Of one piece of work, in milliseconds; absent where the number is not a rate.
    p50_ms: Option<f64>,
    p99_ms: Option<f64>,
    /// How often it was done.
    samples: usize,
    against: String,
    command: String,
}

/// All that one run gave.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    pub(crate) rows: Vec<Row>,
}

impl Row {
    /// So many a second, and how long one took.
    pub(crate) fn rate(part: Part, what: &str, samples: &Samples, against: &str) -> Self {
        let percentile = |percent| Some(milliseconds(samples.percentile(percent)));
        Self {
            p50_ms: percentile(50),
            p99_ms: percentile(99),
            samples: samples.count(),
            ..Self::plain(part, what, samples.per_second(), "/s", against)
        }
    }

    /// The median of several runs.
    pub(crate) fn median(part: Part, what: &str, samples: &Samples, against: &str) -> Self {
        let value = milliseconds(samples.median());
        Self { samples: samples.count(), ..Self::plain(part, what, value, "ms", against) }
    }

    pub(crate) fn plain(
        part: Part,
        what: &str,
        value: f64,
        unit: &'static str,
        against: &str,
    ) -> Self {
        let (what, against, command) = (what.to_owned(), against.to_owned(), part.command());
        Self { what, value, unit, p50_ms: None, p99_ms: None, samples: 1, against, command }
    }

    fn cells(&self) -> [String; 8] {
        let optional = |value: Option<f64>| value.map(number).unwrap_or_default();
        [
            self.what.clone(),
            number(self.value),
            self.unit.to_owned(),
            optional(self.p50_ms),
            optional(self.p99_ms),
            self.samples.to_string(),
            self.against.clone(),
            self.command.clone(),
        ]
    }
}

const HEADER: [&str; 8] =
    ["WHAT", "VALUE", "UNIT", "P50 MS", "P99 MS", "SAMPLES", "AGAINST", "COMMAND"];
/// Columns that lean to the right.
const QUANTITIES: [usize; 4] = [1, 3, 4, 5];

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.force_no_tty();
        table.set_header(HEADER);
        table.add_rows(self.rows.iter().map(Row::cells));
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, 2));
            if QUANTITIES.contains(&index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        writeln!(f, "{}\n", self.machine)?;
        let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
        f.write_str(&lines.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Load;
    use std::time::Duration;

    fn report() -> Report {
        let each = [10, 20, 30].map(Duration::from_millis).to_vec();
        let samples = Samples::of(each, Duration::from_millis(30)).unwrap();
        let rows = vec![
            Row::rate(Part::Plans, "plans", &samples, "the lab"),
            Row::median(Part::Start, "cold start of the daemon", &samples, "an empty store"),
            Row::plain(Part::Services, "memory", 1234.4, "MiB", "nothing"),
        ];
        Report { machine: Machine::look(Load::now()), rows }
    }

    #[test]
    fn quantities_end_and_text_begins_in_one_column() {
        let text = report().to_string();
        let lines: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("WHAT")).collect();
        assert_eq!(lines.len(), 4, "{text}");
        let end = |line: &str, cell: &str| line.find(cell).unwrap() + cell.len();
        let values = ["VALUE", "100", "20.0", "1234"];
        let ends: Vec<_> = lines.iter().zip(values).map(|(line, cell)| end(line, cell)).collect();
        assert!(ends.iter().all(|e| *e == ends[0]), "{ends:?}\n{text}");
        let commands = ["COMMAND", "cargo", "cargo", "cargo"];
        let starts: Vec<_> =
            lines.iter().zip(commands).map(|(line, cell)| line.find(cell).unwrap()).collect();
        assert!(starts.iter().all(|s| *s == starts[0]), "{starts:?}\n{text}");
        assert!(lines[3].ends_with("cargo xtask bench services"), "{text}");
    }

    #[test]
    fn json_has_each_number_with_its_unit_and_command() {
        let value = serde_json::to_value(report()).unwrap();
        let rate = &value["rows"][0];
        assert_eq!(rate["unit"], "/s");
        assert_eq!(rate["value"], 100.0);
        assert_eq!((&rate["p50_ms"], &rate["p99_ms"]), (&20.0.into(), &30.0.into()));
        assert_eq!(rate["command"], "cargo xtask bench plans");
        assert_eq!(rate["samples"], 3);
        assert!(value["rows"][2]["p50_ms"].is_null());
        assert!(value["machine"]["cpus"].as_u64().unwrap() >= 1);
    }
}
