//! Requests as a server reads them: typed, with the errors of RFC 6241 appendix A.

use crate::BASE;
use crate::error::{ErrorTag, ErrorType, RpcError};
use crate::xml::Element;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    Running,
    Candidate,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Store(Store),
    /// The content of an inline `config`.
    Config(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    Get {
        filter: Option<String>,
    },
    GetConfig {
        source: Store,
        filter: Option<String>,
    },
    EditConfig(EditConfig),
    CopyConfig {
        target: Store,
        source: Source,
    },
    Lock(Store),
    Unlock(Store),
    Validate(Source),
    Commit(Commit),
    CancelCommit {
        persist_id: Option<String>,
    },
    DiscardChanges,
    CloseSession,
    KillSession(u32),
    GetSchema {
        identifier: String,
        version: Option<String>,
    },
    CreateSubscription(Subscription),
    /// Anything else: its name and namespace.
    Other {
        name: String,
        namespace: Option<String>,
    },
}

/// What `create-subscription` asks for; times are as they were written (RFC 5277 §2.1.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscription {
    pub stream: Option<String>,
    pub filter: Option<String>,
    pub start_time: Option<String>,
    pub stop_time: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditConfig {
    pub target: Store,
    pub default_operation: DefaultOperation,
    pub test_only: bool,
    pub config: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DefaultOperation {
    #[default]
    Merge,
    Replace,
    None,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// Seconds; none for a commit that is final.
    pub confirmed: Option<u32>,
    pub persist: Option<String>,
    pub persist_id: Option<String>,
}

/// RFC 6241 §8.4.4.1.
const DEFAULT_CONFIRM_TIMEOUT: u32 = 600;

impl Operation {
    /// # Errors
    /// Where a parameter is missing or wrong.
    pub fn parse(element: &Element) -> Result<Self, RpcError> {
        let monitoring = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring";
        let notification = "urn:ietf:params:xml:ns:netconf:notification:1.0";
        match (element.namespace.as_deref(), element.name.as_str()) {
            (Some(BASE), name) => Self::base(name, element),
            (Some(ns), "get-schema") if ns == monitoring => get_schema(element),
            (Some(ns), "create-subscription") if ns == notification => {
                create_subscription(element).map(Self::CreateSubscription)
            }
            _ => {
                Ok(Self::Other { name: element.name.clone(), namespace: element.namespace.clone() })
            }
        }
    }

    fn base(name: &str, element: &Element) -> Result<Self, RpcError> {
        only_known(element, parameters(name))?;
        Ok(match name {
            "get" => Self::Get { filter: filter(element)? },
            "get-config" => {
                Self::GetConfig { source: store(element, "source")?, filter: filter(element)? }
            }
            "edit-config" => Self::EditConfig(edit_config(element)?),
            "copy-config" => {
                Self::CopyConfig { target: store(element, "target")?, source: source(element)? }
            }
            "lock" => Self::Lock(store(element, "target")?),
            "unlock" => Self::Unlock(store(element, "target")?),
            "validate" => Self::Validate(source(element)?),
            "commit" => Self::Commit(commit(element)?),
            "cancel-commit" => Self::CancelCommit { persist_id: text(element, "persist-id") },
            "discard-changes" => Self::DiscardChanges,
            "close-session" => Self::CloseSession,
            "kill-session" => Self::KillSession(kill_session(element)?),
            _ => Self::Other { name: name.to_owned(), namespace: Some(BASE.to_owned()) },
        })
    }
}

/// What may stand inside an operation of RFC 6241; `None` where it is not one of ours.
fn parameters(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "get" => &["filter"],
        "get-config" => &["source", "filter"],
        "edit-config" => &["target", "default-operation", "test-option", "error-option", "config"],
        "copy-config" => &["target", "source"],
        "lock" | "unlock" => &["target"],
        "validate" => &["source"],
        "commit" => &["confirmed", "confirm-timeout", "persist", "persist-id"],
        "cancel-commit" => &["persist-id"],
        "discard-changes" | "close-session" => &[],
        "kill-session" => &["session-id"],
        _ => return None,
    })
}

/// N-149: what is not a parameter is refused and named.
fn only_known(element: &Element, known: Option<&[&str]>) -> Result<(), RpcError> {
    let Some(known) = known else { return Ok(()) };
    let is_known = |child: &&Element| {
        known.contains(&child.name.as_str()) && child.namespace == element.namespace
    };
    match element.children().find(|child| !is_known(child)) {
        None => Ok(()),
        Some(child) => {
            let message = format!("{} has no parameter {}", element.name, child.name);
            let error = RpcError::protocol(ErrorTag::unknown_element(), message);
            Err(error.with_info("bad-element", &child.name))
        }
    }
}

