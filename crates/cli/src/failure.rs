//! What went wrong, as a person reads it: the cause, each detail on its own line, the next step,
//! and the code with its page.

use crate::exit::Exit;
use crate::manifest::as_written;
use crate::output::{Ink, Paint};
use api::wire;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// A page of `docs/errors/`; empty for mistakes on the command line.
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) details: Vec<Detail>,
    pub(crate) next: String,
}

/// A line below the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Detail {
    /// A field or the name of a quantity.
    pub(crate) subject: String,
    pub(crate) text: String,
}

impl Detail {
    pub(crate) fn new(subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self { subject: subject.into(), text: text.into() }
    }
}

impl Failure {
    fn coded(code: &str, message: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            exit: Exit::of_code(code),
            code: code.to_owned(),
            message: message.into(),
            details: Vec::new(),
            next: next.into(),
        }
    }

    /// The command line asks for something that there is not.
    pub(crate) fn usage(message: impl Into<String>, next: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, ..Self::coded("", message, next) }
    }

    /// A file that cannot be read or written.
    pub(crate) fn file(message: impl Into<String>, next: impl Into<String>) -> Self {
        Self::coded("", message, next)
    }

    /// The problems themselves are the command's output.
    pub(crate) fn descriptors(message: impl Into<String>) -> Self {
        Self::coded("WL0002", message, "mend these and try again")
    }

    pub(crate) fn fields(details: Vec<Detail>) -> Self {
        let message = count_fields(details.len());
        Self { details, ..Self::coded("WL0001", message, "mend these and try again") }
    }

    pub(crate) fn manifest(details: Vec<Detail>) -> Self {
        let message = match details.len() {
            1 => "the manifest cannot be read".to_owned(),
            n => format!("the manifest cannot be read: {n} problems"),
        };
        Self { details, ..Self::coded("WL0016", message, "mend this and try again") }
    }

    pub(crate) fn unreachable(server: &str, cause: &str) -> Self {
        let next = "start `wayleave serve`, or give --server (or WAYLEAVE_SERVER)";
        Self::coded("WL0015", format!("cannot reach {server}: {cause}"), next)
    }

    pub(crate) fn late(limit: Duration) -> Self {
        let message = format!("no answer within {}", seconds(limit));
        let next = "whether it had an effect is not known: read its state, or repeat it with the \
                    same --request-id; --timeout gives more time";
        Self::coded("WL0014", message, next)
    }

    pub(crate) fn still_running(operation: &str, limit: Duration) -> Self {
        let message = format!("operation {operation} has not ended within {}", seconds(limit));
        let next = format!("it goes on; `wayleave operation wait {operation}` waits for it");
        Self::coded("WL0014", message, next)
    }

    /// What the client looked for in an answer and did not find.
    pub(crate) fn missing(kind: &str, name: &str) -> Self {
        let mut failure = Self::coded("WL0005", format!("{kind} {name} does not exist"), "");
        failure.add_reasons([("kind", kind)].into_iter());
        failure
    }

    pub(crate) fn bug(message: impl Into<String>) -> Self {
        Self::coded("WL0099", message, "please report it")
    }

    /// A reader that went away is no failure: `wayleave get … | head`.
    pub(crate) fn output(error: std::io::Error) -> Self {
        let exit = match error.kind() {
            std::io::ErrorKind::BrokenPipe => Exit::Ok,
            _ => Exit::Failed,
        };
        Self { exit, ..Self::coded("", format!("the output cannot be written: {error}"), "") }
    }

    pub(crate) fn of_status(status: &Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info();
        let Some(info) = info.filter(|info| info.domain == api::ERROR_DOMAIN) else {
            return Self::foreign(status);
        };
        let mut failure = Self::coded(&info.reason, status.message(), "");
        failure.details = bad_fields(&details);
        if !failure.details.is_empty() {
            failure.message = summary(&info.reason, &failure.details);
        }
        failure.add_reasons(info.metadata.iter().map(|(k, v)| (k.as_str(), v.as_str())));
        failure
    }

    /// Something that is not Wayleave answered, or the connection broke.
    fn foreign(status: &Status) -> Self {
        if let Some(cause) = std::error::Error::source(status) {
            return Self::broken(&root_cause(cause));
        }
        let message = format!("{}: {}", status.code().description(), status.message());
        match status.code() {
            Code::Unavailable => {
                let next = "whether it had an effect is not known: repeat it with the same \
                            --request-id";
                Self::coded("WL0008", message, next)
            }
            Code::DeadlineExceeded | Code::Cancelled => Self::coded("WL0014", message, ""),
            Code::Unimplemented => {
                let next = "the server may be older than this command line; compare `--version`";
                Self { exit: Exit::Failed, ..Self::coded("", message, next) }
            }
            _ => Self { exit: Exit::Failed, ..Self::coded("", message, "") },
        }
    }

    fn broken(cause: &str) -> Self {
        let next = "whether it had an effect is not known: repeat it with the same --request-id; if \
                    it stays so, compare --server, --ca, --cert and --key with what the server wants";
        Self::coded("WL0008", format!("the connection broke: {cause}"), next)
    }

    /// An operation that ended badly.
    pub(crate) fn of_operation(operation: &wire::Operation) -> Option<Self> {
        use wire::operation::State;
        match operation.state() {
            State::Failed => {
                let none = wire::Failure::default();
                let failed = operation.failure.as_ref().unwrap_or(&none);
                Some(Self::of_parts(&failed.code, &failed.message, &failed.details))
            }
            State::Cancelled => {
                let message = format!("operation {} was cancelled", operation.id);
                Some(Self::coded("WL0013", message, "apply again if it is still wanted"))
            }
            State::Running | State::Succeeded | State::Unspecified => None,
        }
    }

    /// A failure that was recorded.
    pub(crate) fn of_parts(code: &str, message: &str, details: &BTreeMap<String, String>) -> Self {
        let mut failure = Self::coded(code, message, "");
        failure.add_reasons(details.iter().map(|(k, v)| (k.as_str(), v.as_str())));
        failure
    }

    /// What a program reads as metadata, as lines; and the next step that follows from it.
    fn add_reasons<'m>(&mut self, metadata: impl Iterator<Item = (&'m str, &'m str)>) {
        let known: HashMap<&str, &str> = metadata.collect();
        if self.code == "WL0003" {
            self.details.extend(infeasible(&known));
            // The lines below say the same.
            let text = self.message.trim_start_matches("infeasible: ");
            let text = text.split("; it would fit with ").next().unwrap_or(text);
            self.message = format!("infeasible: {text}");
        }
        if self.next.is_empty() {
            next_step(&self.code, &known).clone_into(&mut self.next);
        }
    }

    pub(crate) fn render(&self, paint: Paint) -> String {
        if self.exit == Exit::Ok {
            return String::new();
        }
        let word = match self.code.as_str() {
            "" => "error".to_owned(),
            code => format!("error {code}"),
        };
        let mut text = format!("{}: {}\n", paint.ink(Ink::Bad, &word), self.message);
        let width = self.details.iter().map(|d| d.subject.chars().count()).max().unwrap_or(0);
        for detail in &self.details {
            let gap = match self.code.as_str() {
                "WL0003" => format!("{:<width$}  ", detail.subject),
                _ => format!("{}: ", detail.subject),
            };
            text.push_str(&format!("  {gap}{}\n", detail.text));
        }
        if !self.next.is_empty() {
            text.push_str(&format!("next: {}\n", self.next));
        }
        if !self.code.is_empty() {
            text.push_str(&format!("see `wayleave explain {}`\n", self.code));
        }
        text
    }
}

