//! Sections F and G of the NETCONF checklist: reading, filters and edits. Each test carries the
//! number of its statement.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use netconf::xml::Element;
use netconf::{BASE, ErrorTag, RpcError};
use sim_device::Device;
use tests::raw::Raw;
use tests::switch;

const NS: &str = "http://openconfig.net/yang/interfaces";
const DISCARD: &str = "<discard-changes/>";
const NEW: &str =
    "<type xmlns:t=\"urn:ietf:params:xml:ns:yang:iana-if-type\">t:ethernetCsmacd</type>";

/// Reads running through a subtree filter.
async fn filtered(raw: &mut Raw, filter: &str) -> Element {
    raw.data(&format!(
        "<get-config><source><running/></source><filter type=\"subtree\">{filter}</filter></get-config>"
    ))
    .await
}

fn interfaces(inside: &str) -> String {
    format!("<interfaces xmlns=\"{NS}\">{inside}</interfaces>")
}

/// The interfaces in a reply.
fn entries(data: &Element) -> Vec<&Element> {
    let all = data.children().filter(|child| child.name == "interfaces");
    all.flat_map(Element::children).collect()
}

fn names(data: &Element) -> Vec<String> {
    entries(data).iter().filter_map(|entry| entry.child("name").map(Element::text)).collect()
}

/// The children of an element, by name.
fn inside(element: &Element) -> Vec<&str> {
    element.children().map(|child| child.name.as_str()).collect()
}

/// A switch whose first interface has a description and an MTU.
async fn prepared() -> (Device, Raw) {
    let device = switch::start(None).await;
    let mut raw = Raw::open(&device).await;
    let leaves = "<description>uplink</description><mtu>9000</mtu>";
    raw.ok(&switch::edit(&switch::interface(leaves))).await;
    raw.ok("<commit/>").await;
    (device, raw)
}

/// An edit of the candidate with one operation on the first interface's entry.
fn on_entry(operation: &str, leaves: &str) -> String {
    switch::edit(&format!(
        "<interfaces xmlns=\"{NS}\" xmlns:nc=\"{BASE}\"><interface {operation}><name>{}</name>{leaves}</interface></interfaces>",
        switch::PORTS[0]
    ))
}

fn described(text: &str) -> String {
    format!("<config><description>{text}</description></config>")
}

async fn candidate(raw: &mut Raw) -> Element {
    raw.data("<get-config><source><candidate/></source></get-config>").await
}

async fn candidate_text(raw: &mut Raw) -> String {
    candidate(raw).await.to_xml()
}

/// What an edit with this entry operation is refused with; the candidate is as it was.
async fn refused(raw: &mut Raw, edit: &str) -> RpcError {
    let before = candidate_text(raw).await;
    let error = raw.error(edit).await;
    assert_eq!(candidate_text(raw).await, before, "{edit}");
    error
}

#[tokio::test]
async fn n_059_no_filter_is_everything_and_an_empty_one_is_nothing() {
    let (_device, mut raw) = prepared().await;
    let all = raw.data("<get-config><source><running/></source></get-config>").await;
    assert_eq!(names(&all).len(), switch::PORTS.len());
    let none = raw
        .data("<get-config><source><running/></source><filter type=\"subtree\"/></get-config>")
        .await;
    assert_eq!(inside(&none), Vec::<&str>::new());
}

#[tokio::test]
async fn n_060_configuration_and_state() {
    let (_device, mut raw) = prepared().await;
    let configuration = raw.data("<get-config><source><running/></source></get-config>").await;
    assert!(entries(&configuration).iter().all(|entry| entry.child("state").is_none()));
    let all = raw.data("<get/>").await;
    let state = entries(&all)[0].child("state").unwrap();
    assert_eq!(state.child("oper-status").unwrap().text(), "UP");
    assert!(entries(&all)[0].child("config").is_some());
    let error = raw.error("<get-config/>").await;
    assert_eq!(error.tag, ErrorTag::missing_element());
}

#[tokio::test]
async fn n_061_n_062_selection_and_containment() {
    let (_device, mut raw) = prepared().await;
    let whole = filtered(&mut raw, &interfaces("")).await;
    assert_eq!(names(&whole).len(), switch::PORTS.len());
    let filter = interfaces("<interface><config><mtu/></config></interface>");
    let part = filtered(&mut raw, &filter).await;
    let entry = entries(&part)[0];
    assert_eq!(inside(entry.child("config").unwrap()), ["mtu"]);
}

