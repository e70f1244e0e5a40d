//! However a descriptor is wrapped and written, it is the same descriptor.

use crate::support::{CACHE, NSD, SERVER, base, checked, shown, spoilt};
use model::descriptor::{Descriptor, Nsd, Severity, parse};
use serde_json::{Value, json};

fn only(text: &str) -> Descriptor {
    let parsed = parse("file", text);
    assert!(parsed.is_sound(), "{:#?}", shown(&parsed.diagnostics));
    assert_eq!(parsed.documents.len(), 1);
    parsed.documents.into_iter().next().unwrap().descriptor
}

fn nsd(text: &str) -> Nsd {
    match only(text) {
        Descriptor::Nsd(nsd) => nsd,
        Descriptor::Vnfd(_) => panic!("a VNFD"),
    }
}

/// The NSD's own fields, as JSON.
fn bare() -> Value {
    let tree: Value = serde_saphyr::from_str(NSD).unwrap();
    tree["nsd"]["nsd"][0].clone()
}

#[test]
fn the_base_has_no_problem() {
    let checked = base();
    assert_eq!(shown(&checked.diagnostics), Vec::<String>::new());
    assert_eq!(checked.documents.len(), 3);
}

#[test]
fn wrapped_and_bare_yaml_and_json_are_the_same() {
    let (wanted, bare) = (nsd(NSD), bare());
    let forms = [
        bare.clone(),
        json!({ "nsd": bare }),
        json!({ "nsd": [bare] }),
        json!({ "nsd": { "nsd": [bare] } }),
        json!({ "nsd": { "nsd": bare } }),
        json!({ "etsi-nfv-nsd:nsd": { "nsd": [bare] } }),
        json!({ "etsi-nfv-descriptors:nfv": { "nsd": [bare] } }),
        json!({ "nfv": { "etsi-nfv-nsd:nsd": [bare] } }),
    ];
    for form in forms {
        assert_eq!(nsd(&form.to_string()), wanted, "{form}");
        assert_eq!(nsd(&serde_json::to_string_pretty(&form).unwrap()), wanted);
        assert_eq!(nsd(&serde_saphyr::to_string(&form).unwrap()), wanted);
    }
}

