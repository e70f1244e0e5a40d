//! From messages to checked values. Everything that is wrong is found in one run.

mod intent;
mod topology;

pub use intent::intent;
pub use topology::topology;

use model::{InterfaceName, NameError, PortRef};

/// One field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}; {hint}")]
pub struct Violation {
    /// The path of the field, `spec.endpoints[1].vlan`.
    pub field: String,
    pub reason: String,
    /// What to do about it.
    pub hint: String,
}

/// Where violations are gathered, with the path of what is being read.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    violations: Vec<Violation>,
}

impl Reader {
    pub(crate) fn wrong(
        &mut self,
        field: impl Into<String>,
        reason: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.violations.push(Violation {
            field: field.into(),
            reason: reason.into(),
            hint: hint.into(),
        });
    }

    /// The value, or `None` with the violation noted.
    pub(crate) fn name<T>(&mut self, field: &str, text: &str) -> Option<T>
    where
        T: std::str::FromStr<Err = NameError>,
    {
        match text.parse() {
            Ok(name) => Some(name),
            Err(error) => {
                let (reason, hint) = split(&error);
                self.wrong(field, reason, hint);
                None
            }
        }
    }

    /// `DEVICE:INTERFACE`; a device's name holds no colon, an interface's may.
    pub(crate) fn port(&mut self, field: &str, text: &str) -> Option<PortRef> {
        let Some((device, interface)) = text.split_once(':') else {
            let reason = if text.is_empty() {
                "it is missing".to_owned()
            } else {
                format!("{text:?} is not a port")
            };
            self.wrong(field, reason, "write DEVICE:INTERFACE, such as ams:et-0/0/1");
            return None;
        };
        let device = self.name(field, device);
        let interface: Option<InterfaceName> = self.name(field, interface);
        Some(PortRef { device: device?, interface: interface? })
    }

    /// A message field that has to be there.
    pub(crate) fn required<'m, T>(
        &mut self,
        field: &str,
        value: Option<&'m T>,
        hint: &str,
    ) -> Option<&'m T> {
        if value.is_none() {
            self.wrong(field, "it is missing", hint);
        }
        value
    }

    /// What was read, where nothing was wrong.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, Vec<Violation>> {
        match value {
            Some(value) if self.violations.is_empty() => Ok(value),
            _ => Err(self.violations),
        }
    }
}

/// A name error's text is `reason; what to do`.
fn split(error: &NameError) -> (String, String) {
    let text = error.to_string();
    match text.split_once("; ") {
        Some((reason, hint)) => (reason.to_owned(), hint.trim_end().to_owned()),
        None => (text, "choose another name".to_owned()),
    }
}
