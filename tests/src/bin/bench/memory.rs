//! Memory of another process.

use crate::machine::{field, kibibytes};
use anyhow::Context as _;

const KIB_PER_MIB: f64 = 1024.0;

/// What of it is in memory (`VmRSS`, see proc(5)), in MiB.
pub(crate) fn resident(pid: u32) -> anyhow::Result<f64> {
    let path = format!("/proc/{pid}/status");
    let text = std::fs::read_to_string(&path).with_context(|| format!("{path} cannot be read"))?;
    let kib = field(&text, "VmRSS").and_then(kibibytes);
    Ok(kib.with_context(|| format!("{path} has no VmRSS"))? as f64 / KIB_PER_MIB)
}

/// The one process that another one has started.
pub(crate) fn child(parent: u32) -> anyhow::Result<u32> {
    let wanted = parent.to_string();
    let entries = std::fs::read_dir("/proc").context("/proc cannot be read")?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let mut children = names.filter(|pid: &u32| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        field(&status, "PPid") == Some(wanted.as_str())
    });
    let first = children.next().with_context(|| format!("process {parent} has started none"))?;
    anyhow::ensure!(children.next().is_none(), "process {parent} has started more than one");
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_takes_some_memory() {
        assert!(resident(std::process::id()).unwrap() > 0.5);
        assert!(resident(u32::MAX).unwrap_err().to_string().contains("cannot be read"));
        assert!(child(u32::MAX).unwrap_err().to_string().contains("started none"));
    }
}
