//! Our proto files against the real ones: the same packages, messages, fields, numbers, types,
//! enumerations, services and methods, and none beside them.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    FileDescriptorSet, ServiceDescriptorProto,
};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every fact of the wire as one line each, by its full name.
type Facts = BTreeMap<String, String>;

fn compile(files: &[&str], includes: &[&Path]) -> FileDescriptorSet {
    protox::compile(files, includes).unwrap_or_else(|error| panic!("{files:?}: {error:?}"))
}

/// Of the packages of gNMI; what they import from elsewhere is the same file on both sides.
fn facts(set: &FileDescriptorSet) -> Facts {
    let mut facts = Facts::new();
    for file in set.file.iter().filter(|f| matches!(f.package(), "gnmi" | "gnmi_ext")) {
        add_file(&mut facts, file);
    }
    facts
}

fn add_file(facts: &mut Facts, file: &FileDescriptorProto) {
    let package = file.package();
    facts.insert(package.to_owned(), format!("package syntax {}", file.syntax()));
    for message in &file.message_type {
        add_message(facts, package, message);
    }
    for numbers in &file.enum_type {
        add_enum(facts, package, numbers);
    }
    for service in &file.service {
        add_service(facts, package, service);
    }
}

fn add_service(facts: &mut Facts, package: &str, service: &ServiceDescriptorProto) {
    let name = format!("{package}.{}", service.name());
    for method in &service.method {
        let fact = format!(
            "method {} -> {} streams {} {}",
            method.input_type(),
            method.output_type(),
            method.client_streaming(),
            method.server_streaming()
        );
        facts.insert(format!("{name}/{}", method.name()), fact);
    }
    facts.insert(name, "service".to_owned());
}

fn add_message(facts: &mut Facts, scope: &str, message: &DescriptorProto) {
    let name = format!("{scope}.{}", message.name());
    let map = message.options.as_ref().is_some_and(|options| options.map_entry());
    facts.insert(name.clone(), format!("message map {map}"));
    for field in &message.field {
        facts.insert(format!("{name}.{}", field.name()), field_fact(message, field));
    }
    for inner in &message.nested_type {
        add_message(facts, &name, inner);
    }
    for numbers in &message.enum_type {
        add_enum(facts, &name, numbers);
    }
}

fn field_fact(message: &DescriptorProto, field: &FieldDescriptorProto) -> String {
    let oneof = field.oneof_index.map(|index| {
        message.oneof_decl[usize::try_from(index).expect("an index is not negative")].name()
    });
    let packed = field.options.as_ref().and_then(|options| options.packed);
    format!(
        "field {} {:?} {:?} {} oneof {oneof:?} optional {} packed {packed:?}",
        field.number(),
        field.label(),
        field.r#type(),
        field.type_name(),
        field.proto3_optional()
    )
}

fn add_enum(facts: &mut Facts, scope: &str, numbers: &EnumDescriptorProto) {
    let name = format!("{scope}.{}", numbers.name());
    for value in &numbers.value {
        facts.insert(format!("{name}.{}", value.name()), format!("value {}", value.number()));
    }
    facts.insert(name, "enum".to_owned());
}

/// What the one side has otherwise than the other, or alone; in both directions.
fn differences(ours: &Facts, real: &Facts) -> Vec<String> {
    let names: std::collections::BTreeSet<_> = ours.keys().chain(real.keys()).collect();
    let differ = names.into_iter().filter(|name| ours.get(*name) != real.get(*name));
    differ.map(|name| format!("{name}: {:?}, not {:?}", ours.get(name), real.get(name))).collect()
}

/// The folder of the real files, or `None` with one line; where every test must run, it must be
/// there.
fn real_protos() -> Option<PathBuf> {
    let real = root().join("../shared/data/proto");
    if real.is_dir() {
        return Some(real);
    }
    let required = std::env::var_os("WAYLEAVE_REQUIRE_ALL").is_some_and(|value| !value.is_empty());
    assert!(!required, "{} is not there, and WAYLEAVE_REQUIRE_ALL is set", real.display());
    // Not `eprintln!`: the test harness keeps what that prints of a test that passes.
    let line = format!("skipped: {} is not there\n", real.display());
    let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
    None
}

/// The real files import one another by their repository's path.
fn lay_out(real: &Path, scratch: &Path) {
    for name in ["gnmi", "gnmi_ext"] {
        let folder = scratch.join("github.com/openconfig/gnmi/proto").join(name);
        fs::create_dir_all(&folder).unwrap();
        let file = format!("{name}.proto");
        fs::copy(real.join(&file), folder.join(&file)).unwrap();
    }
}

/// Maps are written as fields, and are messages all the same.
fn is_a(fact: &str, kind: &str) -> bool {
    fact.split(' ').next() == Some(kind) && fact != "message map true"
}

/// How many definitions of a kind the text of the real files has.
fn written(folder: &Path, keyword: &str) -> usize {
    let count = |file: &str| {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        text.lines().filter(|line| line.trim_start().starts_with(keyword)).count()
    };
    count("gnmi.proto") + count("gnmi_ext.proto")
}

