//! What every command takes.

use crate::output::Format;
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

/// One call; the server's own limits are shorter.
const CALL: Duration = Duration::from_secs(75);
/// An operation from its start to its end.
const WAIT: Duration = Duration::from_secs(600);

/// Options that every command takes, before or after its name.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The daemon: http:// on loopback, https:// elsewhere
    #[arg(
        long,
        env = "WAYLEAVE_SERVER",
        default_value = "http://127.0.0.1:7830",
        value_name = "URL",
        global = true
    )]
    pub server: String,

    /// PEM file of the authority that signed the daemon's certificate
    #[arg(long, env = "WAYLEAVE_CA", value_name = "FILE", global = true)]
    pub ca: Option<PathBuf>,

    /// PEM file of the certificate to show to the daemon
    #[arg(long, env = "WAYLEAVE_CERT", value_name = "FILE", requires = "key", global = true)]
    pub cert: Option<PathBuf>,

    /// PEM file of the certificate's key
    #[arg(long, env = "WAYLEAVE_KEY", value_name = "FILE", requires = "cert", global = true)]
    pub key: Option<PathBuf>,

    /// Form of the output: table, json or yaml
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        default_value = "table",
        value_parser = Output::format,
        global = true
    )]
    pub output: Output,

    /// Longest wait for an answer, or with --wait for the end: 500ms, 30s, 5m
    #[arg(long, value_name = "TIME", value_parser = duration, global = true)]
    pub timeout: Option<Duration>,

    /// Plain output; so does a NO_COLOR that is set
    #[arg(long, global = true)]
    pub no_color: bool,
}

impl Global {
    /// The form of what goes to stdout.
    #[must_use]
    pub fn format(&self) -> Format {
        match self.output {
            Output::Form(format) => format,
            Output::File(_) => Format::Table,
        }
    }

    pub(crate) fn call_limit(&self) -> Duration {
        self.timeout.unwrap_or(CALL)
    }

    pub(crate) fn wait_limit(&self) -> Duration {
        self.timeout.unwrap_or(WAIT)
    }
}

/// What `-o` names: a form everywhere, a file for those commands that write one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    Form(Format),
    File(PathBuf),
}

impl Output {
    fn format(text: &str) -> Result<Self, String> {
        match text {
            "table" => Ok(Self::Form(Format::Table)),
            "json" => Ok(Self::Form(Format::Json)),
            "yaml" => Ok(Self::Form(Format::Yaml)),
            _ => Err("use table, json or yaml".to_owned()),
        }
    }

    /// For commands that write a file.
    pub(crate) fn file(text: &str) -> Result<Self, String> {
        match text {
            "" => Err("give the name of a file".to_owned()),
            name => Ok(Self::File(name.into())),
        }
    }
}

/// `500ms`, `30s`, `5m`, `2h`; a plain number is seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let wrong = || "write a whole number and a unit, such as 500ms, 30s, 5m or 2h".to_owned();
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let milliseconds = match unit {
        "ms" => Some(number),
        "" | "s" => number.checked_mul(1000),
        "m" => number.checked_mul(60_000),
        "h" => number.checked_mul(3_600_000),
        _ => None,
    };
    match milliseconds {
        Some(0) => Err("the shortest is 1ms".to_owned()),
        Some(milliseconds) => Ok(Duration::from_millis(milliseconds)),
        None => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        for (text, milliseconds) in [("500ms", 500), ("3", 3000), ("30s", 30_000), ("5m", 300_000)]
        {
            assert_eq!(duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "s", "1.5s", "-1s", "0", "5 m", "99999999999999999999s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
