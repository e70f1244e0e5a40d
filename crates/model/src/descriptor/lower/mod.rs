//! From descriptors to a [`ServiceTemplate`]: counts are applied, references followed, units made
//! whole. What cannot be planned is said here, all of it at once.

mod functions;
mod groups;
mod links;

use super::catalogue::Catalogue;
use super::diagnostic::Problem;
use super::nsd::{Df, NsLevel, Nsd};
use super::template::ServiceTemplate;
use crate::DescriptorId;

/// Which variant of a service; `None` takes the only flavour and the default level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choice<'a> {
    pub flavour: Option<&'a str>,
    pub level: Option<&'a str>,
}

/// What is being lowered, and what is wrong with it so far.
struct Lowering<'d> {
    nsd: &'d Nsd,
    df: &'d Df,
    level: &'d NsLevel,
    catalogue: &'d Catalogue,
    path: String,
    problems: Vec<Problem>,
}

impl Lowering<'_> {
    fn refuse(
        &mut self,
        path: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.problems.push(Problem::new(path, message, hint));
    }

    /// A name that devices and VIMs will see, or a problem.
    fn name<T>(&mut self, path: &str, name: Result<T, crate::NameError>) -> Option<T> {
        match name {
            Ok(name) => Some(name),
            Err(error) => {
                self.refuse(path, error.to_string(), "choose another id");
                None
            }
        }
    }
}

/// The template of a service. The VNFDs come from the catalogue.
///
/// # Errors
/// Everything that stands in the way, with its path in the descriptor.
pub fn lower(
    nsd: &Nsd,
    catalogue: &Catalogue,
    choice: Choice<'_>,
) -> Result<ServiceTemplate, Vec<Problem>> {
    let df = flavour(nsd, choice.flavour).map_err(|problem| vec![problem])?;
    let level = level(nsd, df, choice.level).map_err(|problem| vec![problem])?;
    let mut lowering = Lowering {
        nsd,
        df,
        level,
        catalogue,
        path: format!("nsd[{}]/df[{}]", nsd.id, df.id),
        problems: Vec::new(),
    };
    let template = lowering.run();
    match template {
        Some(template) if lowering.problems.is_empty() => Ok(template),
        _ => Err(lowering.problems),
    }
}

impl Lowering<'_> {
    fn run(&mut self) -> Option<ServiceTemplate> {
        self.refuse_nested();
        self.refuse_physical();
        let functions = self.functions();
        let (saps, links) = self.links(&functions);
        let groups = self.groups(&functions);
        let id = format!("nsd[{}]/id", self.nsd.id);
        Some(ServiceTemplate {
            nsd: self.name(&id, DescriptorId::new(&self.nsd.id))?,
            flavour: self.df.id.clone(),
            level: self.level.id.clone(),
            functions,
            saps,
            links,
            groups,
        })
    }

    fn refuse_nested(&mut self) {
        for profile in &self.df.ns_profile {
            self.refuse(
                format!("{}/ns-profile[{}]", self.path, profile.id),
                "nested network services cannot be planned",
                "put the functions of the nested service into this one",
            );
        }
    }

    /// Their ends of virtual links would be missing.
    fn refuse_physical(&mut self) {
        if self.df.extra.keys().any(|field| field.ends_with("pnf-profile")) {
            self.refuse(
                format!("{}/pnf-profile", self.path),
                "physical network functions cannot be planned",
                "put a sapd where the physical function is attached",
            );
        }
    }
}

fn flavour<'d>(nsd: &'d Nsd, wanted: Option<&str>) -> Result<&'d Df, Problem> {
    let ids: Vec<&str> = nsd.df.iter().map(|df| df.id.as_str()).collect();
    let path = format!("nsd[{}]/df", nsd.id);
    let hint = format!("name one of {}", ids.join(", "));
    match (wanted, nsd.df.as_slice()) {
        (Some(id), _) => nsd
            .flavour(id)
            .ok_or_else(|| Problem::new(path, format!("there is no flavour {id}"), hint)),
        (None, [only]) => Ok(only),
        (None, _) => Err(Problem::new(path, "no flavour is named and there is not just one", hint)),
    }
}

fn level<'d>(nsd: &Nsd, df: &'d Df, wanted: Option<&str>) -> Result<&'d NsLevel, Problem> {
    let ids: Vec<&str> = df.ns_instantiation_level.iter().map(|l| l.id.as_str()).collect();
    let path = format!("nsd[{}]/df[{}]/ns-instantiation-level", nsd.id, df.id);
    let hint = format!("name one of {}", ids.join(", "));
    match wanted {
        Some(id) => {
            df.level(id).ok_or_else(|| Problem::new(path, format!("there is no level {id}"), hint))
        }
        None => df
            .default_level()
            .ok_or_else(|| Problem::new(path, "no level is named and none is the default", hint)),
    }
}
