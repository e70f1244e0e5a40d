//! What stands in the way before anything is searched, or after: ports, VLANs, placement rules.
//! Here too a change is offered only where planning with it succeeds.

use crate::check::World;
use crate::demand::{Demand, End, LinkDemand};
use crate::planner::Planner;
use crate::pools::Allocator;
use crate::reasons::relax::placement_in_words;
use crate::request;
use crate::wanted::Wanted;
use model::intent::PlacementRule;
use model::plan::{BindingConstraint, Infeasible, Relaxation};
use model::{FunctionId, Mbps, PortRef, VlanId};
use solver::Solution;

impl Planner<'_> {
    pub(crate) fn with_relaxation(
        &mut self,
        world: World<'_>,
        demand: &Demand,
        binding: BindingConstraint,
    ) -> Infeasible {
        let relaxation = match &binding {
            BindingConstraint::PortCapacity { port, available, .. } => {
                self.thinner(world, demand, port, *available)
            }
            BindingConstraint::Placement { function, .. } => self.anywhere(world, demand, function),
            BindingConstraint::PortInUse { port, vlan, .. } => other_vlan(world, port, *vlan),
            _ => None,
        };
        Infeasible { binding, relaxation }
    }

    /// The only link at a port, with what the port has left.
    fn thinner(
        &mut self,
        world: World<'_>,
        demand: &Demand,
        port: &PortRef,
        available: Mbps,
    ) -> Option<Relaxation> {
        let here = |link: &LinkDemand| is_at(&link.a, port) || is_at(&link.z, port);
        let mut links = (0..demand.links.len()).filter(|index| here(&demand.links[*index]));
        let (index, None) = (links.next()?, links.next()) else { return None };
        let link = &demand.links[index];
        if available == Mbps::ZERO {
            return None;
        }
        let mut changed = demand.clone();
        changed.links[index].a_to_z = link.a_to_z.min(available);
        changed.links[index].z_to_a = link.z_to_a.min(available);
        self.fits(world, &changed)?;
        Some(Relaxation {
            what: format!("the bandwidth of virtual link {}", link.id),
            from: link.a_to_z.max(link.z_to_a).to_string(),
            to: available.to_string(),
        })
    }

    /// A function without its placement rule.
    fn anywhere(
        &mut self,
        world: World<'_>,
        demand: &Demand,
        function: &FunctionId,
    ) -> Option<Relaxation> {
        let index = demand.functions.iter().position(|known| known.id == *function)?;
        let mut changed = demand.clone();
        let rule = std::mem::take(&mut changed.functions[index].placement);
        if rule == PlacementRule::default() {
            return None;
        }
        let solution = self.fits(world, &changed)?;
        let pop = &self.network.node(*solution.hosts.get(index)?).pop;
        Some(Relaxation {
            what: format!("spec.placement[{}]", demand.functions[index].profile),
            from: placement_in_words(&rule),
            to: format!("PoP {pop}"),
        })
    }

    fn fits(&mut self, world: World<'_>, demand: &Demand) -> Option<Solution> {
        request::check_ports(world, demand).ok()?;
        let wanted = Wanted::of(self.network, demand).ok()?;
        let mut residuals = self.network.residuals(world.books);
        self.search(&mut residuals, &wanted).ok()
    }
}

fn is_at(end: &End, port: &PortRef) -> bool {
    matches!(end, End::Port { binding, .. } if binding.port == *port)
}

fn other_vlan(world: World<'_>, port: &PortRef, vlan: VlanId) -> Option<Relaxation> {
    let free = Allocator::new(world.books, world.pools).vlan(port)?;
    Some(Relaxation {
        what: format!("the VLAN on port {port}"),
        from: vlan.to_string(),
        to: free.to_string(),
    })
}
