//! Plans are made beside one another on snapshots; each is checked again against the books as they
//! are by then, and entered in them.

use super::{Inner, Planning};
use crate::api::{DeviceDiff, DryRun};
use crate::config::Plans;
use crate::error::{Error, Violation};
use crate::records::{StoredIntent, StoredPlan};
use crate::state::State;
use model::descriptor::{Choice, ServiceTemplate, lower};
use model::intent::{Intent, IntentSpec};
use planner::{Books, Demand, World};
use std::sync::Arc;

/// How often a plan may be overtaken by others before it is made with the books held.
const ATTEMPTS: usize = 3;

struct Made {
    stored: StoredPlan,
    demand: Demand,
}

impl Inner {
    /// A checked plan for the intent, entered in the books beside the one that is in force.
    pub(super) async fn reserve(&self, stored: &StoredIntent) -> Result<Arc<StoredPlan>, Error> {
        for _ in 0..ATTEMPTS {
            let made = self.make(&stored.intent, stored.revision).await?;
            let _books = self.books.lock().await;
            if let Some(plan) = self.enter(made)? {
                return Ok(plan);
            }
        }
        let _books = self.books.lock().await;
        let made = self.make(&stored.intent, stored.revision).await?;
        self.enter(made)?.ok_or_else(|| Error::Bug {
            detail: format!(
                "a plan of {} does not fit the books it was made on",
                stored.intent.name
            ),
        })
    }

    async fn make(&self, intent: &Intent, revision: u64) -> Result<Made, Error> {
        let bug = |e: String| Error::Bug { detail: format!("the planner stopped: {e}") };
        let _place = self.planners.acquire().await.map_err(|e| bug(e.to_string()))?;
        let (snapshot, intent) = (self.snapshot(), intent.clone());
        if self.parts.planning == Planning::Inline {
            return make(&snapshot, &intent, revision);
        }
        tokio::task::spawn_blocking(move || make(&snapshot, &intent, revision))
            .await
            .map_err(|e| bug(e.to_string()))?
    }

    /// `None` where the plan no longer fits: others came first.
    fn enter(&self, made: Made) -> Result<Option<Arc<StoredPlan>>, Error> {
        let snapshot = self.snapshot();
        let books = snapshot.books_without(&made.stored.plan.intent);
        if planner::check(world(&snapshot, &books), &made.demand, &made.stored.plan).is_err() {
            return Ok(None);
        }
        let mut state = self.state();
        let topology = Arc::clone(&state.topology);
        if state.books.add(&made.stored.plan, &topology).is_err() {
            return Ok(None);
        }
        Ok(Some(Arc::new(made.stored)))
    }

    /// Takes a plan that did not come in force out of the books again.
    pub(super) fn release(&self, after: Option<&StoredPlan>, before: Option<&StoredPlan>) {
        let mut state = self.state();
        let topology = Arc::clone(&state.topology);
        let (after, before) = (after.map(|p| &p.plan), before.map(|p| &p.plan));
        if let Err(error) = state.books.settle(after, before, &topology) {
            tracing::error!(%error, "the books could not be taken back");
        }
    }

    /// What is wrong with a request whatever the network has room for: all of it at once.
    pub(super) fn check_request(&self, intent: &Intent) -> Result<(), Error> {
        let snapshot = self.snapshot();
        super::intake::check_intent(&snapshot, intent)?;
        let template = template(&snapshot, intent)?;
        planner::demand_of(intent, template.as_ref()).map(|_| ()).map_err(planner_error)
    }

    pub(super) async fn plan_only(&self, intent: Intent) -> Result<DryRun, Error> {
        let snapshot = self.snapshot();
        self.check_request(&intent)?;
        let revision = snapshot.intents.get(&intent.name).map_or(0, |known| known.revision);
        let made = self.make(&intent, revision).await?;
        let before = snapshot.plans.get(&intent.name).map(|stored| &stored.plan);
        let after = &made.stored.plan;
        let mut plans = Plans::new(&snapshot, &self.parts.profiles);
        plans.replace(&intent.name, before, Some(after))?;
        let devices = plans.changes().into_iter().map(|(device, change)| DeviceDiff {
            device,
            lines: crate::config::lines(&change.change),
        });
        Ok(DryRun {
            devices: devices.collect(),
            vims: crate::workload::changes(before, Some(after)),
            plan: made.stored.plan,
            report: made.stored.report,
        })
    }
}

fn world<'a>(state: &'a State, books: &'a Books) -> World<'a> {
    World { topology: &state.topology, books, pools: &state.pools }
}

impl State {
    /// The books as they would be if the intent were not there.
    fn books_without(&self, intent: &model::IntentName) -> Books {
        let mut books = self.books.clone();
        if let Some(before) = self.plans.get(intent) {
            books.remove(&before.plan, &self.topology);
        }
        books
    }
}

/// A plan for an intent against a snapshot, verified by the independent check.
fn make(snapshot: &State, intent: &Intent, revision: u64) -> Result<Made, Error> {
    let template = template(snapshot, intent)?;
    let books = snapshot.books_without(&intent.name);
    let demand = planner::demand_of(intent, template.as_ref()).map_err(planner_error)?;
    let world = world(snapshot, &books);
    let request = planner::Request { intent, revision, parent: snapshot.revision, demand: &demand };
    let made = match snapshot.plans.get(&intent.name) {
        Some(before) => snapshot.network.replan(world, &request, &before.plan),
        None => snapshot.network.plan(world, &request),
    };
    let (plan, report) = made.map_err(planner_error)?;
    planner::check(world, &demand, &plan).map_err(|broken| Error::Bug {
        detail: format!(
            "the check refuses the plan: {}",
            broken.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
        ),
    })?;
    Ok(Made { stored: StoredPlan { plan, report }, demand })
}

/// What a service comes down to, from what is onboarded; none for plain transport.
fn template(snapshot: &State, intent: &Intent) -> Result<Option<ServiceTemplate>, Error> {
    let IntentSpec::NetworkService(spec) = &intent.spec else { return Ok(None) };
    let nsd = snapshot.catalogue.nsd(spec.nsd.as_str());
    let nsd =
        nsd.ok_or_else(|| crate::state::not_found("network service descriptor", &spec.nsd))?;
    let choice =
        Choice { flavour: spec.flavour.as_deref(), level: spec.instantiation_level.as_deref() };
    let template = lower(nsd, &snapshot.catalogue, choice).map_err(|problems| Error::Rejected {
        violations: problems
            .into_iter()
            .map(|p| Violation { field: p.path, reason: p.message, hint: p.hint })
            .collect(),
    })?;
    Ok(Some(template))
}

fn planner_error(error: planner::Error) -> Error {
    match error {
        planner::Error::Infeasible(infeasible) => Error::Infeasible { infeasible },
        planner::Error::Rejected(rejections) => Error::Rejected {
            violations: rejections
                .into_iter()
                .map(|r| Violation { field: r.field, reason: r.reason, hint: r.hint })
                .collect(),
        },
        planner::Error::Bug(detail) => Error::Bug { detail },
    }
}
