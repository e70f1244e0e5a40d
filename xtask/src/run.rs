//! Running other programs.

use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) type Outcome = Result<(), String>;

/// The top of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or_else(|| here.to_owned(), Path::to_owned)
}

/// Runs a program to its end from the top of the repository; what it prints goes through.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Outcome {
    let line = format!("{program} {}", arguments.join(" "));
    eprintln!("+ {line}");
    let status = Command::new(program).args(arguments).current_dir(root()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{line}` ended with {status}")),
        Err(error) => Err(format!("`{line}` could not be started: {error}")),
    }
}

/// Whether a program runs and ends well, quietly.
pub(crate) fn succeeds(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

/// The cargo that runs us.
pub(crate) fn cargo(arguments: &[&str]) -> Outcome {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    run(&cargo, arguments)
}

/// Where cargo has put a program: beside the folder of our own.
pub(crate) fn built(profile: &str, program: &str) -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| format!("we are in no folder: {error}"))?;
    let target = own.parent().and_then(Path::parent).ok_or("we are in no target folder")?;
    Ok(target.join(profile).join(program))
}