fn filter(element: &Element) -> Result<Option<String>, RpcError> {
    let Some(filter) = element.child("filter") else { return Ok(None) };
    match filter.attribute("type") {
        None | Some("subtree") => Ok(Some(filter.inner_xml())),
        Some(_) => Err(bad_attribute("type", "filter", "only subtree filters are supported")),
    }
}

fn store(element: &Element, name: &str) -> Result<Store, RpcError> {
    let child = element.child(name).ok_or_else(|| missing(name))?;
    let named = child.children().next().ok_or_else(|| missing(name))?;
    datastore(named)
}

fn datastore(element: &Element) -> Result<Store, RpcError> {
    match element.name.as_str() {
        "running" => Ok(Store::Running),
        "candidate" => Ok(Store::Candidate),
        other => Err(RpcError::protocol(
            ErrorTag::operation_not_supported(),
            format!("there is no datastore {other}"),
        )),
    }
}

fn source(element: &Element) -> Result<Source, RpcError> {
    let child = element.child("source").ok_or_else(|| missing("source"))?;
    let named = child.children().next().ok_or_else(|| missing("source"))?;
    if named.name == "config" {
        return Ok(Source::Config(named.inner_xml()));
    }
    datastore(named).map(Source::Store)
}

fn edit_config(element: &Element) -> Result<EditConfig, RpcError> {
    let word = |name: &str| text(element, name);
    let default_operation = match word("default-operation").as_deref() {
        None | Some("merge") => DefaultOperation::Merge,
        Some("replace") => DefaultOperation::Replace,
        Some("none") => DefaultOperation::None,
        Some(other) => return Err(invalid("default-operation", other)),
    };
    let test_only = match word("test-option").as_deref() {
        None | Some("test-then-set" | "set") => false,
        Some("test-only") => true,
        Some(other) => return Err(invalid("test-option", other)),
    };
    match word("error-option").as_deref() {
        None | Some("stop-on-error" | "continue-on-error" | "rollback-on-error") => {}
        Some(other) => return Err(invalid("error-option", other)),
    }
    let config = element.child("config").ok_or_else(|| missing("config"))?;
    let target = store(element, "target")?;
    Ok(EditConfig { target, default_operation, test_only, config: config.inner_xml() })
}

fn commit(element: &Element) -> Result<Commit, RpcError> {
    let confirmed = element.child("confirmed").is_some();
    let seconds = match text(element, "confirm-timeout") {
        None => DEFAULT_CONFIRM_TIMEOUT,
        Some(text) => match text.parse::<u32>() {
            Ok(seconds) if seconds > 0 => seconds,
            _ => return Err(invalid("confirm-timeout", &text)),
        },
    };
    Ok(Commit {
        confirmed: confirmed.then_some(seconds),
        persist: text(element, "persist").filter(|_| confirmed),
        persist_id: text(element, "persist-id"),
    })
}

fn kill_session(element: &Element) -> Result<u32, RpcError> {
    let id = text(element, "session-id").ok_or_else(|| missing("session-id"))?;
    id.parse().ok().filter(|id| *id > 0).ok_or_else(|| invalid("session-id", &id))
}

fn get_schema(element: &Element) -> Result<Operation, RpcError> {
    let identifier = text(element, "identifier").ok_or_else(|| missing("identifier"))?;
    // An identity of the monitoring module: its prefix is the client's choice.
    match text(element, "format").as_deref().map(|format| format.rsplit(':').next()) {
        None | Some(Some("yang")) => {}
        Some(other) => return Err(invalid("format", other.unwrap_or_default())),
    }
    Ok(Operation::GetSchema { identifier, version: text(element, "version") })
}

fn create_subscription(element: &Element) -> Result<Subscription, RpcError> {
    only_known(element, Some(&["stream", "filter", "startTime", "stopTime"]))?;
    Ok(Subscription {
        stream: text(element, "stream"),
        filter: filter(element)?,
        start_time: text(element, "startTime"),
        stop_time: text(element, "stopTime"),
    })
}

fn text(element: &Element, name: &str) -> Option<String> {
    element.child(name).map(Element::text)
}

fn missing(name: &str) -> RpcError {
    let message = format!("the element {name} is missing");
    RpcError::protocol(ErrorTag::missing_element(), message).with_info("bad-element", name)
}

fn invalid(name: &str, value: &str) -> RpcError {
    RpcError::protocol(ErrorTag::invalid_value(), format!("{value:?} is not a {name}"))
}

fn bad_attribute(attribute: &str, element: &str, message: &str) -> RpcError {
    RpcError::new(ErrorType::Protocol, ErrorTag::bad_attribute(), message)
        .with_info("bad-attribute", attribute)
        .with_info("bad-element", element)
}
