//! Faults on demand.

use std::str::FromStr;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The next request that creates something is answered with this status.
    Refuse { status: u16, message: String },
    /// The next server goes to ERROR.
    ServerError(String),
    /// The next request that creates something is done, and its answer breaks off.
    LoseReply,
    /// The next server that is deleted is still there when it is looked for so many times.
    SlowDelete(u32),
}

/// How a fault is written: [`Fault`]'s form as text.
pub const FAULT_FORMS: &str = "refuse=STATUS:MESSAGE (STATUS from 400 to 599), server-error=MESSAGE, lose-reply or slow-delete=POLLS";

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no fault; write {FAULT_FORMS}")]
pub struct UnknownFault(String);

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let fault = match text.split_once('=') {
            Some(("refuse", rest)) => refuse(rest),
            Some(("server-error", message)) => Some(Self::ServerError(message.to_owned())),
            Some(("slow-delete", polls)) => polls.parse().ok().map(Self::SlowDelete),
            None if text == "lose-reply" => Some(Self::LoseReply),
            _ => None,
        };
        fault.ok_or_else(|| UnknownFault(text.to_owned()))
    }
}

fn refuse(text: &str) -> Option<Fault> {
    let (status, message) = text.split_once(':')?;
    let status = status.parse().ok().filter(|status| (400..600).contains(status))?;
    Some(Fault::Refuse { status, message: message.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_written_as_text() {
        let refuse = |status, message: &str| Fault::Refuse { status, message: message.to_owned() };
        let cases = [
            ("refuse=403:Quota exceeded: cores", Some(refuse(403, "Quota exceeded: cores"))),
            ("server-error=No valid host", Some(Fault::ServerError("No valid host".to_owned()))),
            ("lose-reply", Some(Fault::LoseReply)),
            ("slow-delete=3", Some(Fault::SlowDelete(3))),
            ("slow-delete=-1", None),
            ("refuse=200:fine", None),
            ("refuse=403", None),
            ("server-error", None),
            ("", None),
        ];
        for (text, fault) in cases {
            assert_eq!(text.parse().ok(), fault, "{text}");
        }
    }
}
