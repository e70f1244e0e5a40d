//! What descriptors say of each other.

use crate::support::{CACHE, NSD, SERVER, base, checked, line_of, shown, spoilt};
use model::descriptor::check;

fn with_nsd(nsd: &str) -> Vec<String> {
    let files = [("nsd.yaml", nsd), ("server.yaml", SERVER), ("cache.yaml", CACHE)];
    shown(&checked(&files).diagnostics)
}

#[test]
fn a_vnfd_that_is_not_there_is_named_with_those_that_are() {
    let found = shown(&checked(&[("nsd.yaml", NSD), ("server.yaml", SERVER)]).diagnostics);
    let line = line_of(NSD, "vnfd-id: [server, cache]");
    assert_eq!(
        found,
        [format!(
            "nsd.yaml:{line}:25: error: nsd[web]/vnfd-id[cache]: there is no VNFD cache; use one of server"
        )]
    );
}

#[test]
fn references_into_a_vnfd_resolve() {
    let table = [
        ("constituent-cpd-id: outside", "constituent-cpd-id: outsid", "no ext-cpd of VNFD server"),
        (
            "vnfd-id: server\n              flavour-id: small",
            "vnfd-id: server\n              flavour-id: big",
            "there is no df of VNFD server big; use one of small",
        ),
        (
            "vnfd-id: cache\n              flavour-id: small\n              instantiation-level: one",
            "vnfd-id: cache\n              flavour-id: small\n              instantiation-level: two",
            "there is no instantiation-level of VNFD cache, df small two",
        ),
        (
            "          virtual-link-desc: front\n",
            "          associated-cpd: { vnfd-id: server, vnf-ext-cpd: x }\n",
            "there is no ext-cpd of VNFD server x",
        ),
    ];
    for (from, to, message) in table {
        let found = with_nsd(&spoilt(NSD, from, to));
        assert!(found.len() == 1 && found[0].contains(message), "{to}: {found:#?}");
    }
}

#[test]
fn the_same_id_twice_says_where_the_first_is() {
    let files = [("a.yaml", SERVER), ("b.yaml", SERVER)];
    let found = shown(&checked(&files).diagnostics);
    assert_eq!(
        found,
        ["b.yaml:2:5: error: vnfd[server]/id: the same id is in a.yaml, line 2; give each \
          descriptor its own id"]
    );
}

#[test]
fn a_file_takes_the_place_of_what_was_there() {
    let before = base().catalogue;
    let newer = spoilt(SERVER, "product-name: Server", "product-name: Newer");
    let after = check(&before, [("server.yaml", newer.as_str())]);
    assert!(after.is_sound(), "{:#?}", shown(&after.diagnostics));
    assert_eq!(after.catalogue.vnfd("server").unwrap().product_name, "Newer");
    assert_eq!(before.vnfd("server").unwrap().product_name, "Server");
    assert_eq!(after.catalogue.users_of("server"), ["web"]);
    assert_eq!(after.catalogue.users_of("web"), Vec::<&str>::new());
}

/// A VNFD that no longer has what an NSD uses breaks that NSD, which is said at the NSD.
#[test]
fn a_change_that_breaks_another_descriptor_is_found() {
    let before = base().catalogue;
    let newer = SERVER.replace("- id: outside\n", "- id: front\n");
    let after = check(&before, [("server.yaml", newer.as_str())]);
    let found = shown(&after.diagnostics);
    assert!(
        found.len() == 1 && found[0].contains("no ext-cpd of VNFD server outside"),
        "{found:?}"
    );
}

fn nested(id: &str, inside: &str) -> String {
    format!(
        "nsd:\n- id: {id}\n  nested-nsd-id: [{inside}]\n  df:\n  - id: d\n    ns-instantiation-level:\n    - id: l\n      ns-to-level-mapping:\n      - {{ ns-profile-id: p, number-of-instances: 1 }}\n    ns-profile:\n    - {{ id: p, nsd-id: {inside}, ns-df-id: d, instantiation-level-id: l }}\n"
    )
}

#[test]
fn a_cycle_of_nested_services_is_shown_whole() {
    let (a, b, c) = (nested("a", "b"), nested("b", "c"), nested("c", "a"));
    let found = shown(&checked(&[("a", &a), ("b", &b), ("c", &c)]).diagnostics);
    let cycle = |way: &str| found.iter().any(|f| f.contains(&format!("began: {way};")));
    assert!(
        cycle("a → b → c → a") && cycle("b → c → a → b") && cycle("c → a → b → c"),
        "{found:#?}"
    );
}

#[test]
fn nesting_without_a_cycle_cannot_be_planned_yet_and_says_so() {
    let (a, b) = (nested("a", "b"), nested("b", "web"));
    let files = [
        ("a", a.as_str()),
        ("b", &b),
        ("nsd.yaml", NSD),
        ("server.yaml", SERVER),
        ("cache.yaml", CACHE),
    ];
    let found = shown(&checked(&files).diagnostics);
    assert!(
        found.iter().any(|f| f.contains("nested network services cannot be planned")),
        "{found:#?}"
    );
    assert!(!found.iter().any(|f| f.contains("comes back")), "{found:#?}");
}

#[test]
fn a_nested_service_that_is_not_there_is_named() {
    let found = shown(&checked(&[("a", &nested("a", "ghost"))]).diagnostics);
    assert!(
        found.iter().any(|f| f.contains("nsd[a]/nested-nsd-id[ghost]: there is no NSD ghost")),
        "{found:?}"
    );
}
