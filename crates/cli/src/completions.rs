//! Completion scripts.

use crate::command::Command;
use crate::failure::Failure;
use crate::global::Global;
use crate::output::Console;
use clap::{Args as _, Subcommand as _};
use clap_complete::Shell;

#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The shell to complete in
    pub shell: Shell,
}

/// The script for the whole program, whose commands only the binary knows.
#[must_use]
pub fn completions(args: &Args, mut program: clap::Command) -> String {
    let name = program.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut program, name, &mut script);
    String::from_utf8(script).expect("scripts are made of text")
}

/// For those who have not given the whole program: the commands of this crate.
pub(crate) fn client_only(console: &mut Console, args: &Args) -> Result<(), Failure> {
    let program =
        Global::augment_args(Command::augment_subcommands(clap::Command::new("wayleave")));
    console.raw(&completions(args, program))
}
