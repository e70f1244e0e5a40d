//! Where output goes, and the forms that it has.

mod bar;
mod change;
mod json;
mod paint;
mod sheet;
mod table;
mod units;

pub(crate) use bar::bar;
pub(crate) use change::print_changes;
pub(crate) use json::{Wire, from_json, json, schema};
pub(crate) use paint::{Ink, Paint};
pub(crate) use sheet::Sheet;
pub(crate) use table::{Cell, Side, Table};
pub(crate) use units::{age, mbps, mebibytes, micros, shortened, time};

use crate::failure::Failure;
use crate::global::Global;
use serde_json::Value;
use std::io::{IsTerminal, Write};

/// The form of what goes to stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Table,
    Json,
    Yaml,
}

/// Data goes to `out`, everything else to `err`.
pub struct Console {
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
    pub(crate) format: Format,
    pub(crate) paint: Paint,
    err_paint: Paint,
    pub(crate) progress: Progress,
}

/// Whether progress may be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    Drawn,
    Hidden,
}

impl std::fmt::Debug for Console {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Console").field("format", &self.format).finish_non_exhaustive()
    }
}

impl Console {
    /// The process's own.
    #[must_use]
    pub fn of_process(global: &Global) -> Self {
        let plain = global.no_color || std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
        let paint = |terminal: bool| if terminal && !plain { Paint::Ansi } else { Paint::Plain };
        let (out, err) = (std::io::stdout(), std::io::stderr());
        let progress = if err.is_terminal() { Progress::Drawn } else { Progress::Hidden };
        Self {
            format: global.format(),
            paint: paint(out.is_terminal()),
            err_paint: paint(err.is_terminal()),
            progress,
            out: Box::new(out),
            err: Box::new(err),
        }
    }

    /// Plain text into writers, as if neither were a terminal.
    #[must_use]
    pub fn into_writers(
        global: &Global,
        out: impl Write + Send + 'static,
        err: impl Write + Send + 'static,
    ) -> Self {
        Self {
            out: Box::new(out),
            err: Box::new(err),
            format: global.format(),
            paint: Paint::Plain,
            err_paint: Paint::Plain,
            progress: Progress::Hidden,
        }
    }

    /// A line of data.
    pub(crate) fn line(&mut self, text: impl AsRef<str>) -> Result<(), Failure> {
        writeln!(self.out, "{}", text.as_ref()).map_err(Failure::output)
    }

    /// A line about what goes on. Where it cannot be written, nobody reads it.
    pub(crate) fn note(&mut self, text: impl AsRef<str>) {
        let _ = writeln!(self.err, "{}", text.as_ref());
    }

    /// The value in the machine's form that was asked for.
    pub(crate) fn value(&mut self, value: &Value) -> Result<(), Failure> {
        let text = match self.format {
            Format::Yaml => yaml(value),
            Format::Json | Format::Table => {
                let mut text =
                    serde_json::to_string_pretty(value).expect("a JSON value can be written");
                text.push('\n');
                text
            }
        };
        self.raw(&text)
    }

    /// One value of a stream: a line of JSON, or a YAML document.
    pub(crate) fn streamed(&mut self, value: &Value) -> Result<(), Failure> {
        let text = match self.format {
            Format::Yaml => format!("---\n{}", yaml(value)),
            Format::Json | Format::Table => format!("{value}\n"),
        };
        self.raw(&text)
    }

    /// Text that ends its own lines.
    pub(crate) fn raw(&mut self, text: &str) -> Result<(), Failure> {
        self.out.write_all(text.as_bytes()).map_err(Failure::output)?;
        self.out.flush().map_err(Failure::output)
    }

    /// Prints what went wrong, unless it is that nobody reads any more.
    pub(crate) fn failure(&mut self, failure: &Failure) {
        let text = failure.render(self.err_paint);
        let _ = self.err.write_all(text.as_bytes());
    }
}

fn yaml(value: &Value) -> String {
    serde_saphyr::to_string(value).expect("a JSON value can be written as YAML")
}
