//! What goes wrong, in the words of RFC 6241 appendix A and RFC 7950 §15.

use crate::datastore::Refusal;
use netconf::{ErrorTag, RpcError};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use yang::{EditError, EditTag, Path, Schema, Violation};

/// Why an edit or a commit fails.
pub(crate) enum Failure {
    Refused(Refusal),
    Edit(EditError),
    /// A value that is not of its leaf's type.
    Value(Violation),
    /// A rule of the schema that the configuration as a whole breaks.
    Violation(Violation),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<EditError> for Failure {
    fn from(error: EditError) -> Self {
        Self::Edit(error)
    }
}

impl From<Violation> for Failure {
    fn from(violation: Violation) -> Self {
        Self::Violation(violation)
    }
}

impl Failure {
    /// As errors of a reply; the schema gives the prefixes for their paths.
    pub(crate) fn told(self, schema: &Schema) -> Vec<RpcError> {
        vec![match self {
            Self::Refused(refusal) => return errors(refusal),
            Self::Edit(error) => edit_error(&error, schema),
            Self::Value(violation) => told(ErrorTag::invalid_value(), violation, schema),
            Self::Violation(violation) => {
                // RFC 7950 §15.5 and §15.6; all other rules end in operation-failed.
                let tag = match violation.app_tag.as_deref() {
                    Some("instance-required" | "missing-choice") => ErrorTag::data_missing(),
                    _ => ErrorTag::operation_failed(),
                };
                told(tag, violation, schema)
            }
        }]
    }
}

fn told(tag: ErrorTag, violation: Violation, schema: &Schema) -> RpcError {
    let error = RpcError::application(tag, violation.message);
    let mut error = with_path(error, &violation.path, schema);
    error.app_tag = violation.app_tag;
    error
}

fn edit_error(error: &EditError, schema: &Schema) -> RpcError {
    let tag = match error.tag {
        EditTag::DataExists => ErrorTag::data_exists(),
        EditTag::DataMissing => ErrorTag::data_missing(),
        EditTag::BadAttribute => ErrorTag::bad_attribute(),
        EditTag::UnknownAttribute => ErrorTag::unknown_attribute(),
        EditTag::UnknownElement => ErrorTag::unknown_element(),
        EditTag::UnknownNamespace => ErrorTag::unknown_namespace(),
        EditTag::MissingElement => ErrorTag::missing_element(),
        EditTag::InvalidValue => ErrorTag::invalid_value(),
        EditTag::MalformedMessage => ErrorTag::malformed_message(),
        EditTag::OperationFailed => ErrorTag::operation_failed(),
    };
    let rpc = RpcError::application(tag, error.message.clone());
    let mut rpc = with_path(rpc, &error.path, schema);
    let Some(bad) = &error.bad else { return rpc };
    match error.tag {
        EditTag::BadAttribute | EditTag::UnknownAttribute => {
            let element = error.path.parse::<Path>().ok();
            let element = element.and_then(|path| path.last().map(|step| step.name.clone()));
            rpc = rpc.with_info("bad-attribute", bad);
            rpc.with_info("bad-element", element.unwrap_or_default())
        }
        _ => {
            rpc = rpc.with_info("bad-element", bad);
            match &error.namespace {
                Some(namespace) => rpc.with_info("bad-namespace", namespace),
                None => rpc,
            }
        }
    }
}

/// A path that the client can resolve; as it is where the schema does not know its beginning.
fn with_path(error: RpcError, path: &str, schema: &Schema) -> RpcError {
    match xpath(path, schema) {
        Some((path, namespaces)) => error.with_xpath(path, namespaces),
        None => error.with_path(path),
    }
}

/// Our paths and libyang's in XPath, each name with its module's prefix. It ends at the last node
/// that the schema knows.
fn xpath(text: &str, schema: &Schema) -> Option<(String, Vec<(String, String)>)> {
    let path: Path = text.parse().ok()?;
    let (mut node, mut out) = (schema.root(), String::new());
    let mut namespaces = BTreeMap::new();
    for step in &path.steps {
        let Some(child) = node.children.get(&step.name) else { break };
        let prefix = &schema.module(&child.module)?.prefix;
        namespaces.insert(prefix.clone(), child.namespace.clone());
        let _ = write!(out, "/{prefix}:{}", step.name);
        for (key, value) in &step.keys {
            let name = if key == "." { key.clone() } else { format!("{prefix}:{key}") };
            let _ = write!(out, "[{name}={}]", literal(unquoted(value)));
        }
        node = child;
    }
    (!out.is_empty()).then(|| (out, namespaces.into_iter().collect()))
}

/// libyang puts keys in quotes already.
fn unquoted(value: &str) -> &str {
    let inner = |quote| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('\'').or_else(|| inner('"')).unwrap_or(value)
}

/// XPath 1.0 has no escapes: a text with an apostrophe goes into quotation marks.
fn literal(text: &str) -> String {
    if text.contains('\'') { format!("\"{text}\"") } else { format!("'{text}'") }
}

pub(crate) fn errors(refusal: Refusal) -> Vec<RpcError> {
    let message = refusal.to_string();
    vec![match refusal {
        Refusal::LockDenied { holder } | Refusal::CommitPending { holder } => {
            RpcError::protocol(ErrorTag::lock_denied(), message).with_info("session-id", holder)
        }
        Refusal::CandidateChanged => {
            RpcError::protocol(ErrorTag::lock_denied(), message).with_info("session-id", 0)
        }
        Refusal::InUse { .. } => RpcError::protocol(ErrorTag::in_use(), message),
        Refusal::WrongPersistId | Refusal::NotOwner { .. } => {
            RpcError::protocol(ErrorTag::invalid_value(), message)
        }
        Refusal::NotLocked | Refusal::NothingPending => {
            RpcError::protocol(ErrorTag::operation_failed(), message)
        }
    }]
}