#[tokio::test]
async fn n_063_n_064_content_matches() {
    let (_device, mut raw) = prepared().await;
    let port = switch::PORTS[0];
    let filter = interfaces(&format!("<interface><name>\n  {port} </name></interface>"));
    let data = filtered(&mut raw, &filter).await;
    assert_eq!(names(&data), [port]);
    // Only matches: the whole entry.
    assert!(inside(entries(&data)[0]).contains(&"config"));
    let filter =
        interfaces(&format!("<interface><name>{port}</name><config><mtu/></config></interface>"));
    let data = filtered(&mut raw, &filter).await;
    assert_eq!(inside(entries(&data)[0]), ["name", "config"]);
    assert_eq!(inside(entries(&data)[0].child("config").unwrap()), ["mtu"]);
    // Two matches in one container: one miss drops it.
    for (mtu, found) in [("9000", true), ("1500", false)] {
        let filter = interfaces(&format!(
            "<interface><config><description>uplink</description><mtu>{mtu}</mtu></config></interface>"
        ));
        let data = filtered(&mut raw, &filter).await;
        assert_eq!(data.to_xml().contains("uplink"), found, "{}", data.to_xml());
    }
}

#[tokio::test]
async fn n_065_keys_always_come_along() {
    let (_device, mut raw) = prepared().await;
    let filter = interfaces("<interface><config><mtu/></config></interface>");
    let data = filtered(&mut raw, &filter).await;
    assert!(!entries(&data).is_empty());
    assert!(entries(&data).iter().all(|entry| entry.child("name").is_some()));
}

#[tokio::test]
async fn n_066_branches_add_up_and_nothing_comes_twice() {
    let (_device, mut raw) = prepared().await;
    let port = switch::PORTS[0];
    let filter = interfaces(&format!(
        "<interface><name>{port}</name></interface><interface><name>{port}</name><config><mtu/></config></interface>"
    ));
    let data = filtered(&mut raw, &filter).await;
    assert_eq!(names(&data), [port]);
    assert_eq!(data.to_xml().matches("<mtu").count(), 1, "{}", data.to_xml());
    let filter = format!("{}<system xmlns=\"http://openconfig.net/yang/system\"/>", interfaces(""));
    let data = filtered(&mut raw, &filter).await;
    assert!(data.child("system").is_some() && data.child("interfaces").is_some());
}

#[tokio::test]
async fn n_067_namespaces_of_a_filter() {
    let (_device, mut raw) = prepared().await;
    let any = filtered(&mut raw, "<interfaces xmlns=\"\"/>").await;
    assert_eq!(names(&any).len(), switch::PORTS.len());
    let wrong = filtered(&mut raw, "<interfaces xmlns=\"urn:wrong\"/>").await;
    assert_eq!(inside(&wrong), Vec::<&str>::new());
}

#[tokio::test]
async fn n_069_n_070_types_of_filter() {
    let (_device, mut raw) = prepared().await;
    for kind in ["regex", "xpath"] {
        let get = format!(
            "<get-config><source><running/></source><filter type=\"{kind}\" select=\"/\"/></get-config>"
        );
        let error = raw.error(&get).await;
        if kind == "regex" {
            assert_eq!(error.tag, ErrorTag::bad_attribute());
            let bad = [("bad-attribute", "type"), ("bad-element", "filter")];
            assert!(bad.iter().all(|(name, text)| {
                error.info.contains(&((*name).to_owned(), (*text).to_owned()))
            }));
        }
    }
    raw.data("<get/>").await;
}

#[tokio::test]
async fn n_074_text_comes_back_as_it_went() {
    let (_device, mut raw) = prepared().await;
    let texts = ["&<>\"'", " leading and trailing ", "é ü 漢 🙂", "a\tb", "", "]]>", "{\"a\":1}"];
    for text in texts {
        let escaped = netconf::xml::escaped(text);
        raw.ok(&switch::edit(&switch::description(&escaped))).await;
        raw.ok("<commit/>").await;
        let filter = interfaces("<interface><config><description/></config></interface>");
        let data = filtered(&mut raw, &filter).await;
        let config = entries(&data)[0].child("config").unwrap();
        let description = config.child("description").unwrap_or_else(|| panic!("{text:?}"));
        let found: String = description
            .nodes
            .iter()
            .map(|node| match node {
                netconf::xml::Node::Text(text) => text.as_str(),
                netconf::xml::Node::Element(_) => panic!("an element in {text:?}"),
            })
            .collect();
        assert_eq!(found, text);
    }
}

