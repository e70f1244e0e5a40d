//! The examples at the root of the repository: sound descriptors, and intents that do in the default
//! lab what their comments say.

mod lab_plan;
mod manifest;

use lab_plan::{Lab, descriptors};
use model::descriptor::{Severity, check};
use model::plan::{BindingConstraint, Plan, Route};

#[test]
fn the_descriptors_have_no_problem_and_no_warning() {
    let files = descriptors();
    let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let checked = check(&model::descriptor::Catalogue::default(), files);
    assert!(checked.diagnostics.is_empty(), "{:#?}", checked.diagnostics);
    assert_eq!(checked.documents.len(), 4);
}

#[test]
fn a_misspelt_field_would_be_noticed() {
    let mut files = descriptors();
    for (_, text) in &mut files {
        *text = text.replacen("vnfm-info", "vnfm-inof", 1);
    }
    let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let checked = check(&model::descriptor::Catalogue::default(), files);
    let warnings = checked.diagnostics.iter().filter(|d| d.severity == Severity::Warning);
    assert_eq!(warnings.count(), 6, "{:#?}", checked.diagnostics);
}

fn vim_of<'p>(plan: &'p Plan, function: &str) -> &'p str {
    let placed = plan.functions.iter().find(|f| f.id.as_str() == function);
    placed.expect("the function is placed").vim.as_str()
}

fn links_of(plan: &Plan) -> Vec<&str> {
    let hops = plan.circuits().flat_map(|(_, circuit)| &circuit.a_to_z.hops);
    hops.map(|hop| hop.link.as_str()).collect()
}

#[test]
fn the_first_service_runs_where_its_comment_says() {
    let plan = Lab::new().apply("service.yaml").unwrap();
    assert_eq!(vim_of(&plan, "upf-1"), "vim-par");
    assert_eq!(vim_of(&plan, "firewall-1"), "vim-par");
    assert_ne!(vim_of(&plan, "control-plane-1"), "vim-par");
    let servers: Vec<_> = plan.functions.iter().map(|f| f.servers.len()).collect();
    assert_eq!(servers, [3, 5, 2]);
    let volumes = plan.functions.iter().flat_map(|f| &f.servers).map(|s| s.volumes.len());
    assert_eq!(volumes.sum::<usize>(), 4 + 6 + 4);
    let inside = |link: &&model::plan::PlannedLink| matches!(link.route, Route::InsideVim { .. });
    let inside: Vec<_> = plan.virtual_links.iter().filter(inside).map(|l| l.id.as_str()).collect();
    assert_eq!(inside, ["n6"]);
}

#[test]
fn the_second_service_fits_beside_it_and_shares_links() {
    let mut lab = Lab::new();
    let first = lab.apply("service.yaml").unwrap();
    let second = lab.apply("service-second.yaml").unwrap();
    let (first, second) = (links_of(&first), links_of(&second));
    assert!(second.iter().any(|link| first.contains(link)), "{first:?} {second:?}");
}

#[test]
fn the_connection_fits() {
    let plan = Lab::new().apply("connection.yaml").unwrap();
    let (_, circuit) = plan.circuits().next().unwrap();
    assert!(circuit.a_to_z.latency.0 <= 12_000);
    assert_eq!(circuit.z.vlan.get(), 300);
}

#[test]
fn the_service_that_is_too_large_is_refused_for_a_link() {
    let mut lab = Lab::new();
    lab.apply("service.yaml").unwrap();
    let planner::Error::Infeasible(refused) = lab.apply("service-too-large.yaml").unwrap_err()
    else {
        panic!("refused for another reason");
    };
    let BindingConstraint::LinkCapacity { link, needed, available, .. } = &refused.binding else {
        panic!("{refused}");
    };
    assert!(["mil-tlv", "tlv-mil"].contains(&link.as_str()), "{refused}");
    assert_eq!((needed.0, available.0), (8000, 2000), "{refused}");
    let relaxation = refused.relaxation.as_ref().expect("allowing more time makes it fit");
    assert!(relaxation.what.contains("latency"), "{refused}");
}
