//! netconfd, a NETCONF server that nobody here wrote, behind an sshd of its own on loopback.

use crate::need::program;
use crate::process::{Process, free_port};
use netconf::{Credentials, HostKeyPolicy, Target};
use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const NETCONFD: &str = "/usr/sbin/netconfd";
const SUBSYSTEM: &str = "/usr/sbin/netconf-subsystem";
const SSHD: &str = "/usr/sbin/sshd";
/// sshd as root wants this folder to be there, and leaves making it to whoever starts it.
const SSHD_RUNTIME: &str = "/run/sshd";
const READY_WITHIN: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);
/// How often another port is tried.
const ATTEMPTS: usize = 5;

/// Both programs and their folder; all three go when this does.
#[derive(Debug)]
pub struct Netconfd {
    pub target: Target,
    _sshd: Process,
    _netconfd: Process,
    _folder: tempfile::TempDir,
}

impl Netconfd {
    /// Starts netconfd with `ietf-interfaces`. `None` (and one line) where it is not installed.
    ///
    /// # Panics
    /// Where it is installed and does not start.
    #[must_use]
    pub fn start() -> Option<Self> {
        for path in [NETCONFD, SUBSYSTEM, SSHD] {
            program(path)?;
        }
        let mut why = String::new();
        for _ in 0..ATTEMPTS {
            match Self::try_start() {
                Ok(running) => return Some(running),
                Err(reason) => why = reason,
            }
        }
        panic!("netconfd does not start: {why}");
    }

    fn try_start() -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        let at = folder.path();
        let port = free_port().map_err(|e| e.to_string())?;
        let user = output(Command::new("id").arg("-un"))?;
        for key in ["host", "user"] {
            let path = at.join(key);
            output(
                Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(path),
            )?;
        }
        let socket = at.join("ncx.sock");
        let mut netconfd = Process::start(server(at, &user, port), &at.join("netconfd.log"))
            .map_err(|e| e.to_string())?;
        wait(&mut netconfd, || socket.exists())?;
        if user == "root" {
            fs::create_dir_all(SSHD_RUNTIME).map_err(|e| e.to_string())?;
        }
        let config = at.join("sshd_config");
        fs::write(&config, sshd_config(at, port)).map_err(|e| e.to_string())?;
        let mut command = Command::new(SSHD);
        command.args(["-D", "-e", "-f"]).arg(&config);
        let mut sshd = Process::start(command, &at.join("sshd.log")).map_err(|e| e.to_string())?;
        wait(&mut sshd, || TcpStream::connect(("127.0.0.1", port)).is_ok())?;
        let target = Target {
            address: format!("127.0.0.1:{port}"),
            user,
            credentials: Credentials::PrivateKey(read(&at.join("user"))?),
            host_key: HostKeyPolicy::Fingerprint(fingerprint(&at.join("host.pub"))?),
        };
        Ok(Self { target, _sshd: sshd, _netconfd: netconfd, _folder: folder })
    }
}

/// `--port` must be sshd's, or netconfd refuses everybody.
fn server(at: &Path, user: &str, port: u16) -> Command {
    let mut command = Command::new(NETCONFD);
    // What it keeps for its user stays in the folder.
    command.env("HOME", at).current_dir(at);
    command.args(["--no-startup", "--target=candidate", "--module=ietf-interfaces"]);
    command.arg("--module=iana-if-type");
    command.arg(format!("--superuser={user}")).arg(format!("--port={port}"));
    command.arg(format!("--ncxserver-sockname={}", at.join("ncx.sock").display()));
    command
}

fn sshd_config(at: &Path, port: u16) -> String {
    let at = at.display();
    format!(
        "Port {port}\nListenAddress 127.0.0.1\nHostKey {at}/host\nAuthorizedKeysFile {at}/user.pub\n\
         StrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\n\
         PidFile {at}/sshd.pid\n\
         Subsystem netconf \"{SUBSYSTEM} --ncxserver-sockname={port}@{at}/ncx.sock\"\n"
    )
}

fn wait(process: &mut Process, ready: impl Fn() -> bool) -> Result<(), String> {
    let deadline = Instant::now() + READY_WITHIN;
    while !ready() {
        if let Some(end) = process.ended() {
            return Err(end);
        }
        if Instant::now() > deadline {
            return Err(format!("not ready in {READY_WITHIN:?}: {}", process.said()));
        }
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

/// As OpenSSH itself computes it.
fn fingerprint(key: &PathBuf) -> Result<String, String> {
    let line = output(Command::new("ssh-keygen").arg("-lf").arg(key))?;
    let word = line.split(' ').nth(1).map(str::to_owned);
    word.ok_or_else(|| format!("ssh-keygen printed {line:?}"))
}

fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|e| format!("{command:?}: {e}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?}: {}: {said}", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}
