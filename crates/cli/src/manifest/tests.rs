use super::*;

const WIRE: &str = "\
apiVersion: wayleave/v1
kind: Connectivity
metadata:
  name: wire
  labels: { tier: gold }
  priority: 7
spec:
  endpoints:
    - port: ams:a1
    - { port: fra:a1, vlan: 10 }
  slo: { bandwidthMbps: 500, latencyUs: 10000 }
";

fn text(content: &str) -> Text {
    Text { name: "wire.yaml".into(), content: content.into() }
}

fn intents(content: &str) -> Vec<wire::Intent> {
    let manifests = read(&text(content)).unwrap();
    let intent = |m: Manifest| match m.body {
        Body::Intent(intent) => *intent,
        Body::Topology(_) => panic!("a topology"),
    };
    manifests.into_iter().map(intent).collect()
}

/// Places and reasons, one a line.
fn wrong(content: &str) -> Vec<String> {
    let failure = read(&text(content)).unwrap_err();
    failure.details.iter().map(|d| format!("{}: {}", d.subject, d.text)).collect()
}

#[test]
fn a_manifest_becomes_an_intent_and_its_output_a_manifest() {
    let [intent] = intents(WIRE).try_into().unwrap();
    assert_eq!((intent.name.as_str(), intent.priority), ("wire", 7));
    assert_eq!(intent.labels["tier"], "gold");
    let shown = show(&wire::Intent { etag: "12".into(), ..intent.clone() });
    let yaml = serde_saphyr::to_string(&shown).unwrap();
    let again = read(&text(&yaml)).unwrap().remove(0);
    assert_eq!(again.etag, "12");
    assert_eq!(intents(&yaml), [intent]);
}

#[test]
fn files_hold_several_as_documents_or_as_a_list() {
    let two = format!("{WIRE}---\n{WIRE}---\n");
    assert_eq!(intents(&two).len(), 2);
    let [intent] = intents(WIRE).try_into().unwrap();
    let list = serde_json::json!([show(&intent), show(&intent)]).to_string();
    assert_eq!(intents(&list), [intent.clone(), intent]);
}

#[test]
fn everything_wrong_is_found_at_once_with_its_place() {
    let bad = "\
apiVersion: wayleave/v2
kind: Connectivity
metadata: { name: 12, prio: 3 }
spec:
  pattern: RING
  endpoints: { port: ams:a1 }
  slo: { bandwith: 500, latencyUs: -3 }
colour: red
";
    let expected = [
        "wire.yaml:8:1 colour: there is no such field; there are apiVersion, kind, metadata, \
         spec, status",
        "wire.yaml:1:13 apiVersion: write apiVersion: wayleave/v1",
        "wire.yaml:3:23 metadata.prio: there is no such field; did you mean priority?",
        "wire.yaml:3:19 metadata.name: it is a number, not text; write it in quotes if it is \
         meant as text",
        "wire.yaml:5:12 spec.pattern: there is no RING; use one of POINT_TO_POINT, \
         HUB_AND_SPOKE, ANY_TO_ANY",
        "wire.yaml:6:14 spec.endpoints: it is a map, not a list",
        "wire.yaml:7:10 spec.slo.bandwith: there is no such field; did you mean bandwidthMbps?",
        "wire.yaml:7:36 spec.slo.latencyUs: -3 is not a whole number from 0 on",
    ];
    assert_eq!(wrong(bad), expected);
}

#[test]
fn values_that_cannot_be_are_found_before_anything_is_sent() {
    let bad = WIRE.replace("vlan: 10", "vlan: 4095").replace("name: wire", "name: two words");
    let found = wrong(&bad);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("wire.yaml:4:3 metadata.name: "), "{found:?}");
    assert!(found[1].starts_with("wire.yaml:10:23 spec.endpoints[1].vlan: VLAN 4095"), "{found:?}");
}

#[test]
fn a_file_that_was_cut_off_says_where() {
    let found = wrong(&WIRE[..WIRE.len() - 20]);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("wire.yaml:1") && found[0].contains("cut off"), "{found:?}");
}

#[test]
fn other_things_are_not_manifests() {
    for (content, reason) in [
        ("", "it is empty"),
        ("# nothing\n", "it is empty"),
        ("just words", "it is text"),
        ("apiVersion: wayleave/v1\nkind: Slice\nspec: {}", "there is no kind Slice"),
        ("apiVersion: wayleave/v1\nkind: Topology", "it is missing"),
    ] {
        let found = wrong(content);
        assert!(found[0].contains(reason), "{content}: {found:?}");
    }
}

#[test]
fn of_alternatives_only_one_may_be_given() {
    let topology = "\
apiVersion: wayleave/v1
kind: Topology
spec:
  devices:
    - id: s1
      management: { hostKey: x, insecure: {} }
";
    let found = wrong(topology);
    let expected = "wire.yaml:6:33 spec.devices[0].management.insecure: hostKey is given as well; keep one \
         of them";
    assert_eq!(found, [expected]);
}

#[test]
fn answers_of_the_server_get_their_place() {
    let manifest = read(&text(WIRE)).unwrap().remove(0);
    let field = "intent.spec.slo.bandwidth_mbps";
    let failure = manifest.locate(Failure::fields(vec![Detail::new(field, "too much")]));
    assert_eq!(failure.details[0].subject, "wire.yaml:11:10 spec.slo.bandwidthMbps");
}

#[test]
fn paths_have_steps() {
    assert_eq!(steps("spec.saps[n6.x].port"), ["spec", "saps", "n6.x", "port"]);
    assert_eq!(
        steps("devices[s1].interfaces[a1].role"),
        ["devices", "s1", "interfaces", "a1", "role"]
    );
    let written = as_written("spec.placement[my_upf].excluded_pops[0]");
    assert_eq!(written, "spec.placement[my_upf].excludedPops[0]");
}
