//! What the numbers were measured on.

use serde::Serialize;
use std::fmt;

/// Processes that wanted to run, on average over the last minute.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Load(Option<f64>);

#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    cpu: String,
    cpus: usize,
    memory_gib: Option<u64>,
    kernel: String,
    build: &'static str,
    load_before: Load,
    load_after: Load,
}

impl Load {
    pub(crate) fn now() -> Self {
        let text = read("/proc/loadavg");
        Self(text.split_whitespace().next().and_then(|first| first.parse().ok()))
    }
}

impl Machine {
    /// `before` is the load when the measuring began.
    pub(crate) fn look(before: Load) -> Self {
        let memory = field(&read("/proc/meminfo"), "MemTotal").and_then(kibibytes);
        let cpu = field(&read("/proc/cpuinfo"), "model name").map(str::to_owned);
        Self {
            cpu: cpu.unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            cpus: std::thread::available_parallelism().map_or(1, usize::from),
            memory_gib: memory.map(|kib| kib >> 20),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            build: if cfg!(debug_assertions) { "debug" } else { "release" },
            load_before: before,
            load_after: Load::now(),
        }
    }
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// The value of a line `name : value`.
pub(crate) fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let mut pairs = text.lines().filter_map(|line| line.split_once(':'));
    pairs.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim())
}

/// The number in `123 kB`, as `/proc` writes KiB.
pub(crate) fn kibibytes(value: &str) -> Option<u64> {
    value.strip_suffix("kB")?.trim().parse().ok()
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(load) => write!(f, "{load:.1}"),
            None => f.write_str("unknown"),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let memory = self.memory_gib.map(|gib| format!(", {gib} GiB")).unwrap_or_default();
        let Self { cpu, cpus, kernel, build, .. } = self;
        write!(f, "{cpus} x {cpu}{memory}, Linux {kernel}, {build} build; ")?;
        write!(f, "load {} before and {} after", self.load_before, self.load_after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_proc_writes_them() {
        let text = "Name:\tbench\nVmRSS:\t   2048 kB\nVmSize: 1 kB\n";
        assert_eq!(field(text, "VmRSS").and_then(kibibytes), Some(2048));
        assert_eq!(field(text, "Name"), Some("bench"));
        assert_eq!(field(text, "Vm"), None);
        assert_eq!(kibibytes("12 MB"), None);
    }
}
