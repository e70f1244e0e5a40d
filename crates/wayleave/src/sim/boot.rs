//! What a simulated switch speaks, and what it holds when it starts.

use crate::complaint::{Complaint, read};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use yang::{Schema, Tree, bundled};

#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Models and configuration")]
pub(crate) struct ModelArgs {
    /// Folder with YANG modules, instead of the bundled ones; repeat for more
    #[arg(long, value_name = "DIR")]
    yang: Vec<PathBuf>,

    /// Module of the folders to implement; repeat for more, all of them where it is left out
    #[arg(long, value_name = "NAME", requires = "yang")]
    module: Vec<String>,

    /// Configuration at the start: JSON (RFC 7951) or XML
    #[arg(long, value_name = "FILE", conflicts_with = "port")]
    boot: Option<PathBuf>,

    /// Port of the switch where no --boot is given; repeat for more
    #[arg(long, value_name = "NAME", default_values = ["ge-0/0/0", "ge-0/0/1", "ge-0/0/2", "ge-0/0/3"])]
    port: Vec<String>,
}

impl ModelArgs {
    pub(crate) fn schema(&self) -> Result<Arc<Schema>, Complaint> {
        if self.yang.is_empty() {
            return Ok(bundled::schema());
        }
        let modules = if self.module.is_empty() { found(&self.yang)? } else { self.module.clone() };
        let names: Vec<&str> = modules.iter().map(String::as_str).collect();
        let bad = |problem: &dyn std::fmt::Display| {
            Complaint::usage(problem, "give every folder that its imports are in with --yang")
        };
        let schema = Schema::load(&self.yang, &names).map_err(|e| bad(&e))?;
        match schema.failed().first() {
            Some(error) => Err(bad(error)),
            None => Ok(Arc::new(schema)),
        }
    }

    pub(crate) fn configuration(&self, schema: &Schema, name: &str) -> Result<Tree, Complaint> {
        match &self.boot {
            Some(path) => from_file(schema, path),
            None if self.yang.is_empty() => self.plain(schema, name),
            None => Ok(Tree::new()),
        }
    }

    /// A name, ports, and the default network instance.
    fn plain(&self, schema: &Schema, name: &str) -> Result<Tree, Complaint> {
        let configuration = json!({
            "openconfig-interfaces:interfaces":
                {"interface": self.port.iter().map(|name| port(name)).collect::<Vec<_>>()},
            "openconfig-network-instance:network-instances": {"network-instance": [{
                "name": "default",
                "config": {
                    "name": "default",
                    "type": "openconfig-network-instance-types:DEFAULT_INSTANCE",
                },
            }]},
            "openconfig-system:system": {"config": {"hostname": name}},
        });
        Tree::from_json(schema, &yang::Path::root(), &configuration)
            .map_err(|e| Complaint::usage(e, "choose another --name or --port"))
    }
}

fn port(name: &str) -> Value {
    let kind = "iana-if-type:ethernetCsmacd";
    json!({"name": name, "config": {"name": name, "type": kind, "enabled": true}})
}

fn from_file(schema: &Schema, path: &Path) -> Result<Tree, Complaint> {
    let text = read(path)?;
    let bad = |error: &dyn std::fmt::Display| {
        let problem = format!("{}: {error}", path.display());
        Complaint::usage(problem, "write it in JSON (RFC 7951) or XML of the switch's models")
    };
    if text.trim_start().starts_with('<') {
        return Tree::from_xml(schema, &text).map_err(|e| bad(&e));
    }
    let value: Value = serde_json::from_str(&text).map_err(|e| bad(&e))?;
    Tree::from_json(schema, &yang::Path::root(), &value).map_err(|e| bad(&e))
}

/// The modules in the folders, by their files' names; submodules come with their modules.
fn found(folders: &[PathBuf]) -> Result<Vec<String>, Complaint> {
    let mut names = Vec::new();
    for folder in folders {
        let bad = |error: std::io::Error| {
            let problem = format!("--yang {}: {error}", folder.display());
            Complaint::usage(problem, "name a folder that can be read")
        };
        for entry in std::fs::read_dir(folder).map_err(bad)? {
            let path = entry.map_err(bad)?.path();
            if path.extension().is_some_and(|e| e == "yang") && is_module(&path)? {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                names.push(stem.split('@').next().unwrap_or_default().to_owned());
            }
        }
    }
    names.sort();
    names.dedup();
    if names.is_empty() {
        let problem = "there is no module in the folders that --yang names";
        return Err(Complaint::usage(problem, "name folders with files NAME.yang"));
    }
    Ok(names)
}

fn is_module(path: &Path) -> Result<bool, Complaint> {
    let text = read(path)?;
    Ok(!text.lines().any(|line| line.trim_start().starts_with("submodule ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(boot: Option<PathBuf>, yang: Vec<PathBuf>) -> ModelArgs {
        ModelArgs { yang, module: Vec::new(), boot, port: vec!["eth0".to_owned()] }
    }

    #[test]
    fn json_and_xml_boot_the_same_switch() {
        let place = tempfile::tempdir().unwrap();
        let schema = bundled::schema();
        let plain = args(None, Vec::new()).configuration(&schema, "sw1").unwrap();
        schema.validate(&plain).unwrap();
        for text in [plain.to_json(&schema).to_string(), plain.to_xml(&schema)] {
            let file = place.path().join("boot");
            std::fs::write(&file, text).unwrap();
            let read = args(Some(file), Vec::new()).configuration(&schema, "sw1").unwrap();
            assert_eq!(read.to_json(&schema), plain.to_json(&schema));
        }
    }

    #[test]
    fn a_folder_gives_its_modules() {
        let place = tempfile::tempdir().unwrap();
        for (name, text) in bundled::MODULES {
            std::fs::write(place.path().join(format!("{name}.yang")), text).unwrap();
        }
        let from_folder = args(None, vec![place.path().to_owned()]).schema().unwrap();
        for (name, _) in bundled::MODULES {
            assert!(from_folder.module(name).is_some(), "{name}");
        }
        let missing = args(None, vec![place.path().join("nothing")]).schema().unwrap_err();
        assert!(missing.problem.contains("nothing"), "{missing:?}");
    }
}
