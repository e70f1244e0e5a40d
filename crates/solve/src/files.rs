//! Text files, compressed when their name ends in `.gz`, and tables of numbers in them.

use crate::failure::Failure;
use flate2::read::GzDecoder;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;

/// No file that is read is larger than this when it is unpacked.
const MAX_BYTES: u64 = 1 << 30;

pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    let unreadable = |error| Failure::Unreadable { path: path.to_owned(), error };
    let file = File::open(path).map_err(unreadable)?;
    let packed = path.extension().is_some_and(|extension| extension == "gz");
    let reader: Box<dyn Read> =
        if packed { Box::new(GzDecoder::new(file)) } else { Box::new(file) };
    let mut text = String::new();
    let length = reader.take(MAX_BYTES).read_to_string(&mut text).map_err(unreadable)?;
    if length as u64 == MAX_BYTES {
        let reason = format!("it is larger than {MAX_BYTES} bytes; divide it");
        return Err(Failure::Content { path: path.to_owned(), reason });
    }
    Ok(text)
}

/// Writes lines that `each` gives to its callback.
pub(crate) fn write_lines(
    path: &Path,
    lines: impl Iterator<Item = serde_json::Value>,
) -> Result<(), Failure> {
    let unwritable = |error| Failure::Unwritable { path: path.to_owned(), error };
    let mut out = BufWriter::new(File::create(path).map_err(unwritable)?);
    for line in lines {
        writeln!(out, "{line}").map_err(unwritable)?;
    }
    out.flush().map_err(unwritable)
}

/// A table of whole numbers, its first line naming the columns.
pub(crate) struct Table<'a> {
    path: &'a Path,
    text: &'a str,
    columns: Vec<Option<usize>>,
    names: &'a [&'a str],
}

impl<'a> Table<'a> {
    /// `names` are the columns that are looked for; the first `needed` of them must be there.
    pub(crate) fn new(
        path: &'a Path,
        text: &'a str,
        names: &'a [&'a str],
        needed: usize,
    ) -> Result<Self, Failure> {
        let header: Vec<_> = text.lines().next().unwrap_or("").split(',').map(str::trim).collect();
        let column = |name: &&str| header.iter().position(|title| title == name);
        let columns: Vec<_> = names.iter().map(column).collect();
        if let Some(missing) = columns.iter().take(needed).position(Option::is_none) {
            let reason = format!(
                "no column \"{}\" in \"{}\"; name it in the first line",
                names[missing],
                header.join(",")
            );
            return Err(Failure::Line { path: path.to_owned(), line: 1, reason });
        }
        Ok(Self { path, text, columns, names })
    }

    /// Each line's number and its values in the order of the names; none where a field is empty.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Result<(usize, Vec<Option<u64>>), Failure>> {
        let lines = self.text.lines().enumerate().skip(1);
        let lines = lines.filter(|(_, line)| !line.trim().is_empty());
        lines.map(|(index, line)| Ok((index + 1, self.row(index + 1, line)?)))
    }

    fn row(&self, line: usize, text: &str) -> Result<Vec<Option<u64>>, Failure> {
        let fields: Vec<_> = text.split(',').map(str::trim).collect();
        let value = |(column, name): (&Option<usize>, &&str)| {
            let field =
                column.and_then(|column| fields.get(column)).filter(|text| !text.is_empty());
            let parse = |field: &&str| {
                field.parse().map_err(|_| {
                    self.fault(line, format!("{name} is \"{field}\", not a whole number"))
                })
            };
            field.map(parse).transpose()
        };
        self.columns.iter().zip(self.names).map(value).collect()
    }

    pub(crate) fn fault(&self, line: usize, reason: String) -> Failure {
        Failure::Line { path: self.path.to_owned(), line, reason }
    }

    /// The value of a column that must have one.
    pub(crate) fn need(
        &self,
        line: usize,
        row: &[Option<u64>],
        column: usize,
    ) -> Result<u64, Failure> {
        let missing = || self.fault(line, format!("{} is missing; fill it in", self.names[column]));
        row[column].ok_or_else(missing)
    }
}
