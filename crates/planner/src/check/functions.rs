//! Every function is placed once, as asked, where it may be.

use super::Run;
use crate::demand::FunctionDemand;
use model::Resources;
use model::plan::PlacedFunction;

impl Run<'_> {
    pub(super) fn functions(&mut self) {
        let (placed, wanted) = (self.plan.functions.len(), self.demand.functions.len());
        self.expect(placed == wanted, "functions", || {
            format!("{placed} functions are placed, {wanted} are asked for")
        });
        for want in &self.demand.functions {
            let matches: Vec<_> =
                self.plan.functions.iter().filter(|placed| placed.id == want.id).collect();
            match matches[..] {
                [placed] => self.function(want, placed),
                _ => self.say(
                    format!("functions[{}]", want.id),
                    format!("it is placed {} times, not once", matches.len()),
                ),
            }
        }
    }

    fn function(&mut self, want: &FunctionDemand, placed: &PlacedFunction) {
        let at = format!("functions[{}]", want.id);
        let vim_pop = self.world.topology.vims.get(&placed.vim).map(|vim| &vim.pop);
        self.expect(vim_pop == Some(&placed.pop), &at, || {
            format!("VIM {} is not at PoP {}", placed.vim, placed.pop)
        });
        self.expect(placed.vnfd == want.vnfd, &at, || {
            format!("it runs {}, not {}", placed.vnfd, want.vnfd)
        });
        self.expect(placed.resources == want.resources, &at, || {
            format!("it is given {}, not {}", placed.resources, want.resources)
        });
        let sum = placed
            .servers
            .iter()
            .try_fold(Resources::ZERO, |sum, server| sum.checked_add(server.resources));
        self.expect(sum == Some(want.resources), &at, || {
            format!("its servers do not add up to {}", want.resources)
        });
        self.expect(placed.servers.len() == want.servers.len(), &at, || {
            format!("it has {} servers, not {}", placed.servers.len(), want.servers.len())
        });
        let rule = &want.placement;
        self.expect(rule.pops.is_empty() || rule.pops.contains(&placed.pop), &at, || {
            format!("PoP {} is not among those allowed", placed.pop)
        });
        self.expect(!rule.excluded_pops.contains(&placed.pop), &at, || {
            format!("PoP {} is excluded", placed.pop)
        });
    }
}
