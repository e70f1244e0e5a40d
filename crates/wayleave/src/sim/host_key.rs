//! The SSH host key of a simulated switch.

use super::state_dir::StateDir;
use crate::complaint::{Complaint, read};
use sha2::{Digest as _, Sha256};
use std::path::PathBuf;

const FILE: &str = "host-key.seed";

#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "SSH host key")]
pub(crate) struct HostKeyArgs {
    /// Ed25519 private key in OpenSSH's format, without a passphrase
    #[arg(long, value_name = "FILE", conflicts_with = "host_key_seed")]
    host_key: Option<PathBuf>,

    /// Make the host key from this text: the same text, the same key. For tests
    #[arg(long, value_name = "TEXT")]
    host_key_seed: Option<String>,
}

impl HostKeyArgs {
    /// What was given, what was kept, or a new one that is kept.
    pub(crate) fn seed(&self, state: &StateDir) -> Result<[u8; 32], Complaint> {
        if let Some(path) = &self.host_key {
            return sim_device::host_key_seed(&read(path)?).map_err(|error| {
                let problem = format!("{}: {error}", path.display());
                Complaint::usage(problem, "make one with `ssh-keygen -t ed25519 -N '' -f FILE`")
            });
        }
        if let Some(text) = &self.host_key_seed {
            return Ok(Sha256::digest(text).into());
        }
        match state.read(FILE)? {
            Some(text) => from_hex(text.trim()).ok_or_else(|| {
                let problem = format!("{} is damaged", state.join(FILE).display());
                Complaint::failed(problem, "remove it; the switch then gets a new host key")
            }),
            None => {
                let seed = lab::secret::seed();
                state.write(FILE, &format!("{}\n", to_hex(&seed)))?;
                Ok(seed)
            }
        }
    }
}

fn to_hex(seed: &[u8; 32]) -> String {
    seed.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut seed = [0; 32];
    if text.len() != 2 * seed.len() {
        return None;
    }
    for (index, byte) in seed.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_survives_being_written() {
        let seed = lab::secret::seed();
        assert_eq!(from_hex(&to_hex(&seed)), Some(seed));
        for text in ["", "00", &"zz".repeat(32), &"ü".repeat(32)] {
            assert_eq!(from_hex(text), None, "{text}");
        }
    }
}
