//! What every write carries: a request id and an etag.

use crate::status;
use api::Violation;
use engine::api::WriteOptions;
use engine::error::Violation as EngineViolation;
use tonic::Status;

const REQUEST_ID_MAX: usize = 64;

/// Where violations of one request come together, from all of its fields.
#[derive(Debug, Default)]
pub(crate) struct Rejections(Vec<EngineViolation>);

impl Rejections {
    pub(crate) fn add(&mut self, field: &str, reason: impl Into<String>, hint: impl Into<String>) {
        self.0.push(EngineViolation {
            field: field.to_owned(),
            reason: reason.into(),
            hint: hint.into(),
        });
    }

    /// The value, or `None` with its violations noted below the field that holds it.
    pub(crate) fn below<T>(&mut self, field: &str, parsed: Result<T, Vec<Violation>>) -> Option<T> {
        let violations = match parsed {
            Ok(value) => return Some(value),
            Err(violations) => violations,
        };
        self.0.extend(violations.into_iter().map(|v| EngineViolation {
            field: format!("{field}.{}", v.field),
            reason: v.reason,
            hint: v.hint,
        }));
        None
    }

    pub(crate) fn options(&mut self, request_id: &str, etag: &str) -> WriteOptions {
        if request_id.len() > REQUEST_ID_MAX {
            let reason = format!("it has {} bytes, more than {REQUEST_ID_MAX}", request_id.len());
            self.add("request_id", reason, "use a UUID");
        }
        WriteOptions {
            request_id: (!request_id.is_empty()).then(|| request_id.to_owned()),
            expected: self.expected(etag),
        }
    }

    fn expected(&mut self, etag: &str) -> Option<u64> {
        if etag.is_empty() {
            return None;
        }
        let revision = etag.parse().ok();
        if revision.is_none() {
            let hint = "use the etag that a read gave, or \"0\" for what must not exist yet";
            self.add("etag", format!("{etag:?} is not an etag"), hint);
        }
        revision
    }

    pub(crate) fn name<T>(&mut self, field: &str, text: &str) -> Option<T>
    where
        T: std::str::FromStr<Err = model::NameError>,
    {
        text.parse()
            .map_err(|error: model::NameError| self.add(field, error.to_string(), "correct it"))
            .ok()
    }

    /// The value, where nothing at all was wrong.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, Status> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(status::of(&engine::Error::Rejected { violations: self.0 })),
        }
    }
}

/// A single name, where that is all that a request holds.
pub(crate) fn name<T>(field: &str, text: &str) -> Result<T, Status>
where
    T: std::str::FromStr<Err = model::NameError>,
{
    let mut rejections = Rejections::default();
    let name = rejections.name(field, text);
    rejections.finish(name)
}
