//! Improvement on real paths: takes functions out together with their paths, and puts them back.
//! Needed where links compete for the same arcs, which distances alone do not show.

use super::effort::Meter;
use super::instance::Part;
use super::search::Search;
use super::solution::Route;

/// How much choice is left to chance, so that what is put back does not always fall the same way.
const WARM: f32 = 0.3;

impl Search<'_, '_> {
    /// Moves that make the trial better are kept, others undone.
    pub(super) fn mend(&mut self, meter: &mut Meter) {
        while self.instance.functions() > 0 && self.improvable() && meter.more() {
            let chosen = self.choose_bad();
            self.try_move(&chosen);
        }
    }

    /// What decides between two trials: links without a path, functions that moved, the cost of
    /// paths.
    fn rank(&self) -> (usize, usize, u128) {
        (self.trial.missing, self.sketcher.moved(), self.trial.transport)
    }

    /// Whether links were in each other's way: without that, paths cost what they were taken to.
    #[expect(clippy::cast_precision_loss, reason = "a fraction more or less does not matter")]
    fn improvable(&self) -> bool {
        let taken_to = self.sketcher.placement.links + 0.5;
        self.trial.missing > 0 || self.trial.transport as f64 > taken_to
    }

    /// Links without a path, or with one that is longer than it might be.
    fn stretched(&self) -> impl Iterator<Item = usize> {
        let routes = self.trial.routes.iter().enumerate();
        let long = |route: &Option<Route>| {
            route.as_ref().is_none_or(|r| r.forward.len() > 1 || r.backward.len() > 1)
        };
        routes.filter(move |(_, route)| long(route)).map(|(wire, _)| wire)
    }

    /// Functions about the end of a link that is not as it should be.
    fn choose_bad(&mut self) -> Vec<Part> {
        let bad: Vec<_> = self.stretched().collect();
        if bad.is_empty() {
            return self.choose();
        }
        let wire = bad[self.random.below(bad.len())];
        let ends = [self.instance.links[wire].a, self.instance.links[wire].b];
        let start = self.random.below(2);
        let free = [ends[start], ends[1 - start]];
        match free.into_iter().find(|part| self.instance.is_function(*part)) {
            Some(function) => self.around(function),
            None => self.choose(),
        }
    }

    fn try_move(&mut self, chosen: &[Part]) {
        let (rank, placement) = (self.rank(), self.sketcher.placement.clone());
        let checkpoint = self.ground.residuals.checkpoint();
        let wires = self.wires_of(chosen);
        let old: Vec<_> =
            wires.iter().map(|wire| self.trial.disconnect(self.ground.residuals, *wire)).collect();
        let placed = self.replace(chosen, WARM);
        if placed {
            wires.iter().for_each(|wire| self.connect(*wire));
        }
        if placed && self.rank() < rank {
            self.ground.residuals.keep(checkpoint);
            return;
        }
        self.ground.residuals.abandon(checkpoint);
        self.sketcher.restore(&placement);
        for (wire, route) in wires.iter().zip(old) {
            self.trial.forget(*wire);
            if let Some(route) = route {
                self.trial.restore(*wire, route);
            }
        }
    }

    /// The links of some functions, and those without a path; the heaviest first.
    fn wires_of(&self, chosen: &[Part]) -> Vec<usize> {
        let links = &self.instance.links;
        let touched =
            chosen.iter().flat_map(|function| &self.instance.wires_of[*function]).copied();
        let missing = (0..links.len()).filter(|wire| self.trial.routes[*wire].is_none());
        let mut wires: Vec<_> = touched.chain(missing).collect();
        wires.sort_by(|a, b| links[*b].weight().total_cmp(&links[*a].weight()).then(a.cmp(b)));
        wires.dedup();
        wires
    }
}
