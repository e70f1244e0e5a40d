//! The commands' own arguments. `--server` and `-o` are global ones of the binary.

use clap::{Args, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Subcommand, Clone, Debug)]
pub enum LabCommand {
    /// Start switches, VIMs and a daemon, and stay until Ctrl-C or SIGTERM
    Up(UpArgs),
    /// Take a service through its life in a lab of its own, and verify every step
    Tour(TourArgs),
}

const UP: &str = "\
Examples:
  The built-in lab; the line that it prints has all addresses:
    wayleave lab up

  On the port where the other commands look for a daemon, in a folder that stays:
    wayleave lab up --listen 127.0.0.1:7830 --data lab

  A network of your own:
    wayleave lab up my.yaml
";

#[derive(Args, Clone, Debug)]
#[command(after_help = UP)]
pub struct UpArgs {
    /// Scenario file; the built-in one where it is left out
    #[arg(value_name = "SCENARIO")]
    pub scenario: Option<PathBuf>,

    /// Folder for the lab and its daemon; a temporary one where it is left out
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// Where the daemon listens, on loopback; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0", value_parser = loopback)]
    pub listen: SocketAddr,
}

const TOUR: &str = "\
Examples:
  As a story; the exit code is 0 only if every step holds:
    wayleave lab tour

  For programs, one object for each step:
    wayleave lab tour -o json | jq -c '[.step, .ok, .ms]'
";

#[derive(Args, Clone, Debug)]
#[command(after_help = TOUR)]
pub struct TourArgs {
    /// Scenario file; the built-in one where it is left out
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,

    /// From the binary's `-o`.
    #[arg(skip)]
    pub form: Form,
}

const TRACE: &str = "\
Examples:
  A service of the lab that was started last:
    wayleave trace mobile-brussels

  Of another lab:
    wayleave trace mobile-brussels --lab http://127.0.0.1:40123
";

#[derive(Args, Clone, Debug)]
#[command(after_help = TRACE)]
pub struct TraceCommand {
    /// The service, by the name of its intent
    #[arg(value_name = "NS")]
    pub service: String,

    /// Control server of the lab, as `lab up` prints it
    #[arg(long, env = "WAYLEAVE_LAB", value_name = "URL")]
    pub lab: Option<String>,

    /// Folder of the lab, to find its control server; that of the last `lab up` where it is left out
    #[arg(long, value_name = "DIR", conflicts_with = "lab")]
    pub data: Option<PathBuf>,

    /// From the binary's `-o`.
    #[arg(skip)]
    pub form: Form,
}

/// How a command speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// For people.
    #[default]
    Text,
    /// For programs: one object on each line.
    Json,
}

impl LabCommand {
    /// The same command in another form.
    #[must_use]
    pub fn in_form(mut self, form: Form) -> Self {
        if let Self::Tour(args) = &mut self {
            args.form = form;
        }
        self
    }
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr =
        text.parse().map_err(|_| "write ADDRESS:PORT, such as 127.0.0.1:0".to_owned())?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err("a lab speaks plain text and listens on loopback only".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory as _, Parser};

    #[derive(Parser, Debug)]
    enum Program {
        #[command(subcommand)]
        Lab(LabCommand),
        Trace(TraceCommand),
    }

    #[test]
    fn the_commands_are_sound() {
        Program::command().debug_assert();
    }

    #[test]
    fn a_lab_listens_on_loopback_only() {
        let up = |address| Program::try_parse_from(["w", "lab", "up", "--listen", address]);
        assert!(up("127.0.0.1:7830").is_ok());
        for wrong in ["0.0.0.0:7830", "192.0.2.1:1", "localhost", "127.0.0.1"] {
            let error = up(wrong).unwrap_err().to_string();
            assert!(error.contains("loopback") || error.contains("ADDRESS:PORT"), "{error}");
        }
    }
}
