//! Processes that end when the test does, however it ends.

use std::io::{self, Read as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running program; dropping it ends it, by its own id.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: std::path::PathBuf,
}

impl Process {
    /// Starts a program without input; what it prints goes into a file.
    ///
    /// # Errors
    /// Where the program or the file cannot be opened.
    pub fn start(mut command: Command, log: &Path) -> io::Result<Self> {
        let out = std::fs::File::create(log)?;
        let error = out.try_clone()?;
        let child = command.stdin(Stdio::null()).stdout(out).stderr(error).spawn()?;
        Ok(Self { child, log: log.to_owned() })
    }

    /// Whether it has ended, and if so what it said.
    pub fn ended(&mut self) -> Option<String> {
        let status = self.child.try_wait().ok().flatten()?;
        Some(format!("{status}: {}", self.said()))
    }

    /// What it has printed so far.
    #[must_use]
    pub fn said(&self) -> String {
        let mut text = String::new();
        let read = std::fs::File::open(&self.log).and_then(|mut log| log.read_to_string(&mut text));
        read.map_or_else(|error| error.to_string(), |_| text)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that was free a moment ago, for programs that cannot take port 0. Another program may be
/// faster: whoever uses it tries again with another one.
///
/// # Errors
/// Where loopback has none left.
pub fn free_port() -> io::Result<u16> {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    listener.local_addr().map(|address| address.port())
}
