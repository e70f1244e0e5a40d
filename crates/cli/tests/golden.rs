//! Every command against the fake, as sessions in `tests/golden/` and in `docs/cli.md`.

mod common;

use common::{Marks, golden};

macro_rules! sessions {
    ($($name:ident),* $(,)?) => {
        $(#[tokio::test]
        async fn $name() {
            golden(concat!("tests/golden/", stringify!($name), ".txt"), Marks::Shown).await;
        })*

        #[test]
        fn every_session_is_run() {
            let listed = [$(concat!(stringify!($name), ".txt")),*];
            for entry in std::fs::read_dir("tests/golden").unwrap() {
                let name = entry.unwrap().file_name();
                assert!(listed.contains(&name.to_str().unwrap()), "{name:?} is not in the list");
            }
        }
    };
}

sessions!(apply, descriptor, describe, device, errors, explain, get, operation, plan, topology);

#[tokio::test]
async fn the_examples_in_the_documentation_are_what_is_printed() {
    golden("../../docs/cli.md", Marks::Hidden).await;
}
