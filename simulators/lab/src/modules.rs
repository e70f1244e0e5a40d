//! The switches' YANG modules. The program carries them; libyang reads them from a folder.

use crate::LabError;
use crate::folder::{Folder, FolderError};
use std::sync::Arc;
use yang::Schema;

macro_rules! modules {
    ($($folder:literal / $name:literal),* $(,)?) => {
        &[$((
            concat!($name, ".yang"),
            include_str!(concat!("../../../yang/", $folder, "/", $name, ".yang")),
        )),*]
    };
}

const MODULES: &[(&str, &str)] = modules![
    "openconfig" / "openconfig-interfaces",
    "openconfig" / "openconfig-vlan",
    "openconfig" / "openconfig-network-instance",
    "openconfig" / "openconfig-network-instance-types",
    "openconfig" / "openconfig-qos",
    "openconfig" / "openconfig-qos-types",
    "openconfig" / "openconfig-system",
    "ietf" / "ietf-interfaces",
    "ietf" / "iana-if-type",
];

/// What every switch of the lab implements.
const IMPLEMENTED: &[&str] = &[
    "openconfig-interfaces",
    "openconfig-vlan",
    "openconfig-network-instance",
    "openconfig-qos",
    "openconfig-system",
    "iana-if-type",
];

/// Writes the modules into a folder and loads them from there.
pub(crate) fn load(folder: &Folder) -> Result<Arc<Schema>, LabError> {
    let folder = folder.folder("yang")?;
    write(&folder)?;
    let schema = Schema::load(&[folder.path().to_owned()], IMPLEMENTED)?;
    match schema.failed().first() {
        Some(failed) => Err(failed.clone().into()),
        None => Ok(Arc::new(schema)),
    }
}

fn write(folder: &Folder) -> Result<(), FolderError> {
    MODULES.iter().try_for_each(|(name, text)| folder.write(name, text).map(|_| ()))
}
