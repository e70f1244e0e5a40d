//! Every rule that a descriptor must keep to within itself: broken once, found at its place.

use crate::support::{CACHE, NSD, SERVER, line_of, shown, spoilt};
use model::descriptor::parse;

/// What is changed to what; the path and a part of the message; a mark in the line that is named.
type Rule = (&'static str, &'static str, &'static str, &'static str, &'static str);

const NSD_RULES: &[Rule] = &[
    ("    - id: web\n", "    - name2: web\n", "nsd[#1]/id", "id is missing", "name2"),
    ("    - id: web\n", "    - id: a b\n", "nsd[a b]/id", "the character ' '", "- id: a b"),
    (
        "vnfd-id: [server, cache]",
        "vnfd-id: [server]",
        "nsd[web]/df[default]/vnf-profile[cache]/vnfd-id",
        "there is no vnfd-id in the list of the nsd cache",
        "vnfd-id: cache",
    ),
    (
        "vnfd-id: [server, cache]",
        "vnfd-id: [server, cache, server]",
        "nsd[web]/vnfd-id[server]",
        "stands twice",
        "vnfd-id: [server, cache, server]",
    ),
    (
        "vnfd-id: [server, cache]",
        "vnfd-id: [server, cache]\n      nested-nsd-id: [web]",
        "nsd[web]/nested-nsd-id[web]",
        "cannot be nested in itself",
        "nested-nsd-id",
    ),
    (
        "virtual-link-desc: front\n",
        "virtual-link-desc: fronT\n",
        "nsd[web]/sapd[users]/virtual-link-desc",
        "there is no virtual-link-desc fronT",
        "fronT",
    ),
    (
        "          virtual-link-desc: front\n",
        "",
        "nsd[web]/sapd[users]",
        "leads to exactly one of",
        "- id: users",
    ),
    (
        "          virtual-link-desc: front\n",
        "          associated-cpd: { vnfd-id: x, vnf-ext-cpd: y }\n",
        "nsd[web]/sapd[users]/associated-cpd/vnfd-id",
        "there is no vnfd-id in the list",
        "associated-cpd",
    ),
    (
        "\n        - id: back\n",
        "\n        - id: front\n",
        "nsd[web]/virtual-link-desc[front]",
        "stands here a second time",
        "        - id: front\n          connectivity-type: { layer-protocol: [ethernet], flow-pattern: mesh }",
    ),
    (
        "flow-pattern: mesh",
        "flow-pattern: ring",
        "nsd[web]/virtual-link-desc[back]/connectivity-type/flow-pattern",
        "\"ring\" is not known",
        "ring",
    ),
    (
        "latency: 5,",
        "latency: -5,",
        "nsd[web]/virtual-link-desc[front]/df[fast]/qos/latency",
        "is negative",
        "latency: -5",
    ),
    (
        "latency: 5,",
        "latency: 4294967296,",
        "nsd[web]/virtual-link-desc[front]/df[fast]/qos/latency",
        "is more than 4294967295",
        "latency: 42",
    ),
    (
        "packet-loss-ratio: \"0.01\"",
        "packet-loss-ratio: \"0.001\"",
        "nsd[web]/virtual-link-desc[front]/df[fast]/qos/packet-loss-ratio",
        "too many fraction digits",
        "0.001",
    ),
    (
        "{ id: apart, type: anti-affinity, scope: nfvi-pop }",
        "{ id: apart, type: anti-affinity, scope: galaxy }",
        "nsd[web]/df[default]/affinity-or-anti-affinity-group[apart]/scope",
        "\"galaxy\" is not known",
        "galaxy",
    ),
    (
        "              max-number-of-instances: 3\n",
        "              max-number-of-instances: 2\n",
        "nsd[web]/df[default]/ns-instantiation-level[busy]/vnf-to-level-mapping[cache]/number-of-instances",
        "3 instances are outside the profile's 1 to 2",
        "vnf-profile-id: cache, number-of-instances: 3",
    ),
    (
        "              max-number-of-instances: 3\n",
        "              max-number-of-instances: 0\n",
        "nsd[web]/df[default]/vnf-profile[cache]/min-number-of-instances",
        "the minimum 1 is above the maximum 0",
        "              min-number-of-instances: 1\n              max-number-of-instances: 0",
    ),
    (
        "              max-number-of-instances: 3\n",
        "              max-number-of-instances: 70000\n",
        "nsd[web]/df[default]/vnf-profile[cache]/max-number-of-instances",
        "is more than 65535",
        "70000",
    ),
    (
        "{ constituent-base-element-id: cache, constituent-cpd-id: inside }",
        "{ constituent-base-element-id: server, constituent-cpd-id: inside }",
        "nsd[web]/df[default]/vnf-profile[cache]/virtual-link-connectivity[back]/constituent-cpd-id[server,inside]/constituent-base-element-id",
        "is not the profile cache",
        "",
    ),
    (
        "              virtual-link-desc-id: back\n",
        "              virtual-link-desc-id: yonder\n",
        "nsd[web]/df[default]/virtual-link-profile[back]/virtual-link-desc-id",
        "there is no virtual-link-desc yonder",
        "yonder",
    ),
    (
        "              flavour-id: any\n",
        "              flavour-id: some\n",
        "nsd[web]/df[default]/virtual-link-profile[back]/flavour-id",
        "there is no df of the virtual-link-desc some",
        "some",
    ),
    (
        "min-bitrate-requirements: { root: 200, leaf: 50 }",
        "min-bitrate-requirements: { root: 2000, leaf: 50 }",
        "nsd[web]/df[default]/virtual-link-profile[back]/min-bitrate-requirements/root",
        "2000 Mbps is more than the 1000 Mbps",
        "2000",
    ),
    (
        "min-bitrate-requirements: { root: 200, leaf: 50 }",
        "min-bitrate-requirements: { root: 200, leaf: 501 }",
        "nsd[web]/df[default]/virtual-link-profile[back]/min-bitrate-requirements/leaf",
        "501 Mbps is more than the 500 Mbps",
        "501",
    ),
    (
        "max-bitrate-requirements: { root: 1000, leaf: 500 }",
        "max-bitrate-requirements: { root: 18446744073709551616, leaf: 500 }",
        "nsd[web]/df[default]/virtual-link-profile[back]/max-bitrate-requirements/root",
        "is more than 18446744073709551615",
        "18446744073709551616",
    ),
    (
        "{ virtual-link-profile-id: front, root: 900 }",
        "{ virtual-link-profile-id: front, root: 1001 }",
        "nsd[web]/df[default]/ns-instantiation-level[busy]/virtual-link-to-level-mapping[front]/root",
        "1001 Mbps is more than the 1000 Mbps",
        "1001",
    ),
    (
        "{ virtual-link-profile-id: front, root: 900 }",
        "{ virtual-link-profile-id: yonder, root: 900 }",
        "nsd[web]/df[default]/ns-instantiation-level[busy]/virtual-link-to-level-mapping[yonder]/virtual-link-profile-id",
        "there is no virtual-link-profile yonder",
        "yonder",
    ),
    (
        "{ vnf-profile-id: cache, number-of-instances: 3 }",
        "{ vnf-profile-id: cash, number-of-instances: 3 }",
        "nsd[web]/df[default]/ns-instantiation-level[busy]/vnf-to-level-mapping[cash]/vnf-profile-id",
        "there is no vnf-profile cash",
        "cash",
    ),
    (
        "          default-instantiation-level: normal\n",
        "",
        "nsd[web]/df[default]/default-instantiation-level",
        "more than one level and none is the default",
        "        - id: default",
    ),
    (
        "          default-instantiation-level: normal\n",
        "          default-instantiation-level: quiet\n",
        "nsd[web]/df[default]/default-instantiation-level",
        "there is no ns-instantiation-level quiet",
        "quiet",
    ),
    (
        "scaling-level: [normal, busy]",
        "scaling-level: [normal, mad]",
        "nsd[web]/df[default]/scaling-aspect[load]/scaling-level[mad]",
        "there is no ns-instantiation-level mad",
        "mad",
    ),
];

const VNFD_RULES: &[Rule] = &[
    (
        "    provider: tests\n",
        "",
        "vnfd[server]/provider",
        "the mandatory field provider is missing",
        "- id: server",
    ),
    (
        "virtual-memory: { size: \"2.5\" }",
        "virtual-memory: { size: \"1.9\" }",
        "vnfd[server]/vdu[app]/virtual-compute-desc",
        "its memory of 1.9 GB is below the 2.0 GB of image image (min-ram)",
        "",
    ),
    (
        "virtual-memory: { size: \"2.5\" }",
        "virtual-memory: { size: \"2.55\" }",
        "vnfd[server]/virtual-compute-desc[compute]/virtual-memory/size",
        "too many fraction digits",
        "2.55",
    ),
    (
        "size-of-storage: 20,",
        "size-of-storage: 9,",
        "vnfd[server]/virtual-storage-desc[root]",
        "its 9 GB are fewer than the 10 GB that image image needs (min-disk)",
        "- id: root",
    ),
    (
        "size-of-storage: 20,",
        "size-of-storage: -1,",
        "vnfd[server]/virtual-storage-desc[root]/block-storage-data/size-of-storage",
        "is negative",
        "size-of-storage: -1",
    ),
    (
        "size-of-storage: 20,",
        "size-of-storage: 1e30,",
        "vnfd[server]/virtual-storage-desc[root]/block-storage-data/size-of-storage",
        "is not a number",
        "1e30",
    ),
    (
        "num-virtual-cpu: 4",
        "num-virtual-cpu: 0",
        "vnfd[server]/virtual-compute-desc[compute]/virtual-cpu/num-virtual-cpu",
        "a server cannot have 0 processors",
        "num-virtual-cpu: 0",
    ),
    (
        "num-virtual-cpu: 4",
        "num-virtual-cpu: 1.5",
        "vnfd[server]/virtual-compute-desc[compute]/virtual-cpu/num-virtual-cpu",
        "is not a whole number",
        "1.5",
    ),
    (
        "virtual-storage-desc: [root, bucket]",
        "virtual-storage-desc: [root, pail]",
        "vnfd[server]/vdu[app]/virtual-storage-desc[pail]",
        "there is no virtual-storage-desc pail",
        "pail",
    ),
    (
        "sw-image-desc: image }",
        "sw-image-desc: picture }",
        "vnfd[server]/virtual-storage-desc[root]/sw-image-desc",
        "there is no sw-image-desc picture",
        "",
    ),
    (
        "int-cpd: { vdu-id: app, cpd: outside }",
        "int-cpd: { vdu-id: web, cpd: outside }",
        "vnfd[server]/ext-cpd[outside]/int-cpd/vdu-id",
        "there is no vdu web",
        "vdu-id: web",
    ),
    (
        "int-cpd: { vdu-id: app, cpd: outside }",
        "int-cpd: { vdu-id: app, cpd: beside }",
        "vnfd[server]/ext-cpd[outside]/int-cpd/cpd",
        "there is no int-cpd beside",
        "beside",
    ),
    (
        "        int-cpd: { vdu-id: app, cpd: outside }\n",
        "",
        "vnfd[server]/ext-cpd[outside]",
        "it must lead to exactly one thing",
        "",
    ),
    (
        "        int-cpd: { vdu-id: app, cpd: outside }\n",
        "        int-cpd: { vdu-id: app, cpd: outside }\n        int-virtual-link-desc: bus\n",
        "vnfd[server]/ext-cpd[outside]",
        "it must lead to exactly one thing",
        "",
    ),
    (
        "          - id: log\n            min-number-of-instances: 1\n",
        "          - id: logs\n            min-number-of-instances: 1\n",
        "vnfd[server]/df[small]/vdu-profile[logs]/id",
        "there is no vdu logs",
        "logs",
    ),
    (
        "            affinity-or-anti-affinity-group-id: [hosts]\n",
        "            affinity-or-anti-affinity-group-id: [guests]\n",
        "vnfd[server]/df[small]/vdu-profile[app]/affinity-or-anti-affinity-group-id[guests]",
        "there is no affinity-or-anti-affinity-group guests",
        "guests",
    ),
    (
        "{ vdu-id: app, number-of-instances: 2 }",
        "{ vdu-id: app, number-of-instances: 3 }",
        "vnfd[server]/df[small]/instantiation-level[two]/vdu-level[app]/number-of-instances",
        "3 instances are outside the profile's 1 to 2",
        "number-of-instances: 3",
    ),
    (
        "        default-instantiation-level: one\n",
        "",
        "vnfd[server]/df[small]/default-instantiation-level",
        "more than one level and none is the default",
        "",
    ),
    (
        "    virtual-compute-desc:\n",
        "    virtual-compute-desc: 7\n    virtual-compute-desk:\n",
        "vnfd[server]/virtual-compute-desc[#1]",
        "a map of fields is needed here, this is a single value",
        "virtual-compute-desc: 7",
    ),
    (
        "      - id: log\n        name: log\n",
        "      - id: log\n",
        "vnfd[server]/vdu[log]/name",
        "the mandatory field name is missing",
        "",
    ),
];

fn hold(name: &str, text: &str, rules: &[Rule]) {
    let mut wrong = Vec::new();
    for (from, to, path, message, mark) in rules {
        let text = spoilt(text, from, to);
        let parsed = parse(name, &text);
        let hit =
            parsed.diagnostics.iter().find(|d| d.path == *path && d.message.contains(message));
        match hit {
            None => wrong.push(format!("{to:?}: {:#?}", shown(&parsed.diagnostics))),
            Some(hit) if !hit.is_error() || hit.hint.is_empty() => {
                wrong.push(format!("{to:?}: {hit}"));
            }
            Some(hit) if !mark.is_empty() && !names_line(&text, mark, hit.line) => {
                wrong.push(format!("{to:?}: not at {mark:?}: {hit}"));
            }
            Some(hit) => assert!(hit.line > 0 && hit.column > 0, "{hit}"),
        }
        let used =
            parsed.documents.iter().any(|d| d.soundness == model::descriptor::Soundness::Sound);
        assert!(!used, "{to:?}: a broken descriptor is not sound");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn names_line(text: &str, mark: &str, line: u32) -> bool {
    match mark.split_once('\n') {
        None => line_of(text, mark) == line,
        Some((first, next)) => {
            let lines: Vec<_> = text.lines().collect();
            let at = lines.windows(2).position(|pair| pair[0] == first && pair[1] == next);
            at.is_some_and(|at| u32::try_from(at + 1) == Ok(line))
        }
    }
}

#[test]
fn rules_of_an_nsd() {
    hold("nsd.yaml", NSD, NSD_RULES);
}

#[test]
fn rules_of_a_vnfd() {
    hold("server.yaml", SERVER, VNFD_RULES);
}

/// Lists that SOL006 wants at least one entry in.
#[test]
fn what_must_be_there_once() {
    for field in ["vdu", "ext-cpd", "df"] {
        let text = CACHE.replace(&format!("\n{field}:\n"), &format!("\nx-{field}:\n"));
        let found = shown(&parse("cache.yaml", &text).diagnostics);
        let wanted = format!("vnfd[cache]/{field}: the mandatory field {field} is missing");
        assert!(found.iter().any(|f| f.contains(&wanted)), "{field}: {found:?}");
    }
    let text = NSD.replace("\n      df:\n", "\n      x-df:\n");
    let found = shown(&parse("nsd.yaml", &text).diagnostics);
    assert!(found.iter().any(|f| f.contains("nsd[web]/df: the mandatory field df")), "{found:?}");
}

#[test]
fn a_level_maps_something() {
    let level = "            - id: nothing\n              description: nothing\n";
    let text = spoilt(NSD, "            - id: busy\n", &format!("{level}            - id: busy\n"));
    let found = shown(&parse("nsd.yaml", &text).diagnostics);
    assert!(found.len() == 1 && found[0].contains("the level maps nothing"), "{found:?}");
}

#[test]
fn a_file_holds_one_nsd() {
    let second = "    - { id: second, df: [] }\n";
    let found = shown(&parse("nsd.yaml", &format!("{NSD}{second}")).diagnostics);
    assert!(found.iter().any(|f| f.contains("a file holds at most one nsd")), "{found:?}");
}

/// Nine mistakes in one file are in one answer, from top to bottom.
#[test]
fn everything_is_found_at_once() {
    let mut text = SERVER.to_owned();
    let (mut broken, mut wanted) = (0, Vec::new());
    for (from, to, path, ..) in VNFD_RULES {
        let apart = !to.is_empty() && !path.contains('#') && !to.contains("picture");
        if apart && text.matches(from).count() == 1 {
            text = text.replace(from, to);
            broken += 1;
            wanted.push(*path);
        }
    }
    assert!(broken >= 9, "{broken} changes that do not touch one another");
    let found = parse("server.yaml", &text).diagnostics;
    for path in wanted {
        assert!(found.iter().any(|d| d.path == path), "{path}: {:#?}", shown(&found));
    }
    assert!(found.is_sorted_by_key(|d| (d.line, d.column)), "{:#?}", shown(&found));
}
