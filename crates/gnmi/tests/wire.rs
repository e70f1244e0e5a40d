//! Our proto files against the real ones: the same messages, fields, numbers, types and methods.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorProto};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every fact of the wire as one line each, by name.
type Facts = BTreeMap<String, String>;

fn facts(folder: &Path, include: &Path) -> Facts {
    let files = protox::compile([folder.join("gnmi.proto")], [folder, include]).unwrap();
    let mut facts = Facts::new();
    for file in files.file.iter().filter(|f| f.package().starts_with("gnmi")) {
        add_file(&mut facts, file);
    }
    facts
}

fn add_file(facts: &mut Facts, file: &FileDescriptorProto) {
    for message in &file.message_type {
        add_message(facts, file.package(), message);
    }
    for numbers in &file.enum_type {
        add_enum(facts, file.package(), numbers);
    }
    for service in &file.service {
        for method in &service.method {
            let name = format!("{}.{}/{}", file.package(), service.name(), method.name());
            let fact = format!(
                "{} -> {} streams {} {}",
                method.input_type(),
                method.output_type(),
                method.client_streaming(),
                method.server_streaming()
            );
            facts.insert(name, fact);
        }
    }
}

fn add_message(facts: &mut Facts, scope: &str, message: &DescriptorProto) {
    let name = format!("{scope}.{}", message.name());
    facts.insert(name.clone(), "message".to_owned());
    for field in &message.field {
        let oneof = field
            .oneof_index
            .map(|i| message.oneof_decl[usize::try_from(i).unwrap()].name().to_owned());
        let fact = format!(
            "{} {:?} {:?} {} {oneof:?}",
            field.number(),
            field.label(),
            field.r#type(),
            field.type_name()
        );
        facts.insert(format!("{name}.{}", field.name()), fact);
    }
    for inner in &message.nested_type {
        add_message(facts, &name, inner);
    }
    for numbers in &message.enum_type {
        add_enum(facts, &name, numbers);
    }
}

fn add_enum(facts: &mut Facts, scope: &str, numbers: &EnumDescriptorProto) {
    for value in &numbers.value {
        let name = format!("{scope}.{}.{}", numbers.name(), value.name());
        facts.insert(name, value.number().to_string());
    }
}

#[test]
fn g_001_g_002_our_proto_says_what_the_real_one_says() {
    let ours = root().join("proto/gnmi");
    let real = root().join("../shared/data/proto");
    if !real.is_dir() {
        assert!(
            std::env::var_os("WAYLEAVE_REQUIRE_ALL").is_none(),
            "{} is missing",
            real.display()
        );
        eprintln!("skipped: the real gNMI proto files are not at {}", real.display());
        return;
    }
    let scratch = std::env::temp_dir().join(format!("gnmi-wire-{}", std::process::id()));
    let include = lay_out(&real, &scratch);
    let (ours, real) = (facts(&ours, &ours), facts(&include, &scratch));
    std::fs::remove_dir_all(&scratch).unwrap();
    assert!(real.len() > 150, "only {} facts were read", real.len());
    let differ: Vec<_> = real
        .iter()
        .filter(|(name, fact)| ours.get(*name) != Some(fact))
        .map(|(name, fact)| (name, fact, ours.get(name)))
        .collect();
    assert!(differ.is_empty(), "different or missing: {differ:#?}");
    let extra: Vec<_> = ours.keys().filter(|name| !real.contains_key(*name)).collect();
    assert!(extra.is_empty(), "ours alone: {extra:?}");
}

/// The real files import one another by their repository's path.
fn lay_out(real: &Path, scratch: &Path) -> PathBuf {
    let base = scratch.join("github.com/openconfig/gnmi/proto");
    for (file, folder) in [("gnmi.proto", "gnmi"), ("gnmi_ext.proto", "gnmi_ext")] {
        let folder = base.join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::copy(real.join(file), folder.join(file)).unwrap();
    }
    base.join("gnmi")
}
