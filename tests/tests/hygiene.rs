//! What holds for the repository's text as a whole.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use tests::need::need;
use tests::root;

/// The longest Rust file: one idea fits.
const LINES: usize = 800;

/// Words that no tracked text has, written so that this file has none of them either.
const UNFINISHED: &[&str] =
    &[concat!("to", "do!("), concat!("unimple", "mented!("), concat!("#[ig", "nore")];
/// Hosts that packages come from: the package tools know them, and a mirror may stand in for them.
const REGISTRIES: &[&str] = &[
    concat!("crates", ".io"),
    concat!("py", "pi.org"),
    concat!("python", "hosted.org"),
    concat!("registry.npm", "js"),
    concat!("docker", ".io"),
    concat!("ghcr", ".io"),
    concat!("proxy.go", "lang.org"),
    concat!("deb.deb", "ian.org"),
];
/// Folders of one machine.
const MACHINE: &[&str] =
    &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/fa", "rm/")];

struct File {
    name: String,
    text: String,
}

/// What git tracks, as far as it is text; `None` (and one line) outside a clone.
fn tracked() -> Option<Vec<File>> {
    let arguments = ["-c", "safe.directory=*", "ls-files", "-z"];
    let output = Command::new("git").args(arguments).current_dir(root()).output();
    let listed = output.ok().filter(|output| output.status.success());
    let listed = need(listed, "this is not a git clone, so nothing is tracked")?;
    let names = String::from_utf8(listed.stdout).unwrap();
    let read = |name: &str| {
        // A file that is deleted and not yet committed is still listed.
        let text = String::from_utf8(fs::read(root().join(name)).ok()?).ok()?;
        Some(File { name: name.to_owned(), text })
    };
    let files: Vec<_> = names.split_terminator('\0').filter_map(read).collect();
    assert!(files.len() > 100, "only {} files are tracked", files.len());
    Some(files)
}

fn is_rust(file: &File) -> bool {
    file.name.ends_with(".rs")
}

/// Lines that hold one of the words, with their places.
fn lines_with(files: &[&File], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        for (number, line) in (1..).zip(file.text.lines()) {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{number}: {}", file.name, line.trim()));
            }
        }
    }
    found
}

#[test]
fn no_rust_file_is_long() {
    let Some(files) = tracked() else { return };
    let long = files.iter().filter(|file| is_rust(file) && file.text.lines().count() > LINES);
    let long: Vec<_> = long.map(|file| &file.name).collect();
    assert!(long.is_empty(), "longer than {LINES} lines: {long:?}");
}

#[test]
fn nothing_is_left_unfinished() {
    let Some(files) = tracked() else { return };
    let rust: Vec<_> = files.iter().filter(|file| is_rust(file)).collect();
    assert_eq!(lines_with(&rust, UNFINISHED), Vec::<String>::new());
}

#[test]
fn no_text_names_a_registry_or_a_folder_of_one_machine() {
    let Some(files) = tracked() else { return };
    // The lock file is cargo's: it writes there where each package is from.
    let ours: Vec<_> = files.iter().filter(|file| file.name != "Cargo.lock").collect();
    assert_eq!(lines_with(&ours, REGISTRIES), Vec::<String>::new());
    assert_eq!(lines_with(&ours, MACHINE), Vec::<String>::new());
}

#[test]
fn what_is_looked_for_is_found() {
    let file = File { name: "a.rs".to_owned(), text: format!("fine\n{}x", MACHINE[0]) };
    assert_eq!(lines_with(&[&file], MACHINE), [format!("a.rs:2: {}x", MACHINE[0])]);
}

/// `cargo deny` reads the same list; this holds without it.
#[test]
fn no_package_is_locked_that_deny_toml_bans() {
    let banned = banned(&fs::read_to_string(root().join("deny.toml")).unwrap());
    for name in ["openssl", "native-tls", "aws-lc-rs"] {
        assert!(banned.contains(name), "deny.toml does not ban {name}: {banned:?}");
    }
    let locked = locked(&fs::read_to_string(root().join("Cargo.lock")).unwrap());
    assert!(locked.len() > 100 && locked.contains("rustls"), "{locked:?}");
    let both: Vec<_> = locked.intersection(&banned).collect();
    assert!(both.is_empty(), "locked, and banned by deny.toml: {both:?}");
}

/// The names in `deny = [{ crate = "…" }]` of `[bans]`.
fn banned(deny: &str) -> BTreeSet<String> {
    let bans = deny.split_once("[bans]").expect("deny.toml has [bans]").1;
    let list = bans.split_once("\ndeny = [").expect("[bans] has deny").1;
    let list = list.split_once(']').expect("the list ends").0;
    let names = list.split("crate = \"").skip(1);
    // A version may follow the name: `name@1`.
    names.map(|rest| rest.split(['"', '@', ':']).next().unwrap_or_default().to_owned()).collect()
}

fn locked(lock: &str) -> BTreeSet<String> {
    let names = lock.lines().filter_map(|line| line.strip_prefix("name = \""));
    names.map(|name| name.trim_end_matches('"').to_owned()).collect()
}