#[tokio::test]
async fn n_075_nothing_found_is_empty_data() {
    let (_device, mut raw) = prepared().await;
    let filter = interfaces("<interface><name>nowhere</name></interface>");
    let data = filtered(&mut raw, &filter).await;
    assert_eq!(inside(&data), Vec::<&str>::new());
}

#[tokio::test]
async fn n_076_n_077_only_qualified_operations_count() {
    let (_device, mut raw) = prepared().await;
    let plain = refused(&mut raw, &on_entry("operation=\"delete\"", "")).await;
    assert_eq!(plain.tag, ErrorTag::unknown_attribute());
    let other = refused(&mut raw, &on_entry("nc:operation=\"purge\"", "")).await;
    assert_eq!(other.tag, ErrorTag::bad_attribute());
}

#[tokio::test]
async fn n_078_n_079_create_delete_and_remove() {
    let (_device, mut raw) = prepared().await;
    let there = refused(&mut raw, &on_entry("nc:operation=\"create\"", "")).await;
    assert_eq!(there.tag, ErrorTag::data_exists());
    let leaf = |operation: &str, name: &str| {
        on_entry("", &format!("<config><{name} nc:operation=\"{operation}\">1</{name}></config>"))
    };
    let there = refused(&mut raw, &leaf("create", "mtu")).await;
    assert_eq!(there.tag, ErrorTag::data_exists());
    raw.ok(&leaf("delete", "mtu")).await;
    assert!(!candidate_text(&mut raw).await.contains("<mtu"));
    let gone = refused(&mut raw, &leaf("delete", "mtu")).await;
    assert_eq!(gone.tag, ErrorTag::data_missing());
    let before = candidate_text(&mut raw).await;
    raw.ok(&leaf("remove", "mtu")).await;
    let nowhere = switch::edit(&format!(
        "<interfaces xmlns=\"{NS}\" xmlns:nc=\"{BASE}\"><interface nc:operation=\"remove\"><name>nowhere</name></interface></interfaces>"
    ));
    raw.ok(&nowhere).await;
    assert_eq!(candidate_text(&mut raw).await, before);
    raw.ok(&on_entry("nc:operation=\"remove\"", "")).await;
    assert_eq!(names(&candidate(&mut raw).await), [switch::PORTS[1]]);
    let gone = refused(&mut raw, &on_entry("nc:operation=\"delete\"", "")).await;
    assert_eq!(gone.tag, ErrorTag::data_missing());
}

#[tokio::test]
async fn n_080_replace_takes_away_and_merge_does_not() {
    let (_device, mut raw) = prepared().await;
    raw.ok(&on_entry("nc:operation=\"merge\"", &described("merged"))).await;
    let merged = candidate_text(&mut raw).await;
    assert!(merged.contains("merged") && merged.contains("<mtu"), "{merged}");
    raw.ok(&on_entry("nc:operation=\"replace\"", &described("replaced"))).await;
    let replaced = candidate(&mut raw).await;
    assert_eq!(names(&replaced), switch::PORTS);
    let text = replaced.to_xml();
    assert!(text.contains("replaced") && !text.contains("<mtu"), "{text}");
}

#[tokio::test]
async fn n_081_the_default_operation() {
    let (_device, mut raw) = prepared().await;
    let with = |default: &str, config: &str| {
        switch::edit(config).replace(
            "<config><int",
            &format!("<default-operation>{default}</default-operation><config><int"),
        )
    };
    // With none, the path only leads somewhere.
    let located = format!(
        "<interfaces xmlns=\"{NS}\" xmlns:nc=\"{BASE}\"><interface><name>{}</name><config><mtu nc:operation=\"replace\">1500</mtu><description>not written</description></config></interface></interfaces>",
        switch::PORTS[0]
    );
    raw.ok(&with("none", &located)).await;
    let text = candidate_text(&mut raw).await;
    assert!(text.contains(">1500<") && text.contains(">uplink<"), "{text}");
    let nowhere = located.replace(switch::PORTS[0], "nowhere");
    let missing = refused(&mut raw, &with("none", &nowhere)).await;
    assert_eq!(missing.tag, ErrorTag::data_missing());
    // With replace, what is not given is gone.
    raw.ok(&with("replace", &switch::interface(NEW))).await;
    let all = candidate(&mut raw).await;
    assert_eq!(
        (inside(&all), names(&all)),
        (vec!["interfaces"], vec![switch::PORTS[0].to_owned()])
    );
    let error = raw.error(&with("purge", &switch::interface(""))).await;
    assert!([ErrorTag::invalid_value(), ErrorTag::bad_element()].contains(&error.tag), "{error}");
}

