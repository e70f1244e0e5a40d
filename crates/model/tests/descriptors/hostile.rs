//! Input that is cut off, too large, too deep, or meant to do harm: one clear error, soon.

use crate::support::{CACHE, NSD, SERVER, line_of, shown};
use model::descriptor::{MAX_BYTES, MAX_DEPTH, parse};
use proptest::prelude::*;

fn only_error(text: &str) -> String {
    let parsed = parse("file", text);
    assert!(parsed.documents.is_empty(), "nothing of it is used");
    let found = shown(&parsed.diagnostics);
    assert_eq!(found.len(), 1, "{found:?}");
    found.into_iter().next().unwrap()
}

#[test]
fn cut_off_json_says_so_and_where() {
    let whole: serde_json::Value = serde_saphyr::from_str(NSD).unwrap();
    let text = serde_json::to_string_pretty(&whole).unwrap();
    for cut in [text.len() / 3, text.len() / 2, text.len() - 2] {
        let error = only_error(&text[..cut]);
        assert!(error.contains("cannot be read") && error.contains("cut off"), "{error}");
        assert!(error.starts_with("file:"), "{error}");
    }
}

/// YAML that is cut off between two lines is YAML: what is missing is found, up to where the rest
/// could be left out as well.
#[test]
fn cut_off_yaml_does_not_pass_for_the_whole() {
    let lines: Vec<&str> = SERVER.lines().collect();
    let enough = line_of(SERVER, "vdu-id: log, number-of-instances: 1") as usize;
    for cut in 1..enough - 1 {
        let parsed = parse("file", &lines[..cut].join("\n"));
        assert!(!parsed.is_sound(), "the first {cut} lines pass for the whole");
    }
}

#[test]
fn a_hundred_mebibytes_are_refused_unread() {
    let text = format!("vnfd:\n  id: {}\n", "x".repeat(100 * 1024 * 1024));
    let error = only_error(&text);
    assert!(error.contains("bytes, more than 4194304"), "{}", &error[..200.min(error.len())]);
    let at_the_limit = format!("{CACHE}#{}", "x".repeat(MAX_BYTES - CACHE.len() - 1));
    assert_eq!(at_the_limit.len(), MAX_BYTES);
    assert!(parse("file", &at_the_limit).is_sound());
}

#[test]
fn deep_nesting_is_refused() {
    for (open, close) in [("[", "]"), ("{a: ", "}")] {
        let text = format!("vnfd: {}{}", open.repeat(MAX_DEPTH + 1), close.repeat(MAX_DEPTH + 1));
        assert!(only_error(&text).contains("cannot be read"));
        let text = format!("vnfd: {}", open.repeat(100_000));
        assert!(only_error(&text).contains("cannot be read"));
    }
    let indented: String = (0..1000).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
    assert!(only_error(&indented).contains("cannot be read"));
}

/// Nine levels of nine references each would be four hundred million values.
#[test]
fn aliases_cannot_unfold_without_end() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let before = format!("*a{}", level - 1);
        let list = vec![before; 9].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{list}]\n"));
    }
    text.push_str("vnfd: *a9\n");
    assert!(only_error(&text).contains("cannot be read"));
    assert!(only_error("vnfd: &a [*a]").contains("cannot be read"));
}

#[test]
fn very_many_values_are_refused() {
    let text = format!("vnfd:\n  vdu: [{}]\n", "1, ".repeat(200_000));
    assert!(only_error(&text).contains("cannot be read"));
}

#[test]
fn the_same_key_twice_is_an_error() {
    let error = only_error("vnfd:\n  id: a\n  id: b\n");
    assert!(error.contains("file:3"), "{error}");
}

#[test]
fn the_list_of_problems_is_bounded() {
    let fields: String = (0..2000).map(|n| format!("x{n}: 1\n")).collect();
    let found = parse("file", &format!("{CACHE}{fields}")).diagnostics;
    assert!(found.len() <= 1000, "{} problems", found.len());
    assert!(shown(&found).iter().any(|f| f.contains("there are more problems")));
}

#[test]
fn odd_bytes_are_no_trouble() {
    for text in [
        "\u{feff}vnfd: {}",
        "vnfd: \"\u{0}\"",
        "vnfd: \u{202e}",
        "\t",
        "%YAML 9.9\n---\n",
        "--- \n--- \n",
        "!!binary x",
    ] {
        let parsed = parse("file", text);
        assert!(!parsed.is_sound(), "{text:?}");
    }
}

/// A piece of a descriptor, put in the place of another.
fn pieces() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~\n]{0,12}",
        Just("-1".to_owned()),
        Just("18446744073709551616".to_owned()),
        Just("null".to_owned()),
        Just("{}".to_owned()),
        Just("[]".to_owned()),
        Just("&x".to_owned()),
        Just("*x".to_owned()),
        Just("\n".to_owned()),
        Just("\u{10ffff}".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,400}") {
        let _ = parse("file", &text);
    }

    #[test]
    fn a_descriptor_with_pieces_exchanged_is_read_or_refused(
        base in prop::sample::select(vec![NSD, SERVER, CACHE]),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0usize..40, pieces()), 1..4),
    ) {
        let mut text = base.to_owned();
        for (at, length, piece) in cuts {
            let from = at.index(text.len());
            let from = (0..=from).rev().find(|i| text.is_char_boundary(*i)).unwrap();
            let to = (from + length).min(text.len());
            let to = (to..=text.len()).find(|i| text.is_char_boundary(*i)).unwrap();
            text.replace_range(from..to, &piece);
        }
        let checked = crate::support::checked(&[("spoilt", &text), ("nsd", NSD), ("server", SERVER), ("cache", CACHE)]);
        for diagnostic in &checked.diagnostics {
            prop_assert!(!diagnostic.message.is_empty() && !diagnostic.hint.is_empty());
        }
    }
}
