//! One thing in full: names and values, one below the other.

use super::{Console, Ink};
use crate::failure::Failure;

#[derive(Clone, Debug, Default)]
pub(crate) struct Sheet(Vec<(&'static str, String)>);

impl Sheet {
    /// An empty value is left out.
    pub(crate) fn line(&mut self, name: &'static str, value: impl Into<String>) -> &mut Self {
        let value = value.into();
        if !value.is_empty() {
            self.0.push((name, value));
        }
        self
    }

    pub(crate) fn print(&self, console: &mut Console) -> Result<(), Failure> {
        let width = self.0.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for (name, value) in &self.0 {
            let name = console.paint.ink(Ink::Dim, &format!("{name:<width$}"));
            console.line(format!("{name}  {value}"))?;
        }
        Ok(())
    }
}