#[test]
fn g_001_g_002_our_proto_says_what_the_real_one_says() {
    let Some(folder) = real_protos() else { return };
    let scratch = tempfile::tempdir().unwrap();
    lay_out(&folder, scratch.path());
    let real = compile(&["github.com/openconfig/gnmi/proto/gnmi/gnmi.proto"], &[scratch.path()]);
    let real = facts(&real);
    let ours = facts(&compile(&["gnmi.proto"], &[&root().join("proto/gnmi")]));
    for (kind, keyword) in [("message", "message "), ("enum", "enum "), ("method", "rpc ")] {
        let read = real.values().filter(|fact| is_a(fact, kind)).count();
        assert_eq!(read, written(&folder, keyword), "{kind}");
    }
    for (kind, at_least) in [("field", 110), ("value", 20)] {
        let read = real.values().filter(|fact| is_a(fact, kind)).count();
        assert!(read >= at_least, "only {read} of {kind} were read");
    }
    assert_eq!(differences(&ours, &real), Vec::<String>::new());
}

/// What the crate was built from is the file that the test above reads.
#[test]
fn what_is_compiled_in_is_what_is_compared() {
    let built = <FileDescriptorSet as prost::Message>::decode(gnmi::proto::DESCRIPTORS).unwrap();
    let read = facts(&compile(&["gnmi.proto"], &[&root().join("proto/gnmi")]));
    assert!(read.contains_key("gnmi.gNMI/Subscribe") && read.contains_key("gnmi_ext.Commit.id"));
    assert_eq!(differences(&facts(&built), &read), Vec::<String>::new());
}

/// The version that a target answers is the one that the real file states.
#[test]
fn g_019_the_version_is_that_of_the_real_file() {
    let Some(real) = real_protos() else { return };
    let text = fs::read_to_string(real.join("gnmi.proto")).unwrap();
    let stated = text.lines().find_map(|line| line.strip_prefix("option (gnmi_service) = "));
    assert_eq!(stated, Some(format!("\"{}\";", gnmi::VERSION).as_str()));
}

const SAMPLE: &str = "syntax = \"proto3\";
package gnmi;
service S { rpc Do(A) returns (stream B); }
message A {
  oneof one { string a = 1; bytes b = 2; }
  repeated uint64 c = 3;
  map<string, string> d = 4;
  B inner = 5;
  message Deep { bool yes = 1; }
}
message B { enum Mode { NONE = 0; SOME = 1; } Mode mode = 1; }
";

/// A comparison that notices nothing would pass for ever.
#[test]
fn every_kind_of_difference_is_noticed() {
    let scratch = tempfile::tempdir().unwrap();
    let read = |text: &str| {
        fs::write(scratch.path().join("sample.proto"), text).unwrap();
        facts(&compile(&["sample.proto"], &[scratch.path()]))
    };
    let sample = read(SAMPLE);
    assert_eq!(differences(&sample, &sample), Vec::<String>::new());
    let changes = [
        ("string a = 1", "string a = 9", "gnmi.A.a"),
        ("bytes b = 2", "string b = 2", "gnmi.A.b"),
        ("bytes b = 2; }", "} bytes b = 2;", "gnmi.A.b"),
        ("oneof one", "oneof other", "gnmi.A.a"),
        ("repeated uint64 c", "uint64 c", "gnmi.A.c"),
        ("uint64 c = 3", "uint64 c = 3 [packed = false]", "gnmi.A.c"),
        ("map<string, string>", "map<string, bytes>", "gnmi.A.DEntry.value"),
        ("  B inner", "  optional B inner", "gnmi.A.inner"),
        ("  B inner = 5;", "", "gnmi.A.inner"),
        ("  B inner", "  A inner", "gnmi.A.inner"),
        ("bool yes", "bool no", "gnmi.A.Deep.yes"),
        ("message Deep { bool yes = 1; }", "", "gnmi.A.Deep"),
        ("SOME = 1", "SOME = 2", "gnmi.B.Mode.SOME"),
        ("SOME = 1", "OTHER = 1", "gnmi.B.Mode.SOME"),
        ("stream B", "B", "gnmi.S/Do"),
        ("rpc Do(A)", "rpc Do(B)", "gnmi.S/Do"),
        ("rpc Do", "rpc Did", "gnmi.S/Do"),
        ("service S", "service T", "gnmi.S"),
        ("package gnmi", "package gnmi_ext", "gnmi"),
    ];
    for (from, to, named) in changes {
        assert!(SAMPLE.contains(from), "{from}");
        let changed = read(&SAMPLE.replacen(from, to, 1));
        for found in [differences(&changed, &sample), differences(&sample, &changed)] {
            let prefix = format!("{named}: ");
            assert!(
                found.iter().any(|line| line.starts_with(&prefix)),
                "{from} -> {to}: {found:?}"
            );
        }
    }
}
