//! The error model (RFC 6241 §4.3 and appendix A).

use crate::xml::{Element, escaped};
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorType {
    Transport,
    Rpc,
    Protocol,
    Application,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Error,
    Warning,
}

/// The tags of RFC 6241 appendix A; what a device makes up is kept as it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ErrorTag(pub String);

macro_rules! tags {
    ($($name:ident = $text:literal),* $(,)?) => {
        impl ErrorTag {
            $(#[must_use] pub fn $name() -> Self { Self($text.to_owned()) })*
        }
    };
}
tags! {
    in_use = "in-use", invalid_value = "invalid-value", too_big = "too-big",
    missing_attribute = "missing-attribute", bad_attribute = "bad-attribute",
    unknown_attribute = "unknown-attribute", missing_element = "missing-element",
    bad_element = "bad-element", unknown_element = "unknown-element",
    unknown_namespace = "unknown-namespace", access_denied = "access-denied",
    lock_denied = "lock-denied", resource_denied = "resource-denied",
    data_exists = "data-exists", data_missing = "data-missing",
    operation_not_supported = "operation-not-supported", operation_failed = "operation-failed",
    malformed_message = "malformed-message",
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RpcError {
    pub kind: ErrorType,
    pub tag: ErrorTag,
    pub severity: Severity,
    pub app_tag: Option<String>,
    pub path: Option<String>,
    /// The prefixes in the path and their namespaces, for writing; a path that was read has them
    /// as its device chose them.
    pub namespaces: Vec<(String, String)>,
    pub message: Option<String>,
    /// Name and text of each child of `error-info`.
    pub info: Vec<(String, String)>,
}

impl RpcError {
    #[must_use]
    pub fn new(kind: ErrorType, tag: ErrorTag, message: impl Into<String>) -> Self {
        Self {
            kind,
            tag,
            severity: Severity::Error,
            app_tag: None,
            path: None,
            namespaces: Vec::new(),
            message: Some(message.into()),
            info: Vec::new(),
        }
    }

    #[must_use]
    pub fn protocol(tag: ErrorTag, message: impl Into<String>) -> Self {
        Self::new(ErrorType::Protocol, tag, message)
    }

    #[must_use]
    pub fn application(tag: ErrorTag, message: impl Into<String>) -> Self {
        Self::new(ErrorType::Application, tag, message)
    }

    #[must_use]
    pub fn with_path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The path with the namespaces of its prefixes (RFC 6241 §4.3: they are those in scope).
    #[must_use]
    pub fn with_xpath(
        mut self,
        path: impl Into<String>,
        namespaces: Vec<(String, String)>,
    ) -> Self {
        self.namespaces = namespaces;
        self.with_path(path)
    }

    #[must_use]
    pub fn with_info(mut self, name: &str, text: impl fmt::Display) -> Self {
        self.info.push((name.to_owned(), text.to_string()));
        self
    }

    /// The session that holds a lock, from `lock-denied`.
    #[must_use]
    pub fn lock_holder(&self) -> Option<u32> {
        self.info.iter().find(|(name, _)| name == "session-id").and_then(|(_, id)| id.parse().ok())
    }

    /// As an element of a reply, without a prefix.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let mut out = String::from("<rpc-error>");
        let mut put = |name: &str, scope: &str, text: &str| {
            out.push_str(&format!("<{name}{scope}>{}</{name}>", escaped(text)));
        };
        put("error-type", "", self.kind.word());
        put("error-tag", "", &self.tag.0);
        put(
            "error-severity",
            "",
            if self.severity == Severity::Error { "error" } else { "warning" },
        );
        let declare = |(prefix, namespace): &(String, String)| {
            format!(" xmlns:{prefix}=\"{}\"", escaped(namespace))
        };
        let scope: String = self.namespaces.iter().map(declare).collect();
        for (name, scope, text) in [
            ("error-app-tag", "", &self.app_tag),
            ("error-path", scope.as_str(), &self.path),
            ("error-message", "", &self.message),
        ] {
            if let Some(text) = text {
                put(name, scope, text);
            }
        }
        if !self.info.is_empty() {
            out.push_str("<error-info>");
            for (name, text) in &self.info {
                out.push_str(&format!("<{name}>{}</{name}>", escaped(text)));
            }
            out.push_str("</error-info>");
        }
        out + "</rpc-error>"
    }

    /// Reads an `rpc-error`; every child is optional (pitfalls P-25, P-26).
    #[must_use]
    pub fn from_element(element: &Element) -> Self {
        let text = |name: &str| element.child(name).map(Element::text).filter(|t| !t.is_empty());
        let info = element.child("error-info").into_iter().flat_map(Element::children);
        Self {
            kind: ErrorType::from_word(text("error-type").as_deref()),
            tag: ErrorTag(text("error-tag").unwrap_or_else(|| "operation-failed".to_owned())),
            severity: match text("error-severity").as_deref() {
                Some("warning") => Severity::Warning,
                _ => Severity::Error,
            },
            app_tag: text("error-app-tag"),
            path: text("error-path"),
            namespaces: Vec::new(),
            message: text("error-message"),
            info: info.map(|child| (child.name.clone(), child.text())).collect(),
        }
    }
}

impl ErrorType {
    fn word(self) -> &'static str {
        match self {
            Self::Transport => "transport",
            Self::Rpc => "rpc",
            Self::Protocol => "protocol",
            Self::Application => "application",
        }
    }

    fn from_word(word: Option<&str>) -> Self {
        match word {
            Some("transport") => Self::Transport,
            Some("rpc") => Self::Rpc,
            Some("protocol") => Self::Protocol,
            _ => Self::Application,
        }
    }
}

impl fmt::Display for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tag.0)?;
        if let Some(path) = &self.path {
            write!(f, " at {path}")?;
        }
        if let Some(message) = &self.message {
            write!(f, ": {message}")?;
        }
        for (name, text) in &self.info {
            write!(f, " ({name} {text})")?;
        }
        Ok(())
    }
}
