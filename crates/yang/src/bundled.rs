//! The modules that the program carries, so that it needs no folder beside it.

use crate::schema::Schema;
use std::sync::{Arc, OnceLock};
use yang5::context::{EmbeddedModuleKey, EmbeddedModules};

macro_rules! modules {
    ($($folder:literal / $name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../yang/", $folder, "/", $name, ".yang")))),*]
    };
}

/// Name and text of each.
pub const MODULES: &[(&str, &str)] = modules![
    "ietf" / "iana-if-type",
    "ietf" / "ietf-interfaces",
    "openconfig" / "openconfig-interfaces",
    "openconfig" / "openconfig-network-instance",
    "openconfig" / "openconfig-network-instance-types",
    "openconfig" / "openconfig-qos",
    "openconfig" / "openconfig-qos-types",
    "openconfig" / "openconfig-system",
    "openconfig" / "openconfig-vlan",
];

/// Those that a device implements; the others are imported by them.
pub const IMPLEMENTED: &[&str] = &[
    "openconfig-interfaces",
    "openconfig-vlan",
    "openconfig-network-instance",
    "openconfig-qos",
    "openconfig-system",
    "iana-if-type",
];

/// The schema of the bundled modules; loaded once in a process.
///
/// # Panics
/// Never with the modules of this build: a test loads them.
#[must_use]
pub fn schema() -> Arc<Schema> {
    static SCHEMA: OnceLock<Arc<Schema>> = OnceLock::new();
    let load = || Arc::new(Schema::embedded(texts(), IMPLEMENTED).expect("a test loads them"));
    Arc::clone(SCHEMA.get_or_init(load))
}

/// In the form that libyang asks for them.
fn texts() -> &'static EmbeddedModules {
    static TEXTS: OnceLock<EmbeddedModules> = OnceLock::new();
    let key = |name| EmbeddedModuleKey::new(name, None, None, None);
    TEXTS.get_or_init(|| MODULES.iter().map(|(name, text)| (key(name), *text)).collect())
}
