//! What the program carries is what the source tree holds.

use std::collections::BTreeMap;
use std::path::Path;
use yang::bundled;

#[test]
fn every_bundled_module_loads() {
    let schema = bundled::schema();
    assert_eq!(schema.failed(), []);
    for (name, _) in bundled::MODULES {
        assert!(schema.module(name).is_some(), "{name}");
    }
    for name in bundled::IMPLEMENTED {
        assert!(bundled::MODULES.iter().any(|(known, _)| known == name), "{name}");
    }
}

#[test]
fn every_module_of_the_source_tree_is_bundled() {
    let yang = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../yang");
    let files = ["ietf", "openconfig"].map(|folder| std::fs::read_dir(yang.join(folder)).unwrap());
    let texts: BTreeMap<String, String> = files
        .into_iter()
        .flatten()
        .map(|file| file.unwrap().path())
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    let bundled = bundled::MODULES.iter().map(|(name, text)| ((*name).into(), (*text).into()));
    assert_eq!(bundled.collect::<BTreeMap<String, String>>(), texts);
}
