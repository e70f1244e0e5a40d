use super::*;
use model::Mbps;
use model::plan::Relaxation;

fn violation(field: &str) -> Violation {
    Violation { field: field.into(), reason: "it is wrong".into(), hint: "mend it".into() }
}

fn link_short() -> Error {
    Error::Infeasible {
        infeasible: Box::new(Infeasible {
            binding: BindingConstraint::LinkCapacity {
                virtual_link: "n4".parse().unwrap(),
                link: "fra>ams".parse().unwrap(),
                needed: Mbps(100),
                available: Mbps(60),
            },
            relaxation: Some(Relaxation {
                what: "spec.slo.latency_us".into(),
                from: "8000".into(),
                to: "11000".into(),
            }),
        }),
    }
}

fn every_error() -> Vec<(Error, Code)> {
    let text = || "x".to_owned();
    vec![
        (Error::Rejected { violations: vec![violation("name")] }, Code::InvalidArgument),
        (Error::Descriptors { diagnostics: vec![] }, Code::InvalidArgument),
        (link_short(), Code::FailedPrecondition),
        (Error::Conflict { what: text(), expected: 3, current: 5 }, Code::Aborted),
        (Error::NotFound { kind: "intent".into(), name: text() }, Code::NotFound),
        (Error::RequestReused { request_id: text() }, Code::AlreadyExists),
        (Error::Precondition { reason: text(), hint: text() }, Code::FailedPrecondition),
        (Error::Unavailable { reason: text(), retry_after_ms: 1500 }, Code::Unavailable),
        (Error::Exhausted { queue: text(), retry_after_ms: 200 }, Code::ResourceExhausted),
        (
            Error::DeviceRefused { device: text(), path: text(), reason: text() },
            Code::FailedPrecondition,
        ),
        (
            Error::VimRefused { vim: text(), object: text(), reason: text() },
            Code::FailedPrecondition,
        ),
        (Error::Compacted { from: 1, oldest: 9 }, Code::OutOfRange),
        (Error::Cancelled, Code::Cancelled),
        (Error::Bug { detail: text() }, Code::Internal),
    ]
}

#[test]
fn every_error_has_its_status_and_its_code_travels() {
    for (error, code) in every_error() {
        let status = of(&error);
        assert_eq!(status.code(), code, "{error:?}");
        let info = status.get_details_error_info().expect("every status has an ErrorInfo");
        assert_eq!((info.reason.as_str(), info.domain.as_str()), (error.code(), "wayleave"));
        assert!(!status.message().is_empty());
    }
}

#[test]
fn every_code_has_a_page() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors");
    let codes = every_error().into_iter().map(|(error, _)| error.code());
    for code in codes.chain([DEADLINE]) {
        let page = std::fs::read_to_string(format!("{folder}/{code}.md")).expect(code);
        assert!(page.starts_with(&format!("# {code}")), "{code}");
    }
}

#[test]
fn all_violations_are_in_one_answer() {
    let fields: Vec<_> = (0..20).map(|i| format!("spec.endpoints[{i}].port")).collect();
    let violations = fields.iter().map(|field| violation(field)).collect();
    let status = of(&Error::Rejected { violations });
    let bad = status.get_details_bad_request().unwrap();
    let named: Vec<_> = bad.field_violations.iter().map(|v| v.field.clone()).collect();
    assert_eq!(named, fields);
}

#[test]
fn details_fit_into_a_trailer_and_say_what_is_left_out() {
    let violations = (0..5000).map(|i| violation(&format!("labels[{i}]"))).collect();
    let status = of(&Error::Rejected { violations });
    assert!(status.details().len() < 6000, "{}", status.details().len());
    let bad = status.get_details_bad_request().unwrap();
    let last = bad.field_violations.last().unwrap();
    let left_out = 5000 - (bad.field_violations.len() - 1);
    assert!(last.description.starts_with(&format!("{left_out} more")), "{last:?}");
}

#[test]
fn what_is_infeasible_says_which_constraint_and_by_how_much() {
    let status = of(&link_short());
    let info = status.get_details_error_info().unwrap();
    for (key, value) in [
        ("constraint", "LINK_CAPACITY"),
        ("subject", "link fra>ams"),
        ("needed", "100 Mbps"),
        ("available", "60 Mbps"),
        ("relax_to", "11000"),
    ] {
        assert_eq!(info.metadata.get(key).map(String::as_str), Some(value), "{key}");
    }
    let failure = status.get_details_precondition_failure().unwrap();
    assert!(failure.violations[0].description.contains("40 Mbps short"));
}

#[test]
fn what_may_be_repeated_says_when() {
    let status = of(&Error::Exhausted { queue: "intents".into(), retry_after_ms: 1500 });
    let retry = status.get_details_retry_info().unwrap();
    assert_eq!(retry.retry_delay, Some(Duration::from_millis(1500)));
    assert!(status.get_details_quota_failure().is_some());
}

#[test]
fn a_long_message_is_cut_at_a_character() {
    let status = of(&Error::Bug { detail: "µ".repeat(5000) });
    assert!(status.message().len() < 1100);
}
