//! Nothing in the network has the name of another thing: names begin with the intent's, and differ.

use super::Run;
use model::plan::Route;
use std::collections::BTreeSet;

impl Run<'_> {
    pub(super) fn names(&mut self) {
        let plan = self.plan;
        let servers = plan.functions.iter().flat_map(|function| &function.servers);
        let volumes = servers.clone().flat_map(|server| &server.volumes);
        self.distinct("servers", servers.map(|server| server.name.as_str()));
        self.distinct("volumes", volumes.map(|volume| volume.name.as_str()));
        self.distinct("circuits", plan.circuits().map(|(_, circuit)| circuit.name.as_str()));
        let networks = plan.virtual_links.iter().flat_map(|link| match &link.route {
            Route::InsideVim { network, .. } => vec![network.as_str()],
            Route::Circuit(circuit) => {
                let ends = [&circuit.a, &circuit.z].into_iter();
                ends.filter_map(|at| at.vim_network.as_ref().map(|n| n.name.as_str())).collect()
            }
        });
        self.distinct("networks", networks);
    }

    fn distinct<'p>(&mut self, kind: &str, names: impl Iterator<Item = &'p str>) {
        let mut seen = BTreeSet::new();
        for name in names {
            let first = seen.insert(name);
            self.expect(first, &format!("{kind}[{name}]"), || "the name is used twice".into());
            let rest = name.strip_prefix(self.plan.intent.as_str());
            let ours = rest.is_some_and(|rest| rest.starts_with('.'));
            self.expect(ours, &format!("{kind}[{name}]"), || {
                format!("the name does not begin with that of intent {}", self.plan.intent)
            });
        }
    }
}