#[test]
fn a_vnfd_is_known_by_its_fields() {
    for text in [CACHE.to_owned(), format!("vnfd:\n{}", indented(CACHE))] {
        assert!(matches!(only(&text), Descriptor::Vnfd(vnfd) if vnfd.id == "cache"), "{text}");
    }
    assert!(matches!(only(SERVER), Descriptor::Vnfd(vnfd) if vnfd.product_name == "Server"));
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

#[test]
fn fields_may_carry_their_module() {
    let text = NSD.replace("vnf-profile:", "etsi-nfv-nsd:vnf-profile:");
    let text = text.replace("flow-pattern: line", "flow-pattern: etsi-nfv-common:line");
    assert_eq!(nsd(&text), nsd(NSD));
}

#[test]
fn numbers_keep_their_spelling_where_they_are_text() {
    assert_eq!(nsd(NSD).version.as_deref(), Some("1.10"));
    let text = spoilt(NSD, "version: \"1.10\"", "version: 1.10");
    assert_eq!(nsd(&text).version.as_deref(), Some("1.10"));
    let text = spoilt(NSD, "name: Web", "name: 0x1F");
    assert_eq!(nsd(&text).name.as_deref(), Some("0x1F"));
}

#[test]
fn a_single_value_stands_for_a_list_of_one() {
    let text = spoilt(NSD, "scaling-level: [normal, busy]", "scaling-level: normal");
    assert_eq!(nsd(&text).df[0].scaling_aspect[0].scaling_level, ["normal"]);
}

#[test]
fn a_file_may_hold_several_vnfds_and_one_nsd() {
    let both = spoilt(SERVER, "vnfd:\n", &format!("vnfd:\n{}", as_item(CACHE)));
    let parsed = parse("file", &both);
    let ids: Vec<_> = parsed.documents.iter().map(|d| d.descriptor.id()).collect();
    assert_eq!(ids, ["cache", "server"], "{:#?}", shown(&parsed.diagnostics));
}

fn as_item(text: &str) -> String {
    let mut item = indented(&indented(text));
    item.replace_range(2..3, "-");
    item
}

#[test]
fn unknown_fields_are_kept_and_reported() {
    let text =
        spoilt(NSD, "      name: Web\n", "      name: Web\n      colour: { is: [red, 7] }\n");
    let text = spoilt(
        &text,
        "\n        - id: back\n",
        "\n        - id: back\n          mgmt-network: true\n",
    );
    let parsed = parse("nsd.yaml", &text);
    assert!(parsed.is_sound());
    let found = shown(&parsed.diagnostics);
    assert_eq!(
        found,
        [
            "nsd.yaml:6:7: warning: nsd[web]/colour: the field colour is not known here; it is \
             kept and has no effect; remove it, or check its spelling",
            "nsd.yaml:22:11: warning: nsd[web]/virtual-link-desc[back]/mgmt-network: the field \
             mgmt-network is not known here; it is kept and has no effect; remove it, or check \
             its spelling",
        ]
    );
    let Descriptor::Nsd(nsd) = &parsed.documents[0].descriptor else { panic!("a VNFD") };
    assert_eq!(nsd.extra["colour"], json!({ "is": ["red", 7] }));
    assert_eq!(nsd.virtual_link_desc[1].extra["mgmt-network"], json!(true));
    let shown = serde_json::to_value(&parsed.documents[0].descriptor).unwrap();
    assert_eq!(shown["nsd"]["colour"]["is"][1], 7);
}

#[test]
fn what_has_no_effect_here_is_said() {
    let vnffgd = "      vnffgd:\n        - { id: chain, nfpd: [] }\n";
    let text = spoilt(NSD, "      sapd:\n", &format!("{vnffgd}      sapd:\n"));
    let found = parse("nsd.yaml", &text).diagnostics;
    assert_eq!(found.len(), 1, "{:?}", shown(&found));
    assert_eq!((found[0].severity, found[0].line), (Severity::Warning, 9));
    assert!(found[0].message.contains("no effect"), "{}", found[0]);
}

#[test]
fn a_default_may_be_left_out() {
    let text = NSD.replace("              min-number-of-instances: 1\n", "");
    assert_eq!(nsd(&text), nsd(NSD));
}

#[test]
fn what_sol006_wants_and_nobody_needs_earns_a_warning() {
    let text = spoilt(SERVER, "    vnfm-info: [wayleave]\n", "");
    let parsed = parse("server.yaml", &text);
    assert!(parsed.is_sound());
    assert!(shown(&parsed.diagnostics)[0].contains("SOL006 makes vnfm-info mandatory"));
}

#[test]
fn other_things_are_no_descriptors() {
    for (text, message) in [
        ("", "this is empty"),
        ("# nothing\n", "this is empty"),
        ("just words", "a descriptor is a map"),
        ("[1, 2]", "a descriptor is a map"),
        ("apiVersion: v1\nkind: Pod\n", "this is no descriptor"),
        ("nsd:", "nsd holds no descriptor"),
        ("nsd: []", "nsd holds no descriptor"),
        ("vnfd: text", "vnfd holds no descriptor"),
        ("tosca_definitions_version: x", "this is no descriptor"),
    ] {
        let parsed = parse("file", text);
        let found = shown(&parsed.diagnostics);
        assert!(found.len() == 1 && found[0].contains(message), "{text:?}: {found:?}");
        assert!(parsed.documents.is_empty());
    }
}

#[test]
fn something_beside_the_descriptor_is_reported() {
    let checked = checked(&[("cache.yaml", &format!("vnfd:\n{}note: hi\n", indented(CACHE)))]);
    let found = shown(&checked.diagnostics);
    assert!(found.len() == 1 && found[0].contains("note is neither nsd nor vnfd"), "{found:?}");
}