#[tokio::test]
async fn n_083_keys_may_stand_last() {
    let (_device, mut raw) = prepared().await;
    let last = format!(
        "<interfaces xmlns=\"{NS}\"><interface><config><description>keys last</description></config><name>{}</name></interface></interfaces>",
        switch::PORTS[0]
    );
    raw.ok(&switch::edit(&last)).await;
    let all = candidate(&mut raw).await;
    assert_eq!(names(&all), switch::PORTS);
    assert!(entries(&all).iter().all(|entry| inside(entry)[0] == "name"));
    assert!(all.to_xml().contains("keys last"));
}

#[tokio::test]
async fn n_087_test_only_changes_nothing() {
    let (_device, mut raw) = prepared().await;
    let only = |config: &str| {
        switch::edit(config)
            .replace("<config><int", "<test-option>test-only</test-option><config><int")
    };
    let before = candidate_text(&mut raw).await;
    raw.ok(&only(&switch::description("tested"))).await;
    let untyped =
        interfaces("<interface><name>new</name><config><name>new</name></config></interface>");
    raw.error(&only(&untyped)).await;
    assert_eq!(candidate_text(&mut raw).await, before);
}

#[tokio::test]
async fn n_088_one_error_undoes_the_whole_edit() {
    let (_device, mut raw) = prepared().await;
    let three = switch::edit(&switch::interface(
        "<description>first</description><mtu>many</mtu><enabled>false</enabled>",
    ))
    .replace("<config><int", "<error-option>rollback-on-error</error-option><config><int");
    let error = refused(&mut raw, &three).await;
    assert_eq!(error.tag, ErrorTag::invalid_value());
}

#[tokio::test]
async fn n_089_n_099_a_locked_target_is_in_use() {
    let (device, mut raw) = prepared().await;
    let mut other = Raw::open(&device).await;
    raw.ok("<lock><target><candidate/></target></lock>").await;
    let edit = switch::edit(&switch::description("not mine"));
    for operation in [edit.as_str(), DISCARD, "<commit/>"] {
        assert_eq!(other.error(operation).await.tag, ErrorTag::in_use(), "{operation}");
    }
    raw.ok("<unlock><target><candidate/></target></unlock>").await;
    raw.ok("<lock><target><running/></target></lock>").await;
    let running = edit.replace("candidate", "running");
    for operation in [running.as_str(), "<commit/>"] {
        assert_eq!(other.error(operation).await.tag, ErrorTag::in_use(), "{operation}");
    }
}

#[tokio::test]
async fn n_090_targets_that_are_not_there() {
    let (device, mut raw) = prepared().await;
    let before = device.running();
    let edit = switch::edit(&switch::description("nowhere"));
    raw.error(&edit.replace("<candidate/>", "<startup/>")).await;
    raw.error(&edit.replace("<candidate/>", "<nonsense/>")).await;
    assert_eq!(device.running(), before);
    raw.ok(&edit.replace("<candidate/>", "<running/>")).await;
    assert_ne!(device.running(), before);
}

#[tokio::test]
async fn n_091_state_cannot_be_written() {
    let (_device, mut raw) = prepared().await;
    let state = "<config><description>beside</description></config><state><mtu>1</mtu></state>";
    let error = refused(&mut raw, &on_entry("", state)).await;
    let tags = [ErrorTag::unknown_element(), ErrorTag::invalid_value()];
    assert!(tags.contains(&error.tag), "{error}");
}

#[tokio::test]
async fn n_092_the_candidate_may_be_incomplete_and_running_never_is() {
    let (device, mut raw) = prepared().await;
    let before = device.running();
    let untyped =
        interfaces("<interface><name>new</name><config><name>new</name></config></interface>");
    raw.ok(&switch::edit(&untyped)).await;
    raw.error("<commit/>").await;
    assert_eq!(device.running(), before);
    assert!(candidate_text(&mut raw).await.contains(">new<"));
    raw.error(&switch::edit(&untyped).replace("<candidate/>", "<running/>")).await;
    assert_eq!(device.running(), before);
    raw.ok(DISCARD).await;
}