fn count_fields(count: usize) -> String {
    match count {
        1 => "a field is wrong".to_owned(),
        n => format!("{n} fields are wrong"),
    }
}

/// The message of a status repeats the first field; the lines below have them all.
fn summary(code: &str, details: &[Detail]) -> String {
    match (code, details.len()) {
        ("WL0002", 1) => "the descriptors have a problem".to_owned(),
        ("WL0002", n) => format!("the descriptors have {n} problems"),
        (_, n) => count_fields(n),
    }
}

fn bad_fields(details: &ErrorDetails) -> Vec<Detail> {
    let violations = details.bad_request().map(|bad| bad.field_violations.as_slice());
    let violations = violations.unwrap_or_default();
    violations.iter().map(|v| Detail::new(&v.field, &v.description)).collect()
}

fn infeasible(known: &HashMap<&str, &str>) -> Vec<Detail> {
    let value = |key: &str| known.get(key).copied().unwrap_or_default();
    let constraint = value("constraint").to_lowercase().replace('_', " ");
    let constraint = match value("subject") {
        "" => constraint,
        subject => format!("{constraint} of {subject}"),
    };
    let relaxation = match value("relax") {
        "" => String::new(),
        what => {
            format!("{} {} → {}", as_written(what), value("relax_from"), value("relax_to"))
        }
    };
    [
        ("binds", constraint.as_str()),
        ("needed", value("needed")),
        ("available", value("available")),
        ("would fit", &relaxation),
    ]
    .into_iter()
    .filter(|(_, text)| !text.is_empty())
    .map(|(subject, text)| Detail::new(subject, text))
    .collect()
}

/// What to do next, where the message does not say it itself.
fn next_step(code: &str, known: &HashMap<&str, &str>) -> String {
    match code {
        "WL0001" => "mend these and try again".to_owned(),
        "WL0002" => "mend these; `wayleave descriptor check FILE…` lists all there are".to_owned(),
        "WL0003" if known.contains_key("relax") => {
            "ask for what would fit, or add what is short".to_owned()
        }
        "WL0003" => "ask for less, or add what is short".to_owned(),
        "WL0005" => match known.get("kind").copied() {
            Some(kind) => {
                let kind = kind.to_lowercase();
                format!("`wayleave get {kind}s` lists those that exist")
            }
            None => String::new(),
        },
        "WL0010" => match known.get("device") {
            Some(device) => format!("`wayleave diff {device}` shows what differs there"),
            None => String::new(),
        },
        "WL0011" => "`wayleave get vims` shows what is left in each VIM".to_owned(),
        _ => String::new(),
    }
}

/// What lies at the bottom: "connection refused" rather than "transport error".
pub(crate) fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let text = cause.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// `1.5 s`.
fn seconds(limit: Duration) -> String {
    format!("{} s", limit.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_its_exit() {
        for (code, exit) in [
            ("WL0001", Exit::Failed),
            ("WL0003", Exit::Infeasible),
            ("WL0004", Exit::Conflict),
            ("WL0014", Exit::Unavailable),
            ("WL0015", Exit::Unavailable),
        ] {
            assert_eq!(Failure::coded(code, "", "").exit, exit, "{code}");
        }
        assert_eq!(Failure::usage("", "").exit, Exit::Usage);
    }

    #[test]
    fn a_status_of_a_stranger_is_shown_as_it_is() {
        let failure = Failure::of_status(&Status::unimplemented("no such method"));
        assert_eq!((failure.exit, failure.code.as_str()), (Exit::Failed, ""));
        assert!(failure.message.contains("no such method"));
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        let failure = Failure::output(std::io::ErrorKind::BrokenPipe.into());
        assert_eq!((failure.exit, failure.render(Paint::Plain)), (Exit::Ok, String::new()));
    }
}
