//! `cargo xtask`: the project's own commands. It needs nothing but Rust to run; whatever else a
//! command needs, it says so and installs it.

mod bench;
mod check;
mod run;
mod setup;
mod test;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask <command>

  tour           build Wayleave and run the tour of the default lab
  test           everything that must pass: format, lints, unit and system tests
  setup          install what the build needs (cmake, libpcre2-dev, pkg-config, a C++ compiler)
  setup --peers  also what the interoperability tests need (netconfd, OpenSSH, Python clients)
  world …        the seeded world: --seeds N [--from SEED], or --seed SEED to be told one
  bench [NAME]   measure, and print the table of docs/performance.md
  lints          format and clippy only
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["setup"] => setup::build_needs(),
        ["setup", "--peers"] => setup::build_needs().and_then(|()| setup::peers()),
        ["tour", rest @ ..] => setup::build_needs().and_then(|()| test::tour(rest)),
        ["test"] => setup::build_needs().and_then(|()| test::all()),
        ["lints"] => setup::build_needs().and_then(|()| check::lints()),
        ["world", rest @ ..] => setup::build_needs().and_then(|()| test::world(rest)),
        ["bench", rest @ ..] => setup::build_needs().and_then(|()| bench::run(rest)),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("xtask: {problem}");
            ExitCode::FAILURE
        }
    }
}
