//! What the machine needs, and how it gets there.

use crate::run::{Outcome, root, run, succeeds};

struct Need {
    what: &'static str,
    for_: &'static str,
    package: &'static str,
    probe: (&'static str, &'static [&'static str]),
}

/// For the build itself: libyang is compiled from the source that its crate carries.
const BUILD: &[Need] = &[
    Need { what: "cmake", for_: "libyang", package: "cmake", probe: ("cmake", &["--version"]) },
    Need { what: "a C++ compiler", for_: "cmake", package: "g++", probe: ("c++", &["--version"]) },
    Need {
        what: "pkg-config",
        for_: "finding PCRE2",
        package: "pkg-config",
        probe: ("pkg-config", &["--version"]),
    },
    Need {
        what: "PCRE2's headers",
        for_: "libyang",
        package: "libpcre2-dev",
        probe: ("pkg-config", &["--exists", "libpcre2-8"]),
    },
];

/// For the interoperability tests: servers and clients that nobody here wrote.
const PEERS: &[Need] = &[
    Need {
        what: "netconfd",
        for_: "a NETCONF server to test our client against",
        package: "netconfd",
        probe: ("sh", &["-c", "test -x /usr/sbin/netconfd"]),
    },
    Need {
        what: "sshd",
        for_: "netconfd",
        package: "openssh-server",
        probe: ("sh", &["-c", "test -x /usr/sbin/sshd"]),
    },
    Need {
        what: "curl",
        for_: "following the quickstart",
        package: "curl",
        probe: ("curl", &["--version"]),
    },
    Need {
        what: "Python with venv",
        for_: "ncclient and pygnmi",
        package: "python3-venv",
        probe: ("python3", &["-c", "import ensurepip, venv"]),
    },
];

/// The Python clients with their versions, and where they are installed: the interoperability
/// tests look there.
const PYTHON_PEERS: &str = "tests/peers/requirements.txt";
const VENV: &str = "target/peers";

pub(crate) fn build_needs() -> Outcome {
    install(BUILD)
}

pub(crate) fn peers() -> Outcome {
    install(PEERS)?;
    python_peers()
}

/// A virtual environment of the project's own; made anew when what it should hold has changed.
fn python_peers() -> Outcome {
    let (venv, wanted) = (root().join(VENV), root().join(PYTHON_PEERS));
    let installed = venv.join("requirements.txt");
    let unreadable = |error: std::io::Error| format!("{PYTHON_PEERS}: {error}");
    let wanted_text = std::fs::read_to_string(&wanted).map_err(unreadable)?;
    let python = venv.join("bin/python").to_string_lossy().into_owned();
    let same = std::fs::read_to_string(&installed).is_ok_and(|text| text == wanted_text);
    if same && succeeds(&python, &["-c", "import ncclient, pygnmi"]) {
        return Ok(());
    }
    eprintln!("setup: installing ncclient and pygnmi into {VENV}");
    run("python3", &["-m", "venv", "--clear", &venv.to_string_lossy()])?;
    let requirements = wanted.to_string_lossy();
    run(
        &python,
        &[
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
            "--only-binary=:all:",
            "--requirement",
            &requirements,
        ],
    )?;
    // Written last: an installation that broke off is done again.
    std::fs::copy(&wanted, &installed).map(|_| ()).map_err(unreadable)
}

/// Installs those that are missing, in one go, and says which and why.
fn install(needs: &[Need]) -> Outcome {
    let missing: Vec<&Need> =
        needs.iter().filter(|need| !succeeds(need.probe.0, need.probe.1)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    for need in &missing {
        eprintln!("setup: {} is missing (needed for {})", need.what, need.for_);
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    apt(&packages).map_err(|error| {
        format!("{error}\nInstall these yourself and repeat: {}", packages.join(" "))
    })
}

fn apt(packages: &[&str]) -> Outcome {
    let prefix = if succeeds("sh", &["-c", "test $(id -u) = 0"]) { "" } else { "sudo " };
    eprintln!("setup: installing with apt-get: {}", packages.join(" "));
    let command = format!(
        "{prefix}apt-get update -q && {prefix}env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends {}",
        packages.join(" ")
    );
    run("sh", &["-c", &command])
}
